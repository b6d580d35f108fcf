import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { StringDecoder } from 'node:string_decoder';
import * as z from 'zod/mini';
import { hasCode } from '../config.ts';
import { opened } from './cipher.ts';
import { BackupProblem } from './problem.ts';
import { plain, type Plain } from './tables.ts';

/*
 * What is inside a backup: lines of JSON. A header, then for each table a line that names it and its columns and one array
 * per row, then the count of each table's rows.
 */

export const FORMAT = 1;

const header = z.object({
	escale: z.literal('backup'),
	format: z.int(),
	/** ISO 8601, UTC. */
	made: z.string(),
	version: z.string(),
	/** Those the base had had. */
	migrations: z.array(z.string())
});
export type Header = z.infer<typeof header>;

/** Rows of each table. */
const counts = z.record(z.string(), z.int());
export type Counts = z.infer<typeof counts>;

const tableLine = z.object({ table: z.string(), columns: z.array(z.string()) });
const endLine = z.object({ end: counts });
const row = z.array(plain);

export type Part =
	| { is: 'header'; header: Header }
	| { is: 'table'; table: string; columns: string[] }
	| { is: 'row'; row: Plain[] }
	| { is: 'end'; counts: Counts };

/** A backup's parts in order; throws `BackupProblem` as soon as something is wrong with the file. */
export async function* partsOf(file: string, key: Buffer): AsyncGenerator<Part> {
	const handle = await open(file).catch((error: unknown) => {
		if (hasCode(error, 'ENOENT')) throw new BackupProblem('no file');
		throw error;
	});
	try {
		let isFirst = true;
		for await (const line of linesOf(opened(handle, key))) {
			const value: unknown = parsed(line);
			yield isFirst ? headerOf(value) : partOf(value);
			isFirst = false;
		}
	} finally {
		await handle.close();
	}
}

/** Not readline's: for it U+2028 ends a line, and JSON leaves that one as it is. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
	const source = Readable.from(chunks, { objectMode: false });
	const text = createGunzip();
	source.on('error', (error) => text.destroy(error));
	const decoder = new StringDecoder('utf8');
	let rest = '';
	for await (const bytes of source.pipe(text)) {
		const lines = (rest + decoder.write(z.instanceof(Buffer).parse(bytes))).split('\n');
		rest = lines.pop() ?? '';
		yield* lines;
	}
	if (rest !== '') throw new BackupProblem('altered');
}

function parsed(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		throw new BackupProblem('altered');
	}
}

function headerOf(value: unknown): Part {
	const read = header.safeParse(value);
	if (!read.success) throw new BackupProblem('altered');
	if (read.data.format > FORMAT) throw new BackupProblem('newer backup');
	return { is: 'header', header: read.data };
}

function partOf(value: unknown): Part {
	if (Array.isArray(value)) return { is: 'row', row: row.parse(value) };
	const table = tableLine.safeParse(value);
	if (table.success) return { is: 'table', ...table.data };
	const end = endLine.safeParse(value);
	if (end.success) return { is: 'end', counts: end.data.end };
	throw new BackupProblem('altered');
}
