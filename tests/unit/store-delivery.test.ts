import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { beforeEach, describe, expect, it } from 'vitest';
import { isProven, type Parcel } from '#lib/protocol/parcel.ts';
import { Registry, VaultDatabase } from '#lib/store/database.ts';
import { deliverAll, exportQueue, handIn, readQueueFile, waiting, type Post } from '#lib/store/delivery.ts';
import type { TabletStore } from '#lib/store/tablet-store.ts';
import { bench, PASSPHRASE, sessionOf, START, synced, youth } from '../fixtures/tablet.ts';

let b: ReturnType<typeof bench>;

beforeEach(() => {
	Dexie.dependencies.indexedDB = new IDBFactory();
	b = bench();
});

async function tabletOf(alias: string): Promise<TabletStore> {
	const created = await b.tablets.create(await sessionOf(b.newId()), PASSPHRASE, alias);
	if (!created.ok) throw new Error(created.reason);
	return created.store;
}

async function saving(store: TabletStore, count: number): Promise<void> {
	for (let i = 0; i < count; i++) await store.commit([youth(b.newId(), { firstName: `Zoé ${i}` })]);
}

async function locked(store: TabletStore): Promise<void> {
	store.lock();
	await store.closed();
}

async function opened(store: TabletStore): Promise<TabletStore> {
	const again = await b.tablets.open(store.vault, PASSPHRASE);
	if (!again.ok) throw new Error(again.reason);
	return again.store;
}

const statesOf = async (vault: string) => {
	const db = new VaultDatabase(vault);
	const states = (await db.queue.orderBy('n').toArray()).map(({ state }) => state);
	db.close();
	return states;
};

/** Takes everything, as the server would; `seen` are the parcels in order. */
function taking(): { post: Post; seen: Parcel[] } {
	const seen: Parcel[] = [];
	return {
		seen,
		post: async (parcel) => {
			seen.push(parcel);
			return { ok: true, answer: { v: 2, acked: parcel.ops.at(-1)!.n, refused: [] } };
		}
	};
}

describe('[P12] what leaves a locked tablet', () => {
	it('[F30] is every vault’s queue, each under its author and proven by its own key', async () => {
		const [first, second] = [await tabletOf('A'), await tabletOf('B')];
		await saving(first, 2);
		await saving(second, 1);
		await Promise.all([locked(first), locked(second)]);
		expect((await waiting()).map(({ alias, count }) => [alias, count])).toEqual([
			['A', 2],
			['B', 1]
		]);
		const { post, seen } = taking();
		expect(await deliverAll(post)).toEqual({ sent: 3, left: 0, why: undefined });
		const registry = new Registry();
		const vaults = await registry.vaults.toArray();
		registry.close();
		expect(seen.map(({ user, device, ops }) => [user, device, ops.map(({ n }) => n)])).toEqual(
			[first, second].map(({ vault }, i) => {
				const entry = vaults.find(({ id }) => id === vault)!;
				return [entry.user, entry.device, i === 0 ? [1, 2] : [1]];
			})
		);
		const keys = vaults.map(({ upload }) => upload!);
		expect(new Set(keys).size).toBe(2);
		for (const parcel of seen) {
			const own = vaults.find(({ user }) => user === parcel.user)!.upload!;
			expect(await Promise.all(keys.map((key) => isProven(parcel, key)))).toEqual(
				keys.map((key) => key === own)
			);
		}
		expect(await statesOf(first.vault)).toEqual(['delivered', 'delivered']);
	});

	it('goes in parcels of 250, in order, and only what the server has made durable stops waiting', async () => {
		const store = await tabletOf('A');
		await saving(store, 260);
		await locked(store);
		const sizes: number[] = [];
		const done = await deliverAll(async ({ ops }) => {
			sizes.push(ops.length);
			return sizes.length === 1
				? { ok: true, answer: { v: 2, acked: 250, refused: [] } }
				: { ok: false, why: 'offline' };
		});
		expect(sizes).toEqual([250, 10]);
		expect(done).toEqual({ sent: 250, left: 10, why: 'offline' });
		expect((await waiting())[0]).toMatchObject({ count: 10 });
	});

	it('stops, and keeps everything, when the server says no or moves nothing', async () => {
		const store = await tabletOf('A');
		await saving(store, 2);
		await locked(store);
		const nothing: Post = async () => ({ ok: true, answer: { v: 2, acked: 0, refused: [] } });
		expect(await deliverAll(async () => ({ ok: false, why: 'refused' }))).toEqual({
			sent: 0,
			left: 2,
			why: 'refused'
		});
		expect(await deliverAll(nothing)).toEqual({ sent: 0, left: 2, why: 'refused' });
		expect(await statesOf(store.vault)).toEqual(['pending', 'pending']);
	});

	it('[F28] killed between the server’s answer and its own mark, it sends again and loses nothing', async () => {
		const store = await tabletOf('A');
		await saving(store, 2);
		await locked(store);
		const dying: Post = () => Promise.reject(new Error('killed'));
		await expect(deliverAll(dying)).rejects.toThrow('killed');
		expect(await statesOf(store.vault)).toEqual(['pending', 'pending']);
		expect((await deliverAll(taking().post)).sent).toBe(2);
	});

	it('[F28] of one vault fails without holding up the others', async () => {
		const [first, second] = [await tabletOf('A'), await tabletOf('B')];
		await saving(first, 1);
		await saving(second, 1);
		const { user } = first.holder;
		await Promise.all([locked(first), locked(second)]);
		const { post, seen } = taking();
		const half: Post = (parcel) =>
			parcel.user === user ? Promise.reject(new Error('broken')) : post(parcel);
		await expect(deliverAll(half)).rejects.toThrow('broken');
		expect(seen.length).toBe(1);
		expect([await statesOf(first.vault), await statesOf(second.vault)]).toEqual([['pending'], ['delivered']]);
	});

	it('[P2.4] is not marked when the page took another device id meanwhile', async () => {
		const store = await tabletOf('A');
		await saving(store, 1);
		const done = await deliverAll(async (parcel) => {
			await store.adoptDevice(b.newId());
			return { ok: true, answer: { v: 2, acked: parcel.ops.at(-1)!.n, refused: [] } };
		});
		expect(done).toEqual({ sent: 0, left: 1, why: 'refused' });
		expect(await statesOf(store.vault)).toEqual(['pending']);
		await locked(store);
	});

	it('at once with the open page does no harm: what the page was told stands', async () => {
		const store = await tabletOf('A');
		await saving(store, 2);
		const done = deliverAll(async (parcel) => {
			await synced(store, { acked: 1 });
			return { ok: true, answer: { v: 2, acked: parcel.ops.at(-1)!.n, refused: [] } };
		});
		expect((await done).sent).toBe(1);
		expect(await statesOf(store.vault)).toEqual(['acked', 'delivered']);
		await synced(store, { acked: 2 });
		expect(store.facts().pending).toBe(0);
		expect(await statesOf(store.vault)).toEqual(['acked', 'acked']);
		await locked(store);
	});

	it('travels under the device id that a cloned profile took', async () => {
		const store = await tabletOf('A');
		await saving(store, 1);
		const device = b.newId();
		await store.adoptDevice(device);
		await saving(store, 1);
		await locked(store);
		const { post, seen } = taking();
		await deliverAll(post);
		expect(seen.map((parcel) => [parcel.device, parcel.ops.length])).toEqual([[device, 2]]);
		const again = await opened(store);
		expect((await again.nextRequest(1)).device).toBe(device);
		await locked(again);
	});

	it('[F4] no longer counts as waiting once the tablet is opened', async () => {
		const store = await tabletOf('A');
		await saving(store, 3);
		await locked(store);
		await deliverAll(taking().post);
		const again = await opened(store);
		expect(again.facts().pending).toBe(0);
		expect(again.all('youth').size).toBe(3);
		await locked(again);
	});
});

describe('[P12] a queue by file', () => {
	it('holds what waits, sealed; it goes on waiting, and the file reads back', async () => {
		const store = await tabletOf('A');
		await store.commit([youth(b.newId(), { firstName: 'Zoé-Sentinelle', phone: '+33639980012' })]);
		await locked(store);
		const text = JSON.stringify(await exportQueue(store.vault, START));
		for (const secret of ['Sentinelle', '33639980012', 'firstName', 'Maïté'])
			expect(text).not.toContain(secret);
		expect(await statesOf(store.vault)).toEqual(['pending']);
		const file = readQueueFile(text)!;
		expect(file.parcels.map(({ ops }) => ops.length)).toEqual([1]);
		const { post } = taking();
		expect(await handIn(file, post)).toEqual({ total: 1, kept: 1, refused: 0, why: undefined });
	});

	it('is handed in parcel by parcel with true counts; one that is not taken ends it', async () => {
		const store = await tabletOf('A');
		await saving(store, 252);
		await locked(store);
		const file = (await exportQueue(store.vault, START))!;
		const counts: number[] = [];
		const whole = await handIn(
			file,
			async ({ ops }) => ({
				ok: true,
				answer: {
					v: 2,
					acked: ops.at(-1)!.n,
					refused: ops[0]!.n === 1 ? [{ n: 3, reason: 'forbidden' }] : []
				}
			}),
			(done) => counts.push(done)
		);
		expect(whole).toEqual({ total: 252, kept: 252, refused: 1, why: undefined });
		expect(counts).toEqual([0, 250, 252]);
		let posts = 0;
		const cut = await handIn(file, async ({ ops }) =>
			++posts === 1
				? { ok: true, answer: { v: 2, acked: ops.at(-1)!.n, refused: [] } }
				: { ok: false, why: 'offline' }
		);
		expect(cut).toMatchObject({ kept: 250, why: 'offline' });
	});

	it.each([
		['no JSON', 'Bonjour'],
		['another JSON', '{"format":"other"}'],
		['a file that was cut', '{"format":"escale-queue","version":1,"exportedAt":1,"parcels":[{"v":2'],
		[
			'an operation in clear',
			'{"format":"escale-queue","version":1,"exportedAt":1,"parcels":[{"ops":[{"n":1}]}]}'
		]
	])('is not read from %s', (_, text) => {
		expect(readQueueFile(text)).toBeUndefined();
	});
});
