import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import * as z from 'zod/mini';
import { mayRead, readableKinds } from '#lib/domain/permissions.ts';
import { kinds, type Kind, type Row, type Scope } from '#lib/domain/records.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import { PROTOCOL_VERSION, type Refusal, type SitePage, type SyncResponse } from '#lib/protocol/sync.ts';
import type { DialectName } from '../database/connect.ts';
import type { Database } from '../database/schema.ts';
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
			.select(['rev', 'epoch'])
			.where('id', '=', caller.organisation)
			.executeTakeFirst();
		if (!organisation) return undefined;
		const scope = scopeToken(caller.role);
		const trusted = request.epoch === organisation.epoch && request.scope === scope;
		const scopes = scopesOf(caller);
		const pages = await readPages(trx, caller, scopes, trusted, request.cursors, organisation.rev, pageRows);
		return {
			v: PROTOCOL_VERSION,
			epoch: organisation.epoch,
			scope,
			...(await outcomes(trx, caller, request, scopes)),
			...pages,
			drop: Object.keys(request.cursors).filter((site) => !scopes.includes(site)),
			now
		};
	});
}

/** [P4] Changes whenever other kinds of records reach this role: what a tablet holds was filtered for its own token. */
export const scopeToken = (role: Role): string =>
	`${role}.${createHash('sha256').update(readableKinds(role).join()).digest('base64url').slice(0, 12)}`;

type Pages = Pick<SyncResponse, 'sites' | 'more' | 'remaining'>;

/** [P10] Site after site in the order of `scopes`, until the page is full. */
async function readPages(
	trx: Transaction<Database>,
	caller: Caller,
	scopes: Scope[],
	trusted: boolean,
	cursors: Record<string, number>,
	lastRev: number,
	pageRows: number
): Promise<Pages> {
	const sites: Record<string, SitePage> = {};
	const unfinished: { site: Scope; from: number }[] = [];
	const readable = readableKinds(caller.role);
	let room = pageRows;
	for (const site of scopes) {
		const held = Object.hasOwn(cursors, site) ? (cursors[site] ?? 0) : 0;
		// [P8] A cursor ahead of us comes from a life of this base that was lost.
		const from = trusted && held <= lastRev ? held : 0;
		const page =
			room > 0 ? await readSite(trx, caller.organisation, site, readable, from, lastRev, room) : undefined;
		if (page && (page.rows.length > 0 || page.gone.length > 0 || (from === 0 && !page.cut))) {
			const { cut, ...content } = page;
			sites[site] = { ...content, ...(from === 0 && { reset: true }) };
			room -= page.rows.length + page.gone.length;
			if (cut) unfinished.push({ site, from: page.rev });
		} else if (!page) {
			// Everything held of it is stale, and the tablet must hear so with the new epoch and scope.
			if (from === 0 && held > 0) sites[site] = { rows: [], gone: [], rev: 0, reset: true };
			unfinished.push({ site, from });
		}
	}
	const remaining = await countAfter(trx, caller.organisation, readable, unfinished);
	return { sites, more: remaining > 0, remaining };
}

type SiteRead = { rows: Row[]; gone: string[]; rev: number; cut: boolean };

/** What happened at one site after `from`, whole revisions only, `room` items or a few more. */
async function readSite(
	trx: Transaction<Database>,
	organisation: string,
	site: Scope,
	readable: Kind[],
	from: number,
	lastRev: number,
	room: number
): Promise<SiteRead> {
	const asked = { organisation, site, readable };
	const records = await recordsAfter(trx, asked, from, lastRev, room + 1);
	// A tablet that starts from nothing has nothing to take away.
	const tombstones = from === 0 ? [] : await tombstonesAfter(trx, asked, from, lastRev, room + 1);
	const revs = [...records, ...tombstones].map((item) => item.rev).sort((a, b) => a - b);
	if (revs.length <= room)
		return { rows: rowsOf(records), gone: idsOf(tombstones), rev: lastRev, cut: false };

	const rev = revs[room - 1]!;
	const whole = (item: { rev: number }): boolean => item.rev < rev;
	return {
		rows: rowsOf([...records.filter(whole), ...(await recordsAfter(trx, asked, rev - 1, rev))]),
		gone: idsOf(
			from === 0 ? [] : [...tombstones.filter(whole), ...(await tombstonesAfter(trx, asked, rev - 1, rev))]
		),
		rev,
		cut: true
	};
}

const rowsOf = (records: Parameters<typeof storedOf>[0][]): Row[] => records.map((r) => rowOf(storedOf(r)));
const idsOf = (tombstones: { id: string }[]): string[] => tombstones.map((t) => t.id);

type Asked = { organisation: string; site: Scope; readable: Kind[] };

async function recordsAfter(
	trx: Transaction<Database>,
	asked: Asked,
	after: number,
	upTo: number,
	limit?: number
) {
	const query = trx
		.selectFrom('record')
		.select(recordColumns)
		.where('organisation', '=', asked.organisation)
		.where('site', '=', asked.site)
		.where('rev', '>', after)
		.where('rev', '<=', upTo)
		.where('deleted', '=', 0)
		.$if(asked.readable.length < kinds.length, (q) => q.where('kind', 'in', asked.readable))
		.orderBy('rev');
	return (limit === undefined ? query : query.limit(limit)).execute();
}

async function tombstonesAfter(
	trx: Transaction<Database>,
	asked: Asked,
	after: number,
	upTo: number,
	limit?: number
) {
	const query = trx
		.selectFrom('tombstone')
		.select(['id', 'rev'])
		.where('organisation', '=', asked.organisation)
		.where('site', '=', asked.site)
		.where('rev', '>', after)
		.where('rev', '<=', upTo)
		.$if(asked.readable.length < kinds.length, (q) => q.where('kind', 'in', asked.readable))
		.orderBy('rev');
	return (limit === undefined ? query : query.limit(limit)).execute();
}

/** Rows and tombstones still to come; asked only for the sites that are not finished. */
async function countAfter(
	trx: Transaction<Database>,
	organisation: string,
	readable: Kind[],
	unfinished: { site: Scope; from: number }[]
): Promise<number> {
	let total = 0;
	for (const { site, from } of unfinished) {
		const records = await trx
			.selectFrom('record')
			.select((eb) => eb.fn.countAll<number>().as('count'))
			.where('organisation', '=', organisation)
			.where('site', '=', site)
			.where('rev', '>', from)
			.where('deleted', '=', 0)
			.where('kind', 'in', readable)
			.executeTakeFirstOrThrow();
		total += records.count;
		if (from === 0) continue;
		const tombstones = await trx
			.selectFrom('tombstone')
			.select((eb) => eb.fn.countAll<number>().as('count'))
			.where('organisation', '=', organisation)
			.where('site', '=', site)
			.where('rev', '>', from)
			.where('kind', 'in', readable)
			.executeTakeFirstOrThrow();
		total += tombstones.count;
	}
	return total;
}

const idList = z.array(z.string());

/** [P2, P6] The last operation with a durable outcome, and the refusals that the tablet doesn't know yet. */
async function outcomes(
	trx: Transaction<Database>,
	caller: Caller,
	request: OuterRequest,
	scopes: Scope[]
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
			rows,
			gone: ids.filter((id) => !rows.some((r) => r.id === id))
		};
	});
	return { acked: device?.last_n ?? 0, rejects };
}

const refusalReason = z.enum(['invalid', 'forbidden', 'id_clash', 'poison']);
