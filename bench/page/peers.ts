import { Dexie, type Table } from 'dexie';
import PouchDB from 'pouchdb-browser';
import type { Row } from '#lib/domain/records.ts';
import { makeRecords } from '../records.ts';

/** The usual ways to hold the same records in a browser, measured beside ours. */

class ClearRows extends Dexie {
	rows!: Table<Row, string>;
	constructor() {
		super('peer-clear-rows', { chromeTransactionDurability: 'strict' });
		this.version(1).stores({ rows: 'id, kind, site' });
	}
}

const rowsOf = (count: number, site: string): Row[] =>
	makeRecords(count, site).map((r, i) => ({ ...r, rev: i + 1, by: r.id, at: 0 }) as Row);

const timed = async (run: () => Promise<unknown>): Promise<number> => {
	const from = performance.now();
	await run();
	return performance.now() - from;
};

/** Dexie, one clear row per record: written in pages of 2,000 as a pull would, then read whole. */
export async function clearRows(count: number, site: string): Promise<{ write: number; read: number }> {
	const rows = rowsOf(count, site);
	const db = new ClearRows();
	await db.delete();
	await db.open();
	const write = await timed(async () => {
		for (let i = 0; i < rows.length; i += 2000) await db.rows.bulkPut(rows.slice(i, i + 2000));
	});
	db.close();
	const again = new ClearRows();
	const read = await timed(async () => {
		await again.open();
		const all = await again.rows.toArray();
		const byId = new Map(all.map((row) => [row.id, row]));
		if (byId.size !== count) throw new Error('rows are missing');
	});
	await again.delete();
	return { write, read };
}

/** One strict put of one clear row: what a save costs without sealing and without a queue. */
export async function clearPuts(count: number, site: string): Promise<number[]> {
	const db = new ClearRows();
	await db.delete();
	await db.open();
	const times: number[] = [];
	for (const row of rowsOf(count, site)) times.push(await timed(() => db.rows.put(row)));
	await db.delete();
	return times;
}

/** PouchDB: the documents as `bulkDocs` in batches of 2,000, then `allDocs`. */
export async function pouch(count: number, site: string): Promise<{ write: number; read: number }> {
	const docs = rowsOf(count, site).map((row) => ({ _id: row.id, ...row }));
	await new PouchDB('peer-pouch').destroy();
	const db = new PouchDB('peer-pouch');
	await db.info();
	const write = await timed(async () => {
		for (let i = 0; i < docs.length; i += 2000) await db.bulkDocs(docs.slice(i, i + 2000));
	});
	await db.close();
	const again = new PouchDB('peer-pouch');
	const read = await timed(() => again.allDocs({ include_docs: true }));
	await again.destroy();
	return { write, read };
}

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** A search without an index: every file looked at, at each keystroke. */
export function linearScan(count: number, site: string, queries: string[]): number[] {
	const youths = rowsOf(count, site).filter((row): row is Row<'youth'> => row.kind === 'youth');
	return queries.map((query) => {
		const from = performance.now();
		const words = plain(query).split(' ');
		const found = youths.filter(({ fields }) => {
			const text = plain(
				`${fields.firstName} ${fields.lastName} ${fields.nickname ?? ''} ${String(fields.phone)}`
			);
			return words.every((word) => text.includes(word));
		});
		found.slice(0, 20);
		return performance.now() - from;
	});
}
