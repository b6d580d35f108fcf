import { create } from '#lib/domain/change.ts';
import { uuidv7 } from '#lib/domain/identifier.ts';
import type { Session } from '#lib/protocol/session.ts';
import { stretch } from '#lib/store/argon-thread.ts';
import { thisDevice, type TabletStore } from '#lib/store/tablet-store.ts';
import { Tablets } from '#lib/store/tablets.ts';
import { startSync } from '#lib/sync/browser.ts';
import type { SyncStore } from '#lib/sync/ports.ts';

/** The product's own store and engine, measured from the outside. */

const PASSPHRASE = 'lavoir cerise tambour galet';
let argon = 0;
const tablets = new Tablets({
	device: thisDevice,
	marker: localStorage,
	async stretch(request) {
		const from = performance.now();
		const key = await stretch(request);
		argon += performance.now() - from;
		return key;
	}
});
let store: TabletStore | undefined;

function open(): TabletStore {
	if (!store) throw new Error('no tablet is open');
	return store;
}

/** A new tablet of this person: its whole first sync over HTTP, and the part of it that is writing down (ms). */
export async function firstSync(session: Session): Promise<{ ms: number; stored: number; youths: number }> {
	const created = await tablets.create(session, PASSPHRASE, 'Tablette de mesure');
	if (!created.ok) throw new Error(created.reason);
	store = created.store;
	const { ms, stored } = await synced();
	return { ms, stored, youths: store.all('youth').size };
}

/** From start to rest of the engine, with nothing left to send; `stored`: what of it the store took to apply (ms). */
async function synced(): Promise<{ ms: number; stored: number }> {
	const tablet = open();
	let stored = 0;
	const measured: SyncStore = {
		nextRequest: (limit) => tablet.nextRequest(limit),
		pendingCount: () => tablet.pendingCount(),
		onQueued: (listener) => tablet.onQueued(listener),
		adoptDevice: (id) => tablet.adoptDevice(id),
		async applyAnswer(request, answer) {
			const from = performance.now();
			const applied = await tablet.applyAnswer(request, answer);
			stored += performance.now() - from;
			return applied;
		}
	};
	const from = performance.now();
	const running = startSync(measured, () => uuidv7(Date.now(), thisDevice.random(10)));
	await new Promise<void>((done, failed) => {
		running.sync.subscribe(({ phase, why }) => {
			if (phase === 'idle' && tablet.pendingCount() === 0) done();
			else if (phase !== 'syncing' && phase !== 'idle') failed(new Error(`${phase}: ${why}`));
		});
	});
	running.stop();
	return { ms: performance.now() - from, stored };
}

/** `open`: from the derived key to a store that answers; `search`: from there to the first answered search (ms). */
export async function unlock(records: number): Promise<{ argon: number; open: number; search: number }> {
	const vault = (await tablets.list()).vaults[0];
	if (!vault) throw new Error('no vault');
	argon = 0;
	const from = performance.now();
	const opened = await tablets.open(vault.id, PASSPHRASE);
	const ms = performance.now() - from - argon;
	if (!opened.ok) throw new Error(opened.reason);
	store = opened.store;
	if (store.all('youth').size * 5 !== records) throw new Error('records are missing');
	const searching = performance.now();
	store.searchYouths('la', 20);
	return { argon, open: ms, search: performance.now() - searching };
}

/** One encounter at a time, as a counsellor logs them: each until the store says that it is durable (ms). */
export async function save(times: number): Promise<number[]> {
	const tablet = open();
	const durations: number[] = [];
	for (let i = 0; i < times; i++) {
		const encounter = create('encounter', tablet.newId(), tablet.homeSite(), {
			at: tablet.now(),
			size: 1,
			ageBand: '18-21',
			gender: 'woman',
			topics: ['housing', 'health'],
			given: ['flyer'],
			remarks: 'Rencontrée devant la gare, repassera jeudi à la permanence.'
		});
		const from = performance.now();
		const saved = await tablet.commit([encounter]);
		durations.push(performance.now() - from);
		if (!saved.ok) throw new Error(saved.detail);
	}
	return durations;
}

/** Each query as it stands after one more keystroke (ms). */
export function search(queries: string[]): number[] {
	const tablet = open();
	return queries.map((query) => {
		const from = performance.now();
		tablet.searchYouths(query, 20);
		return performance.now() - from;
	});
}

/** Sends everything that `save` has queued (ms). */
export async function push(): Promise<{ ms: number; operations: number }> {
	const operations = open().pendingCount();
	const { ms } = await synced();
	return { ms, operations };
}
