import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change } from '#lib/domain/change.ts';
import { bases, type TestBase } from '../fixtures/bases.ts';
import { newId, organisationOn, serverOn, Tablet } from '../fixtures/exchange.ts';

describe.each(bases)('many tablets at once: $base', ({ open }) => {
	let base: TestBase;
	beforeAll(async () => {
		base = await open();
	});
	afterAll(() => base.close());

	it('[F25] [P3] revisions become visible in commit order: a tablet that pulls meanwhile misses nothing', async () => {
		const server = serverOn(base);
		const home = await organisationOn(server);
		const writers = Array.from({ length: 12 }, () => new Tablet(server, home.person()));
		const outing = writers[0]!.create('outing', { flyers: 0 });
		await writers[0]!.sync();
		let writing = true;
		const reader = new Tablet(server, home.person());
		const reading = (async () => {
			while (writing) await reader.exchange();
		})();
		await Promise.all(
			writers.map(async (writer) => {
				for (let round = 0; round < 5; round++) {
					for (let i = 0; i < 4; i++) writer.create('youth', { firstName: `${round}.${i}` });
					writer.act({ do: 'count', kind: 'outing', id: outing, field: 'flyers', by: 1 });
					await writer.sync();
				}
			})
		);
		writing = false;
		await reading;
		await reader.sync();
		const fresh = new Tablet(server, home.person());
		await fresh.sync();
		expect(reader.held).toEqual(fresh.held);
		expect(reader.rows.size).toBe(1 + 12 * 5 * 4);
		expect(reader.rows.get(outing)?.fields).toEqual({ flyers: 60 });
		const revs = await base.db
			.selectFrom('operation')
			.select('rev')
			.where('organisation', '=', home.id)
			.execute();
		expect(new Set(revs.map((r) => r.rev)).size).toBe(1 + 12 * 5 * 5);
		expect(server.defects).toEqual([]);
	});

	it("[P3] organisations do not wait for each other's revisions", async () => {
		const server = serverOn(base);
		const homes = await Promise.all([1, 2, 3].map(() => organisationOn(server)));
		await Promise.all(
			homes.map(async (home) => {
				const tablet = new Tablet(server, home.person());
				for (let i = 0; i < 10; i++) tablet.create('youth');
				await tablet.sync();
				expect(tablet.held.map((r) => r.rev).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
			})
		);
	});

	it('[P2] [P5] whatever is lost, doubled or late: tallies count once, sets and rows converge, replays change nothing', async () => {
		const act = fc.oneof(
			fc.record({ is: fc.constant('count' as const), by: fc.integer({ min: -3, max: 5 }) }),
			fc.record({ is: fc.constant('name' as const), value: fc.constantFrom('Kenza', 'Kenza-Lou', 'K.') }),
			fc.record({ is: fc.constant('add' as const), value: fc.constantFrom('housing', 'health') }),
			fc.record({ is: fc.constant('remove' as const), value: fc.constantFrom('housing', 'health') }),
			fc.record({
				is: fc.constantFrom('sync' as const, 'lose' as const, 'double' as const, 'replay' as const)
			})
		);
		const step = fc.tuple(fc.nat(2), act);
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 5, maxLength: 25 }),
				fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 }),
				async (steps, years) => {
					const server = serverOn(base);
					const home = await organisationOn(server);
					const tablets = years.map((y) => {
						const tablet = new Tablet(server, home.person());
						tablet.ahead = y * 365 * 86_400_000;
						return tablet;
					});
					const [outing, youth] = [tablets[0]!.create('outing', {}), tablets[0]!.create('youth', {})];
					for (const tablet of tablets) await tablet.sync();
					let counted = 0;
					const sent: { tablet: Tablet; request: unknown }[] = [];
					for (const [who, action] of steps) {
						const tablet = tablets[who]!;
						const row = tablet.rows.get(youth);
						const needs = { kind: 'youth' as const, id: youth, field: 'needs' };
						server.clock.now += 1000;
						switch (action.is) {
							case 'count':
								counted += action.by;
								tablet.act({ do: 'count', kind: 'outing', id: outing, field: 'flyers', by: action.by });
								break;
							case 'name':
								tablet.set(youth, { firstName: action.value });
								break;
							case 'add':
								tablet.act({ do: 'add', ...needs, values: [action.value] });
								break;
							case 'remove':
								tablet.act({ do: 'remove', ...needs, values: [action.value], seen: row?.rev ?? 0 });
								break;
							case 'sync':
								await tablet.exchange();
								break;
							default: {
								const request = tablet.request();
								sent.push({ tablet, request });
								if (action.is === 'double') await Promise.all([tablet.send(request), tablet.send(request)]);
								else if (action.is === 'lose') await tablet.send(request);
								else for (const old of sent) await old.tablet.send(old.request);
							}
						}
					}
					for (const tablet of [...tablets, ...tablets]) await tablet.sync();
					const [first, ...others] = tablets.map((t) => t.held);
					for (const other of others) expect(other).toEqual(first);
					expect(tablets[0]!.fieldsOf(outing)?.flyers ?? 0).toBe(counted);
					for (const { tablet, request } of sent) await tablet.send(request);
					const fresh = new Tablet(server, home.person());
					await fresh.sync();
					expect(fresh.held).toEqual(first);
					expect(server.defects).toEqual([]);
				}
			),
			{ numRuns: 25 }
		);
	});

	it("[P5] what one wrote in knowledge of the other's value is never undone by it", async () => {
		const server = serverOn(base);
		const home = await organisationOn(server);
		const [a, b, c] = [1, 2, 3].map(() => new Tablet(server, home.person())) as [Tablet, Tablet, Tablet];
		const id = a.create('youth', { phone: '+33600000001' });
		for (const tablet of [a, b, c]) await tablet.sync();
		c.ahead = 50_000;
		c.set(id, { phone: '+33600000009' });
		server.clock.now += 3_600_000;
		a.set(id, { phone: '+33600000002' });
		await a.sync();
		await b.sync();
		b.ahead = -5 * 365 * 86_400_000;
		b.set(id, { phone: '+33600000003' });
		for (const tablet of [b, c, a, b, c]) await tablet.sync();
		expect([a, b, c].map((t) => t.fieldsOf(id)?.phone)).toEqual(Array(3).fill('+33600000003'));
	});

	it('[P6] a record touched by many operations of one push ends as if they had come one by one', async () => {
		const server = serverOn(base);
		const home = await organisationOn(server);
		const id = newId();
		const target = { kind: 'youth' as const, id };
		const changes: Change[] = [
			{ do: 'create', ...target, site: home.pau, fields: { firstName: 'A', needs: [] } },
			{ do: 'set', ...target, seen: 0, fields: { firstName: 'B' } },
			{ do: 'add', ...target, field: 'needs', values: ['housing'] },
			{ do: 'remove', ...target, seen: 0, field: 'needs', values: ['housing'] },
			{ do: 'set', ...target, seen: 0, fields: { firstName: null, lastName: 'C' } }
		];
		const [batch, single] = [
			new Tablet(server, home.person()),
			new Tablet(server, (await organisationOn(server)).person('counsellor', [home.pau]))
		];
		for (const change of changes) {
			batch.act(change);
			single.act(change);
			await single.sync();
		}
		await batch.sync();
		const plain = (tablet: Tablet) =>
			tablet.held.map((row) => ({ ...row, by: '', past: row.past?.map((p) => ({ ...p, by: '' })) }));
		expect(plain(batch)).toEqual(plain(single));
		expect(batch.rows.get(id)?.fields).toEqual({ lastName: 'C', needs: [] });
	});
});
