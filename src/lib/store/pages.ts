import { SCHEMA_VERSION, type Kind, type PastValue, type Row } from '#lib/domain/records.ts';
import { upgradeFields, upgradePast } from '#lib/domain/upgrade.ts';

/**
 * The body of a sealed page: one site's rows as short arrays, since a tablet opens tens of thousands of them each
 * time it is unlocked. `gone`: records that are no longer at this site, applied before the rows. `through`: the last
 * operation of this tablet that the rows already contain. `v`: the schema version of the rows, 1 when missing [P7].
 */
export type Page = { v?: number; through: number; gone: string[]; rows: PackedRow[] };
export type PackedRow = [
	kind: Kind,
	id: string,
	rev: number,
	by: string,
	at: number,
	fields: Row['fields'],
	past?: PastValue[]
];

/** Rows in a full page; pages with fewer than half are merged when the tablet is idle. */
export const PAGE_FULL = 500;

export const pack = ({ kind, id, rev, by, at, fields, past }: Row): PackedRow =>
	past ? [kind, id, rev, by, at, fields, past] : [kind, id, rev, by, at, fields];

export function unpack(site: string, [kind, id, rev, by, at, fields, past]: PackedRow): Row {
	return past ? { kind, id, site, rev, by, at, fields, past } : { kind, id, site, rev, by, at, fields };
}

/**
 * [P7.4] A page that an older app sealed, as today's would have: the server brings its records up to date with the same
 * functions, under the same revisions, so that nothing has to be asked for again. It is sealed anew when it is next folded.
 */
export function upToDatePage(page: Page): Page {
	const { v = 1, rows } = page;
	if (v >= SCHEMA_VERSION) return page;
	const upgraded = rows.map(([kind, id, rev, by, at, fields, past]): PackedRow => {
		const next = upgradeFields(kind, fields, v);
		return past ? [kind, id, rev, by, at, next, upgradePast(kind, past, v)] : [kind, id, rev, by, at, next];
	});
	return { ...page, v: SCHEMA_VERSION, rows: upgraded };
}

/** One site's rows and departures as pages of at most `PAGE_FULL` rows, the departures in the first. */
export function paginate(rows: Row[], gone: string[], through: number): Page[] {
	const pages: Page[] = [];
	for (let from = 0; from < rows.length || (from === 0 && gone.length > 0); from += PAGE_FULL)
		pages.push({
			v: SCHEMA_VERSION,
			through,
			gone: from === 0 ? gone : [],
			rows: rows.slice(from, from + PAGE_FULL).map(pack)
		});
	return pages;
}
