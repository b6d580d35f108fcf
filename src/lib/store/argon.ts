import type { Bytes } from './seal.ts';

/** `memory` in KiB. One lane: a browser has no threads to give to more. */
export type ArgonParameters = { memory: number; passes: number };
export type StretchRequest = { secret: Bytes; salt: Bytes; parameters: ArgonParameters };

/** Argon2id, 32 bytes out. WebAssembly where there is some (iOS in Lockdown mode has none), else plain JavaScript. */
export async function argon2id({ secret, salt, parameters }: StretchRequest): Promise<Bytes> {
	if (typeof WebAssembly !== 'undefined') {
		try {
			return await withWebAssembly(secret, salt, parameters);
		} catch (error) {
			if (error instanceof RangeError) throw error;
			console.warn('argon2id: WebAssembly failed, going on in JavaScript', error);
		}
	}
	return withJavaScript(secret, salt, parameters);
}

export async function withWebAssembly(
	secret: Bytes,
	salt: Bytes,
	{ memory, passes }: ArgonParameters
): Promise<Bytes> {
	const { argon2id: derive } = await import('hash-wasm');
	const out = await derive({
		password: secret,
		salt,
		memorySize: memory,
		iterations: passes,
		parallelism: 1,
		hashLength: 32,
		outputType: 'binary'
	});
	return new Uint8Array(out);
}

export async function withJavaScript(
	secret: Bytes,
	salt: Bytes,
	{ memory, passes }: ArgonParameters
): Promise<Bytes> {
	const { argon2idAsync } = await import('@noble/hashes/argon2.js');
	return new Uint8Array(await argon2idAsync(secret, salt, { m: memory, t: passes, p: 1, dkLen: 32 }));
}
