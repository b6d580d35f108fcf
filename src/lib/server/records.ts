import { Transaction, type Kysely } from 'kysely';
import { problemOf, type Change } from '#lib/domain/change.ts';
import { kind, type Row } from '#lib/domain/records.ts';
import type { Database, RecordTable } from './database/schema.ts';
import { mergeChange, type StoredData, type StoredRecord } from './merge.ts';

/** Rows per statement, below the limits of parameters of both dialects. */
const CHUNK = 500;

/** The row as it travels: without the revisions of its fields. */
export function rowOf(record: StoredRecord): Row {
	const { kind, id, site, rev, by, at, data } = record;
	return { kind, id, site, rev, by, at, fields: data.fields, ...(data.past && { past: data.past }) };
}

type RecordColumns = Omit<RecordTable, 'organisation'>;
export const recordColumns = ['id', 'kind', 'site', 'rev', 'by', 'at', 'deleted', 'data'] as const;

export function storedOf(row: RecordColumns): StoredRecord {
	// `data` was written by this server from a merged record: trusted like the columns beside it.
	const data: StoredData = JSON.parse(row.data);
	return { ...row, kind: kind.parse(row.kind), deleted: row.deleted === 1, data };
}

export async function loadRecords(
	db: Kysely<Database>,
	organisation: string,
	ids: Iterable<string>
): Promise<Map<string, StoredRecord>> {
	const found = new Map<string, StoredRecord>();
	for (const some of chunks([...new Set(ids)])) {
		const rows = await db
			.selectFrom('record')
			.select(recordColumns)
			.where('organisation', '=', organisation)
			.where('id', 'in', some)
			.execute();
		for (const row of rows) found.set(row.id, storedOf(row));
	}
	return found;
}

export async function saveRecords(
	trx: Transaction<Database>,
	organisation: string,
	records: StoredRecord[]
): Promise<void> {
	for (const some of chunks(records)) {
		await trx
			.insertInto('record')
			.values(
				some.map(({ deleted, data, ...columns }) => ({
					...columns,
					organisation,
					deleted: deleted ? 1 : 0,
					data: JSON.stringify(data)
				}))
			)
			.onConflict((oc) =>
				oc.columns(['organisation', 'id']).doUpdateSet((eb) => ({
					site: eb.ref('excluded.site'),
					rev: eb.ref('excluded.rev'),
					deleted: eb.ref('excluded.deleted'),
					data: eb.ref('excluded.data')
				}))
			)
			.execute();
	}
}

/**
 * [P3] Takes the organisation's row for this transaction and returns its last revision: whoever wants the next one waits
 * until this transaction ends, so that revisions become visible in the order in which they were given.
 * A write, not a read: SQLite then waits for another process's writer instead of failing later.
 */
export async function lockOrganisation(
	trx: Transaction<Database>,
	organisation: string
): Promise<{ rev: number; epoch: string } | undefined> {
	return trx
		.updateTable('organisation')
		.set((eb) => ({ rev: eb.ref('rev') }))
		.where('id', '=', organisation)
		.returning(['rev', 'epoch'])
		.executeTakeFirst();
}

export type NewRecord = Pick<Row, 'kind' | 'id' | 'site' | 'by' | 'at'> & { fields: Record<string, unknown> };

/**
 * Records that don't come from a tablet: an organisation's first site, the demonstration. All or nothing (`db` may be a
 * transaction of the caller's); throws on a value that a tablet could not have sent or an id that exists. Returns the last
 * revision given.
 */
export async function createRecords(
	db: Kysely<Database>,
	organisation: string,
	records: NewRecord[]
): Promise<number> {
	return inTransaction(db, async (trx) => {
		const locked = await lockOrganisation(trx, organisation);
		if (!locked) throw new Error(`no organisation ${organisation}`);
		const present = await loadRecords(
			trx,
			organisation,
			records.map((r) => r.id)
		);
		let { rev } = locked;
		const created = records.map(({ by, at, ...record }) => {
			const change: Change = { do: 'create', ...record };
			const problem = problemOf(change);
			if (problem) throw new Error(`${record.kind} ${record.id}: ${problem}`);
			const stamp = { rev: ++rev, at, device: 'server', n: 0, user: by };
			const merged = mergeChange(present.get(record.id), change, stamp);
			if (!merged.ok || !merged.changed) throw new Error(`${record.kind} ${record.id}: exists`);
			present.set(record.id, merged.record);
			return merged.record;
		});
		await saveRecords(trx, organisation, created);
		await trx.updateTable('organisation').set({ rev }).where('id', '=', organisation).execute();
		return rev;
	});
}

/** Runs `work` in the transaction that `db` is, or in a new one. */
export const inTransaction = <T>(
	db: Kysely<Database>,
	work: (trx: Transaction<Database>) => Promise<T>
): Promise<T> => (db instanceof Transaction ? work(db) : db.transaction().execute(work));

export function* chunks<T>(all: T[], size: number = CHUNK): Generator<T[]> {
	for (let i = 0; i < all.length; i += size) yield all.slice(i, i + size);
}
