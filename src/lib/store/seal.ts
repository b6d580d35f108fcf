/**
 * How everything that reaches IndexedDB is sealed: AES-256-GCM under the vault's record key, a fresh random 96-bit
 * nonce each time, padded so that lengths tell little, and bound by its associated data to the one place where it
 * belongs. A ciphertext moved to another row, table, tablet or person does not open.
 */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Whose vault this is: opaque ids that may stand in clear. */
export type Identity = { organisation: string; user: string; device: string };

/** `seq`: the number of the page, operation or version, so that an older value can't stand in for a newer one. */
export type Place = { table: 'pages' | 'queue' | 'drafts' | 'meta'; id: string; seq: number };

export type Sealer = {
	seal(place: Place, value: unknown): Promise<Bytes>;
	/** Throws `IntegrityError` when the bytes were altered or belong elsewhere. Nothing is ever deleted because of it. */
	open(place: Place, sealed: Bytes): Promise<unknown>;
};

export class IntegrityError extends Error {
	readonly place: Place;
	constructor(place: Place) {
		super(`sealed data does not open: ${place.table}/${place.id}/${place.seq}`);
		this.name = 'IntegrityError';
		this.place = place;
	}
}

const NONCE = 12;
const BLOCK = 256;
const SPACE = 0x20;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function sealer(key: CryptoKey, identity: Identity): Sealer {
	const bound = (place: Place) =>
		encoder.encode(
			[identity.organisation, identity.user, identity.device, place.table, place.id, place.seq].join('|')
		);
	return {
		async seal(place, value) {
			const iv = crypto.getRandomValues(new Uint8Array(NONCE));
			const clear = padded(JSON.stringify(value));
			const sealed = await crypto.subtle.encrypt(
				{ name: 'AES-GCM', iv, additionalData: bound(place) },
				key,
				clear
			);
			const out = new Uint8Array(NONCE + sealed.byteLength);
			out.set(iv);
			out.set(new Uint8Array(sealed), NONCE);
			return out;
		},
		async open(place, sealed) {
			const iv = sealed.subarray(0, NONCE);
			let clear: ArrayBuffer;
			try {
				clear = await crypto.subtle.decrypt(
					{ name: 'AES-GCM', iv, additionalData: bound(place) },
					key,
					sealed.subarray(NONCE)
				);
			} catch {
				throw new IntegrityError(place);
			}
			return JSON.parse(decoder.decode(clear));
		}
	};
}

/** JSON allows white space at its end: padding with it needs no length field. */
function padded(json: string): Bytes {
	const bytes = encoder.encode(json);
	const length = Math.ceil(bytes.length / BLOCK) * BLOCK;
	const out = new Uint8Array(length).fill(SPACE, bytes.length);
	out.set(bytes);
	return out;
}
