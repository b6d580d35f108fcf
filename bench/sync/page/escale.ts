import { uuidv7 } from '#lib/domain/identifier.ts';
import { kinds } from '#lib/domain/records.ts';
import type { Session } from '#lib/protocol/session.ts';
import { stretch } from '#lib/store/argon-thread.ts';
import { thisDevice, type TabletStore } from '#lib/store/tablet-store.ts';
import { Tablets } from '#lib/store/tablets.ts';
import { startSync } from '#lib/sync/browser.ts';
import type { SyncStore } from '#lib/sync/ports.ts';
import { fetchTransport } from '#lib/sync/transport.ts';
import { creation, type Made } from '../../records.ts';
import { COUNTED, type Held, type MadeRecord, type TabletSystem } from '../system.ts';

/** The product's own store and engine: sealed, unlocked by a passphrase whose stretching is not counted. */

const PASSPHRASE = 'lavoir cerise tambour galet';
let stretching = 0;
let store: TabletStore | undefined;
const tablets = new Tablets({
	device: thisDevice,
	marker: localStorage,
	async stretch(request) {
		const from = performance.now();
		const key = await stretch(request);
		stretching += performance.now() - from;
		return key;
	}
});

function opened(): TabletStore {
	if (!store) throw new Error('no tablet is open');
	return store;
}

async function unlock(): Promise<number> {
	const vault = (await tablets.list()).vaults[0];
	if (!vault) throw new Error('no vault');
	stretching = 0;
	const from = performance.now();
	const result = await tablets.open(vault.id, PASSPHRASE);
	if (!result.ok) throw new Error(result.reason);
	store = result.store;
	return performance.now() - from - stretching;
}

const isSession = (value: unknown): value is Session =>
	typeof value === 'object' && value !== null && 'organisation' in value;
const isMade = (record: MadeRecord): record is Made => kinds.some((kind) => kind === record.kind);
const isHeld = (tablet: TabletStore, id: string) => kinds.some((kind) => tablet.get(kind, id) !== undefined);

/** The tablet's store, telling when the last of `newest` has come. */
function watched(tablet: TabletStore, newest: string[], onHeld: () => void): SyncStore {
	return {
		nextRequest: (limit) => tablet.nextRequest(limit),
		pendingCount: () => tablet.pendingCount(),
		onQueued: (listener) => tablet.onQueued(listener),
		adoptDevice: (id) => tablet.adoptDevice(id),
		async applyAnswer(request, answer) {
			const applied = await tablet.applyAnswer(request, answer);
			if (newest.every((id) => isHeld(tablet, id))) onHeld();
			return applied;
		}
	};
}

export const escale: TabletSystem = {
	async open(session) {
		if ((await tablets.list()).vaults.length > 0) return void (await unlock());
		if (!isSession(session)) throw new Error('no session');
		const created = await tablets.create(session, PASSPHRASE, 'Tablette de mesure');
		if (!created.ok) throw new Error(created.reason);
		store = created.store;
	},

	async sync(newest = []) {
		const tablet = opened();
		const from = performance.now();
		let newestAt: number | undefined;
		const measured = watched(tablet, newest, () => (newestAt ??= performance.now() - from));
		const running = startSync(
			measured,
			() => uuidv7(Date.now(), thisDevice.random(10)),
			fetchTransport(undefined, { url: '/sync/api' }),
			() => () => undefined
		);
		try {
			await new Promise<void>((done, failed) => {
				running.sync.subscribe(({ phase, why }) => {
					if (phase === 'idle' && tablet.pendingCount() === 0) done();
					else if (phase !== 'syncing' && phase !== 'idle') failed(new Error(`${phase}: ${why}`));
				});
			});
			return { ms: performance.now() - from, newest: newestAt };
		} finally {
			running.stop();
		}
	},

	async queue(records) {
		for (const record of records.filter(isMade)) await committed([creation(record)]);
	},

	async increment(times) {
		const { id, field } = COUNTED;
		for (let i = 0; i < times; i++) await committed([{ do: 'count', kind: 'outing', id, field, by: 1 }]);
	},

	async cold() {
		const ms = await unlock();
		const tablet = opened();
		const searching = performance.now();
		const found = tablet.searchYouths('la', 20).length;
		const search = ms + performance.now() - searching;
		const count = kinds.reduce((sum, kind) => sum + tablet.all(kind).size, 0);
		return { search, found, whole: ms, count };
	},

	async prepare() {
		// The working set is in memory: nothing to build.
	},

	async held() {
		const tablet = opened();
		const result: Held = { ids: [], sites: {}, counter: undefined };
		for (const kind of kinds)
			for (const row of tablet.all(kind).values())
				if (row.id === COUNTED.id) result.counter = Number(Reflect.get(row.fields, COUNTED.field) ?? 0);
				else {
					result.ids.push(row.id);
					result.sites[row.site] = (result.sites[row.site] ?? 0) + 1;
				}
		return result;
	},

	messages: () => ({ count: 0, up: 0, down: 0 })
};

async function committed(changes: Parameters<TabletStore['commit']>[0]): Promise<void> {
	const saved = await opened().commit(changes);
	if (!saved.ok) throw new Error(saved.detail);
}
