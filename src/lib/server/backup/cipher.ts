import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { BackupProblem } from './problem.ts';

/*
 * A backup on disk: `magic, name of the key, salt`, then chunks of at most 64 KiB, each sealed with AES-256-GCM under a key
 * of this file alone (HKDF of the backup key and the salt). A chunk's nonce is its number and whether it is the last, its
 * associated data the whole header and its own length: a file that was cut, reordered or mixed with another does not open.
 */

const MAGIC = Buffer.from('ESCALE-BACKUP-1\n');
const NAME = 8;
const SALT = 32;
const HEAD = MAGIC.length + NAME + SALT;
const CHUNK = 65_536;
const TAG = 16;
const LAST = 0x8000_0000;

const derived = (key: Buffer, salt: Buffer, use: string, bytes: number): Buffer =>
	Buffer.from(hkdfSync('sha256', key, salt, `escale backup ${use}`, bytes));

/** Tells keys apart without telling anything of them: a wrong key gets its own message. */
const nameOf = (key: Buffer): Buffer => derived(key, Buffer.alloc(0), 'name', NAME);

function nonceOf(number: number, isLast: boolean): Buffer {
	const nonce = Buffer.alloc(12);
	nonce.writeUInt8(isLast ? 1 : 0, 0);
	nonce.writeUInt32BE(number, 8);
	return nonce;
}

/** The bytes of a backup file. @param key 32 bytes */
export async function* sealed(source: AsyncIterable<Buffer>, key: Buffer): AsyncGenerator<Buffer> {
	const salt = randomBytes(SALT);
	const header = Buffer.concat([MAGIC, nameOf(key), salt]);
	const fileKey = derived(key, salt, 'file', 32);
	let number = 0;
	const seal = (text: Buffer, isLast: boolean): Buffer => {
		const frame = Buffer.alloc(4);
		frame.writeUInt32BE((text.length | (isLast ? LAST : 0)) >>> 0);
		const cipher = createCipheriv('aes-256-gcm', fileKey, nonceOf(number++, isLast));
		cipher.setAAD(Buffer.concat([header, frame]));
		return Buffer.concat([frame, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
	};
	yield header;
	let rest = Buffer.alloc(0);
	for await (const bytes of source) {
		rest = Buffer.concat([rest, bytes]);
		// Never the last byte: only at the end is it known which chunk is the last.
		while (rest.length > CHUNK) {
			yield seal(rest.subarray(0, CHUNK), false);
			rest = rest.subarray(CHUNK);
		}
	}
	yield seal(rest, true);
}

/**
 * What was sealed, chunk by chunk, from the start of the file; each is authentic when it is given. Throws `BackupProblem`:
 * a file that ends too early has given authentic chunks before that.
 */
export async function* opened(file: FileHandle, key: Buffer): AsyncGenerator<Buffer> {
	let position = 0;
	const take = async (length: number): Promise<Buffer | undefined> => {
		const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
		position += bytesRead;
		return bytesRead === length ? buffer : undefined;
	};
	const header = await take(HEAD);
	if (!header?.subarray(0, MAGIC.length).equals(MAGIC)) throw new BackupProblem('not a backup');
	if (!header.subarray(MAGIC.length, MAGIC.length + NAME).equals(nameOf(key)))
		throw new BackupProblem('another key');
	const fileKey = derived(key, header.subarray(MAGIC.length + NAME), 'file', 32);
	for (let number = 0; ; number++) {
		const frame = await take(4);
		if (!frame) throw new BackupProblem('truncated');
		const isLast = frame.readUInt32BE() >= LAST;
		const length = frame.readUInt32BE() % LAST;
		if (length > CHUNK) throw new BackupProblem('altered');
		const body = await take(length + TAG);
		if (!body) throw new BackupProblem('truncated');
		const decipher = createDecipheriv('aes-256-gcm', fileKey, nonceOf(number, isLast));
		decipher.setAAD(Buffer.concat([header, frame]));
		decipher.setAuthTag(body.subarray(length));
		let text: Buffer;
		try {
			text = Buffer.concat([decipher.update(body.subarray(0, length)), decipher.final()]);
		} catch {
			throw new BackupProblem('altered');
		}
		yield text;
		if (!isLast) continue;
		if (await take(1)) throw new BackupProblem('altered');
		return;
	}
}
