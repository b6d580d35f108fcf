import type { Kysely, Transaction } from 'kysely';
import type { Kind, Scope } from '#lib/domain/records.ts';
import type { Database, OperationTable, RejectTable } from '../database/schema.ts';
import type { Refused, StoredRecord } from '../merge.ts';
import { chunks, loadRecords, lockOrganisation, saveRecords } from '../records.ts';
import { applyOperation, scopesOf, type Applied, type Caller } from './apply.ts';
import type { Incoming } from './request.ts';

/** Which tablet, and what a request of its own says of it; a parcel says nothing. */
export type Tablet = { device: string; says?: TabletState };
export type TabletState = {
	/** Its clock minus the server's, ms. */
	clockOffset: number;
	app: string | undefined;
	uploadKey: string | undefined;
	/** Operations that will wait there after this request, and since when (ms UTC). */
	waiting: number;
	waitingSince: number | undefined;
};
/** `touched`: the places where somebody now has something new, those that a record left included. */
export type Pushed =
	{ ok: true; touched: Scope[] } | { ok: false; why: 'forked' | 'no organisation' | 'revoked' };

/** A tablet that only listens is noted once a minute: listening should not cost a write. */
const NOTE_EVERY = 60_000;

/**
 * [P2] Every operation gets its durable outcome in one transaction, in the order of the tablet's numbers: those known
 * already are skipped, those after a gap are left to come again. Nothing at all is applied for a forked queue.
 * @param now ms UTC
 */
export async function push(
	db: Kysely<Database>,
	caller: Caller,
	tablet: Tablet,
	incoming: Incoming[],
	now: number,
	report: (defect: unknown) => void
): Promise<Pushed> {
	if (incoming.length === 0) return notice(db, caller, tablet, now);
	return db.transaction().execute(async (trx) => {
		const locked = await lockOrganisation(trx, caller.organisation);
		if (!locked) return { ok: false, why: 'no organisation' };
		const device = await deviceOf(trx, caller, tablet.device);
		if (device?.revoked_at) return { ok: false, why: 'revoked' };

		const lastN = device?.last_n ?? 0;
		const queue = await sortOut(trx, caller, tablet.device, incoming, lastN);
		if (queue === 'forked') return { ok: false, why: 'forked' };

		const outcome = await applyAll(trx, caller, tablet, queue, locked.rev, now, report);
		if (outcome.rev > locked.rev)
			await trx
				.updateTable('organisation')
				.set({ rev: outcome.rev })
				.where('id', '=', caller.organisation)
				.execute();
		await saveDevice(trx, caller, tablet, queue.at(-1)?.n ?? lastN, now);
		return { ok: true, touched: outcome.touched };
	});
}

const deviceOf = (db: Kysely<Database>, caller: Caller, device: string) =>
	db
		.selectFrom('device')
		.select(['last_n', 'last_seen', 'revoked_at', 'upload_key', 'waiting'])
		.where('organisation', '=', caller.organisation)
		.where('user', '=', caller.user)
		.where('id', '=', device)
		.executeTakeFirst();

/** Whether this tablet of the caller has been shut out. */
export const isRevoked = async (db: Kysely<Database>, caller: Caller, device: string): Promise<boolean> =>
	Boolean((await deviceOf(db, caller, device))?.revoked_at);

async function notice(db: Kysely<Database>, caller: Caller, tablet: Tablet, now: number): Promise<Pushed> {
	const device = await deviceOf(db, caller, tablet.device);
	if (device?.revoked_at) return { ok: false, why: 'revoked' };
	const { uploadKey, waiting } = tablet.says ?? {};
	const isNews =
		!device ||
		(uploadKey !== undefined && uploadKey !== device.upload_key) ||
		(waiting !== undefined && waiting !== device.waiting);
	if (!isNews && now - device.last_seen < NOTE_EVERY) return { ok: true, touched: [] };
	return db.transaction().execute(async (trx) => {
		// Under the lock, so that it can't put back the number that a push of the same tablet is raising.
		if (!(await lockOrganisation(trx, caller.organisation))) return { ok: false, why: 'no organisation' };
		const current = await deviceOf(trx, caller, tablet.device);
		await saveDevice(trx, caller, tablet, current?.last_n ?? 0, now);
		return { ok: true, touched: [] };
	});
}

async function saveDevice(
	trx: Transaction<Database>,
	caller: Caller,
	tablet: Tablet,
	lastN: number,
	now: number
) {
	const { says } = tablet;
	const seen = {
		last_n: lastN,
		last_seen: now,
		...(says && {
			clock_offset: says.clockOffset,
			waiting: says.waiting,
			waiting_since: says.waitingSince ?? null,
			...(says.app !== undefined && { app_version: says.app }),
			...(says.uploadKey !== undefined && { upload_key: says.uploadKey })
		})
	};
	await trx
		.insertInto('device')
		.values({
			organisation: caller.organisation,
			user: caller.user,
			id: tablet.device,
			created_at: now,
			app_version: null,
			clock_offset: 0,
			upload_key: null,
			revoked_at: null,
			...seen
		})
		.onConflict((oc) => oc.columns(['organisation', 'user', 'id']).doUpdateSet(seen))
		.execute();
}

/** The operations that have no outcome yet and follow the last one without a gap; or the proof of a cloned profile. */
async function sortOut(
	trx: Transaction<Database>,
	caller: Caller,
	device: string,
	incoming: Incoming[],
	lastN: number
): Promise<Incoming[] | 'forked'> {
	const journal = await journalOf(
		trx,
		caller,
		device,
		incoming.map((op) => op.n).filter((n) => n <= lastN)
	);
	const queue: Incoming[] = [];
	for (const op of incoming) {
		const next = lastN + queue.length + 1;
		if (op.n > next) break;
		if (op.n === next) queue.push(op);
		else {
			// A journal that was cut (retention) has nothing to compare with.
			const known = journal.get(op.n) ?? queue.find((q) => q.n === op.n);
			if (known && !isSame(known, op)) return 'forked';
		}
	}
	return queue;
}

/** An envelope that can't be opened has no hash: its operation's own id is all there is to compare. */
const isSame = (known: { id: string; hash?: string | null }, op: Incoming): boolean =>
	known.id === op.id && (!known.hash || !op.hash || known.hash === op.hash);

async function journalOf(trx: Transaction<Database>, caller: Caller, device: string, numbers: number[]) {
	if (numbers.length === 0) return new Map<number, { id: string; hash: string | null }>();
	const rows = await trx
		.selectFrom('operation')
		.select(['n', 'id', 'hash'])
		.where('organisation', '=', caller.organisation)
		.where('user', '=', caller.user)
		.where('device', '=', device)
		.where('n', 'in', numbers)
		.execute();
	return new Map(rows.map((r) => [r.n, r]));
}

async function applyAll(
	trx: Transaction<Database>,
	caller: Caller,
	tablet: Tablet,
	queue: Incoming[],
	lastRev: number,
	now: number,
	report: (defect: unknown) => void
): Promise<{ rev: number; touched: Scope[] }> {
	const done = await appliedBefore(trx, caller, queue);
	const records = await loadRecords(trx, caller.organisation, queue.flatMap(touchedBy));
	const scopes = new Set(scopesOf(caller));
	const places = new Places();
	const touched = new Set<Scope>();
	const journal: OperationTable[] = [];
	const rejects: RejectTable[] = [];
	let rev = lastRev;

	for (const op of queue) {
		const { n, id } = op;
		const origin = { organisation: caller.organisation, user: caller.user, device: tablet.device, n, id };
		const body = JSON.stringify(op.body);
		const entry = { ...origin, hash: op.hash ?? null, at: op.at, applied_at: now, rev: null, body };
		if (done.has(id)) {
			journal.push({ ...entry, outcome: 'repeated' });
			continue;
		}
		const stamp = { rev: rev + 1, at: Math.min(op.at, now), device: tablet.device, n, user: caller.user };
		const result = attempt(op, report, (changes) =>
			applyOperation(changes, stamp, caller, scopes, (record) => records.get(record))
		);
		if (!result.ok) {
			const { reason } = result;
			const detail = storable(result.detail);
			journal.push({ ...entry, outcome: 'refused' });
			rejects.push({ ...origin, reason, detail, touched: JSON.stringify(touchedBy(op)), at: now, body });
			continue;
		}
		done.add(id);
		if (result.records.length > 0) rev = stamp.rev;
		for (const record of result.records) records.set(record.id, record);
		places.note(result);
		for (const { site } of [...result.records, ...result.left]) touched.add(site);
		journal.push({ ...entry, outcome: 'applied', rev: result.records.length > 0 ? rev : null });
	}

	const changed = [...records.values()].filter((r) => r.rev > lastRev);
	await saveRecords(trx, caller.organisation, changed);
	await places.save(trx, caller.organisation, changed, now);
	for (const some of chunks(journal)) await trx.insertInto('operation').values(some).execute();
	for (const some of chunks(rejects)) await trx.insertInto('reject').values(some).execute();
	return { rev, touched: [...touched] };
}

/** [P2] A cloned profile sends what it holds again under another device id: an operation's own id counts once. */
async function appliedBefore(
	trx: Transaction<Database>,
	caller: Caller,
	queue: Incoming[]
): Promise<Set<string>> {
	if (queue.length === 0) return new Set();
	const rows = await trx
		.selectFrom('operation')
		.select('id')
		.where('organisation', '=', caller.organisation)
		.where('user', '=', caller.user)
		.where('outcome', '=', 'applied')
		.where(
			'id',
			'in',
			queue.map((op) => op.id)
		)
		.execute();
	return new Set(rows.map((r) => r.id));
}

/** [P6] A defect of ours on one operation is that operation's outcome: those behind it go on. */
function attempt(
	op: Incoming,
	report: (defect: unknown) => void,
	apply: (changes: Parameters<typeof applyOperation>[0]) => Applied | Refused
): Applied | Refused {
	try {
		if (op.read.ok) return apply(op.read.operation.changes);
		if ('detail' in op.read) return { ok: false, reason: 'invalid', detail: op.read.detail };
		throw op.read.defect;
	} catch (defect) {
		report(defect);
		return { ok: false, reason: 'poison', detail: 'defect' };
	}
}

/** A detail may name a field as the tablet wrote it: PostgreSQL's text takes no NUL and no half of a surrogate pair. */
const storable = (detail: string): string => detail.toWellFormed().replaceAll('\0', '').slice(0, 200);

const touchedBy = (op: Incoming): string[] =>
	op.read.ok ? [...new Set(op.read.operation.changes.map((c) => c.id))] : [];

/** [P4] The tombstones of a push: the last departure from a place counts, a return takes it back. */
class Places {
	#left = new Map<string, { id: string; kind: Kind; site: Scope; rev: number }>();

	note(applied: Applied): void {
		for (const place of applied.left) {
			const rev = applied.records.find((r) => r.id === place.id)?.rev ?? 0;
			this.#left.set(`${place.site} ${place.id}`, { ...place, rev });
		}
	}

	/** @param now ms UTC: from when on the tombstones age */
	async save(
		trx: Transaction<Database>,
		organisation: string,
		changed: StoredRecord[],
		now: number
	): Promise<void> {
		for (const { id, site, deleted } of changed) {
			if (!deleted) this.#left.delete(`${site} ${id}`);
		}
		const moved = changed.filter((r) => r.data.moved && !r.deleted);
		for (const { id, site } of moved) {
			await trx
				.deleteFrom('tombstone')
				.where('organisation', '=', organisation)
				.where('site', '=', site)
				.where('id', '=', id)
				.execute();
		}
		for (const some of chunks([...this.#left.values()])) {
			await trx
				.insertInto('tombstone')
				.values(some.map((place) => ({ ...place, organisation, at: now })))
				.onConflict((oc) =>
					oc
						.columns(['organisation', 'site', 'id'])
						.doUpdateSet((eb) => ({ rev: eb.ref('excluded.rev'), at: eb.ref('excluded.at') }))
				)
				.execute();
		}
	}
}
