import type { Kind, PastValue, Row } from '#lib/domain/records.ts';

/**
 * The body of a sealed page: one site's rows as short arrays, since a tablet opens tens of thousands of them each
 * time it is unlocked. `gone`: records that are no longer at this site, applied before the rows. `through`: the last
 * operation of this tablet that the rows already contain.
 */
export type Page = { through: number; gone: string[]; rows: PackedRow[] };
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

/** One site's rows and departures as pages of at most `PAGE_FULL` rows, the departures in the first. */
export function paginate(rows: Row[], gone: string[], through: number): Page[] {
	const pages: Page[] = [];
	for (let from = 0; from < rows.length || (from === 0 && gone.length > 0); from += PAGE_FULL)
		pages.push({ through, gone: from === 0 ? gone : [], rows: rows.slice(from, from + PAGE_FULL).map(pack) });
	return pages;
}
