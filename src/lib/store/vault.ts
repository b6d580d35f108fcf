import type { ArgonParameters } from './argon.ts';
import { stretch as stretchInWorker, type Stretch } from './argon-thread.ts';
import type { Bytes, Identity } from './seal.ts';

/**
 * The vault. A random data key, one per organisation, user and tablet, seals everything personal. It is never stored
 * in clear: each slot wraps it under something that the holder knows or has. The passphrase is the slot that always
 * exists; a passkey's (WebAuthn PRF) will be one more kind beside it. A PIN wraps the keys in memory only and so is
 * no slot. From the data key HKDF derives the keys that are used; they are non-extractable and live in page memory.
 */
export type Keys = {
	/** AES-256-GCM, for everything that is stored. */
	record: CryptoKey;
	/** HMAC-SHA256, for lookups that must not tell what is looked up. */
	lookup: CryptoKey;
};

export type PassphraseSlot = {
	kind: 'passphrase';
	argon: ArgonParameters;
	salt: Bytes;
	nonce: Bytes;
	wrapped: Bytes;
};
export type Slot = PassphraseSlot;

export type OpenedSlot =
	| { ok: true; keys: Keys }
	| { ok: false; reason: 'wrong-passphrase' }
	/** The stored cost was lowered: someone wants the passphrase to be cheap to guess. */
	| { ok: false; reason: 'weak-parameters' };

export const ARGON: ArgonParameters = { memory: 64 * 1024, passes: 3 };
export const ARGON_FLOOR: ArgonParameters = { memory: 19 * 1024, passes: 2 };
const ARGON_CEILING: ArgonParameters = { memory: 1024 * 1024, passes: 20 };

const encoder = new TextEncoder();

/** A new data key behind a passphrase. */
export async function createVault(
	identity: Identity,
	passphrase: string,
	{ stretch = stretchInWorker, argon = ARGON }: { stretch?: Stretch; argon?: ArgonParameters } = {}
): Promise<{ slot: PassphraseSlot; keys: Keys }> {
	const dataKey = crypto.getRandomValues(new Uint8Array(32));
	try {
		return {
			slot: await wrap(identity, dataKey, passphrase, argon, stretch),
			keys: await keysOf(dataKey, identity)
		};
	} finally {
		dataKey.fill(0);
	}
}

export async function openWithPassphrase(
	identity: Identity,
	slot: PassphraseSlot,
	passphrase: string,
	stretch: Stretch = stretchInWorker
): Promise<OpenedSlot> {
	const dataKey = await unwrap(identity, slot, passphrase, stretch);
	if (typeof dataKey === 'string') return { ok: false, reason: dataKey };
	try {
		return { ok: true, keys: await keysOf(dataKey, identity) };
	} finally {
		dataKey.fill(0);
	}
}

/** A slot for another passphrase, around the same data key. The caller replaces the old one in one write. */
export async function changePassphrase(
	identity: Identity,
	slot: PassphraseSlot,
	passphrase: string,
	next: string,
	{ stretch = stretchInWorker, argon = ARGON }: { stretch?: Stretch; argon?: ArgonParameters } = {}
): Promise<
	{ ok: true; slot: PassphraseSlot } | { ok: false; reason: 'wrong-passphrase' | 'weak-parameters' }
> {
	const dataKey = await unwrap(identity, slot, passphrase, stretch);
	if (typeof dataKey === 'string') return { ok: false, reason: dataKey };
	try {
		return { ok: true, slot: await wrap(identity, dataKey, next, argon, stretch) };
	} finally {
		dataKey.fill(0);
	}
}

async function wrap(
	identity: Identity,
	dataKey: Bytes,
	passphrase: string,
	argon: ArgonParameters,
	stretch: Stretch
) {
	const salt = crypto.getRandomValues(new Uint8Array(16));
	const nonce = crypto.getRandomValues(new Uint8Array(12));
	const key = await wrappingKey(passphrase, salt, argon, stretch);
	const wrapped = await crypto.subtle.encrypt(binding(identity, nonce, argon), key, dataKey);
	return { kind: 'passphrase' as const, argon, salt, nonce, wrapped: new Uint8Array(wrapped) };
}

async function unwrap(identity: Identity, slot: PassphraseSlot, passphrase: string, stretch: Stretch) {
	if (!withinBounds(slot.argon)) return 'weak-parameters';
	const key = await wrappingKey(passphrase, slot.salt, slot.argon, stretch);
	try {
		return new Uint8Array(
			await crypto.subtle.decrypt(binding(identity, slot.nonce, slot.argon), key, slot.wrapped)
		);
	} catch {
		return 'wrong-passphrase';
	}
}

const withinBounds = ({ memory, passes }: ArgonParameters) =>
	memory >= ARGON_FLOOR.memory &&
	passes >= ARGON_FLOOR.passes &&
	memory <= ARGON_CEILING.memory &&
	passes <= ARGON_CEILING.passes;

const binding = (
	{ organisation, user, device }: Identity,
	iv: Bytes,
	{ memory, passes }: ArgonParameters
) => ({
	name: 'AES-GCM',
	iv,
	additionalData: encoder.encode([organisation, user, device, 'slot', 'passphrase', memory, passes].join('|'))
});

async function wrappingKey(passphrase: string, salt: Bytes, parameters: ArgonParameters, stretch: Stretch) {
	const secret = encoder.encode(normalised(passphrase));
	const raw = await stretch({ secret, salt, parameters });
	const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
	raw.fill(0);
	return key;
}

/** Keyboards differ in how they compose accents and in the spaces that their suggestions leave. */
export const normalised = (passphrase: string): string =>
	passphrase.normalize('NFKC').trim().replace(/\s+/g, ' ');

async function keysOf(dataKey: Bytes, { organisation, user, device }: Identity): Promise<Keys> {
	const base = await crypto.subtle.importKey('raw', dataKey, 'HKDF', false, ['deriveKey']);
	const salt = encoder.encode([organisation, user, device].join('|'));
	const from = (purpose: string) => ({
		name: 'HKDF',
		hash: 'SHA-256',
		salt,
		info: encoder.encode(`escale ${purpose} v1`)
	});
	const [record, lookup] = await Promise.all([
		crypto.subtle.deriveKey(from('record'), base, { name: 'AES-GCM', length: 256 }, false, [
			'encrypt',
			'decrypt'
		]),
		crypto.subtle.deriveKey(from('lookup'), base, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, [
			'sign'
		])
	]);
	return { record, lookup };
}

/** Wrong tries so far; kept on disk, counted before the try, so that a restart gives none back. */
export type Tries = { failures: number; lastAt: number };
const FREE_TRIES = 3;
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 300_000;

/** How long the next try has to wait (ms). A clock set back makes nobody wait longer than the delay itself. */
export function waitBeforeTry({ failures, lastAt }: Tries, now: number): number {
	if (failures < FREE_TRIES) return 0;
	const delay = Math.min(FIRST_WAIT * 2 ** (failures - FREE_TRIES), LONGEST_WAIT);
	return Math.min(Math.max(lastAt + delay - now, 0), delay);
}
