import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { beforeEach, describe, expect, it } from 'vitest';
import { shouldLock } from '#lib/store/auto-lock.ts';
import { Registry } from '#lib/store/database.ts';
import { checkSupport, storageFacts } from '#lib/store/storage.ts';
import type { TabletStore } from '#lib/store/tablet-store.ts';
import { Tablets } from '#lib/store/tablets.ts';
import { bench, PASSPHRASE, sessionOf, synced, youth } from '../fixtures/tablet.ts';

let b: ReturnType<typeof bench>;
beforeEach(() => {
	Dexie.dependencies.indexedDB = new IDBFactory();
	b = bench();
});

async function vaultOf(name: string, passphrase = PASSPHRASE): Promise<TabletStore> {
	const created = await b.tablets.create(await sessionOf(b.newId(), name), passphrase, `alias ${name}`);
	if (!created.ok) throw new Error(created.reason);
	return created.store;
}
const lock = async (store: TabletStore) => {
	store.lock();
	await store.closed();
};

describe('the vaults of a tablet', () => {
	it('are listed by alias, oldest first, and opened by their own passphrase only', async () => {
		const [one, two] = [await vaultOf('Maïté'), await vaultOf('Karim', 'escale falaise galet hameau')];
		await lock(one);
		await lock(two);
		expect(await b.tablets.list()).toMatchObject({
			lost: 0,
			vaults: [{ id: one.vault, alias: 'alias Maïté' }, { id: two.vault }]
		});
		expect(await b.tablets.open(two.vault, PASSPHRASE)).toEqual({
			ok: false,
			reason: 'wrong-passphrase',
			wait: 0,
			failures: 1
		});
		const opened = await b.tablets.open(one.vault, PASSPHRASE);
		expect(opened.ok && opened.store.holder).toMatchObject({ name: 'Maïté', role: 'counsellor' });
		if (opened.ok) await lock(opened.store);
	});

	it('refuse a passphrase too easy to guess', async () => {
		const session = await sessionOf(b.newId());
		expect(await b.tablets.create(session, 'court', 'x')).toEqual({ ok: false, reason: 'too-short' });
		expect(await b.tablets.create(session, 'Maïté Larrouy', 'x')).toEqual({ ok: false, reason: 'personal' });
		expect((await b.tablets.list()).vaults).toEqual([]);
	});

	it('make wrong tries wait, on disk: another start of the app gives none back, and nothing is deleted', async () => {
		const store = await vaultOf('Maïté');
		await store.commit([youth(b.newId(), { firstName: 'Zoé' })]);
		await lock(store);
		const wrong = (tablets: Tablets) => tablets.open(store.vault, 'faux faux faux faux');
		await wrong(b.tablets);
		await wrong(b.tablets);
		expect(await wrong(new Tablets(b.environment))).toMatchObject({
			reason: 'wrong-passphrase',
			failures: 3
		});
		const again = await new Tablets(b.environment).open(store.vault, PASSPHRASE);
		expect(again).toMatchObject({ ok: false, reason: 'too-soon', failures: 3 });
		if (again.ok || !('wait' in again)) throw new Error('opened');
		b.pass(again.wait);
		for (let i = 0; i < 9; i++) {
			await wrong(b.tablets);
			b.pass(300_000);
		}
		const opened = await b.tablets.open(store.vault, PASSPHRASE);
		expect(opened.ok && opened.store.queue()).toHaveLength(1);
		expect((await b.tablets.list()).vaults[0]).toMatchObject({ failures: 0, wait: 0 });
		if (opened.ok) await lock(opened.store);
	});

	it('enforce the floor on stored parameters', async () => {
		const store = await vaultOf('Maïté');
		await lock(store);
		const registry = new Registry();
		const entry = await registry.vaults.get(store.vault);
		entry!.slots[0]!.argon = { memory: 1024, passes: 1 };
		await registry.vaults.put(entry!);
		registry.close();
		expect(await b.tablets.open(store.vault, PASSPHRASE)).toEqual({ ok: false, reason: 'weak-parameters' });
	});

	it('change their passphrase without a change of what they hold', async () => {
		const store = await vaultOf('Maïté');
		await store.commit([youth(b.newId(), { firstName: 'Zoé' })]);
		await lock(store);
		const next = 'escale falaise galet hameau';
		expect(await b.tablets.changePassphrase(store.vault, PASSPHRASE, next)).toEqual({ ok: true });
		expect(await b.tablets.open(store.vault, PASSPHRASE)).toMatchObject({ reason: 'wrong-passphrase' });
		const opened = await b.tablets.open(store.vault, next);
		expect(opened.ok && opened.store.all('youth').size).toBe(1);
		if (opened.ok) await lock(opened.store);
	});

	it('[F30] go one by one: signing out never drops unsent work, nor another’s', async () => {
		const [one, two] = [await vaultOf('Maïté'), await vaultOf('Karim')];
		for (const store of [one, two]) await store.commit([youth(b.newId(), { firstName: 'Zoé' })]);
		expect(await b.tablets.closeForGood(one)).toEqual({
			ok: false,
			reason: 'unsent',
			pending: 1,
			refused: 0
		});
		expect(one.isOpen).toBe(true);
		await synced(one, { rejects: [{ n: 1, reason: 'invalid', detail: '', rows: [], gone: [] }] });
		expect(await b.tablets.closeForGood(one)).toMatchObject({ ok: false, reason: 'unsent', refused: 1 });
		await one.discard(1);
		expect(await b.tablets.closeForGood(one)).toEqual({ ok: true });
		expect((await b.tablets.list()).vaults.map(({ id }) => id)).toEqual([two.vault]);
		expect((await Dexie.getDatabaseNames()).sort()).toEqual(['escale', `escale-${two.vault}`]);
		expect(two.queue()).toHaveLength(1);
		expect(await b.tablets.closeForGood(two, { exported: true })).toEqual({ ok: true });
	});

	it('[F10] tell that the browser emptied them: all of it, or one', async () => {
		const [one, two] = [await vaultOf('Maïté'), await vaultOf('Karim')];
		await lock(one);
		await lock(two);
		await Dexie.delete(`escale-${one.vault}`);
		expect(await b.tablets.open(one.vault, PASSPHRASE)).toEqual({ ok: false, reason: 'emptied' });
		await Dexie.delete('escale');
		const after = new Tablets(b.environment);
		expect(await after.list()).toEqual({ vaults: [], lost: 2 });
		await after.forgetLost();
		expect((await after.list()).lost).toBe(0);
		expect(await after.open(one.vault, PASSPHRASE)).toEqual({ ok: false, reason: 'unknown' });
	});

	it('refuse to be refreshed by another person’s session', async () => {
		const store = await vaultOf('Maïté');
		await expect(store.refreshSession(await sessionOf(b.newId()))).rejects.toThrow();
		await store.refreshSession({ ...(await sessionOf(store.holder.user)), role: 'manager' });
		await lock(store);
		const opened = await b.tablets.open(store.vault, PASSPHRASE);
		expect(opened.ok && opened.store.holder.role).toBe('manager');
		if (opened.ok) await lock(opened.store);
	});
});

describe('locking by the wall clock', () => {
	const after = { idle: 900_000, hidden: 60_000 };
	it.each<[string, number | undefined, number, boolean]>([
		['touched just now', undefined, 1_000_100, false],
		['untouched for long', undefined, 1_900_000, true],
		['slept for a day, whatever timers did', undefined, 87_400_000, true],
		['hidden for a moment', 1_000_000, 1_059_999, false],
		['hidden for long', 1_000_000, 1_060_000, true],
		['a clock set back by an hour', undefined, 1_000_000 - 3_600_000, true]
	])('%s', (_, hiddenAt, now, expected) => {
		expect(shouldLock({ touchedAt: 1_000_000, hiddenAt }, now, after)).toBe(expected);
	});
});

describe('what this browser can', () => {
	it('is enough here', async () => expect(await checkSupport()).toMatchObject({ ok: true }));
	it('is said where it is not known', async () => expect((await storageFacts()).persistence).toBe('unknown'));
	it('is refused in words where the database does not open', async () => {
		Dexie.dependencies.indexedDB.open = () => {
			throw new DOMException('private', 'SecurityError');
		};
		expect(await checkSupport()).toEqual({ ok: false, reason: 'database-refused' });
	});
});
