import 'fake-indexeddb/auto';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Dexie } from 'dexie';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assign, create, type Change } from '#lib/domain/change.ts';
import { kinds, type Row } from '#lib/domain/records.ts';
import { checkBackup, restoreBackup } from '#lib/server/backup/restore.ts';
import { writeBackup } from '#lib/server/backup/write.ts';
import { recordColumns, rowOf, storedOf } from '#lib/server/records.ts';
import { syncOnce, type Caller } from '#lib/server/sync/handler.ts';
import type { TabletStore } from '#lib/store/tablet-store.ts';
import { bases, type TestBase } from '../fixtures/bases.ts';
import { isAnswer, newId, organisationOn, serverOn, type TestServer } from '../fixtures/exchange.ts';
import { bench, PASSPHRASE, sessionOf } from '../fixtures/tablet.ts';

const DAY = 24 * 3600 * 1000;
const key = randomBytes(32);
const MORNING = Date.UTC(2026, 2, 10, 8);

/** A real store, and the network to whatever server there is. */
class Notebook {
	store: TabletStore;
	readonly caller: Caller;
	readonly committed: string[] = [];
	#bench: ReturnType<typeof bench>;

	private constructor(store: TabletStore, caller: Caller, shared: ReturnType<typeof bench>) {
		this.store = store;
		this.caller = caller;
		this.#bench = shared;
	}

	static async setUp(caller: Caller, shared: ReturnType<typeof bench>): Promise<Notebook> {
		const { organisation: id, user, role, sites } = caller;
		const session = await sessionOf(user);
		const organisation = { ...session.organisation, id };
		const made = await shared.tablets.create({ ...session, organisation, role, sites }, PASSPHRASE, user);
		if (!made.ok) throw new Error(made.reason);
		return new Notebook(made.store, caller, shared);
	}

	async save(...changes: Change[]): Promise<void> {
		const saved = await this.store.commit(changes);
		if (!saved.ok) throw new Error(`${saved.reason}: ${saved.detail}`);
		const entry = this.store.queue().find(({ n }) => n === saved.n);
		this.committed.push(entry!.id);
	}

	/** Until nothing is left to send or to get. */
	async sync(server: TestServer): Promise<void> {
		for (let round = 0; round < 30; round++) {
			const request = await this.store.nextRequest(3);
			const { body } = await syncOnce(server, this.caller, JSON.parse(JSON.stringify(request)));
			if (!isAnswer(body)) throw new Error(JSON.stringify(body));
			const { more } = await this.store.applyAnswer(request, JSON.parse(JSON.stringify(body)));
			if (!more && this.store.pendingCount() === 0) return;
		}
		throw new Error('the tablet never comes to rest');
	}

	/** Closed, opened again by its passphrase, and tidied up as when it is idle. */
	async overNight(): Promise<void> {
		this.store.lock();
		await this.store.closed();
		const opened = await this.#bench.tablets.open(this.store.vault, PASSPHRASE);
		if (!opened.ok) throw new Error(opened.reason);
		this.store = opened.store;
		await this.store.fold();
	}

	youth(id: string): Row<'youth'> {
		const row = this.store.get('youth', id);
		if (!row) throw new Error(`no youth ${id}`);
		return row;
	}

	get rows(): Row[] {
		return byId(kinds.flatMap((kind): Row[] => [...this.store.all(kind).values()]));
	}
}

const byId = (rows: Row[]): Row[] => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
/** What people wrote; revisions are counted anew in another life. */
const written = (rows: Row[]) => byId(rows).map(({ kind, id, site, fields }) => ({ kind, id, site, fields }));

async function rowsOn({ db }: TestServer): Promise<Row[]> {
	const rows = await db.selectFrom('record').select(recordColumns).where('deleted', '=', 0).execute();
	return byId(rows.map((row) => rowOf(storedOf(row))));
}

describe.each(bases)('[F3] the server comes back from a backup of $base', ({ open }) => {
	let first: TestBase;
	let second: TestBase;
	beforeEach(async () => {
		Dexie.dependencies.indexedDB = new IDBFactory();
		[first, second] = [await open(), await open()];
	});
	afterEach(async () => {
		await first.close();
		await second.close();
	});

	it('[P8] 24 hours old, and no change that a tablet still holds is lost', async () => {
		const server = serverOn(first);
		server.clock.now = MORNING;
		const home = await organisationOn(server);
		const shared = bench();
		const [ana, lou] = [
			await Notebook.setUp(home.person(), shared),
			await Notebook.setUp(home.person('counsellor', [home.oloron, home.pau]), shared)
		];
		const [kenza, theo, goes, outing] = [newId(), newId(), newId(), newId()];
		await ana.save(create('youth', kenza, home.pau, { firstName: 'Kenza', needs: ['housing'] }));
		await ana.save(create('youth', goes, home.pau, { firstName: 'Double' }));
		await ana.save(create('outing', outing, home.pau, { approached: 2 }));
		await ana.sync(server);
		await lou.save(create('youth', theo, home.oloron, { firstName: 'Théo' }));
		await lou.sync(server);
		await ana.sync(server);

		const file = join(first.folder, 'nightly.backup');
		await writeBackup(first, { file, key, now: server.clock.now, version: '1' });

		// A day's work reaches the server that will be lost; one tablet is seen for the first time.
		const max = await Notebook.setUp(home.person('outreach'), shared);
		await max.sync(server);
		const count = (by: number): Change => ({
			do: 'count',
			kind: 'outing',
			id: outing,
			field: 'approached',
			by
		});
		await ana.save(assign(ana.youth(kenza), { lastName: 'Benali' }));
		await ana.save(count(3));
		await ana.save({ do: 'delete', kind: 'youth', id: goes, seen: ana.youth(goes).rev });
		await lou.save({ do: 'add', kind: 'youth', id: kenza, field: 'needs', values: ['health'] });
		await lou.save({ do: 'move', kind: 'youth', id: theo, seen: lou.youth(theo).rev, site: home.pau });
		await lou.save(create('youth', newId(), newId(), { firstName: 'Nowhere' }));
		for (let i = 0; i < 7; i++)
			await max.save(create('youth', newId(), home.pau, { nickname: `M${i}` }), count(1));
		const team = [ana, lou, max];
		for (const tablet of [...team, ...team]) await tablet.sync(server);
		const lost = await rowsOn(server);
		expect(lost.find(({ id }) => id === outing)?.fields).toMatchObject({ approached: 12 });
		expect(lou.store.queue().map(({ state }) => state)).toEqual(['refused']);
		for (const tablet of team) await tablet.overNight();
		// One more, which no server has seen.
		await max.save(count(1));

		// The machine is lost: a new base from yesterday's file.
		shared.pass(DAY);
		await restoreBackup(second, await checkBackup(file, key), false);
		const restored = serverOn(second, { keys: server.keys });
		restored.clock.now = MORNING + DAY;
		expect(await rowsOn(restored)).toHaveLength(4);
		// The new life goes past the cursors of the one before: only the epoch tells a tablet that its revisions mean nothing.
		const nina = await Notebook.setUp(home.person(), shared);
		for (let i = 0; i < 30; i++) await nina.save(create('youth', newId(), home.pau, { nickname: `N${i}` }));
		await nina.sync(restored);
		for (const tablet of [max, lou, ana, ...team]) await tablet.sync(restored);
		const news = nina.rows.filter(({ fields }) =>
			/^N\d/.test(String('nickname' in fields && fields.nickname))
		);

		const now = await rowsOn(restored);
		const expected = lost.map((row) =>
			row.id === outing ? { ...row, fields: { ...row.fields, approached: 13 } } : row
		);
		expect(written(now)).toEqual(written([...(expected as Row[]), ...news]));
		for (const tablet of team) {
			const scopes = ['org', `user:${tablet.caller.user}`, ...tablet.caller.sites];
			expect(tablet.rows).toEqual(now.filter(({ site }) => scopes.includes(site)));
		}
		// What comes again although this base has it is noted as such, and changes nothing.
		const journal = await second.db
			.selectFrom('operation')
			.select(['id', 'outcome'])
			.where('outcome', '<>', 'repeated')
			.execute();
		const refused = lou.store.queue()[0]?.id;
		for (const tablet of team)
			for (const id of tablet.committed)
				expect(journal.filter((entry) => entry.id === id).map(({ outcome }) => outcome)).toEqual([
					id === refused ? 'refused' : 'applied'
				]);
		// Refused again, with its body on both sides.
		expect(lou.store.queue().map(({ state }) => state)).toEqual(['refused']);
		expect(await second.db.selectFrom('reject').select('user').execute()).toEqual([
			{ user: lou.caller.user }
		]);
	});
});
