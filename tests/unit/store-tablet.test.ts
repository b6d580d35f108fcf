import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assign, create } from '#lib/domain/change.ts';
import type { Kind } from '#lib/domain/records.ts';
import { rowDigest } from '#lib/protocol/digest.ts';
import { openEnvelope, generateKeys, importPrivateKey } from '#lib/protocol/seal.ts';
import { VaultDatabase } from '#lib/store/database.ts';
import { IntegrityError } from '#lib/store/seal.ts';
import type { TabletStore } from '#lib/store/tablet-store.ts';
import {
	answer,
	bench,
	ORGANISATION,
	OTHER_SITE,
	PASSPHRASE,
	served,
	sessionOf,
	SITE,
	synced,
	youth
} from '../fixtures/tablet.ts';

let b: ReturnType<typeof bench>;
let store: TabletStore;
let vault: string;

const connections: IDBDatabase[] = [];

beforeEach(async () => {
	const factory = new IDBFactory();
	const open = factory.open.bind(factory);
	vi.spyOn(factory, 'open').mockImplementation((...args) => {
		const request = open(...args);
		request.addEventListener('success', () => connections.push(request.result));
		return request;
	});
	Dexie.dependencies.indexedDB = factory;
	b = bench();
	const created = await b.tablets.create(await sessionOf(b.newId()), PASSPHRASE, 'Maraude');
	if (!created.ok) throw new Error(created.reason);
	({ store } = created);
	vault = store.vault;
});

afterEach(async () => {
	vi.restoreAllMocks();
	store.lock();
	await store.closed();
});

async function reopened(): Promise<TabletStore> {
	store.lock();
	await store.closed();
	const opened = await b.tablets.open(vault, PASSPHRASE);
	if (!opened.ok) throw new Error(opened.reason);
	return (store = opened.store);
}

const save = async (...changes: Parameters<TabletStore['commit']>[0]) => {
	const saved = await store.commit(changes);
	if (!saved.ok) throw new Error(`${saved.reason}: ${saved.detail}`);
	return saved;
};

/** What is on the disk, past any store. */
async function onDisk<T>(read: (db: VaultDatabase) => Promise<T>): Promise<T> {
	const db = new VaultDatabase(vault);
	try {
		return await read(db);
	} finally {
		db.close();
	}
}
const envelopes = () =>
	onDisk(async (db) =>
		(await db.queue.where('state').equals('pending').sortBy('n')).map((row) => row.envelope)
	);
const names = () => [...store.all('youth').values()].map(({ fields }) => fields.firstName).sort();

describe('a save', () => {
	it('is in memory, in the queue and, after an unlock, still there', async () => {
		const id = b.newId();
		const saved = await save(youth(id, { firstName: 'Zoé' }));
		expect(saved).toMatchObject({ n: 1, rows: [{ id, rev: 0, site: SITE, fields: { firstName: 'Zoé' } }] });
		await save(assign(saved.rows[0] as never, { lastName: 'Lacoste' }));
		const before = store.get('youth', id);
		await reopened();
		expect(store.get('youth', id)).toEqual(before);
		expect(store.queue().map(({ n, state }) => [n, state])).toEqual([
			[1, 'pending'],
			[2, 'pending']
		]);
		expect((await save(youth(b.newId(), {}))).n).toBe(3);
	});

	it('writes its operation sealed to the server, bound to this tablet', async () => {
		const { publicKey, privateKey } = await generateKeys();
		await store.refreshSession({
			...(await sessionOf(store.holder.user)),
			publicKey: { id: 'k2', key: publicKey }
		});
		await save(youth(b.newId(), { firstName: 'Zoé' }));
		const [envelope] = await envelopes();
		const { organisation, device } = store.holder;
		const operation = await openEnvelope(
			envelope!,
			{ organisation, device },
			await importPrivateKey(privateKey)
		);
		expect(operation).toEqual((await store.nextRequest(1)).ops[0]);
		expect(
			await openEnvelope(envelope!, { organisation, device: b.newId() }, await importPrivateKey(privateKey))
		).toBeUndefined();
	});

	it.each([
		['nothing', []],
		['an unknown field', [youth('01932f00-0000-7000-8000-000000000001', { nir: '1' } as never)]],
		['a strange id', [youth('zoe', {})]],
		[
			'a change of an unknown record',
			[assign({ kind: 'youth', id: '01932f00-0000-7000-8000-000000000001', rev: 1 }, { firstName: 'Z' })]
		]
	])('refuses %s and writes nothing', async (_, changes) => {
		expect(await store.commit(changes)).toMatchObject({ ok: false, reason: 'invalid' });
		expect(await onDisk((db) => db.queue.count())).toBe(0);
	});

	it('seals before the transaction opens: WebCrypto may take its time', async () => {
		const { encrypt, decrypt, sign } = crypto.subtle;
		const later = () => new Promise((done) => setTimeout(done, 1));
		const slow =
			<A extends unknown[], R>(real: (...args: A) => Promise<R>) =>
			(...args: A) =>
				later().then(() => real.apply(crypto.subtle, args));
		vi.spyOn(crypto.subtle, 'encrypt').mockImplementation(slow(encrypt));
		vi.spyOn(crypto.subtle, 'decrypt').mockImplementation(slow(decrypt));
		vi.spyOn(crypto.subtle, 'sign').mockImplementation(slow(sign));
		await save(youth(b.newId(), { firstName: 'Zoé' }));
		await store.writeDraft('form', { a: 1 });
		await synced(store, { sites: { [SITE]: { rows: [served(b.newId(), 1, { firstName: 'Ana' })] } } });
		await reopened();
		expect(await store.readDraft('form')).toEqual({ a: 1 });
		expect(names()).toEqual(['Ana']);
	});

	it('asks the browser for strict durability', () => {
		const db = new VaultDatabase('x');
		expect(db._options.chromeTransactionDurability).toBe('strict');
	});

	it.each([
		['QuotaExceededError', 'storage-full'],
		['UnknownThing', 'storage-failed']
	])('[F11] that the disk refuses (%s) says so and leaves memory as it was', async (name, reason) => {
		const add = IDBObjectStore.prototype.add;
		vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...args) {
			add.apply(this, args);
			throw new DOMException('no', name);
		});
		const id = b.newId();
		expect(await store.commit([youth(id, { firstName: 'Zoé' })])).toMatchObject({ ok: false, reason });
		expect([store.get('youth', id), store.queue(), store.searchYouths('zoé', 5)]).toEqual([
			undefined,
			[],
			[]
		]);
		vi.restoreAllMocks();
		expect((await save(youth(id, { firstName: 'Zoé' }))).n).toBe(1);
		expect(await onDisk((db) => db.queue.count())).toBe(1);
	});

	it('[F16] reopens a lost connection and writes once', async () => {
		for (const connection of connections) connection.close();
		await save(youth(b.newId(), { firstName: 'Zoé' }));
		expect(await onDisk((db) => db.queue.count())).toBe(1);
	});

	it('[F16] tries again, once, when the browser loses its database in the middle', async () => {
		const add = IDBObjectStore.prototype.add;
		let tries = 0;
		vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...args) {
			const request = add.apply(this, args);
			if (tries++ === 0) throw new DOMException('Connection to Indexed Database server lost', 'UnknownError');
			return request;
		});
		await save(youth(b.newId(), { firstName: 'Zoé' }));
		expect(tries).toBe(2);
		await reopened();
		expect(names()).toEqual(['Zoé']);
	});

	it('of many at once gives each its number, without a gap', async () => {
		await Promise.all(Array.from({ length: 40 }, (_, i) => save(youth(b.newId(), { firstName: `v${i}` }))));
		const { ops } = await store.nextRequest(250);
		expect(ops.map(({ n }) => n)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
	});

	it('tells screens once per turn, with the kinds that changed', async () => {
		const heard: Kind[][] = [];
		store.subscribe((kinds) => heard.push([...kinds]));
		const opening = b.newId();
		await save(
			create('opening', opening, SITE, { date: '2026-03-10' }),
			create('visit', b.newId(), SITE, { opening })
		);
		await Promise.resolve();
		expect(heard).toEqual([['opening', 'visit']]);
	});

	it('accepts a proxy, as a form’s state is', async () => {
		const id = b.newId();
		await save(new Proxy(youth(id, { firstName: 'Zoé' }), {}));
		expect(store.get('youth', id)?.fields.firstName).toBe('Zoé');
	});
});

describe('links', () => {
	it('follow records as they come, change and go', async () => {
		const [opening, y, visit, later] = [b.newId(), b.newId(), b.newId(), b.newId()];
		await save(youth(y, {}), create('opening', opening, SITE, {}), create('visit', visit, SITE, { opening }));
		expect(store.linked('visit', opening).map(({ id }) => id)).toEqual([visit]);
		await save(create('visit', later, SITE, { opening, youth: y }));
		expect(store.linked('visit', opening).map(({ id }) => id)).toEqual([visit, later]);
		expect(store.linked('visit', y).map(({ id }) => id)).toEqual([later]);
		await save(assign(store.get('visit', later)!, { opening: null }));
		expect(store.linked('visit', opening).map(({ id }) => id)).toEqual([visit]);
		await reopened();
		expect(store.linked('visit', opening).map(({ id }) => id)).toEqual([visit]);
		expect(store.linked('visit', y).map(({ id }) => id)).toEqual([later]);
	});
});

describe('an answer', () => {
	it('brings rows and its cursor together: after an unlock both are there', async () => {
		const row = served(b.newId(), 7, { firstName: 'Ana' });
		await synced(store, { sites: { [SITE]: { rows: [row], rev: 7 }, [OTHER_SITE]: { rev: 3 } } });
		await reopened();
		expect(store.get('youth', row.id)).toEqual(row);
		expect((await store.nextRequest(10)).cursors).toEqual({ [SITE]: 7, [OTHER_SITE]: 3 });
		expect(store.facts()).toMatchObject({ complete: true, pending: 0, refused: 0 });
	});

	it('[F8] that can not be written moves neither rows nor cursor', async () => {
		const request = await store.nextRequest(10);
		const given = answer(request, {
			sites: { [SITE]: { rows: [served(b.newId(), 7, { firstName: 'Ana' })] } }
		});
		const put = IDBObjectStore.prototype.put;
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
			if (this.name === 'meta') throw new DOMException('full', 'QuotaExceededError');
			return put.apply(this, args);
		});
		await expect(store.applyAnswer(request, given)).rejects.toMatchObject({ reason: 'storage-full' });
		vi.restoreAllMocks();
		expect([names(), (await store.nextRequest(10)).cursors]).toEqual([[], {}]);
		await reopened();
		expect([names(), (await store.nextRequest(10)).cursors]).toEqual([[], {}]);
		await store.applyAnswer(request, given);
		expect(names()).toEqual(['Ana']);
	});

	it('applied twice, or late, changes nothing: neither rows nor what is acknowledged go back', async () => {
		const id = b.newId();
		const row = (rev: number, firstName: string) => ({
			[SITE]: { rows: [served(id, rev, { firstName })], rev }
		});
		await synced(store, { sites: row(1, 'A') });
		const early = await store.nextRequest(10);
		const first = answer(early, { sites: row(2, 'B') });
		await store.applyAnswer(early, first);
		await synced(store, { sites: row(3, 'C') });
		await store.applyAnswer(early, first);
		expect(names()).toEqual(['C']);
		expect((await store.nextRequest(1)).cursors).toEqual({ [SITE]: 3 });

		const before = await store.nextRequest(10);
		await save(youth(b.newId(), { firstName: 'D' }));
		await synced(store, {});
		await store.applyAnswer(before, answer(before, {}));
		expect([store.facts().pending, (await store.nextRequest(10)).after]).toEqual([0, 1]);
	});

	it('[F12] keeps what is saved while it is under way, on top of the rows it brings', async () => {
		const id = b.newId();
		await synced(store, {
			sites: { [SITE]: { rows: [served(id, 1, { firstName: 'Ana', email: 'a@demo.test' })], rev: 1 } }
		});
		const request = await store.nextRequest(10);
		const saved = save(assign(store.get('youth', id)!, { email: 'new@demo.test' }));
		const applied = store.applyAnswer(
			request,
			answer(request, {
				sites: { [SITE]: { rows: [served(id, 2, { firstName: 'Anna', email: 'a@demo.test' })], rev: 2 } }
			})
		);
		await Promise.all([saved, applied]);
		expect(store.get('youth', id)).toMatchObject({
			rev: 2,
			fields: { firstName: 'Anna', email: 'new@demo.test' }
		});
		expect((await store.nextRequest(10)).ops).toHaveLength(1);
		await reopened();
		expect(store.get('youth', id)).toMatchObject({
			rev: 2,
			fields: { firstName: 'Anna', email: 'new@demo.test' }
		});
	});

	it('[F9] of 3,000 rows, then a save: both stay', async () => {
		const rows = Array.from({ length: 3000 }, (_, i) => served(b.newId(), i + 1, { firstName: `v${i}` }));
		await synced(store, { sites: { [SITE]: { rows, rev: 3000 } } });
		await save(youth(b.newId(), { firstName: 'last' }));
		expect(store.all('youth').size).toBe(3001);
		await reopened();
		expect(store.all('youth').size).toBe(3001);
		expect(await onDisk((db) => db.pages.count())).toBe(6);
	});

	it('[F20] counts an acknowledged tally once, whether its row comes with the acknowledgement or pages later', async () => {
		const id = b.newId();
		const outing = (rev: number, flyers: number) => ({
			kind: 'outing' as const,
			id,
			site: SITE,
			rev,
			by: ORGANISATION,
			at: 1,
			fields: { flyers }
		});
		await synced(store, { sites: { [SITE]: { rows: [outing(1, 10)], rev: 1 } } });
		const flyers = () => store.get('outing', id)?.fields.flyers;
		const count = () => save({ do: 'count', kind: 'outing', id, field: 'flyers', by: 1 });
		await count();
		await count();
		expect(flyers()).toBe(12);

		const request = await store.nextRequest(1);
		await store.applyAnswer(
			request,
			answer(request, { more: true, sites: { [OTHER_SITE]: { rows: [served(b.newId(), 2, {})], rev: 2 } } })
		);
		expect(flyers()).toBe(12);
		await reopened();
		expect(flyers()).toBe(12);
		await synced(store, { acked: 1, more: true, sites: { [SITE]: { rows: [outing(3, 11)], rev: 3 } } });
		expect(flyers()).toBe(12);
		await reopened();
		expect(flyers()).toBe(12);
		await synced(store, { acked: 2, sites: { [SITE]: { rows: [outing(4, 12)], rev: 4 } } });
		expect(flyers()).toBe(12);
		expect(store.queue()).toEqual([]);
		await reopened();
		expect(flyers()).toBe(12);
	});

	it('[F2] [P6] quarantines a refused change with its body, takes the server’s row, and lets it be corrected', async () => {
		const id = b.newId();
		await synced(store, { sites: { [SITE]: { rows: [served(id, 1, { firstName: 'Ana' })], rev: 1 } } });
		await save(assign(store.get('youth', id)!, { firstName: 'Refused' }));
		await save(youth(b.newId(), { firstName: 'Created' }));
		await synced(store, {
			rejects: [
				{
					n: 1,
					reason: 'forbidden',
					detail: 'not yours',
					rows: [served(id, 5, { firstName: 'Anna' })],
					gone: []
				}
			],
			sites: { [SITE]: { rows: [served(b.newId(), 6, { firstName: 'Created' })], rev: 6 } }
		});
		expect(names()).toEqual(['Anna', 'Created']);
		await reopened();
		expect(names()).toEqual(['Anna', 'Created']);
		expect(store.queue()).toMatchObject([
			{
				n: 1,
				state: 'refused',
				refusal: { reason: 'forbidden', detail: 'not yours' },
				changes: [{ do: 'set', fields: { firstName: 'Refused' } }]
			}
		]);
		expect(await store.resend(1)).toMatchObject({ ok: true, n: 3 });
		const { after, ops } = await store.nextRequest(10);
		expect([after, ops]).toMatchObject([
			2,
			[{ n: 3, changes: [{ do: 'set', seen: 5, fields: { firstName: 'Refused' } }] }]
		]);
		expect(store.queue()).toMatchObject([{ n: 3, state: 'pending' }]);
		expect(await onDisk((db) => db.queue.get(1))).toMatchObject({ state: 'dropped' });
	});

	it('[P6] a refused creation leaves the screens, and another id answers an id clash', async () => {
		const [id, opening] = [b.newId(), b.newId()];
		await save(create('opening', opening, SITE, {}), create('visit', id, SITE, { opening }));
		await synced(store, {
			rejects: [{ n: 1, reason: 'id_clash', detail: 'opening', rows: [], gone: [opening, id] }]
		});
		expect([store.all('opening').size, store.all('visit').size]).toEqual([0, 0]);
		await store.resend(1);
		const [visit] = store.all('visit').values();
		const [newOpening] = store.all('opening').keys();
		expect(visit!.fields.opening).toBe(newOpening);
		expect([visit!.id === id, newOpening === opening]).toEqual([false, false]);
	});

	it('discards a refused change and nothing else', async () => {
		await save(youth(b.newId(), {}));
		await store.discard(1);
		expect(store.queue()).toHaveLength(1);
		await synced(store, { rejects: [{ n: 1, reason: 'invalid', detail: '', rows: [], gone: [] }] });
		await store.discard(1);
		expect(store.queue()).toEqual([]);
		await reopened();
		expect(store.queue()).toEqual([]);
		expect(await onDisk((db) => db.queue.count())).toBe(1);
	});

	it('[F1] [P4] takes the rows of a lost site away, but keeps what waits for the server', async () => {
		const [kept, lost, own] = [b.newId(), b.newId(), b.newId()];
		await synced(store, {
			sites: {
				[SITE]: { rows: [served(kept, 1, { firstName: 'Kept' })], rev: 1 },
				[OTHER_SITE]: { rows: [served(lost, 2, { firstName: 'Lost' }, OTHER_SITE)], rev: 2 }
			}
		});
		await save(
			youth(own, { firstName: 'Own' }, OTHER_SITE),
			assign(store.get('youth', lost)!, { firstName: 'Edited' })
		);
		const request = await store.nextRequest(10);
		await store.applyAnswer(request, answer(request, { acked: 0, drop: [OTHER_SITE] }));
		expect(names()).toEqual(['Kept', 'Own']);
		await reopened();
		expect(names()).toEqual(['Kept', 'Own']);
		expect(store.queue()).toHaveLength(1);
		expect((await store.nextRequest(1)).cursors).toEqual({ [SITE]: 1 });
		expect(await onDisk((db) => db.pages.where('site').equals(OTHER_SITE).count())).toBe(0);
	});

	it.each([
		['its old site first', [SITE, OTHER_SITE]],
		['its new site first', [OTHER_SITE, SITE]]
	])('[P4] follows a record that moved, hearing of %s', async (_, order) => {
		const id = b.newId();
		await synced(store, {
			sites: { [SITE]: { rows: [served(id, 1, { firstName: 'Ana' })], rev: 1 }, [OTHER_SITE]: { rev: 1 } }
		});
		const said: Record<string, { rows?: ReturnType<typeof served>[]; gone?: string[] }> = {
			[SITE]: { gone: [id] },
			[OTHER_SITE]: { rows: [served(id, 2, { firstName: 'Ana' }, OTHER_SITE)] }
		};
		for (const site of order) await synced(store, { sites: { [site]: said[site]! } });
		expect(store.get('youth', id)?.site).toBe(OTHER_SITE);
		await reopened();
		expect(store.get('youth', id)?.site).toBe(OTHER_SITE);
		await synced(store, { drop: [OTHER_SITE] });
		await reopened();
		expect(store.get('youth', id)).toBeUndefined();
	});

	it('replaces a site that comes anew', async () => {
		await synced(store, {
			sites: { [SITE]: { rows: [served(b.newId(), 1, { firstName: 'Old' })], rev: 1 } }
		});
		await synced(store, {
			sites: { [SITE]: { reset: true, rows: [served(b.newId(), 9, { firstName: 'New' })], rev: 9 } }
		});
		expect(names()).toEqual(['New']);
		await reopened();
		expect(names()).toEqual(['New']);
	});

	it('[P8] sends again what a restored server has lost', async () => {
		const ids = [b.newId(), b.newId(), b.newId()];
		for (const id of ids) await save(youth(id, { firstName: id }));
		await synced(store, {
			sites: { [SITE]: { rows: ids.map((id, i) => served(id, i + 1, { firstName: id })), rev: 3 } }
		});
		await reopened();
		expect(store.facts().pending).toBe(0);
		await synced(store, {
			epoch: 'e2',
			acked: 1,
			sites: { [SITE]: { reset: true, rows: [served(ids[0]!, 1, { firstName: ids[0]! })], rev: 1 } }
		});
		expect(names()).toEqual([...ids].sort());
		const request = await store.nextRequest(10);
		expect([request.after, request.epoch, request.ops.map(({ n }) => n)]).toEqual([0, 'e2', [1, 2, 3]]);
		await reopened();
		expect((await store.nextRequest(10)).ops).toEqual(request.ops);
		expect(names()).toEqual([...ids].sort());
	});

	it('[P8] counts once while a restored server’s rows come in pages, and sends again what it had refused', async () => {
		const id = b.newId();
		const outing = (rev: number, flyers: number) => ({
			kind: 'outing' as const,
			id,
			site: SITE,
			rev,
			by: ORGANISATION,
			at: 1,
			fields: { flyers }
		});
		const flyers = () => store.get('outing', id)?.fields.flyers;
		await synced(store, { sites: { [SITE]: { rows: [outing(1, 10)], rev: 1 }, [OTHER_SITE]: { rev: 1 } } });
		for (let i = 0; i < 2; i++) await save({ do: 'count', kind: 'outing', id, field: 'flyers', by: 1 });
		await save(youth(b.newId(), {}));
		await synced(store, {
			rejects: [{ n: 3, reason: 'invalid', detail: '', rows: [], gone: [] }],
			sites: { [SITE]: { rows: [outing(3, 12)], rev: 3 } }
		});
		await synced(store, {
			epoch: 'e2',
			acked: 1,
			more: true,
			sites: { [SITE]: { reset: true, rows: [outing(2, 11)], rev: 2 } }
		});
		expect(flyers()).toBe(12);
		await reopened();
		expect(flyers()).toBe(12);
		expect((await store.nextRequest(10)).ops.map(({ n }) => n)).toEqual([1, 2, 3]);
		expect(flyers()).toBe(12);
		expect(store.queue().map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
	});

	it('[P8] numbers anew when a change let go leaves a gap that a restored server asks for', async () => {
		for (const firstName of ['A', 'B', 'C']) await save(youth(b.newId(), { firstName }));
		await synced(store, { rejects: [{ n: 2, reason: 'invalid', detail: '', rows: [], gone: [] }] });
		await store.discard(2);
		const { device } = await store.nextRequest(10);
		await synced(store, { epoch: 'e2', acked: 0 });
		const request = await store.nextRequest(10);
		expect(request.device).not.toBe(device);
		expect([request.after, request.ops.map(({ n }) => n), names()]).toEqual([0, [1, 2], ['A', 'C']]);
	});

	it('[P2] goes on under a new device id: everything pending is numbered from 1, sealed anew, and shown once', async () => {
		const id = b.newId();
		await synced(store, {
			sites: {
				[SITE]: {
					rows: [{ kind: 'outing', id, site: SITE, rev: 1, by: ORGANISATION, at: 1, fields: { flyers: 1 } }],
					rev: 1
				}
			}
		});
		const count = () => save({ do: 'count', kind: 'outing', id, field: 'flyers', by: 1 });
		await save(youth(b.newId(), { firstName: 'Refused' }));
		await synced(store, { rejects: [{ n: 1, reason: 'invalid', detail: '', rows: [], gone: [] }] });
		await count();
		await count();
		const before = (await store.nextRequest(10)).ops;
		const device = b.newId();
		await store.adoptDevice(device);
		for (const open of [() => store, reopened]) {
			await open();
			expect(store.get('outing', id)?.fields.flyers).toBe(3);
			const { ops, after, device: sent } = await store.nextRequest(10);
			expect([sent, after, store.holder.device]).toEqual([device, 0, device]);
			expect(ops).toEqual(before.map((op, i) => ({ ...op, n: i + 1 })));
			expect(store.queue().map(({ state }) => state)).toEqual(['refused', 'pending', 'pending']);
		}
		expect((await envelopes()).map(({ n }) => n)).toEqual([1, 2]);
		expect((await save(youth(b.newId(), {}))).n).toBe(3);
	});
});

describe('[P1.7] rows told by digest', () => {
	const echoed = (id: string, rev: number) => ({ id, rev, digest: rowDigest(store.get('youth', id)!) });

	it('are made here and kept: after an unlock the same', async () => {
		await synced(store, { sites: { [SITE]: { rev: 4 } } });
		const id = b.newId();
		await save(youth(id, { firstName: 'Zoé', needs: ['housing', 'employment'] }));
		const request = await store.nextRequest(250);
		expect(request.echo).toBe(true);
		const own = [echoed(id, 5)];
		const later = store.get('youth', id)!;
		await save(assign(later, { lastName: 'Lacoste' }));
		const done = await store.applyAnswer(request, answer(request, { sites: { [SITE]: { own, rev: 5 } } }));
		expect(done.more).toBe(false);
		expect(store.get('youth', id)).toMatchObject({
			rev: 5,
			fields: { firstName: 'Zoé', lastName: 'Lacoste' }
		});
		await reopened();
		expect(store.get('youth', id)).toMatchObject({
			rev: 5,
			fields: { firstName: 'Zoé', lastName: 'Lacoste' }
		});
		expect((await store.nextRequest(250)).cursors[SITE]).toBe(5);
	});

	it('that somebody else had a hand in are asked for in full; the operation stays acknowledged', async () => {
		await synced(store, { sites: { [SITE]: { rev: 4 } } });
		const id = b.newId();
		await save(youth(id, { firstName: 'Zoé' }));
		const request = await store.nextRequest(250);
		const own = [{ ...echoed(id, 6), digest: 'other' }];
		const done = await store.applyAnswer(request, answer(request, { sites: { [SITE]: { own, rev: 6 } } }));
		expect(done.more).toBe(true);
		expect(store.facts()).toMatchObject({ pending: 0, complete: true });
		expect(store.get('youth', id)?.fields).toEqual({ firstName: 'Zoé' });
		const again = await store.nextRequest(250);
		expect(again).toMatchObject({ after: 1, ops: [], cursors: { [SITE]: 4 } });
		const rows = [served(id, 6, { firstName: 'Zoé', phone: '+33639980001' })];
		await store.applyAnswer(again, answer(again, { sites: { [SITE]: { rows, rev: 6 } } }));
		expect(store.get('youth', id)).toEqual(rows[0]);
	});

	it('do not contain what was refused', async () => {
		await synced(store, { sites: { [SITE]: { rows: [served(b.newId(), 4, {})], rev: 4 } } });
		const [row] = [...store.all('youth').values()];
		await save(assign(row!, { firstName: 'Refused' }));
		await save(assign(row!, { lastName: 'Lacoste' }));
		const request = await store.nextRequest(250);
		const made = { ...row!, fields: { lastName: 'Lacoste' } };
		const own = [{ id: row!.id, rev: 5, digest: rowDigest(made) }];
		const rejects = [{ n: 1, reason: 'forbidden' as const, detail: '', rows: [], gone: [] }];
		await store.applyAnswer(request, answer(request, { rejects, sites: { [SITE]: { own, rev: 5 } } }));
		expect(store.get('youth', row!.id)).toEqual({ ...made, rev: 5 });
	});
});

describe('[P12] operations that left in a parcel', () => {
	const deliver = (...numbers: number[]) =>
		onDisk((db) => db.queue.bulkUpdate(numbers.map((n) => ({ key: n, changes: { state: 'delivered' } }))));

	it('no longer wait, stay on the screens, and get their outcome from the next answer', async () => {
		const ids = [b.newId(), b.newId(), b.newId()];
		for (const id of ids) await save(youth(id, { firstName: id }));
		await deliver(1, 2);
		await reopened();
		expect(store.facts().pending).toBe(1);
		expect(names()).toEqual([...ids].sort());
		const request = await store.nextRequest(250);
		expect(request).toMatchObject({ after: 0, ops: [{ n: 3 }], waiting: { count: 1 } });
		const rejects = [{ n: 1, reason: 'forbidden' as const, detail: '', rows: [], gone: [ids[0]!] }];
		const rows = ids.slice(1).map((id, i) => served(id, i + 1, { firstName: id }));
		await store.applyAnswer(
			request,
			answer(request, { acked: 3, rejects, sites: { [SITE]: { rows, rev: 2 } } })
		);
		expect(store.queue()).toMatchObject([{ n: 1, state: 'refused' }]);
		expect(names()).toEqual(ids.slice(1).sort());
		expect((await store.nextRequest(250)).after).toBe(3);
	});

	it('wait again when a restored server does not know them', async () => {
		await save(youth(b.newId(), { firstName: 'Zoé' }));
		await save(youth(b.newId(), { firstName: 'Ana' }));
		await deliver(1, 2);
		await reopened();
		await synced(store, { acked: 1, sites: { [SITE]: {} } });
		expect(store.facts().pending).toBe(1);
		expect((await store.nextRequest(250)).ops).toMatchObject([{ n: 2 }]);
	});
});

describe('[P10] the first sync', () => {
	it('[F5] can be worked with from its first answer on, and goes on below what came', async () => {
		expect(store.facts()).toMatchObject({ usable: false, complete: false });
		const [newest, older] = [
			served(b.newId(), 9, { firstName: 'Zoé' }),
			served(b.newId(), 3, { firstName: 'Ana' })
		];
		await synced(store, { more: true, sites: { [SITE]: { reset: true, rows: [newest], rev: 9, below: 9 } } });
		expect(store.facts()).toMatchObject({ usable: true, complete: false });
		await reopened();
		const request = await store.nextRequest(250);
		expect(request).toMatchObject({ cursors: { [SITE]: 9 }, below: { [SITE]: 9 } });
		await store.applyAnswer(request, answer(request, { sites: { [SITE]: { rows: [older], rev: 9 } } }));
		expect(names()).toEqual(['Ana', 'Zoé']);
		expect(await store.nextRequest(250)).toMatchObject({ cursors: { [SITE]: 9 }, below: {} });
		expect(store.facts().complete).toBe(true);
	});

	it('[P7] an answer without rows, to an app that is too old, completes and settles nothing', async () => {
		const id = b.newId();
		await save(youth(id, { firstName: 'Zoé' }));
		await synced(store, { update: true });
		expect(store.facts()).toMatchObject({ pending: 0, complete: false });
		await reopened();
		expect(names()).toEqual(['Zoé']);
	});
});

describe('folding', () => {
	it('merges small pages, drops what is superseded, changes nothing that is seen', async () => {
		const ids = Array.from({ length: 30 }, () => b.newId());
		for (let round = 1; round <= 30; round++)
			await synced(store, {
				sites: {
					[SITE]: {
						rows: [
							served(ids[round % 5]!, round, { firstName: `r${round}` }),
							served(ids[round - 1]!, round, { lastName: `r${round}` })
						],
						gone: round === 20 ? [ids[3]!] : [],
						rev: round
					}
				}
			});
		const before = [...store.all('youth').values()].sort((a, c) => (a.id < c.id ? -1 : 1));
		expect(await onDisk((db) => db.pages.count())).toBe(30);
		await store.fold();
		expect(await onDisk((db) => db.pages.count())).toBe(1);
		await reopened();
		expect([...store.all('youth').values()].sort((a, c) => (a.id < c.id ? -1 : 1))).toEqual(before);
	});

	it('waits for the end of a pull: until then rows differ in what they contain', async () => {
		for (let rev = 1; rev <= 12; rev++)
			await synced(store, { more: true, sites: { [SITE]: { rows: [served(b.newId(), rev, {})], rev } } });
		await store.fold();
		expect(await onDisk((db) => db.pages.count())).toBe(12);
		await synced(store, {});
		await store.fold();
		expect(await onDisk((db) => db.pages.count())).toBe(1);
	});

	it('[P4] folds away what older pages hold of a record that left', async () => {
		const rows = Array.from({ length: 400 }, () => served(b.newId(), 1, {}));
		const gone = rows[0]!.id;
		await synced(store, { sites: { [SITE]: { rows, rev: 1 } } });
		await synced(store, { sites: { [SITE]: { gone: [gone], rev: 2 } } });
		for (let rev = 3; rev < 14; rev++)
			await synced(store, { sites: { [SITE]: { rows: [served(rows[rev]!.id, rev, {})], rev } } });
		expect(await onDisk((db) => db.pages.count())).toBe(13);
		await store.fold();
		expect(await onDisk((db) => db.pages.count())).toBe(1);
		await reopened();
		expect(store.all('youth').size).toBe(399);
		expect(store.get('youth', gone)).toBeUndefined();
	});

	it('writes a mostly superseded site anew, and is all or nothing', async () => {
		const rows = Array.from({ length: 400 }, () => b.newId());
		for (let rev = 1; rev <= 4; rev++)
			await synced(store, {
				sites: { [SITE]: { rows: rows.map((id) => served(id, rev, { firstName: `r${rev}` })), rev } }
			});
		const put = IDBObjectStore.prototype.put;
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
			if (this.name === 'meta') throw new DOMException('full', 'QuotaExceededError');
			return put.apply(this, args);
		});
		await expect(store.fold()).rejects.toMatchObject({ reason: 'storage-full' });
		vi.restoreAllMocks();
		expect(await onDisk((db) => db.pages.count())).toBe(4);
		await store.fold();
		expect(await onDisk((db) => db.pages.count())).toBe(1);
		await reopened();
		expect(new Set(names())).toEqual(new Set(['r4']));
	});

	it('forgets acknowledged operations after 30 days, and nothing that waits or was refused', async () => {
		for (let i = 0; i < 2; i++) await save(youth(b.newId(), {}));
		await synced(store, { rejects: [{ n: 2, reason: 'invalid', detail: '', rows: [], gone: [] }] });
		await save(youth(b.newId(), {}));
		b.pass(29 * 24 * 3600 * 1000);
		await store.fold();
		expect(await onDisk((db) => db.queue.count())).toBe(3);
		b.pass(2 * 24 * 3600 * 1000);
		await store.fold();
		expect(await onDisk((db) => db.queue.orderBy('n').keys())).toEqual([2, 3]);
		await reopened();
		expect((await save(youth(b.newId(), {}))).n).toBe(4);
	});
});

describe('drafts', () => {
	it('are found again, replaced and cleared', async () => {
		await store.writeDraft('encounter/1', { age: 17 });
		await store.writeDraft('encounter/1', { age: 18 });
		await reopened();
		expect(await store.readDraft('encounter/1')).toEqual({ age: 18 });
		expect(await store.readDraft('encounter/2')).toBeUndefined();
		await store.clearDraft('encounter/1');
		expect(await store.readDraft('encounter/1')).toBeUndefined();
	});
});

describe('locking', () => {
	it('empties memory and refuses saves; what was being written is written', async () => {
		await save(youth(b.newId(), { firstName: 'Zoé' }));
		const late = store.commit([youth(b.newId(), { firstName: 'Ana' })]);
		store.lock();
		expect([store.all('youth').size, store.queue(), store.searchYouths('zoé', 5), store.isOpen]).toEqual([
			0,
			[],
			[],
			false
		]);
		expect(await store.commit([youth(b.newId(), {})])).toMatchObject({ ok: false, reason: 'locked' });
		await expect(store.nextRequest(1)).rejects.toMatchObject({ reason: 'locked' });
		const { ok } = await late;
		await reopened();
		expect(names()).toEqual(ok ? ['Ana', 'Zoé'] : ['Zoé']);
	});
});

describe('what lies on the disk', () => {
	it('tells nothing: no word of a record, a draft, a queue or a holder, in any encoding', async () => {
		const sentinels = [
			'Sentinelle-Prénom',
			'+33611223344',
			'sentinelle-brouillon',
			'Maïté Larrouy',
			'Mission Locale Pau',
			'sentinelle-page',
			'sentinelle-refus',
			'form-sentinelle'
		];
		await save(youth(b.newId(), { firstName: sentinels[0]!, phone: sentinels[1]! }));
		await store.writeDraft('form-sentinelle', { note: sentinels[2] });
		const rows = [served(b.newId(), 1, { lastName: 'sentinelle-page' })];
		await synced(store, {
			rejects: [{ n: 1, reason: 'invalid', detail: 'sentinelle-refus', rows: [], gone: [] }],
			sites: { [SITE]: { rows } }
		});
		const dump = await dumpEverything();
		expect(dump.length).toBeGreaterThan(3_000);
		expect(dump.includes(Buffer.from('Maraude'))).toBe(true);
		for (const sentinel of sentinels)
			for (const form of [
				Buffer.from(sentinel),
				Buffer.from(sentinel, 'utf16le'),
				Buffer.from(JSON.stringify(sentinel).slice(1, -1)),
				...inBase64(sentinel)
			])
				expect(dump.includes(form), `${sentinel} as ${form.toString('hex')}`).toBe(false);
	});

	it('is rejected where it was moved: a page of one site under another, an old state for a new one', async () => {
		await synced(store, {
			sites: {
				[SITE]: { rows: [served(b.newId(), 1, { firstName: 'Ana' })], rev: 1 },
				[OTHER_SITE]: { rows: [served(b.newId(), 1, { firstName: 'Bob' }, OTHER_SITE)], rev: 1 }
			}
		});
		await onDisk(async (db) => {
			const [one, two] = await db.pages.toArray();
			await db.pages.bulkPut([{ ...one!, sealed: two!.sealed }]);
		});
		await reopened();
		expect(store.damaged).toMatchObject([{ table: 'pages', id: SITE }]);
		expect(names()).toEqual(['Bob']);
		expect((await store.nextRequest(1)).cursors).toEqual({ [OTHER_SITE]: 1 });
		expect(await onDisk((db) => db.pages.count())).toBe(2);
		await synced(store, {
			sites: { [SITE]: { rows: [served(b.newId(), 1, { firstName: 'Ana' })], rev: 1 } }
		});
		await store.fold();
		await reopened();
		expect([names(), store.damaged]).toEqual([['Ana', 'Bob'], []]);
	});

	it('still delivers an operation whose local half is damaged', async () => {
		await save(youth(b.newId(), {}));
		await save(youth(b.newId(), {}));
		await onDisk(async (db) => {
			const [one, two] = await db.queue.toArray();
			await db.queue.put({ ...one!, local: two!.local });
		});
		await reopened();
		const { ops } = await store.nextRequest(10);
		expect(ops.map((op) => ['sealed' in op, op.n])).toEqual([
			[true, 1],
			[false, 2]
		]);
		await synced(store, {});
		expect(store.facts().pending).toBe(0);
	});

	it('is not opened, and not touched, when the holder does not open', async () => {
		await save(youth(b.newId(), {}));
		await onDisk(async (db) => {
			const holder = await db.meta.get('holder');
			await db.meta.put({ ...holder!, version: holder!.version + 1 });
		});
		store.lock();
		await store.closed();
		expect(await b.tablets.open(vault, PASSPHRASE)).toEqual({ ok: false, reason: 'damaged' });
		expect(await onDisk((db) => db.queue.count())).toBe(1);
		expect(new IntegrityError({ table: 'meta', id: 'holder', seq: 1 }).message).not.toMatch(/Maïté/);
	});
});

describe('twenty thousand records', () => {
	it('[F21] come in paged transactions, are all on the screens, stay and open', async () => {
		const rows = Array.from({ length: 20_000 }, (_, i) =>
			served(b.newId(), i + 1, { firstName: `Prénom${i}`, lastName: 'Lacoste', phone: '+33612345678' })
		);
		for (let from = 0; from < rows.length; from += 2000)
			await synced(store, {
				more: from + 2000 < rows.length,
				sites: { [SITE]: { rows: rows.slice(from, from + 2000), rev: from + 2000 } }
			});
		expect(store.all('youth').size).toBe(20_000);
		expect(store.searchYouths('prenom19999', 5).map(({ row }) => row.id)).toContain(rows[19_999]!.id);
		const steps: number[] = [];
		store.lock();
		await store.closed();
		const opened = await b.tablets.open(
			vault,
			PASSPHRASE,
			(step) => step.stage === 'data' && steps.push(step.done / step.total)
		);
		if (!opened.ok) throw new Error(opened.reason);
		({ store } = opened);
		expect(store.all('youth').size).toBe(20_000);
		expect(store.get('youth', rows[12_345]!.id)).toEqual(rows[12_345]);
		expect(steps).toHaveLength(40);
		expect(steps.at(-1)).toBe(1);
	});
});

/** Every byte that every database holds, in clear as a thief would read it. */
async function dumpEverything(): Promise<Buffer> {
	const parts: Buffer[] = [];
	const walk = (value: unknown): void => {
		if (value instanceof Uint8Array) parts.push(Buffer.from(value));
		else if (value instanceof Object)
			for (const [key, inner] of Object.entries(value)) {
				parts.push(Buffer.from(key));
				walk(inner);
			}
		else parts.push(Buffer.from(String(value)));
	};
	for (const name of await Dexie.getDatabaseNames()) {
		const db = await new Dexie(name).open();
		for (const table of db.tables) walk(await table.toArray());
		db.close();
	}
	return Buffer.concat(parts);
}

/** Base64 of a text at the three offsets where it may stand in something longer. */
function inBase64(text: string): Buffer[] {
	return [0, 1, 2].map((offset) => {
		const encoded = Buffer.from('x'.repeat(offset) + text).toString('base64');
		return Buffer.from(encoded.slice(offset === 0 ? 0 : 4, -4));
	});
}
