import { createMergeableStore, type MergeableStore } from 'tinybase';
import { createIndexedDbPersister, type IndexedDbPersister } from 'tinybase/persisters/persister-indexed-db';
import { createWsSynchronizer } from 'tinybase/synchronizers/synchronizer-ws-client';
import { COUNTED, HOME, type Held, type TabletSystem } from '../../sync/system.ts';
import { FOUND, SEARCHED } from '../doc.ts';

/**
 * TinyBase as its guides put it together: a MergeableStore, persisted to IndexedDB on every change, synchronised over
 * a WebSocket; a store and a path per site. It acknowledges nothing, so the measure asks the server how many rows it
 * has, and takes the moment of asking for the end.
 */
type Part = { site: string; store: MergeableStore; persister: IndexedDbPersister };
let parts: Part[] = [];
const told = { count: 0, up: 0, down: 0 };
const TIMEOUT_SECONDS = 120;

/** A socket that counts what it says and hears, unpacked. */
function openSocket(site: string): WebSocket {
	const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/sync/${site}`);
	const send = socket.send.bind(socket);
	socket.send = (data) => {
		told.count++;
		told.up += bytes(data);
		send(data);
	};
	socket.addEventListener('message', ({ data }) => {
		told.count++;
		told.down += bytes(data);
	});
	return socket;
}
const bytes = (data: unknown) => (typeof data === 'string' ? new TextEncoder().encode(data).length : 0);

const rowsOf = (store: MergeableStore) =>
	store.getTableIds().reduce((sum, table) => sum + store.getRowCount(table), 0);
const counterOf = (store: MergeableStore) =>
	Number(store.getCell(COUNTED.kind, COUNTED.id, COUNTED.field) ?? 0);

async function openParts(sites: string[]): Promise<void> {
	for (const site of sites) {
		if (parts.some((part) => part.site === site)) continue;
		const store = createMergeableStore();
		const persister = createIndexedDbPersister(store, `bench-${site}`);
		await persister.startAutoPersisting();
		parts.push({ site, store, persister });
	}
}

async function synced({ site, store, persister }: Part): Promise<number> {
	const socket = openSocket(site);
	const broken = new Promise<never>((_, failed) => {
		socket.addEventListener('close', () => failed(new Error('the socket was closed')));
	});
	broken.catch(() => undefined);
	const synchronizer = await Promise.race([createWsSynchronizer(store, socket, TIMEOUT_SECONDS), broken]);
	try {
		await Promise.race([synchronizer.startSync(), broken]);
		const at = await Promise.race([settled(site, store), broken]);
		if (persister.getStatus() === 0) return at;
		await persister.schedule(async () => undefined);
		return performance.now();
	} finally {
		await synchronizer.destroy();
	}
}

/** When the server was found to hold what we hold. */
async function settled(site: string, store: MergeableStore): Promise<number> {
	for (;;) {
		const at = performance.now();
		const response = await fetch(`/sync/measure/${site}`);
		const { rows, counter } = await response.json();
		if (rows === rowsOf(store) && counter === counterOf(store)) return at;
		await new Promise((done) => setTimeout(done, 10));
	}
}

export const tinybase: TabletSystem = {
	async open(_, sites = [HOME]) {
		await openParts(sites);
	},

	async sync(newest = []) {
		const from = performance.now();
		let end = from;
		for (const part of parts) end = await synced(part);
		const ms = Math.max(end, from) - from;
		return { ms, newest: newest.length ? ms : undefined };
	},

	async queue(records) {
		for (const { store, persister, site } of parts) {
			// One transaction: one by one, each would write the whole store to IndexedDB again.
			store.transaction(() => {
				for (const record of records)
					if (record.site === site) store.setRow(record.kind, record.id, { site, ...record.fields });
			});
			await persister.save();
		}
	},

	async increment(times) {
		for (const { store, persister } of parts) {
			if (!store.hasRow(COUNTED.kind, COUNTED.id)) continue;
			for (let i = 0; i < times; i++)
				store.setCell(COUNTED.kind, COUNTED.id, COUNTED.field, (cell) => Number(cell ?? 0) + 1);
			await persister.save();
		}
	},

	async cold() {
		const from = performance.now();
		await openParts([HOME]);
		const { store } = parts[0]!;
		const whole = performance.now() - from;
		const found: string[] = [];
		store.forEachRow('youth', (id) => {
			const name = String(store.getCell('youth', id, 'lastName') ?? '').toLowerCase();
			if (found.length < FOUND && name.startsWith(SEARCHED)) found.push(id);
		});
		return { search: performance.now() - from, found: found.length, whole, count: rowsOf(store) };
	},

	async prepare() {
		// The store is in memory: nothing to build.
	},

	async held() {
		const result: Held = { ids: [], sites: {}, counter: undefined };
		for (const { store, site } of parts)
			for (const table of store.getTableIds())
				for (const id of store.getRowIds(table))
					if (id === COUNTED.id) result.counter = counterOf(store);
					else {
						result.ids.push(id);
						result.sites[site] = (result.sites[site] ?? 0) + 1;
					}
		return result;
	},

	messages: () => ({ ...told })
};
