import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opened, sealed } from '#lib/server/backup/cipher.ts';

const key = randomBytes(32);
const HEAD = 56;
/** Chunk of a full 64 KiB on disk: length, bytes, tag. */
const CHUNK = 4 + 65_536 + 16;

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'escale-cipher-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function* pieces(text: Buffer, size: number): AsyncGenerator<Buffer> {
	for (let i = 0; i < text.length; i += size) yield text.subarray(i, i + size);
}

async function seal(text: Buffer, size = 10_007): Promise<Buffer> {
	const parts: Buffer[] = [];
	for await (const part of sealed(pieces(text, size), key)) parts.push(part);
	return Buffer.concat(parts);
}

async function read(bytes: Buffer, by = key): Promise<Buffer> {
	const file = join(folder, 'file');
	writeFileSync(file, bytes);
	const handle = await open(file);
	try {
		const parts: Buffer[] = [];
		for await (const part of opened(handle, by)) parts.push(part);
		return Buffer.concat(parts);
	} finally {
		await handle.close();
	}
}

describe('a sealed file', () => {
	it.each([0, 1, 65_535, 65_536, 65_537, 131_072, 300_000])('gives its %i bytes back', async (length) => {
		const text = randomBytes(length);
		const bytes = await seal(text);
		expect((await read(bytes)).equals(text)).toBe(true);
		expect(bytes.length).toBe(HEAD + length + 20 * Math.max(1, Math.ceil(length / 65_536)));
	});

	it('says nothing in clear, and never the same twice', async () => {
		const text = Buffer.from('Kenza Benali '.repeat(50));
		const [one, other] = [await seal(text), await seal(text)];
		expect(one.includes('Kenza')).toBe(false);
		expect(one.subarray(HEAD).equals(other.subarray(HEAD))).toBe(false);
	});

	describe('of four chunks', () => {
		let whole: Buffer;
		beforeAll(async () => {
			whole = await seal(randomBytes(3 * 65_536 + 100));
		});
		const chunk = (i: number) => whole.subarray(HEAD + i * CHUNK, HEAD + (i + 1) * CHUNK);
		const head = () => whole.subarray(0, HEAD);
		const changed = (at: number, bytes = whole) => {
			const other = Buffer.from(bytes);
			other[at]! ^= 1;
			return other;
		};

		it('does not open with another key', () =>
			expect(read(whole, randomBytes(32))).rejects.toThrow('another key'));

		it.each([
			['inside a chunk', HEAD + CHUNK + 500],
			['between two chunks', HEAD + 2 * CHUNK],
			['after the header', HEAD],
			['before its last byte', -1]
		])('is known to be cut %s', (_, at) => expect(read(whole.subarray(0, at))).rejects.toThrow('truncated'));

		it.each([
			['the salt', 40],
			['a length', HEAD + 3],
			['a byte', HEAD + 4 + 1000],
			['a tag', HEAD + CHUNK - 1],
			['whether a chunk is the last', HEAD + 0]
		])('is known to be altered in %s', (name, at) => {
			const bytes = changed(at);
			if (name === 'whether a chunk is the last') bytes[at] = bytes[at]! ^ 0x81;
			return expect(read(bytes)).rejects.toThrow('altered');
		});

		it('is known to have its chunks reordered, doubled, left out or made the last', async () => {
			const last = chunk(3);
			for (const order of [
				[chunk(1), chunk(0), chunk(2), last],
				[chunk(0), chunk(0), chunk(1), chunk(2), last],
				[chunk(0), chunk(2), last],
				[chunk(0), last],
				[last]
			])
				await expect(read(Buffer.concat([head(), ...order]))).rejects.toThrow('altered');
			await expect(read(Buffer.concat([whole, Buffer.from('x')]))).rejects.toThrow('altered');
			await expect(read(Buffer.concat([whole, last]))).rejects.toThrow('altered');
		});

		it('does not take the chunks of another file of the same key', async () => {
			const other = await seal(randomBytes(3 * 65_536 + 100));
			const mixed = Buffer.concat([head(), chunk(0), other.subarray(HEAD + CHUNK)]);
			await expect(read(mixed)).rejects.toThrow('altered');
		});
	});

	it('is not just anything', async () => {
		await expect(read(Buffer.alloc(0))).rejects.toThrow('not a backup');
		await expect(read(Buffer.from('SQLite format 3\0'.repeat(100)))).rejects.toThrow('not a backup');
		await expect(read(readFileSync(process.execPath).subarray(0, 5000))).rejects.toThrow('not a backup');
	});
});
