import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clearTombstones, keepHouse } from '#lib/server/housekeeping.ts';
import { bases, type TestBase } from '../fixtures/bases.ts';
import { organisationOn, serverOn, Tablet } from '../fixtures/exchange.ts';

const DAY = 24 * 3600 * 1000;

describe.each(bases)('[P4] tombstones on $base', ({ open }) => {
	let base: TestBase;
	beforeEach(async () => {
		base = await open();
	});
	afterEach(() => base.close());

	const floors = () => base.db.selectFrom('organisation').select(['id', 'floor']).execute();
	const tombstones = () =>
		base.db.selectFrom('tombstone').select(['id', 'rev', 'at']).orderBy('rev').execute();

	/** One deletion now, one 100 days later; and one of another organisation. */
	async function deletions() {
		const server = serverOn(base);
		const [ours, theirs] = [await organisationOn(server), await organisationOn(server, 'Ailleurs')];
		const tablet = new Tablet(server, ours.person());
		const [early, late] = [tablet.create('youth'), tablet.create('youth')];
		const other = new Tablet(server, theirs.person());
		const kept = other.create('youth');
		await tablet.sync();
		await other.sync();
		const remove = (by: Tablet, id: string) => {
			by.act({ do: 'delete', kind: 'youth', id, seen: by.rows.get(id)?.rev ?? 0 });
			return by.sync();
		};
		await remove(tablet, early);
		const rev = (await tombstones())[0]?.rev ?? 0;
		server.clock.now += 100 * DAY;
		await remove(tablet, late);
		await remove(other, kept);
		return { server, ours, theirs, tablet, early, late, rev };
	}

	it('are dated by the server, go after 180 days, and leave the floor at the last of them', async () => {
		const { server, ours, early, late, rev } = await deletions();
		expect((await tombstones()).map(({ at }) => at)).toContain(server.clock.now);
		expect(await clearTombstones(base.db, server.clock.now + 79 * DAY)).toBe(0);
		expect(await clearTombstones(base.db, server.clock.now + 81 * DAY)).toBe(1);
		const left = (await tombstones()).map(({ id }) => id);
		expect(left).toContain(late);
		expect(left).not.toContain(early);
		expect(left).toHaveLength(2);
		for (const { id, floor } of await floors()) expect(floor).toBe(id === ours.id ? rev : 0);
		// Nothing to clear: the floor stays where it is.
		await clearTombstones(base.db, server.clock.now + 81 * DAY);
		expect((await floors()).map(({ floor }) => floor).sort()).toEqual([0, rev]);
	});

	it('a tablet that was away for longer is served anew and keeps nothing that was deleted', async () => {
		const { server, ours, tablet } = await deletions();
		const away = new Tablet(server, ours.person());
		const gone = tablet.create('youth', { lastName: 'gone' });
		const there = tablet.create('youth', { lastName: 'there' });
		await tablet.sync();
		await away.sync();
		tablet.act({ do: 'delete', kind: 'youth', id: gone, seen: 0 });
		await tablet.sync();
		server.clock.now += 200 * DAY;
		await clearTombstones(base.db, server.clock.now);
		expect(await tombstones()).toEqual([]);
		const { sites } = await away.sync();
		expect(sites[ours.pau]?.reset).toBe(true);
		expect(away.held.map(({ id }) => id)).toEqual([there]);
		// Whoever was there when it happened is not disturbed.
		expect((await tablet.sync()).sites[ours.pau]?.reset).toBeUndefined();
	});

	it('of a time when their age was not noted count from the day they are found', async () => {
		const { server } = await deletions();
		await base.db.updateTable('tombstone').set({ at: 0 }).execute();
		expect(await clearTombstones(base.db, server.clock.now)).toBe(0);
		expect(await clearTombstones(base.db, server.clock.now + 181 * DAY)).toBe(3);
	});

	it('are looked after at the start and every day; a failure is reported and tried again', async () => {
		const { server } = await deletions();
		vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
		try {
			const defects: unknown[] = [];
			let now = server.clock.now + 90 * DAY;
			const broken = { ...base, db: base.db.withSchema('nowhere') };
			const stopBroken = keepHouse(
				broken.db,
				() => now,
				(defect) => defects.push(defect)
			);
			await expect.poll(() => defects.length).toBe(1);
			vi.advanceTimersByTime(DAY);
			await expect.poll(() => defects.length).toBe(2);
			stopBroken();
			const stop = keepHouse(
				base.db,
				() => now,
				(defect) => defects.push(defect)
			);
			await expect.poll(async () => (await tombstones()).length).toBe(2);
			now += 200 * DAY;
			vi.advanceTimersByTime(DAY);
			await expect.poll(async () => (await tombstones()).length).toBe(0);
			stop();
			expect(vi.getTimerCount()).toBe(0);
			expect(defects).toHaveLength(2);
		} finally {
			vi.useRealTimers();
		}
	});
});
