import { kinds, type Kind, type Row } from '#lib/domain/records.ts';
import type { Operation } from '#lib/protocol/operation.ts';
import { upToDate } from '#lib/protocol/upgrade.ts';
import { project, type Projected } from './project.ts';

/** Fields by which a record points at another one. */
const LINKS = ['youth', 'opening', 'outing', 'followUp'] as const;

/**
 * How far the server's answers have come at one site: a cursor, the last own operation that every row contains, and while
 * its first pull is under way the revision below which rows are still to come [P10].
 */
export type SiteState = { rev: number; settled: number; below?: number };

type Views = { [K in Kind]: Map<string, Row<K>> };

/**
 * The working set: everything on this tablet, opened, in page memory. `served` is what the server last said; the
 * views are what screens read: the same rows with the own operations on top that the server's rows don't contain yet.
 */
export class Memory {
	#user: string;
	#served = new Map<string, Row>();
	/** Rows that came in a pull still under way: the last own operation that they contain. */
	#through = new Map<string, number>();
	#views: Views;
	#operations = new Map<string, Projected[]>();
	#links = new Map<Kind, Map<string, Set<string>>>();
	#sites: Record<string, SiteState> = {};
	#settled = 0;
	#changed: (before: Row | undefined, after: Row | undefined) => void;

	constructor(
		user: string,
		changed: (before: Row | undefined, after: Row | undefined) => void = () => undefined
	) {
		this.#user = user;
		this.#changed = changed;
		this.#views = Object.fromEntries(kinds.map((kind) => [kind, new Map()])) as Views;
	}

	get<K extends Kind>(kind: K, id: string): Row<K> | undefined {
		return this.#views[kind].get(id);
	}

	all<K extends Kind>(kind: K): ReadonlyMap<string, Row<K>> {
		return this.#views[kind];
	}

	linked<K extends Kind>(kind: K, to: string): Row<K>[] {
		const rows: Row<K>[] = [];
		for (const id of this.#linksOf(kind).get(to) ?? []) {
			const row = this.#views[kind].get(id);
			if (row) rows.push(row);
		}
		return rows.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
	}

	served(id: string): Row | undefined {
		return this.#served.get(id);
	}

	/** [P1.7] What own operations up to `n` make of a record, as the server has it when nobody else wrote. */
	made(id: string, n: number, refused: ReadonlySet<number>): Row | undefined {
		const served = this.#served.get(id);
		const contained = this.#containedIn(id, served);
		const own = (this.#operations.get(id) ?? []).filter(
			(operation) => operation.n > contained && operation.n <= n && !refused.has(operation.n)
		);
		return project(served, id, own, this.#user);
	}

	servedAt(site: string): Row[] {
		return [...this.#served.values()].filter((row) => row.site === site);
	}

	get size(): number {
		return this.#served.size;
	}

	/** What the answers have settled. Operations at or below count as contained in every row they touched. */
	settle(sites: Record<string, SiteState>, settled: number, pullUnderWay: boolean): void {
		this.#sites = sites;
		this.#settled = settled;
		if (!pullUnderWay) this.#through.clear();
	}

	/** A page as it was written: departures first, then rows. Views follow with `refresh`. Gives the ids touched. */
	take(site: string, rows: Row[], gone: string[], through: number): string[] {
		const touched: string[] = [];
		for (const id of gone) {
			if (this.#served.get(id)?.site !== site) continue;
			this.#served.delete(id);
			touched.push(id);
		}
		for (const row of rows) {
			this.#served.set(row.id, row);
			if (through > 0) this.#through.set(row.id, through);
			touched.push(row.id);
		}
		return touched;
	}

	/** Everything held of a site goes: it was lost, or comes anew. */
	leave(site: string): string[] {
		const ids = this.servedAt(site).map((row) => row.id);
		for (const id of ids) this.#served.delete(id);
		return ids;
	}

	/** An operation of an older app is laid over the rows as today's would be [P7]. */
	addOperation(queued: Operation): string[] {
		const operation = upToDate(queued);
		const ids = idsOf(operation);
		for (const id of ids) {
			const own = this.#operations.get(id);
			if (!own) this.#operations.set(id, [operation]);
			else
				this.#operations.set(
					id,
					[...own.filter(({ n }) => n !== operation.n), operation].sort((a, b) => a.n - b.n)
				);
		}
		return ids;
	}

	removeOperation(operation: Projected): string[] {
		const ids = idsOf(operation);
		for (const id of ids) {
			const left = (this.#operations.get(id) ?? []).filter(({ n }) => n !== operation.n);
			if (left.length) this.#operations.set(id, left);
			else this.#operations.delete(id);
		}
		return ids;
	}

	/** Brings the views of these records up to date. Gives the kinds that changed. */
	refresh(ids: Iterable<string>): Set<Kind> {
		const changed = new Set<Kind>();
		for (const id of new Set(ids)) {
			const served = this.#served.get(id);
			const through = this.#containedIn(id, served);
			const waiting = (this.#operations.get(id) ?? []).filter(({ n }) => n > through);
			const after = waiting.length ? project(served, id, waiting, this.#user) : served;
			const before = this.#viewOf(id, after, waiting);
			if (before === after) continue;
			if (before && before.kind !== after?.kind) this.#views[before.kind].delete(id);
			if (after) this.#put(after);
			this.#relink(before, after);
			for (const row of [before, after]) if (row) changed.add(row.kind);
			this.#changed(before, after);
		}
		return changed;
	}

	/** At an unlock: every served row is a view, before the few that own operations touch are refreshed. */
	fill(): void {
		for (const row of this.#served.values()) this.#put(row);
	}

	operationIds(): string[] {
		return [...this.#operations.keys()];
	}

	clear(): void {
		this.#served.clear();
		this.#through.clear();
		this.#operations.clear();
		this.#links.clear();
		for (const kind of kinds) this.#views[kind].clear();
	}

	#containedIn(id: string, served: Row | undefined): number {
		if (!served) return this.#settled;
		const bySite = this.#sites[served.site]?.settled ?? this.#settled;
		return Math.max(this.#through.get(id) ?? 0, bySite);
	}

	#viewOf(id: string, after: Row | undefined, waiting: Projected[]): Row | undefined {
		const likely = after?.kind ?? waiting[0]?.changes.find((change) => change.id === id)?.kind;
		const found = likely && this.#views[likely].get(id);
		if (found) return found;
		for (const kind of kinds) {
			const row = this.#views[kind].get(id);
			if (row) return row;
		}
		return undefined;
	}

	#put<K extends Kind>(row: Row<K>): void {
		this.#views[row.kind].set(row.id, row);
	}

	/** Links of a kind are collected when they are first asked for, and kept from then on. */
	#linksOf(kind: Kind): Map<string, Set<string>> {
		let links = this.#links.get(kind);
		if (links) return links;
		links = new Map();
		this.#links.set(kind, links);
		for (const row of this.#views[kind].values()) for (const to of targets(row)) link(links, to, row.id);
		return links;
	}

	#relink(before: Row | undefined, after: Row | undefined): void {
		const old = before && this.#links.get(before.kind);
		if (before && old) for (const to of targets(before)) old.get(to)?.delete(before.id);
		const next = after && this.#links.get(after.kind);
		if (after && next) for (const to of targets(after)) link(next, to, after.id);
	}
}

const idsOf = ({ changes }: Projected): string[] => [...new Set(changes.map((change) => change.id))];

function targets(row: Row): string[] {
	const fields: Record<string, unknown> = row.fields;
	const found: string[] = [];
	for (const name of LINKS) {
		const to = fields[name];
		if (typeof to === 'string') found.push(to);
	}
	return found;
}

function link(links: Map<string, Set<string>>, to: string, id: string): void {
	const ids = links.get(to);
	if (ids) ids.add(id);
	else links.set(to, new Set([id]));
}
