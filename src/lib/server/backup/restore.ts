import { sql, type Transaction } from 'kysely';
import type { DialectName, OpenDatabase } from '../database/connect.ts';
import { migrations } from '../database/migrate.ts';
import type { Database } from '../database/schema.ts';
import { newEpoch } from '../organisation.ts';
import { isEmpty } from '../setup.ts';
import { partsOf, type Counts, type Header } from './lines.ts';
import { BackupProblem } from './problem.ts';
import { fromPlain, keptTables, passingTables, shapeOf, type Plain } from './tables.ts';

/** Rows per statement. */
const BATCH = 500;

/** A file of which every byte has been read and found authentic: only such a one is put back. */
export type CheckedBackup = { file: string; key: Buffer; header: Header; counts: Counts };

/**
 * Reads the whole file and throws `BackupProblem` unless every byte is what was written, and this version knows its tables.
 * No base is touched.
 */
export async function checkBackup(file: string, key: Buffer): Promise<CheckedBackup> {
	let header: Header | undefined;
	let end: Counts | undefined;
	let table = '';
	const counts: Counts = {};
	for await (const part of partsOf(file, key)) {
		if (part.is === 'header') header = part.header;
		else if (part.is === 'end') end = part.counts;
		else if (part.is === 'row') counts[table]!++;
		else counts[(table = part.table)] = 0;
	}
	if (!header || !end) throw new BackupProblem('altered');
	if (header.migrations.some((name) => !Object.hasOwn(migrations, name)))
		throw new BackupProblem('newer backup');
	const names = new Set([...Object.keys(end), ...Object.keys(counts)]);
	for (const name of names) if (end[name] !== counts[name]) throw new BackupProblem('altered');
	return { file, key, header, counts };
}

/**
 * [P8] Puts a backup back into a base whose tables are up to date: all of it in one transaction, or nothing. The tables are
 * made as they were when the backup was, filled, and brought up to date by the migrations that came since. Every
 * organisation begins another epoch, and nobody is signed in any more.
 * Throws `BackupProblem` when the base holds an organisation and `replace` is false.
 */
export async function restoreBackup(
	{ db, dialect }: OpenDatabase,
	{ file, key, header }: CheckedBackup,
	replace: boolean
): Promise<void> {
	const { migrations: then } = header;
	const since = Object.keys(migrations).filter((name) => !then.includes(name));
	await db.transaction().execute(async (trx) => {
		await takeAlone(trx, dialect);
		if (!replace && !(await isEmpty(trx))) throw new BackupProblem('base not empty');
		for (const name of tablesInOrder.toReversed()) await sql`drop table ${sql.table(name)}`.execute(trx);
		for (const name of then) await migrations[name]?.up(trx);
		await fill(trx, dialect, file, key);
		for (const name of since) await migrations[name]?.up(trx);
	});
}

const tablesInOrder: string[] = [...keptTables.map(({ name }) => name), ...passingTables];

/** Nobody else writes until this transaction ends: a push that comes now waits, then meets the new epoch. */
async function takeAlone(trx: Transaction<Database>, dialect: DialectName): Promise<void> {
	const tables = sql.join(tablesInOrder.map((name) => sql.table(name)));
	if (dialect === 'sqlite') await sql`update organisation set rev = rev where id = ''`.execute(trx);
	else await sql`lock table ${tables} in access exclusive mode`.execute(trx);
}

async function fill(
	trx: Transaction<Database>,
	dialect: DialectName,
	file: string,
	key: Buffer
): Promise<void> {
	const shape = await shapeOf(trx, dialect);
	let table = '';
	let columns: string[] = [];
	let rows: Plain[][] = [];
	const write = async () => {
		if (rows.length > 0) await insert(trx, dialect, table, columns, rows);
		rows = [];
	};
	for await (const part of partsOf(file, key)) {
		if (part.is === 'table') {
			await write();
			({ table, columns } = part);
			if (!shape.has(table) || !tablesInOrder.includes(table)) throw new BackupProblem('altered');
		} else if (part.is === 'row') {
			rows.push(table === 'organisation' ? inAnotherLife(part.row, columns) : part.row);
			if (rows.length >= BATCH) await write();
		}
	}
	await write();
}

const inAnotherLife = (row: Plain[], columns: string[]): Plain[] =>
	row.map((value, i) => (columns[i] === 'epoch' ? newEpoch() : value));

async function insert(
	trx: Transaction<Database>,
	dialect: DialectName,
	table: string,
	columns: string[],
	rows: Plain[][]
): Promise<void> {
	const values = rows.map((row) => sql`(${sql.join(row.map((value) => fromPlain(value, dialect)))})`);
	await sql`insert into ${sql.table(table)} (${sql.join(columns.map((c) => sql.ref(c)))}) values ${sql.join(values)}`.execute(
		trx
	);
}
