import type { Row } from '#lib/domain/records.ts';
import { PAGE_FULL, type Page } from './pages.ts';

/** What the store knows of each page without opening it. `gone`: how many departures it tells. */
export type PageFacts = { seq: number; site: string; records: number; gone?: number };
/** Pages to replace, all of one site. `ids` undefined: the whole site is written anew. */
export type FoldPlan = { site: string; seqs: number[]; whole: boolean };

/** Small pages that may gather before they are merged. */
const SMALL_KEPT = 8;
const SMALL = PAGE_FULL / 2;

/**
 * What to fold when the tablet is idle: a site is written anew when its pages are more than half superseded, or when
 * something has left it, which older pages still hold [P4]; else its small pages, left by single changes, are merged.
 * @param held how many records are held of a site now
 */
export function foldPlans(pages: Iterable<PageFacts>, held: (site: string) => number): FoldPlan[] {
	const bySite = new Map<string, PageFacts[]>();
	for (const page of pages) {
		const all = bySite.get(page.site);
		if (all) all.push(page);
		else bySite.set(page.site, [page]);
	}
	const plans: FoldPlan[] = [];
	for (const [site, all] of bySite) {
		const stored = all.reduce((sum, page) => sum + page.records, 0);
		const small = all.filter((page) => page.records < SMALL);
		const hasLeft = all.some((page) => page.gone);
		if (hasLeft || stored > 2 * held(site) + SMALL)
			plans.push({ site, seqs: all.map((page) => page.seq), whole: true });
		else if (small.length > SMALL_KEPT)
			plans.push({ site, seqs: small.map((page) => page.seq), whole: false });
	}
	return plans;
}

/**
 * The content of folded pages: of every record that they name, what is held now. What is held elsewhere or nowhere
 * has left this site: said again, since an older page may still hold it.
 */
export function foldedContent(
	site: string,
	pages: Page[],
	held: (id: string) => Row | undefined
): { rows: Row[]; gone: string[] } {
	const ids = new Set(pages.flatMap((page) => [...page.gone, ...page.rows.map(([, id]) => id)]));
	const rows: Row[] = [];
	const gone: string[] = [];
	for (const id of ids) {
		const row = held(id);
		if (row?.site === site) rows.push(row);
		else gone.push(id);
	}
	return { rows, gone };
}
