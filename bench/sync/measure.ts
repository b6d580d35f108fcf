import { makeRecords } from '../records.ts';
import { onBed, type Bed, type Pages } from './bed.ts';
import type { Device } from './device.ts';
import type { Traffic } from './front.ts';
import { COUNTED, HOME, type MadeRecord, type Synced, type SystemName } from './system.ts';

export const HELD = 10_000;
const NEW = 100;
const QUEUED = 1000;
/** The last of the records: what somebody who opens the app today is there for. */
const NEWEST = 100;

/** The same for every system, in whatever order: the bench's own seeds. */
export const recordsOf = (count: number, site: string, seed: number): MadeRecord[] =>
	makeRecords(count, site, seed).map(({ kind, id, fields }) => ({ kind, id, site, fields }));

export const counted = (): MadeRecord => ({
	kind: COUNTED.kind,
	id: COUNTED.id,
	site: HOME,
	fields: { [COUNTED.field]: 0 }
});

export type Measured = { ms: number; traffic?: Traffic };
/** Name of the measure → what it took, for one system. */
export type Run = Map<string, Measured>;

export const MEASURES = {
	pull: `first sync, ${HELD.toLocaleString('en-US')} records`,
	newest: `first sync until the newest ${NEWEST} can be read`,
	none: 'a sync with nothing new',
	news: `${NEW} new records`,
	push: `${QUEUED.toLocaleString('en-US')} queued changes sent`,
	cold: `cold start to the first answered search`,
	whole: `cold start to all records in memory`
} as const;

/** One tablet's life on one system: first sync, nothing new, something new, a full queue, a restart. */
export function measureTablet(
	name: SystemName,
	pages: Pages,
	mobile: boolean
): Promise<{ run: Run; chromium: string }> {
	return onBed(name, pages, async (bed) => {
		const run: Run = new Map();
		const made = recordsOf(HELD, HOME, 7);
		await bed.server.command({ do: 'add', records: [counted(), ...made] });
		const device = bed.device(mobile);
		await device.start();
		await device.open(bed.server.ready.session);

		const newest = made.slice(-NEWEST).map(({ id }) => id);
		const first = await counting(bed, device, () => device.sync(newest));
		run.set(MEASURES.pull, first);
		run.set(MEASURES.newest, { ms: first.newest ?? first.ms });
		run.set(MEASURES.none, await counting(bed, device, () => device.sync()));
		await bed.server.command({ do: 'add', records: recordsOf(NEW, HOME, 8) });
		run.set(MEASURES.news, await counting(bed, device, () => device.sync()));
		await device.queue(recordsOf(QUEUED, HOME, 9));
		run.set(MEASURES.push, await counting(bed, device, () => device.sync()));

		const held = await device.held();
		if (new Set(held.ids).size !== HELD + NEW + QUEUED) throw new Error(`${name}: not all is on the tablet`);
		if (mobile) return { run, chromium: device.version };
		await device.prepare();
		await device.start();
		const cold = await device.cold(bed.server.ready.session);
		if (cold.found === 0 || cold.count < HELD) throw new Error(`${name}: the cold start found too little`);
		run.set(MEASURES.cold, { ms: cold.search });
		run.set(MEASURES.whole, { ms: cold.whole });
		return { run, chromium: device.version };
	});
}

/** A sync with what it moved: through the front, and as a WebSocket's messages where those are the way. */
async function counting(
	bed: Bed,
	device: Device,
	sync: () => Promise<Synced>
): Promise<Synced & { traffic: Traffic }> {
	const before = await device.messages();
	bed.front.reset();
	const synced = await sync();
	const traffic = bed.front.traffic();
	const after = await device.messages();
	traffic.requests += after.count - before.count;
	traffic.up.raw += after.up - before.up;
	traffic.down.raw += after.down - before.down;
	return { ...synced, traffic };
}

/** Of several rounds, each measure's median time; the traffic hardly differs and is that of the first. */
export function median(runs: Run[]): Run {
	const result: Run = new Map();
	for (const [what, measured] of runs[0] ?? []) {
		const times = runs.flatMap((run) => run.get(what)?.ms ?? []).toSorted((a, b) => a - b);
		result.set(what, { ...measured, ms: times[Math.floor((times.length - 1) / 2)] ?? NaN });
	}
	return result;
}
