import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '#lib/domain/change.ts';
import { kinds, type Kind, type Row } from '#lib/domain/records.ts';
import { isAnswer as isSyncAnswer, newId, serverOn, Tablet } from '../fixtures/exchange.ts';
import { upgradeOperation, upgrades } from '#lib/protocol/upgrade.ts';
import type { SyncResponse } from '#lib/protocol/sync.ts';
import { migrate, migrations } from '#lib/server/database/migrate.ts';
import { loadRecords, rowOf } from '#lib/server/records.ts';
import { syncOnce, type Caller, type SyncContext } from '#lib/server/sync/handler.ts';
import type { TabletStore } from '#lib/store/tablet-store.ts';
import { Tablets } from '#lib/store/tablets.ts';
import { bases, type TestBase } from '../fixtures/bases.ts';
import { PASSPHRASE, sessionOf } from '../fixtures/tablet.ts';
import { migrateAsVersion1, underVersion1 } from '../fixtures/version1.ts';

const then = await underVersion1(async () => ({
	...(await import('../fixtures/exchange.ts')),
	...(await import('../fixtures/tablet.ts')),
	...(await import('#lib/server/sync/handler.ts')),
	...(await import('#lib/server/records.ts'))
}));

type Sync = typeof syncOnce;
const json = (value: unknown, change?: (key: string, value: unknown) => unknown) =>
	JSON.parse(JSON.stringify(value, change));

/** One exchange between the real store and a real handler; the answer, whatever it is. */
async function exchange(store: TabletStore, sync: Sync, server: SyncContext, caller: Caller) {
	const request = await store.nextRequest(250);
	const { body } = await sync(server, caller, json(request));
	const more = isSyncAnswer(body) && (await store.applyAnswer(request, json(body))).more;
	return { request, body, more };
}

/** Until nothing is left to send or to get. All answers. */
async function atRest(store: TabletStore, sync: Sync, server: SyncContext, caller: Caller) {
	const answers: SyncResponse[] = [];
	for (let round = 0; round < 50; round++) {
		const { body, more } = await exchange(store, sync, server, caller);
		if (!isSyncAnswer(body)) throw new Error(JSON.stringify(body));
		answers.push(body);
		if (!more && store.pendingCount() === 0) return answers;
	}
	throw new Error('the tablet never comes to rest');
}

const heldBy = (store: TabletStore): Row[] =>
	kinds.flatMap((kind) => [...store.all(kind).values()]).sort((a, b) => (a.id < b.id ? -1 : 1));

describe.each(bases)('[P7] from version 1 to version 2: $base', ({ open }) => {
	let base: TestBase;
	let old: ReturnType<typeof then.bench>;
	let server: ReturnType<typeof then.serverOn>;
	let home: Awaited<ReturnType<typeof then.organisationOn>>;
	let colleague: InstanceType<typeof then.Tablet>;

	beforeEach(async () => {
		base = await open(migrateAsVersion1);
		Dexie.dependencies.indexedDB = new IDBFactory();
		old = then.bench();
		server = then.serverOn(base);
		home = await then.organisationOn(server);
		colleague = new then.Tablet(server, home.person());
	});
	afterEach(() => base.close());

	/** A vault of the older app, as its holder has it before the summer. */
	async function oldTablet(caller: Caller) {
		const session = await then.sessionOf(caller.user);
		const organisation = { ...session.organisation, id: home.id };
		const created = await old.tablets.create(
			{ ...session, organisation, role: caller.role, sites: caller.sites },
			PASSPHRASE,
			'Maraude'
		);
		if (!created.ok) throw new Error(created.reason);
		return created.store;
	}
	/** The same vault, opened by today's app. */
	async function openedToday(store: TabletStore): Promise<TabletStore> {
		store.lock();
		await store.closed();
		const opened = await new Tablets(old.environment).open(store.vault, PASSPHRASE);
		if (!opened.ok) throw new Error(opened.reason);
		return opened.store;
	}
	const saved = async (store: TabletStore, ...changes: Change[]) => {
		const done = await store.commit(changes);
		if (!done.ok) throw new Error(`${done.reason}: ${done.detail}`);
	};
	const set = (id: string, seen: number, fields: Record<string, unknown>): Change => ({
		do: 'set',
		kind: 'youth',
		id,
		seen,
		fields
	});
	const create = (
		id: string,
		fields: Record<string, unknown>,
		kind: Kind = 'youth',
		site = home.pau
	): Change => ({
		do: 'create',
		kind,
		id,
		site,
		fields
	});
	const migrated = () => migrate(base.db, base.schema);
	const today = () => serverOn(base, { now: server.now });
	const rowsOnServer = async (): Promise<Row[]> => {
		const ids = await base.db
			.selectFrom('record')
			.select('id')
			.where('deleted', '=', 0)
			.orderBy('id')
			.execute();
		const records = await loadRecords(
			base.db,
			home.id,
			ids.map(({ id }) => id)
		);
		return ids.flatMap(({ id }) => records.get(id) ?? []).map(rowOf);
	};
	const dataOf = async (id: string) => (await loadRecords(base.db, home.id, [id])).get(id)?.data;

	it('a page of the older app and the migrated records are the same, byte for byte', async () => {
		const ids = [
			colleague.create('youth', { languages: 'arabe, tchoutche', firstName: 'Kenza', needs: ['housing'] }),
			colleague.create('youth', { firstName: 'Ana', languages: 'portugais et français' }),
			colleague.create('youth', { languages: 'patois', toCheck: { phone: '06' } }),
			colleague.create('youth', { firstName: 'Sans langue' }),
			colleague.create('outing', { flyers: 3 })
		];
		await colleague.sync();
		colleague.set(ids[0]!, { languages: 'wolof, créole de Gan' });
		colleague.set(ids[0]!, { languages: 'wolof, peul' });
		colleague.set(ids[1]!, { languages: null, commune: 'Gan' });
		await colleague.sync();
		const caller = home.person('counsellor', [home.pau]);
		const store = await oldTablet(caller);
		await atRest(store, then.syncOnce, server, caller);
		expect(store.get('youth', ids[0]!)?.fields.languages).toBe('wolof, peul');

		expect(await migrated()).toEqual(Object.keys(migrations).slice(3));
		const opened = await openedToday(store);
		expect(opened.get('youth', ids[0]!)).toMatchObject({
			fields: { languages: ['ff', 'wo'] },
			past: [
				{ field: 'otherLanguages', value: 'arabe, tchoutche' },
				{ field: 'otherLanguages', value: 'wolof, créole de Gan' }
			]
		});
		expect(JSON.stringify(heldBy(opened))).toBe(JSON.stringify(await rowsOnServer()));
		// Nothing has to be asked for again.
		const [answer] = await atRest(opened, syncOnce, today(), caller);
		expect(answer?.sites).toEqual({});
	});

	it('what waited on the tablet is shown, sent as it was written, and ends as the server has it', async () => {
		const [kenza, ana] = [
			colleague.create('youth', { firstName: 'Kenza', languages: 'arabe, tchoutche' }),
			colleague.create('youth', { firstName: 'Ana', languages: 'portugais' })
		];
		await colleague.sync();
		const caller = home.person();
		const store = await oldTablet(caller);
		await atRest(store, then.syncOnce, server, caller);
		const zoe = newId();
		const seen = (id: string) => store.get('youth', id)?.rev ?? 0;
		await saved(store, create(zoe, { firstName: 'Zoé', languages: 'soninké, un peu de français' }));
		await saved(store, set(zoe, 0, { languages: 'soninké, français' }));
		await saved(store, set(kenza, seen(kenza), { languages: 'arabe, anglais', commune: 'Gan' }));
		await saved(store, set(ana, seen(ana), { languages: null }));
		await migrated();

		const opened = await openedToday(store);
		const shown = () => [kenza, ana, zoe].map((id) => opened.get('youth', id)?.fields);
		const expected = [
			{ firstName: 'Kenza', languages: ['ar', 'en'], commune: 'Gan' },
			{ firstName: 'Ana', languages: [] },
			{ firstName: 'Zoé', languages: ['fr', 'snk'] }
		];
		expect(shown()).toEqual(expected);
		const request = await opened.nextRequest(250);
		expect(request).toMatchObject({ schema: 2, ops: [{ v: 1 }, { v: 1 }, { v: 1 }, { v: 1 }] });
		const answers = await atRest(opened, syncOnce, today(), caller);
		expect(answers.flatMap(({ rejects }) => rejects)).toEqual([]);
		expect(shown()).toEqual(expected);
		expect(JSON.stringify(heldBy(opened))).toBe(JSON.stringify(await rowsOnServer()));
		const bodies = await base.db
			.selectFrom('operation')
			.select('body')
			.where('user', '=', caller.user)
			.execute();
		expect(bodies.map(({ body }) => JSON.parse(body).v)).toEqual([1, 1, 1, 1]);
	});

	it('an answer lost before the update: the same operations after it are no other tablet’s', async () => {
		const caller = home.person();
		const store = await oldTablet(caller);
		await atRest(store, then.syncOnce, server, caller);
		await saved(store, create(newId(), { languages: 'arabe' }));
		await then.syncOnce(server, caller, json(await store.nextRequest(250)));
		await migrated();
		const opened = await openedToday(store);
		const answers = await atRest(opened, syncOnce, today(), caller);
		expect(answers.at(-1)).toMatchObject({ acked: 1, rejects: [] });
		expect(JSON.stringify(heldBy(opened))).toBe(JSON.stringify(await rowsOnServer()));
	});

	it('[P5.4] languages that a colleague added meanwhile stay beside those of an old tablet', async () => {
		const id = colleague.create('youth', { languages: 'arabe, russe' });
		await colleague.sync();
		const caller = home.person();
		const store = await oldTablet(caller);
		await atRest(store, then.syncOnce, server, caller);
		colleague.set(id, { languages: 'arabe, wolof' });
		await colleague.sync();
		await saved(store, set(id, store.get('youth', id)?.rev ?? 0, { languages: 'arabe, anglais' }));
		await migrated();
		const opened = await openedToday(store);
		await atRest(opened, syncOnce, today(), caller);
		expect(opened.get('youth', id)?.fields.languages).toEqual(['ar', 'en', 'wo']);
		expect(JSON.stringify(heldBy(opened))).toBe(JSON.stringify(await rowsOnServer()));
	});

	it('[P5.6] a creation of version 1 that comes again is no other record, whatever happened since', async () => {
		const id = colleague.create('youth', { firstName: 'Kenza', languages: 'arabe, tchoutche' });
		const [creation] = colleague.queue;
		await colleague.sync();
		colleague.set(id, { languages: 'wolof' });
		await colleague.sync();
		await migrated();
		const before = await dataOf(id);

		const twin = new Tablet(today(), colleague.caller);
		twin.queue = [{ ...creation!, id: newId() }];
		twin.n = 1;
		const [again] = (await twin.sync()).rejects;
		expect(again).toBeUndefined();
		expect(await dataOf(id)).toEqual(before);
		twin.act({ ...creation!.changes[0]!, fields: { firstName: 'Kenza', languages: 'arabe' } } as Change);
		twin.queue = twin.queue.map((op) => ({ ...op, v: 1 }));
		expect((await twin.sync()).rejects).toMatchObject([{ reason: 'id_clash' }]);
	});

	it('thousands of records, in one go, twice without harm', async () => {
		const records = Array.from({ length: 1203 }, (_, i) => ({
			kind: 'youth' as const,
			id: newId(),
			site: home.pau,
			by: colleague.caller.user,
			at: 5,
			fields: { nickname: `n${i}`, ...(i % 3 < 2 && { languages: `arabe, parler ${i}` }) }
		}));
		await then.createRecords(base.db, home.id, records);
		const all = () => base.db.selectFrom('record').select(['id', 'rev', 'data']).orderBy('id').execute();
		const before = await all();
		await migrated();
		const after = await all();
		expect(after.map(({ rev }) => rev)).toEqual(before.map(({ rev }) => rev));
		after.forEach(({ data }, i) => {
			const { fields } = JSON.parse(data);
			const number = Number(fields.nickname.slice(1));
			if (number % 3 === 2) expect(data).toBe(before[i]?.data);
			else
				expect(fields).toEqual({
					nickname: `n${number}`,
					languages: ['ar'],
					otherLanguages: `parler ${number}`
				});
		});
		await migrations['0004-languages']!.up(base.db);
		expect(await all()).toEqual(after);
	});

	it('all or nothing: a record that can’t be read leaves the base as it was', async () => {
		for (const languages of ['arabe', 'turc', 'russe']) colleague.create('youth', { languages });
		await colleague.sync();
		const all = () => base.db.selectFrom('record').select(['id', 'data']).orderBy('id').execute();
		const last = (await all()).at(-1)!;
		await base.db.updateTable('record').set({ data: '{"languages":' }).where('id', '=', last.id).execute();
		const before = await all();
		await expect(migrated()).rejects.toThrow();
		expect(await all()).toEqual(before);
	});

	it('[P7.5] a tablet that was not updated hands in what it has, gets no rows, and loses nothing', async () => {
		const id = colleague.create('youth', { languages: 'arabe' });
		await colleague.sync();
		const caller = home.person();
		const store = await oldTablet(caller);
		await atRest(store, then.syncOnce, server, caller);
		const before = heldBy(store);
		await migrated();
		const now = today();
		const other = new Tablet(now, colleague.caller);
		other.create('youth', { languages: ['wo'] });
		await other.sync();

		await saved(store, create(newId(), { firstName: 'Zoé', languages: 'turc' }));
		await base.db.updateTable('organisation').set({ epoch: 'restored' }).execute();
		const { request, body } = await exchange(store, syncOnce, now, caller);
		expect(request.schema).toBe(1);
		// What it holds is of the former epoch still, and has to be compared when rows come again [P8.1].
		expect(body).toMatchObject({ acked: 1, rejects: [], sites: {}, update: true, more: false });
		expect(store.pendingCount()).toBe(0);
		expect((await store.nextRequest(250)).epoch).toBe(request.epoch);
		expect(heldBy(store).filter(({ rev }) => rev > 0)).toEqual(before);
		expect(heldBy(store)).toHaveLength(before.length + 1);
		const { schema: _, ...silent } = await store.nextRequest(250);
		expect((await syncOnce(now, caller, json({ ...silent, v: 1 }))).body).toMatchObject({
			sites: {},
			update: true
		});

		const opened = await openedToday(store);
		expect(opened.get('youth', id)?.fields.languages).toEqual(['ar']);
		await atRest(opened, syncOnce, now, caller);
		expect(heldBy(opened)).toHaveLength(3);
		expect(JSON.stringify(heldBy(opened))).toBe(JSON.stringify(await rowsOnServer()));
	});

	it('[P7.2] a tablet that is newer than its server keeps its queue until the server follows', async () => {
		const caller = home.person();
		const session = await sessionOf(caller.user);
		const created = await new Tablets(old.environment).create(
			{ ...session, organisation: { ...session.organisation, id: home.id }, sites: caller.sites },
			PASSPHRASE,
			'Neuve'
		);
		if (!created.ok) throw new Error(created.reason);
		const { store } = created;
		const refused = { error: { code: 'newer_client' } };
		expect((await exchange(store, then.syncOnce, server, caller)).body).toMatchObject(refused);
		await saved(store, create(newId(), { languages: ['ar'] }));
		expect((await exchange(store, then.syncOnce, server, caller)).body).toMatchObject(refused);
		expect(store.pendingCount()).toBe(1);
		await migrated();
		await atRest(store, syncOnce, today(), caller);
		expect(store.facts()).toMatchObject({ pending: 0, refused: 0 });
		expect(JSON.stringify(heldBy(store))).toBe(JSON.stringify(await rowsOnServer()));
	});

	it('[P8] acknowledged operations of version 1 go again to a server that lost them', async () => {
		const caller = home.person();
		const store = await oldTablet(caller);
		const id = newId();
		await saved(store, create(id, { firstName: 'Zoé', languages: 'turc, kurde' }));
		await atRest(store, then.syncOnce, server, caller);
		const opened = await openedToday(store);
		// The backup of the day before, in a base that today's server brought up to date.
		for (const table of ['record', 'operation', 'device'] as const) await base.db.deleteFrom(table).execute();
		await base.db.updateTable('organisation').set({ rev: 0, epoch: 'restored' }).execute();
		await migrated();
		const answers = await atRest(opened, syncOnce, today(), caller);
		expect(answers.flatMap(({ rejects }) => rejects)).toEqual([]);
		expect(opened.get('youth', id)?.fields).toEqual({ firstName: 'Zoé', languages: ['ku', 'tr'] });
		expect(JSON.stringify(heldBy(opened))).toBe(JSON.stringify(await rowsOnServer()));
	});

	it('[F13] a full queue from two releases ago drains', async () => {
		const caller = home.person('director', [home.pau, home.oloron]);
		const store = await oldTablet(caller);
		await atRest(store, then.syncOnce, server, caller);
		const made = new Map<Kind, string>();
		for (const kind of kinds) {
			const id = newId();
			made.set(kind, id);
			const isDirectory = kind === 'site' || kind === 'partner' || kind === 'staff';
			const name = kind === 'youth' ? { nickname: 'zaza', languages: 'arabe, parler de Gan' } : {};
			await saved(store, create(id, name, kind, isDirectory ? 'org' : home.pau));
		}
		const [zaza, outing, gone] = [made.get('youth')!, made.get('outing')!, made.get('visit')!];
		const inNeeds = { kind: 'youth', id: zaza, field: 'needs' } as const;
		await saved(store, { do: 'add', ...inNeeds, values: ['health', 'housing'] });
		await saved(store, { do: 'remove', ...inNeeds, seen: 0, values: ['health'] });
		await saved(store, {
			do: 'move',
			kind: 'followUp',
			id: made.get('followUp')!,
			seen: 0,
			site: home.oloron
		});
		await saved(store, { do: 'delete', kind: 'visit', id: gone, seen: 0 });
		for (let i = 0; i < 120; i++) {
			await saved(store, { do: 'count', kind: 'outing', id: outing, field: 'flyers', by: 1 });
			await saved(store, set(zaza, 0, { languages: i % 2 ? `turc, parler ${i}` : null, commune: `c${i}` }));
			if (i % 10 === 0) await saved(store, create(newId(), { nickname: `n${i}`, languages: 'wolof' }));
		}
		const total = store.pendingCount();
		expect(total).toBeGreaterThan(250);
		await migrated();

		// Today's release, and the one after it: it writes nicknames in capitals.
		const capitals = (operation: Record<string, unknown>) =>
			json(operation, (key, value) => (key === 'nickname' ? String(value).toUpperCase() : value));
		const next = {
			...today(),
			upgrade: (raw: Record<string, unknown>, from: number) =>
				upgradeOperation(raw, from, 3, { ...upgrades, 2: capitals })
		};
		const opened = await openedToday(store);
		expect(opened.pendingCount()).toBe(total);
		const answers = await atRest(opened, syncOnce, next, caller);

		const rejects = answers.flatMap((answer) => answer.rejects);
		expect(rejects.map(({ reason, detail }) => [reason, detail])).toEqual([
			['forbidden', 'staff: not for your role']
		]);
		expect(opened.facts()).toMatchObject({ pending: 0, refused: 1 });
		expect(opened.get('youth', zaza)?.fields).toMatchObject({
			nickname: 'ZAZA',
			languages: ['tr'],
			otherLanguages: 'parler 119',
			commune: 'c119',
			needs: ['housing']
		});
		expect(opened.get('outing', outing)?.fields).toEqual({ flyers: 120 });
		expect([...opened.all('youth').values()].map(({ fields }) => fields.nickname).sort()).toEqual(
			[...Array.from({ length: 12 }, (_, i) => `N${i * 10}`), 'ZAZA'].sort()
		);
		expect(opened.get('visit', gone)).toBeUndefined();
		expect(JSON.stringify(heldBy(opened))).toBe(JSON.stringify(await rowsOnServer()));
		const journal = await base.db
			.selectFrom('operation')
			.select(['body', 'outcome'])
			.where('user', '=', caller.user)
			.execute();
		expect(journal.filter(({ outcome }) => outcome === 'applied')).toHaveLength(total - 1);
		expect(new Set(journal.map(({ body }) => JSON.parse(body).v))).toEqual(new Set([1]));
	});
});
