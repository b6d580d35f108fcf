import type { Row } from '#lib/domain/records.ts';
import { rowDigest } from '#lib/protocol/digest.ts';
import type { SyncRequest, SyncResponse } from '#lib/protocol/sync.ts';
import type { SiteState } from './memory.ts';
import { paginate, type Page } from './pages.ts';

/** How far this tablet and the server have come with each other. One sealed row, written with every answer. */
export type TabletState = {
	/** The id that operations travel under; the vault's own stays what it was when a clone forces a new one [P2]. */
	device: string;
	acked: number;
	/** The last own operation that every row contains: what was acknowledged when a pull last came to its end. */
	settled: number;
	epoch: string;
	scope: string;
	sites: Record<string, SiteState>;
	/** True between two answers of one pull. */
	more: boolean;
	/** [P8] The epoch that the queue was last told of, and whether the server was restored since: all that is kept goes again. */
	life?: string;
	restored?: boolean;
	/** False until a first answer came: the directory and the newest rows of the home site are there from then on. */
	usable?: boolean;
	/** False until a first pull came to its end. */
	complete: boolean;
	nextPage: number;
	lastContact: number | undefined;
	/** The server's clock minus the tablet's, ms. */
	skew: number;
};

export const unsynced = (device: string): TabletState => ({
	device,
	acked: 0,
	settled: 0,
	epoch: '',
	scope: '',
	sites: {},
	more: false,
	complete: false,
	nextPage: 1,
	lastContact: undefined,
	skew: 0
});

/** Whether the store has moved on since this request was made: the answer's rows could be older than what is held. */
export function isStale(state: TabletState, request: SyncRequest, answer: SyncResponse): boolean {
	return (
		request.device !== state.device ||
		request.epoch !== state.epoch ||
		request.after !== state.acked ||
		Object.keys(answer.sites).some(
			(site) =>
				(request.cursors[site] ?? 0) !== (state.sites[site]?.rev ?? 0) ||
				(request.below?.[site] ?? 0) !== (state.sites[site]?.below ?? 0)
		)
	);
}

/**
 * An answer as far as it speaks of what was asked. A clone of this tablet may have used the numbers that follow: an
 * operation queued since is not acknowledged by them, and sending it will tell that this is a clone [P2].
 * @param delivered the last operation that left this tablet in a parcel
 */
export function heard(request: SyncRequest, answer: SyncResponse, delivered: number): SyncResponse {
	const last = Math.max(request.after, request.ops.at(-1)?.n ?? 0, delivered);
	if (answer.acked <= last) return answer;
	return { ...answer, acked: last, rejects: answer.rejects.filter(({ n }) => n <= last) };
}

/**
 * [P1.7] Rows that were told by digest, made here. Where one comes out otherwise, somebody else had a hand in it: that site's
 * page counts as not received, and `more` asks for it again, in full this time.
 */
export function withOwnRows(answer: SyncResponse, made: (id: string) => Row | undefined): SyncResponse {
	const sites: SyncResponse['sites'] = {};
	let { more } = answer;
	for (const [site, { own = [], ...page }] of Object.entries(answer.sites)) {
		const rows = own.flatMap(({ id, rev, digest }) => {
			const row = made(id);
			return row?.site === site && rowDigest(row) === digest ? [{ ...row, rev }] : [];
		});
		if (rows.length === own.length)
			sites[site] = own.length ? { ...page, rows: [...page.rows, ...rows] } : page;
		else more = true;
	}
	return { ...answer, sites, more };
}

/** [P8] Told apart from the rows' epoch, which an app that is too old for rows keeps until it is renewed. */
function queueAfter(state: TabletState, { epoch }: SyncResponse): Pick<TabletState, 'life' | 'restored'> {
	const before = state.life ?? state.epoch;
	return { life: epoch, restored: state.restored === true || (before !== '' && before !== epoch) };
}

export function stateAfter(state: TabletState, answer: SyncResponse, now: number): TabletState {
	const sites: Record<string, SiteState> = { ...state.sites };
	for (const [site, { rev, reset, below }] of Object.entries(answer.sites))
		sites[site] = {
			rev,
			settled: reset ? 0 : (sites[site]?.settled ?? 0),
			...(below !== undefined && { below })
		};
	for (const site of answer.drop) delete sites[site];
	// [P7] An answer without rows, to a tablet that is too old to read them, settles nothing.
	const isWhole = !answer.more && !answer.update;
	if (isWhole)
		for (const [site, { rev }] of Object.entries(sites)) sites[site] = { rev, settled: answer.acked };
	return {
		...state,
		acked: answer.acked,
		settled: isWhole ? answer.acked : Math.min(state.settled, answer.acked),
		...queueAfter(state, answer),
		// What is held still comes from the old ones: with the rows that the update brings, they are compared again [P8.1].
		...(!answer.update && { epoch: answer.epoch, scope: answer.scope }),
		sites,
		more: !isWhole,
		usable: true,
		complete: state.complete || isWhole,
		lastContact: now,
		skew: answer.now - now
	};
}

export type SitePages = { site: string; page: Page };

/**
 * An answer's rows as pages, each with its site. The rows that come with refusals [P6] are the server's word on what
 * was refused: they are held like any other.
 * @param heldAt the site where a record is held now
 */
export function pagesOf(answer: SyncResponse, heldAt: (id: string) => string | undefined): SitePages[] {
	const bySite = new Map<string, { rows: Row[]; gone: string[] }>();
	const at = (site: string) => {
		const found = bySite.get(site) ?? { rows: [], gone: [] };
		bySite.set(site, found);
		return found;
	};
	for (const { rows, gone } of answer.rejects) {
		for (const row of rows) at(row.site).rows.push(row);
		for (const id of gone) {
			const site = heldAt(id);
			if (site) at(site).gone.push(id);
		}
	}
	for (const [site, { rows, gone }] of Object.entries(answer.sites)) {
		at(site).rows.push(...rows);
		at(site).gone.push(...gone.filter((id) => heldAt(id) !== undefined));
	}
	return [...bySite].flatMap(([site, { rows, gone }]) =>
		paginate(rows, gone, answer.acked).map((page) => ({ site, page }))
	);
}
