import type { Kysely } from 'kysely';
import { upgradeFields, upgradePast } from '#lib/domain/upgrade.ts';
import { upgradeOperation } from '#lib/protocol/upgrade.ts';
import { digest, type Stamp, type StoredData } from '../../merge.ts';

/** The tables as they are at this point. */
type Tables = {
	record: { organisation: string; id: string; kind: string; site: string; data: string };
	operation: { organisation: string; user: string; device: string; n: number; body: string };
};
type StoredYouth = { organisation: string; id: string; data: string };

const BATCH = 500;

/**
 * Schema 2 [P7]: the languages of a youth become a set. Revisions stay: tablets bring what they hold up to date themselves,
 * with the same functions.
 */
export async function up(db: Kysely<Tables>): Promise<void> {
	// PostgreSQL's migrations run in a transaction already, SQLite's do not.
	if (db.isTransaction) await rewriteAll(db);
	else await db.transaction().execute(rewriteAll);
}

async function rewriteAll(trx: Kysely<Tables>): Promise<void> {
	for (let after = { organisation: '', id: '' }; ;) {
		const batch = await trx
			.selectFrom('record')
			.select(['organisation', 'id', 'data'])
			.where('kind', '=', 'youth')
			.where('data', 'like', '%"languages"%')
			.where((eb) =>
				eb.or([
					eb('organisation', '>', after.organisation),
					eb('organisation', '=', after.organisation).and('id', '>', after.id)
				])
			)
			.orderBy('organisation')
			.orderBy('id')
			.limit(BATCH)
			.execute();
		for (const youth of batch) await rewrite(trx, youth);
		const last = batch.at(-1);
		if (!last || batch.length < BATCH) return;
		after = last;
	}
}

async function rewrite(trx: Kysely<Tables>, { organisation, id, data }: StoredYouth): Promise<void> {
	const stored: StoredData = JSON.parse(data);
	const next = { ...upgraded(stored), born: await bornAgain(trx, organisation, id, stored) };
	await trx
		.updateTable('record')
		.set({ data: JSON.stringify(next) })
		.where('organisation', '=', organisation)
		.where('id', '=', id)
		.execute();
}

/**
 * The stamp of the text goes to the text that is left, and as an addition to the languages that came out of it: whoever had
 * not seen them can't take them back [P5.4]. Those of the creation need none.
 */
function upgraded(stored: StoredData): StoredData {
	const { languages: written, ...later } = stored.later ?? {};
	const fields = upgradeFields('youth', stored.fields, 1, 2);
	return {
		...stored,
		fields,
		...(stored.later && { later: written ? { ...later, otherLanguages: written } : later }),
		...(written && { added: { ...stored.added, languages: additions(fields['languages'], written) } }),
		...(stored.past && { past: upgradePast('youth', stored.past, 1, 2) })
	};
}

const additions = (codes: unknown, { device, user, rev }: Stamp): Record<string, Record<string, number>> =>
	Object.fromEntries(
		(Array.isArray(codes) ? codes : []).map((code) => [String(code), { [`${device}/${user}`]: rev }])
	);

/**
 * [P5.6] A creation that comes again is brought up to date before it is compared: the digest has to be that of the creation
 * as version 2 writes it. The journal has its body. Where it has been cut, the old digest stays: a creation so old
 * that came again would be refused as `id_clash`, with its body kept on both sides.
 */
async function bornAgain(
	trx: Kysely<Tables>,
	organisation: string,
	id: string,
	{ born, first }: StoredData
): Promise<string> {
	const entry = await trx
		.selectFrom('operation')
		.select('body')
		.where('organisation', '=', organisation)
		.where('user', '=', first.user)
		.where('device', '=', first.device)
		.where('n', '=', first.n)
		.executeTakeFirst();
	if (!entry) return born;
	const operation = JSON.parse(entry.body);
	const before = creationIn(operation, id);
	const after = creationIn(upgradeOperation(operation, 1, 2), id);
	return before && after && digest(before) === born ? digest(after) : born;
}

/** What `born` is the digest of. */
function creationIn({ changes }: { changes?: unknown }, id: string) {
	for (const change of Array.isArray(changes) ? changes : []) {
		if (change?.do !== 'create' || change.id !== id) continue;
		return { kind: change.kind, site: change.site, fields: change.fields };
	}
	return undefined;
}
