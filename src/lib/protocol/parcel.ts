import * as z from 'zod/mini';
import { recordId } from '#lib/domain/field.ts';
import { base64url, bytesOf } from './base64url.ts';
import { canonical } from './digest.ts';
import { envelope, type Envelope } from './operation.ts';
import { MAX_OPERATIONS, type RefusalReason } from './sync.ts';

/*
 * A parcel carries sealed operations of one tablet while it is locked, closed or without network of its own: the service
 * worker posts it, or a file brings it through a colleague's tablet. It proves that it comes from that tablet by a key
 * which can do nothing else: who finds the key can hand in, never read.
 */

/** `POST /api/deliveries` */
export const parcel = z.strictObject({
	v: z.int().check(z.gte(1)),
	organisation: recordId,
	user: recordId,
	device: recordId,
	ops: z.array(envelope).check(z.minLength(1), z.maxLength(MAX_OPERATIONS)),
	/** HMAC-SHA256 of all the rest under the tablet's upload key, base64url. */
	proof: z.string().check(z.maxLength(64))
});
export type Parcel = z.infer<typeof parcel>;

/** What became durable: same rules as a sync answer [P2, P6], without a row of anybody's. */
export type DeliveryAnswer = {
	v: number;
	/** Last operation of that tablet that has a durable outcome. */
	acked: number;
	/** Those of the parcel that were refused. */
	refused: { n: number; reason: RefusalReason }[];
};

/** The file of « Exporter la file »: parcels in the order of their operations, nothing in clear but ids. */
export const queueFile = z.strictObject({
	format: z.literal('escale-queue'),
	version: z.literal(1),
	/** ms UTC of the device. */
	exportedAt: z.int(),
	parcels: z.array(parcel).check(z.maxLength(400))
});
export type QueueFile = z.infer<typeof queueFile>;

type Sender = { organisation: string; user: string; device: string };

/** @param key the tablet's upload key, base64url */
export async function signParcel(v: number, sender: Sender, ops: Envelope[], key: string): Promise<Parcel> {
	const { organisation, user, device } = sender;
	const content = { v, organisation, user, device, ops };
	const proof = await crypto.subtle.sign('HMAC', await hmacKey(key), bytesToProve(content));
	return { ...content, proof: base64url(new Uint8Array(proof)) };
}

export async function isProven({ proof, ...content }: Parcel, key: string): Promise<boolean> {
	try {
		return await crypto.subtle.verify('HMAC', await hmacKey(key), bytesOf(proof), bytesToProve(content));
	} catch {
		return false;
	}
}

/** A new upload key: 32 random bytes, base64url. */
export const newUploadKey = (random: (bytes: number) => Uint8Array): string => base64url(random(32));

const hmacKey = (key: string): Promise<CryptoKey> =>
	crypto.subtle.importKey('raw', bytesOf(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);

const bytesToProve = (content: Omit<Parcel, 'proof'>): Uint8Array<ArrayBuffer> =>
	new TextEncoder().encode(canonical(content));
