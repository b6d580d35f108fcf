import { sql } from 'kysely';
import { percentile } from '../figure.ts';
import type { Base } from './base.ts';
import type { FarCrowd } from './far.ts';
import type { Seat } from './tablet.ts';

/** Medians in ms, of one tablet alone on a quiet server. */
export type Costs = { pull0: number; pull1: number; pull100: number; push10: number; firstPage: number };

/** What an exchange costs at the seat, whatever else the base holds. */
export async function measureCosts(base: Base, crowd: FarCrowd, seat: Seat, probes: number): Promise<Costs> {
	await crowd.open({ seats: [seat], ports: base.ports, count: 2 });
	// The first requests warm the server's code.
	await crowd.probePushes(10, 20);
	const median = async (times: Promise<number[]>) => percentile(await times, 0.5);
	const costs = {
		pull0: await median(crowd.probePulls(0, probes)),
		pull1: await median(crowd.probePulls(1, probes)),
		pull100: await median(crowd.probePulls(100, probes)),
		push10: await median(crowd.probePushes(10, probes)),
		firstPage: await median(crowd.probeFirstPages({ seats: [seat], ports: base.ports, count: 5 }))
	};
	await crowd.close();
	return costs;
}

/** Files that are filled in through the product; beyond, they are copied inside the base. */
const TEMPLATE = 10_000;

/** One organisation whose records all lie at one seat's own site, each with an entry in the journal. */
export class Growth {
	readonly #base: Base;
	readonly #seat: Seat;
	#held = 0;
	/** Revisions of the records that copies are made of. */
	#template = { after: 0, upTo: 0 };

	constructor(base: Base, seat: Seat) {
		this.#base = base;
		this.#seat = seat;
	}

	async to(count: number): Promise<void> {
		const { db, dialect } = this.#base.server;
		if (this.#held < TEMPLATE) {
			const more = Math.min(count, TEMPLATE) - this.#held;
			const upTo = await this.#base.fill(this.#seat, more, 11 + this.#held);
			this.#template = { after: upTo - more, upTo };
			this.#held += more;
		}
		if (this.#held < count) await this.#copy(count);
		await sql.raw(dialect === 'postgres' ? 'vacuum analyze' : 'pragma wal_checkpoint(truncate)').execute(db);
	}

	async #copy(count: number): Promise<void> {
		const { db } = this.#base.server;
		const { organisation, user, site, outing } = this.#seat;
		const { rev } = await db
			.selectFrom('organisation')
			.select('rev')
			.where('id', '=', organisation)
			.executeTakeFirstOrThrow();
		const { after, upTo } = this.#template;
		const size = upTo - after;
		let last = rev;
		for (; this.#held < count; this.#held += size) {
			const mark = Math.round(this.#held / size)
				.toString(16)
				.padStart(6, '0');
			await sql`insert into record (organisation, id, kind, site, rev, "by", at, deleted, data)
				select organisation, substr(id, 1, 14) || '8' || substr(id, 16, 9) || ${mark} || substr(id, 31), kind, site,
					rev + ${last - after}, "by", at, deleted, data
				from record where organisation = ${organisation} and site = ${site} and rev > ${after} and rev <= ${upTo}
				order by rev`.execute(db);
			last += size;
		}
		await sql`insert into operation (organisation, "user", device, n, id, hash, at, applied_at, outcome, rev, body)
			select organisation, ${user}, ${outing}, rev, id, null, at, at, 'applied', rev, '{}'
			from record where organisation = ${organisation} and site = ${site} and rev > ${rev}`.execute(db);
		await db.updateTable('organisation').set({ rev: last }).where('id', '=', organisation).execute();
	}
}
