import { assign, create } from '#lib/domain/change.ts';
import type { Row } from '#lib/domain/records.ts';
import type { Saved, Store } from './port.ts';

type Outing = Row<'outing'>;
export const tallies = ['approached', 'flyers', 'declined', 'oriented'] as const;
export type TallyName = (typeof tallies)[number];

export type NewOuting = {
	spot?: string | undefined;
	spotLabel?: string | undefined;
	team: string[];
	partners: string[];
	partnerLabel?: string | undefined;
	date: string;
};

export async function startOuting(store: Store, outing: NewOuting): Promise<{ saved: Saved; id: string }> {
	const id = store.newId();
	const fields = { ...outing, startedAt: store.now() };
	return { saved: await store.commit([create('outing', id, store.homeSite(), fields)]), id };
}

export const countTally = (store: Store, outing: Outing, field: TallyName, by: 1 | -1) =>
	store.commit([{ do: 'count', kind: 'outing', id: outing.id, field, by }]);

export const endOuting = (store: Store, outing: Outing, remarks?: string) =>
	store.commit([assign(outing, { endedAt: store.now(), ...(remarks && { remarks }) })]);
export const resumeOuting = (store: Store, outing: Outing) =>
	store.commit([assign(outing, { endedAt: null })]);

const isMine = (store: Store, { by, fields }: Outing) =>
	by === store.holder.user || (fields.team ?? []).includes(store.holder.user);

/** Not ended, newest first; a forgotten one of yesterday is among them. */
export function runningOutings(store: Store): Outing[] {
	return [...store.all('outing').values()]
		.filter(({ fields }) => fields.endedAt === undefined && fields.startedAt !== undefined && !fields.voided)
		.sort((a, b) => (b.fields.startedAt ?? 0) - (a.fields.startedAt ?? 0));
}

/** The outing that the holder is on. */
export const myOuting = (store: Store, today: string): Outing | undefined =>
	runningOutings(store).find((outing) => isMine(store, outing) && outing.fields.date === today);

/** The latest that have ended. */
export function pastOutings(store: Store, most: number): Outing[] {
	return [...store.all('outing').values()]
		.filter(({ fields }) => fields.endedAt !== undefined && !fields.voided)
		.sort((a, b) => (b.fields.date ?? '').localeCompare(a.fields.date ?? '') || b.at - a.at)
		.slice(0, most);
}

export function placeOf(store: Store, { fields }: Outing): string {
	const spot = fields.spot ? store.get('site', fields.spot)?.fields : undefined;
	return spot?.shortName ?? spot?.name ?? fields.spotLabel ?? '';
}

export type OutingSummary = {
	encounters: number;
	/** Youths met: groups count as many as they are. */
	met: number;
	named: number;
	callbacks: number;
	topics: [topic: string, count: number][];
	ages: [band: string, count: number][];
};

/** What an outing comes to; voided encounters don't count. */
export function summaryOf(encounters: readonly Row<'encounter'>[]): OutingSummary {
	const topics = new Map<string, number>();
	const ages = new Map<string, number>();
	const summary = { encounters: 0, met: 0, named: 0, callbacks: 0 };
	for (const { fields } of encounters) {
		if (fields.voided) continue;
		const size = fields.size ?? 1;
		summary.encounters++;
		summary.met += size;
		if (fields.youth) summary.named++;
		if (fields.callback) summary.callbacks++;
		for (const topic of fields.topics ?? []) topics.set(topic, (topics.get(topic) ?? 0) + 1);
		const band = fields.ageBand ?? 'unknown';
		ages.set(band, (ages.get(band) ?? 0) + size);
	}
	const largest = (counts: Map<string, number>) => [...counts].sort((a, b) => b[1] - a[1]);
	return { ...summary, topics: largest(topics), ages: largest(ages) };
}
