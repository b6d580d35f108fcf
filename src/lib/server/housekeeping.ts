import type { Kysely } from 'kysely';
import type { Database } from './database/schema.ts';
import { lockOrganisation } from './records.ts';

/** How long a tombstone stays for tablets that were away [P4]. */
const TOMBSTONES_KEPT = 180 * 24 * 3600 * 1000;
const DAY = 24 * 3600 * 1000;

/**
 * [P4] Clears away the tombstones of more than 180 days, and raises each organisation's floor to the last revision among them
 * in the same transaction: a tablet that was away for longer is served anew.
 * @param now ms UTC, the server's clock
 * @returns how many went
 */
export async function clearTombstones(db: Kysely<Database>, now: number): Promise<number> {
	// Those of a time when their age was not noted yet count from today.
	await db.updateTable('tombstone').set({ at: now }).where('at', '=', 0).execute();
	const before = now - TOMBSTONES_KEPT;
	const old = await db
		.selectFrom('tombstone')
		.select('organisation')
		.distinct()
		.where('at', '<', before)
		.execute();
	let cleared = 0;
	for (const { organisation } of old) cleared += await clearOf(db, organisation, before);
	return cleared;
}

async function clearOf(db: Kysely<Database>, organisation: string, before: number): Promise<number> {
	return db.transaction().execute(async (trx) => {
		await lockOrganisation(trx, organisation);
		const gone = await trx
			.deleteFrom('tombstone')
			.where('organisation', '=', organisation)
			.where('at', '<', before)
			.returning('rev')
			.execute();
		const floor = gone.reduce((highest, { rev }) => Math.max(highest, rev), 0);
		await trx
			.updateTable('organisation')
			.set({ floor })
			.where('id', '=', organisation)
			.where('floor', '<', floor)
			.execute();
		return gone.length;
	});
}

/** At once and then every day, until what it gives back is called. Keeps no process alive. */
export function keepHouse(
	db: Kysely<Database>,
	now: () => number,
	report: (defect: unknown) => void
): () => void {
	const tidy = () => void clearTombstones(db, now()).catch(report);
	tidy();
	const timer = setInterval(tidy, DAY).unref();
	return () => clearInterval(timer);
}
