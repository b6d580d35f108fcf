import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import * as z from 'zod/mini';
import { mayRead, readableKinds } from '#lib/domain/permissions.ts';
import { kinds, SCHEMA_VERSION, type Kind, type Row, type Scope } from '#lib/domain/records.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import { rowDigest } from '#lib/protocol/digest.ts';
import {
	OLDEST_READER,
	PROTOCOL_VERSION,
	type Echo,
	type Refusal,
	type SitePage,
	type SyncResponse
} from '#lib/protocol/sync.ts';
import type { DialectName } from '../database/connect.ts';
import type { Database } from '../database/schema.ts';
import type { StoredRecord } from '../merge.ts';
import { loadRecords, recordColumns, rowOf, storedOf } from '../records.ts';
import { scopesOf, type Caller } from './apply.ts';
import type { OuterRequest } from './request.ts';

/**
 * [P1] The answer, read from one snapshot: rows, cursors, the last acknowledged operation and refusals belong together, so
 * that a tablet which has a row of its own making also knows that the operation behind it is done.
 * `undefined` when there is no such organisation.
 * @param pageRows rows and tombstones that the answer holds; a revision is never cut, so it may be a few more
 */
export async function pull(
	db: Kysely<Database>,
	dialect: DialectName,
	caller: Caller,
	request: OuterRequest,
	now: number,
	pageRows: number
): Promise<SyncResponse | undefined> {
	const transaction = db.transaction();
	// SQLite's snapshot is a plain transaction; PostgreSQL's has to be asked for.
	const snapshot =
		dialect === 'postgres'
			? transaction.setIsolationLevel('repeatable read').setAccessMode('read only')
			: transaction;
	return snapshot.execute(async (trx) => {
		const organisation = await trx
			.selectFrom('organisation')
			.select(['rev', 'epoch', 'floor'])
			.where('id', '=', caller.organisation)
			.executeTakeFirst();
		if (!organisation) return undefined;
		const scope = scopeToken(caller.role);
		const trusted = request.epoch === organisation.epoch && request.scope === scope;
		const scopes = scopesOf(caller);
		const isReader = request.v >= OLDEST_READER && (request.schema ?? 1) >= SCHEMA_VERSION;
		const reading: Reading = {
			trx,
			organisation: caller.organisation,
			readable: readableKinds(caller.role),
			lastRev: organisation.rev,
			own: await ownRevisions(trx, caller, request)
		};
		const standings = standingsOf(scopes, request, trusted, organisation);
		const pages = isReader
			? await readPages(reading, standings, pageRows)
			: { sites: {}, more: false, remaining: 0, update: true as const };
		return {
			v: PROTOCOL_VERSION,
			epoch: organisation.epoch,
			scope,
			...(await outcomes(trx, caller, request, scopes, isReader)),
			...pages,
			drop: Object.keys(request.cursors).filter((site) => !scopes.includes(site)),
			now
		};
	});
}

/** [P4] Changes whenever other kinds of records reach this role: what a tablet holds was filtered for its own token. */
export const scopeToken = (role: Role): string =>
	`${role}.${createHash('sha256').update(readableKinds(role).join()).digest('base64url').slice(0, 12)}`;

type Reading = {
	trx: Transaction<Database>;
	organisation: string;
	readable: Kind[];
	lastRev: number;
	/** [P1.7] Revisions that the operations of this request were given. */
	own: ReadonlySet<number>;
};

/** What a tablet holds of a scope: everything from `below` (nothing missing: 0) up to `held`. */
type Standing = { site: Scope; held: number; below: number; stale: boolean };

/** [P4, P8] A cursor ahead of us, or so old that tombstones after it were cleared away, stands for nothing. */
function standingsOf(
	scopes: Scope[],
	request: OuterRequest,
	trusted: boolean,
	organisation: { rev: number; floor: number }
): Standing[] {
	const at = (cursors: Record<string, number> | undefined, site: string): number =>
		cursors && Object.hasOwn(cursors, site) ? (cursors[site] ?? 0) : 0;
	return scopes.map((site) => {
		const held = at(request.cursors, site);
		const isGood = trusted && held > 0 && held >= organisation.floor && held <= organisation.rev;
		if (isGood) return { site, held, below: at(request.below, site), stale: false };
		return { site, held: 0, below: organisation.rev + 1, stale: held > 0 };
	});
}

type Pages = Pick<SyncResponse, 'sites' | 'more' | 'remaining' | 'update'>;

/** A cursor that lies further behind is moved on although nothing happened there, or it would fall below the floor. */
const CURSOR_LAG = 500;

/** [P10] News of every scope first, then what is still missing, scope after scope and newest first, until the page is full. */
async function readPages(reading: Reading, standings: Standing[], pageRows: number): Promise<Pages> {
	const { lastRev } = reading;
	const pages = new Map<Scope, SitePage>();
	let room = pageRows;
	let remaining = 0;
	const waiting: Standing[] = [];
	for (const standing of standings) {
		const { site, held, below } = standing;
		if (held === 0) {
			waiting.push(standing);
			continue;
		}
		const news = room > 0 ? await readNews(reading, site, held, room) : undefined;
		const rest = below > 0 ? { below } : {};
		if (!news) remaining += await countNews(reading, site, held);
		else {
			const { rows, own, gone, rev } = news;
			const size = rows.length + own.length + gone.length;
			room -= size;
			if (size > 0 || lastRev - held > CURSOR_LAG)
				pages.set(site, { rows, ...(own.length > 0 && { own }), gone, rev, ...rest });
			if (rev < lastRev) remaining += await countNews(reading, site, rev);
		}
		if (below > 0) waiting.push({ ...standing, held: news?.rev ?? held });
	}
	for (const { site, held, below, stale } of waiting) {
		const isNew = held === 0;
		if (room <= 0) {
			// What is held of it is stale, and the tablet must hear so with the new epoch and scope.
			if (stale) pages.set(site, { rows: [], gone: [], rev: 0, reset: true });
			remaining += await countBelow(reading, site, below);
			continue;
		}
		const past = await readBelow(reading, site, below, room);
		room -= past.rows.length;
		if (past.below > 0) remaining += await countBelow(reading, site, past.below);
		const news = pages.get(site);
		pages.set(site, {
			...news,
			rows: [...(news?.rows ?? []), ...past.rows],
			gone: news?.gone ?? [],
			rev: isNew ? lastRev : (news?.rev ?? held),
			below: past.below > 0 ? past.below : undefined,
			...(isNew && { reset: true })
		});
	}
	return { sites: Object.fromEntries(pages), more: remaining > 0, remaining };
}

type News = { rows: Row[]; own: Echo[]; gone: string[]; rev: number };

/** What happened at one site after `from`, oldest first, whole revisions only, `room` items or a few more. */
async function readNews(reading: Reading, site: Scope, from: number, room: number): Promise<News> {
	const { lastRev } = reading;
	const between = (after: number, upTo: number, limit?: number) => ({ after, upTo, limit, newest: false });
	const all = between(from, lastRev, room + 1);
	const records = await recordsOf(reading, site, all);
	const tombstones = await tombstonesOf(reading, site, all);
	const revs = [...records, ...tombstones].map((item) => item.rev).sort((a, b) => a - b);
	const rev = revs.length <= room ? lastRev : revs[room - 1]!;
	const whole = (item: { rev: number }): boolean => item.rev < rev;
	const isCut = revs.length > room;
	const last = between(rev - 1, rev);
	const taken = isCut ? [...records.filter(whole), ...(await recordsOf(reading, site, last))] : records;
	const left = isCut
		? [...tombstones.filter(whole), ...(await tombstonesOf(reading, site, last))]
		: tombstones;
	return { ...told(taken, from, reading.own), gone: left.map((t) => t.id), rev };
}

/** [P10] Rows below a revision, newest first; `below` of the answer is 0 when none is left. */
async function readBelow(
	reading: Reading,
	site: Scope,
	below: number,
	room: number
): Promise<{ rows: Row[]; below: number }> {
	const records = await recordsOf(reading, site, {
		after: 0,
		upTo: below - 1,
		limit: room + 1,
		newest: true
	});
	if (records.length <= room) return { rows: rowsOf(records), below: 0 };
	const rev = records[room - 1]!.rev;
	const last = await recordsOf(reading, site, { after: rev - 1, upTo: rev, newest: true });
	return { rows: rowsOf([...records.filter((record) => record.rev > rev), ...last]), below: rev };
}

type Stored = Parameters<typeof storedOf>[0];
const rowsOf = (records: Stored[]): Row[] => records.map((record) => rowOf(storedOf(record)));

/**
 * [P1.7] A row that the tablet can make itself is told by its digest. Not where somebody else wrote since `from`, nor where a
 * value was replaced: what the history says of it only the server knows.
 */
function told(records: Stored[], from: number, own: ReadonlySet<number>): { rows: Row[]; own: Echo[] } {
	const rows: Row[] = [];
	const echoes: Echo[] = [];
	for (const record of records) {
		const stored = storedOf(record);
		const row = rowOf(stored);
		if (own.has(row.rev) && !row.past && isByOneSince(stored, from))
			echoes.push({ id: row.id, rev: row.rev, digest: rowDigest(row) });
		else rows.push(row);
	}
	return { rows, own: echoes };
}

function isByOneSince({ data }: StoredRecord, from: number): boolean {
	const stamps = [data.first, data.moved, ...Object.values(data.later ?? {})].filter(
		(stamp) => stamp !== undefined && stamp.rev > from
	);
	return new Set(stamps.map((stamp) => stamp && `${stamp.device}/${stamp.user}`)).size <= 1;
}

async function ownRevisions(
	trx: Transaction<Database>,
	caller: Caller,
	{ device, ops, echo }: OuterRequest
): Promise<ReadonlySet<number>> {
	const last = ops.at(-1)?.n;
	const first = ops[0]?.n;
	if (!echo || first === undefined || last === undefined) return new Set();
	const rows = await trx
		.selectFrom('operation')
		.select('rev')
		.where('organisation', '=', caller.organisation)
		.where('user', '=', caller.user)
		.where('device', '=', device)
		.where('n', '>=', first)
		.where('n', '<=', last)
		.where('rev', 'is not', null)
		.execute();
	return new Set(rows.map(({ rev }) => rev ?? 0));
}

type Range = { after: number; upTo: number; limit?: number | undefined; newest: boolean };

const recordsOf = (reading: Reading, site: Scope, { after, upTo, limit, newest }: Range) =>
	reading.trx
		.selectFrom('record')
		.select(recordColumns)
		.where('organisation', '=', reading.organisation)
		.where('site', '=', site)
		.where('rev', '>', after)
		.where('rev', '<=', upTo)
		.where('deleted', '=', 0)
		.$if(reading.readable.length < kinds.length, (q) => q.where('kind', 'in', reading.readable))
		.orderBy('rev', newest ? 'desc' : 'asc')
		.$if(limit !== undefined, (q) => q.limit(limit ?? 0))
		.execute();

const tombstonesOf = (reading: Reading, site: Scope, { after, upTo, limit }: Range) =>
	reading.trx
		.selectFrom('tombstone')
		.select(['id', 'rev'])
		.where('organisation', '=', reading.organisation)
		.where('site', '=', site)
		.where('rev', '>', after)
		.where('rev', '<=', upTo)
		.$if(reading.readable.length < kinds.length, (q) => q.where('kind', 'in', reading.readable))
		.orderBy('rev')
		.$if(limit !== undefined, (q) => q.limit(limit ?? 0))
		.execute();

async function countNews(reading: Reading, site: Scope, from: number): Promise<number> {
	const tombstones = await reading.trx
		.selectFrom('tombstone')
		.select((eb) => eb.fn.countAll<number>().as('count'))
		.where('organisation', '=', reading.organisation)
		.where('site', '=', site)
		.where('rev', '>', from)
		.where('kind', 'in', reading.readable)
		.executeTakeFirstOrThrow();
	return tombstones.count + (await countRecords(reading, site, from, reading.lastRev));
}

const countBelow = (reading: Reading, site: Scope, below: number): Promise<number> =>
	countRecords(reading, site, 0, below - 1);

async function countRecords(reading: Reading, site: Scope, after: number, upTo: number): Promise<number> {
	const records = await reading.trx
		.selectFrom('record')
		.select((eb) => eb.fn.countAll<number>().as('count'))
		.where('organisation', '=', reading.organisation)
		.where('site', '=', site)
		.where('rev', '>', after)
		.where('rev', '<=', upTo)
		.where('deleted', '=', 0)
		.where('kind', 'in', reading.readable)
		.executeTakeFirstOrThrow();
	return records.count;
}

const idList = z.array(z.string());

/** [P2, P6] The last operation with a durable outcome, and the refusals that the tablet doesn't know yet. */
async function outcomes(
	trx: Transaction<Database>,
	caller: Caller,
	request: OuterRequest,
	scopes: Scope[],
	isReader: boolean
): Promise<Pick<SyncResponse, 'acked' | 'rejects'>> {
	const device = await trx
		.selectFrom('device')
		.select('last_n')
		.where('organisation', '=', caller.organisation)
		.where('user', '=', caller.user)
		.where('id', '=', request.device)
		.executeTakeFirst();
	const rejected = await trx
		.selectFrom('reject')
		.select(['n', 'reason', 'detail', 'touched'])
		.where('organisation', '=', caller.organisation)
		.where('user', '=', caller.user)
		.where('device', '=', request.device)
		.where('n', '>', request.after)
		.orderBy('n')
		.execute();
	const touched = rejected.map((r) => idList.parse(JSON.parse(r.touched)));
	const records = await loadRecords(trx, caller.organisation, touched.flat());
	const shown = (id: string): Row[] => {
		const record = records.get(id);
		if (!record || record.deleted || !scopes.includes(record.site) || !mayRead(caller.role, record.kind))
			return [];
		return [rowOf(record)];
	};
	const rejects = rejected.map(({ n, reason, detail }, i): Refusal => {
		const ids = touched[i] ?? [];
		const rows = ids.flatMap(shown);
		return {
			n,
			reason: refusalReason.parse(reason),
			detail,
			// [P7] Who can't read today's rows keeps what it holds: they are not gone.
			rows: isReader ? rows : [],
			gone: ids.filter((id) => !rows.some((r) => r.id === id))
		};
	});
	return { acked: device?.last_n ?? 0, rejects };
}

export const refusalReason = z.enum(['invalid', 'forbidden', 'id_clash', 'poison']);
