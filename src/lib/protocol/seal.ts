import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { base64url, bytesOf } from './base64url.ts';
import { envelopeContext, type Envelope, type Operation } from './operation.ts';

/*
 * Sealed operations: HPKE base mode (RFC 9180) to the organisation's public key. A tablet seals each operation as it is
 * queued, so that it can be delivered while the tablet is locked. Only the server opens envelopes. The length says little:
 * the plaintext is padded with spaces, which JSON ignores, to a multiple of 256 bytes.
 */

const suite = new CipherSuite({
	kem: new DhkemP256HkdfSha256(),
	kdf: new HkdfSha256(),
	aead: new Aes256Gcm()
});
const PADDING = 256;

/** A public key as it travels: its id and the raw P-256 point, base64url. */
export type PublicKey = { id: string; key: string };
/** Whose operation on which tablet: bound to the envelope, so that it can't be delivered as another's. */
export type Author = { organisation: string; device: string; user: string };

/** Throws when `to` is not a P-256 point. */
export async function sealOperation(operation: Operation, author: Author, to: PublicKey): Promise<Envelope> {
	const head = { n: operation.n, id: operation.id, user: author.user, key: to.id };
	const recipientPublicKey = await suite.kem.deserializePublicKey(bytesOf(to.key));
	const context = envelopeContext(head, author.organisation, author.device);
	const { enc, ct } = await suite.seal({ recipientPublicKey }, padded(operation), encode(context));
	return { ...head, enc: base64url(new Uint8Array(enc)), sealed: base64url(new Uint8Array(ct)) };
}

/**
 * The JSON value that was sealed, still to be parsed as an operation; `undefined` when the envelope was altered, is
 * another tablet's, or was sealed to another key.
 */
export async function openEnvelope(
	envelope: Envelope,
	on: { organisation: string; device: string },
	privateKey: CryptoKey
): Promise<unknown> {
	try {
		const context = envelopeContext(envelope, on.organisation, on.device);
		const enc = bytesOf(envelope.enc);
		const plain = await suite.open(
			{ recipientKey: privateKey, enc },
			bytesOf(envelope.sealed),
			encode(context)
		);
		return JSON.parse(new TextDecoder().decode(plain));
	} catch {
		return undefined;
	}
}

/** A new P-256 pair, both halves base64url: the public as a raw point, the private as its raw scalar. */
export async function generateKeys(): Promise<{ publicKey: string; privateKey: string }> {
	const pair = await suite.kem.generateKeyPair();
	const [publicKey, privateKey] = await Promise.all([
		suite.kem.serializePublicKey(pair.publicKey),
		suite.kem.serializePrivateKey(pair.privateKey)
	]);
	return {
		publicKey: base64url(new Uint8Array(publicKey)),
		privateKey: base64url(new Uint8Array(privateKey))
	};
}

/** @param raw base64url, as `generateKeys` gave it */
export const importPrivateKey = (raw: string): Promise<CryptoKey> =>
	suite.kem.deserializePrivateKey(bytesOf(raw));

const encode = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s);

function padded(operation: Operation): Uint8Array<ArrayBuffer> {
	const json = encode(JSON.stringify(operation));
	const out = new Uint8Array(Math.ceil(json.length / PADDING) * PADDING).fill(0x20);
	out.set(json);
	return out;
}
