import { onBed, type Bed, type Pages } from './bed.ts';
import type { Device } from './device.ts';
import type { Asked, Verdict } from './front.ts';
import { counted, HELD, recordsOf } from './measure.ts';
import { COUNTED, HOME, LOST, type Held, type MadeRecord, type SystemName } from './system.ts';

/** What a fault did, counted. `note`: how much of the work was done twice, or what the system offers. */
export type Outcome = { lost: number; doubled: number; leaked: number; note?: string };

export const FAULTS = {
	killed: 'tablet killed in mid-pull',
	swallowed: 'answer of a push lost, with a colleague counting meanwhile',
	site: 'a site lost between two pulls',
	expired: 'session expired in mid-push'
} as const;

/** Requests that bring records down, and those that take changes up. A WebSocket has neither: it is judged by bytes. */
const brings: Record<SystemName, (asked: Asked) => boolean> = {
	escale: ({ path }) => path === '/sync/api',
	pouchdb: ({ path }) => path.includes('_bulk_get'),
	rxdb: ({ path }) => path.startsWith('/sync/pull'),
	tinybase: ({ method, body }) => method === 'FRAME' && body.length > 4000
};
const takes: Record<SystemName, (asked: Asked) => boolean> = {
	escale: ({ path, body }) => path === '/sync/api' && body.length > 2000,
	pouchdb: ({ path }) => path.includes('_bulk_docs'),
	rxdb: ({ path }) => path.startsWith('/sync/push'),
	tinybase: () => false
};

const TRIES = 6;
/** As an application would, after each failure; RxDB tries again by itself. */
async function syncUntilDone(device: Device): Promise<void> {
	for (let i = 1; ; i++)
		try {
			await device.sync();
			return;
		} catch (error) {
			if (i === TRIES) throw error;
		}
}

async function prepared(bed: Bed, records: MadeRecord[], sites?: string[]): Promise<Device> {
	await bed.server.command({ do: 'add', records: [counted(), ...records] });
	const device = bed.device();
	await device.start();
	await device.open(bed.server.ready.session, sites);
	return device;
}

async function serverHeld({ server }: Bed): Promise<Held> {
	const held = await server.command({ do: 'held' });
	if (!held) throw new Error('the server did not say what it holds');
	return held;
}

/** Against what there should be. */
function compared(expected: MadeRecord[], ...places: Held[]): Outcome {
	const outcome: Outcome = { lost: 0, doubled: 0, leaked: 0 };
	for (const { ids } of places) {
		const there = new Set(ids);
		outcome.lost += expected.filter(({ id }) => !there.has(id)).length;
		outcome.doubled += ids.length - there.size;
	}
	return outcome;
}

/** Three pages of records pass, or two for the ones with few; what follows never comes, and the battery is empty. */
function killed(name: SystemName, pages: Pages): Promise<Outcome> {
	return onBed(name, pages, async (bed) => {
		const made = recordsOf(HELD, HOME, 7);
		const device = await prepared(bed, made);
		let passed = 0;
		const reached = new Promise<void>((done) => {
			bed.front.judge((asked) => {
				if (!brings[name](asked) || ++passed <= 3) return 'pass';
				done();
				return 'hold';
			});
		});
		const cut = device.sync().catch(() => undefined);
		await reached;
		await device.kill();
		await cut;
		bed.front.judge(() => 'pass');
		bed.front.reset();
		await device.start();
		await device.open(bed.server.ready.session);
		await syncUntilDone(device);
		const again = bed.front.traffic().down.sent;
		const note = `${Math.round(again / 1000)} kB to finish`;
		return { ...compared(made, await device.held()), note };
	});
}

const COUNTS = 10;

/** The tablet counts to ten and creates, a colleague counts to ten: twenty, whatever answer gets lost. */
function swallowed(name: SystemName, pages: Pages): Promise<Outcome> {
	return onBed(name, pages, async (bed) => {
		const made = recordsOf(200, HOME, 7);
		const device = await prepared(bed, made);
		await device.sync();
		const created = recordsOf(100, HOME, 9);
		await device.queue(created);
		await device.increment(COUNTS);
		await bed.server.command({ do: 'count', by: COUNTS });
		bed.front.reset();
		judgeOnce(bed, takes[name], 'swallow');
		await syncUntilDone(device);
		await syncUntilDone(device);
		const there = await serverHeld(bed);
		const here = await device.held();
		const outcome = compared([...made, ...created], there, here);
		const counter = there.counter ?? 0;
		outcome.lost += Math.max(0, 2 * COUNTS - counter);
		outcome.doubled += Math.max(0, counter - 2 * COUNTS);
		const apart = here.counter === there.counter ? '' : `, tablet says ${here.counter}`;
		return { ...outcome, note: `${counter} of ${2 * COUNTS} counts of ${COUNTED.field}${apart}` };
	});
}

/** The first that fits; a socket is cut once the tablet has said enough to have sent its changes. */
function judgeOnce(bed: Bed, fits: (asked: Asked) => boolean, verdict: Verdict, after = 0): void {
	let seen = 0;
	let done = false;
	bed.front.judge((asked) => {
		const frame = asked.method === 'FRAME' && bed.front.traffic().up.sent > 8000;
		if (done || !(frame || (fits(asked) && ++seen > after))) return 'pass';
		done = true;
		return verdict;
	});
}

function siteLost(name: SystemName, pages: Pages): Promise<Outcome> {
	return onBed(name, pages, async (bed) => {
		const kept = recordsOf(200, HOME, 7);
		const gone = recordsOf(100, LOST, 8);
		const device = await prepared(bed, [...kept, ...gone], [HOME, LOST]);
		await device.sync();
		const before = await device.held();
		if (before.sites[LOST] !== gone.length) throw new Error(`${name}: the second site did not come`);
		await bed.server.command({ do: 'lose', site: LOST });
		await device.start();
		await device.open(bed.server.ready.session, [HOME]);
		await syncUntilDone(device);
		// What is on the disk, whether the application still asks for that site or not.
		await device.open(bed.server.ready.session, [HOME, LOST]);
		const held = await device.held();
		return { ...compared(kept, held), leaked: held.sites[LOST] ?? 0 };
	});
}

function expired(name: SystemName, pages: Pages): Promise<Outcome> {
	return onBed(name, pages, async (bed) => {
		const made = recordsOf(200, HOME, 7);
		const device = await prepared(bed, made);
		await device.sync();
		const created = recordsOf(1500, HOME, 9);
		await device.queue(created);
		bed.front.reset();
		let refusals = 0;
		let begun = 0;
		bed.front.judge((asked) => {
			const frame = asked.method === 'FRAME' && bed.front.traffic().up.sent > 8000;
			if (takes[name](asked) || frame) begun++;
			// One push has passed; then two requests are told to sign in; then somebody has.
			const refused = (asked.method === 'SOCKET' ? refusals === 1 : begun > 1) && refusals < 2;
			if (!refused) return 'pass';
			refusals++;
			return 'expire';
		});
		await syncUntilDone(device);
		await syncUntilDone(device);
		if (refusals < 2) throw new Error(`${name}: the session did not expire`);
		return compared([...made, ...created], await serverHeld(bed), await device.held());
	});
}

/** ms after which a system counts as not having got over a fault by itself. */
const PATIENCE = 60_000;

export function within<T>(work: Promise<T>, ms: number): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const tooLong = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`not over after ${ms / 1000} s`)), ms);
	});
	work.catch(() => undefined);
	return Promise.race([work, tooLong]).finally(() => clearTimeout(timer));
}

const scenarios = { killed, swallowed, site: siteLost, expired };

/** Every fault, really done, on one system. */
export async function measureFaults(name: SystemName, pages: Pages): Promise<Map<string, Outcome | string>> {
	const outcomes = new Map<string, Outcome | string>();
	for (const [key, scenario] of Object.entries(scenarios) as [keyof typeof scenarios, typeof killed][])
		try {
			outcomes.set(FAULTS[key], await within(scenario(name, pages), PATIENCE));
		} catch (error) {
			outcomes.set(FAULTS[key], error instanceof Error ? error.message.split('\n')[0]! : String(error));
		}
	return outcomes;
}
