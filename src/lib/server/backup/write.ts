import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { OpenDatabase } from '../database/connect.ts';
import { migrations } from '../database/migrate.ts';
import type { Database } from '../database/schema.ts';
import { sealed } from './cipher.ts';
import { FORMAT, type Counts, type Header } from './lines.ts';
import { BackupProblem } from './problem.ts';
import { keptTables, migrationsOf, shapeOf, toPlain, type Column, type KeptTable } from './tables.ts';

/** Rows read at once: what the process holds does not grow with the base. */
const BATCH = 500;

/**
 * [P8] Writes every kept table to `file` as it is at one moment, while the server goes on. The file appears whole under its
 * name, durable, for this account only; one that exists stays as it is. Throws `BackupProblem`, or what the disk or base throw.
 * @param key 32 bytes
 * @param now ms UTC
 * @returns rows of each table
 */
export async function writeBackup(
	{ db, dialect }: OpenDatabase,
	backup: { file: string; key: Buffer; now: number; version: string }
): Promise<Counts> {
	const { file, key, now, version } = backup;
	if (await exists(file)) throw new BackupProblem('file exists');
	const transaction = db.transaction();
	// SQLite's snapshot is a plain transaction; PostgreSQL's has to be asked for.
	const snapshot =
		dialect === 'postgres'
			? transaction.setIsolationLevel('repeatable read').setAccessMode('read only')
			: transaction;
	return snapshot.execute(async (trx) => {
		const shape = await shapeOf(trx, dialect);
		const applied = await migrationsOf(trx, shape);
		if (applied.length === 0) throw new BackupProblem('no base');
		if (applied.some((name) => !Object.hasOwn(migrations, name))) throw new BackupProblem('newer base');
		const counts: Counts = {};
		const header: Header = {
			escale: 'backup',
			format: FORMAT,
			made: new Date(now).toISOString(),
			version,
			migrations: applied
		};
		async function* lines(): AsyncGenerator<string> {
			yield `${JSON.stringify(header)}\n`;
			for (const table of keptTables) {
				const columns = shape.get(table.name);
				if (columns) yield* linesOf(trx, table, columns, counts);
			}
			yield `${JSON.stringify({ end: counts })}\n`;
		}
		await writeWhole(file, (handle) =>
			pipeline(
				Readable.from(lines(), { objectMode: false }),
				createGzip(),
				(source: AsyncIterable<Buffer>) => sealed(source, key),
				async (chunks: AsyncIterable<Buffer>) => {
					for await (const chunk of chunks) await handle.writeFile(chunk);
				}
			)
		);
		return counts;
	});
}

/** In the order of the primary key, so that each batch starts where the last one ended. */
async function* linesOf(
	trx: Transaction<Database>,
	table: KeptTable,
	columns: readonly Column[],
	counts: Counts
): AsyncGenerator<string> {
	counts[table.name] = 0;
	yield `${JSON.stringify({ table: table.name, columns: columns.map(({ name }) => name) })}\n`;
	for (let after: unknown[] | undefined; ;) {
		const rows = await batchOf(trx, table, after);
		if (rows.length === 0) return;
		counts[table.name]! += rows.length;
		yield rows
			.map((row) => `${JSON.stringify(columns.map((column) => toPlain(row[column.name], column)))}\n`)
			.join('');
		if (rows.length < BATCH) return;
		const last = rows.at(-1)!;
		after = table.key.map((name) => last[name]);
	}
}

async function batchOf(
	db: Kysely<Database>,
	{ name, key }: KeptTable,
	after: unknown[] | undefined
): Promise<Record<string, unknown>[]> {
	const columns = sql.join(key.map((column) => sql.ref(column)));
	const beyond = after ? sql`where (${columns}) > (${sql.join(after)})` : sql``;
	const { rows } = await sql<
		Record<string, unknown>
	>`select * from ${sql.table(name)} ${beyond} order by ${columns} limit ${BATCH}`.execute(db);
	return rows;
}

/** Under another name until it is complete and on the disk. */
async function writeWhole(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
	const draft = `${file}.${randomBytes(6).toString('hex')}`;
	const handle = await open(draft, 'wx', 0o600);
	try {
		await write(handle);
		await handle.sync();
		if (await exists(file)) throw new BackupProblem('file exists');
		await rename(draft, file);
	} catch (error) {
		await rm(draft, { force: true });
		throw error;
	} finally {
		await handle.close();
	}
	// The name, too, has to survive a power cut.
	const folder = await open(dirname(file), constants.O_RDONLY);
	await folder.sync().finally(() => folder.close());
}

const exists = (file: string): Promise<boolean> =>
	access(file).then(
		() => true,
		() => false
	);
