import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '#lib/domain/change.ts';
import { SCHEMA_VERSION } from '#lib/domain/records.ts';
import type { Operation } from '#lib/protocol/operation.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/sync.ts';
import { bases, type TestBase } from '../fixtures/bases.ts';
import { isAnswer, newId, organisationOn, serverOn, Tablet, type TestServer } from '../fixtures/exchange.ts';

describe.each(bases)('operations up: $base', ({ open }) => {
	let base: TestBase;
	let server: TestServer;
	let home: Awaited<ReturnType<typeof organisationOn>>;
	let tablet: Tablet;

	beforeAll(async () => {
		base = await open();
	});
	afterAll(() => base.close());
	beforeEach(async () => {
		server = serverOn(base);
		home = await organisationOn(server);
		tablet = new Tablet(server, home.person());
	});

	const lastRev = async () =>
		(
			await base.db
				.selectFrom('organisation')
				.select('rev')
				.where('id', '=', home.id)
				.executeTakeFirstOrThrow()
		).rev;
	const everything = async () => ({
		records: await base.db
			.selectFrom('record')
			.selectAll()
			.where('organisation', '=', home.id)
			.orderBy('id')
			.execute(),
		tombstones: await base.db
			.selectFrom('tombstone')
			.selectAll()
			.where('organisation', '=', home.id)
			.orderBy('id')
			.execute(),
		operations: await base.db
			.selectFrom('operation')
			.selectAll()
			.where('organisation', '=', home.id)
			.orderBy('n')
			.execute(),
		rejects: await base.db
			.selectFrom('reject')
			.selectAll()
			.where('organisation', '=', home.id)
			.orderBy('n')
			.execute(),
		rev: await lastRev()
	});
	const outing = async () => {
		const id = tablet.create('outing', { flyers: 0 });
		await tablet.sync();
		return id;
	};
	const flyer = (id: string): Change => ({ do: 'count', kind: 'outing', id, field: 'flyers', by: 1 });

	it('[P1] what a tablet did is acknowledged and comes back as rows', async () => {
		const id = tablet.create('youth', { firstName: 'Kenza', needs: ['housing', 'health'] });
		const answer = await tablet.sync();
		expect(answer).toMatchObject({
			v: PROTOCOL_VERSION,
			acked: 1,
			rejects: [],
			drop: [],
			more: false,
			remaining: 0,
			now: server.clock.now
		});
		expect(tablet.rows.get(id)).toEqual({
			kind: 'youth',
			id,
			site: home.pau,
			rev: 1,
			by: tablet.caller.user,
			at: server.clock.now,
			fields: { firstName: 'Kenza', needs: ['health', 'housing'] }
		});
		expect(server.defects).toEqual([]);
	});

	it('[F14] [P2] a lost answer: the same request again changes nothing and says the same', async () => {
		const id = await outing();
		tablet.act(flyer(id));
		tablet.act({ do: 'delete', kind: 'youth', id: newId(), seen: 0 });
		const request = tablet.request();
		const first = await tablet.send(request);
		const before = await everything();
		const second = await tablet.send(request);
		expect(await everything()).toEqual(before);
		expect(second).toEqual(first);
		expect(second.body).toMatchObject({ acked: 3, rejects: [{ n: 3, reason: 'invalid' }] });
	});

	it('[P2] doubled inside one request: applied once', async () => {
		const id = await outing();
		const op = tablet.act(flyer(id));
		await tablet.send(tablet.request([op, op]));
		await tablet.send(tablet.request([op]));
		await tablet.sync();
		expect(tablet.rows.get(id)?.fields).toEqual({ flyers: 1 });
	});

	it('[P2] two requests of one tablet under way at once: applied once', async () => {
		const id = await outing();
		for (let i = 0; i < 20; i++) tablet.act(flyer(id));
		const request = tablet.request();
		const answers = await Promise.all([1, 2, 3, 4].map(() => tablet.send(request)));
		for (const { status, body } of answers) {
			expect(status).toBe(200);
			expect(body).toMatchObject({ acked: 21, rejects: [] });
		}
		await tablet.sync();
		expect(tablet.rows.get(id)?.fields).toEqual({ flyers: 20 });
	});

	it('[P2] after a gap nothing is applied: the answer says the last number', async () => {
		const id = await outing();
		const [, third] = [tablet.act(flyer(id)), tablet.act(flyer(id))];
		const { body } = await tablet.send(tablet.request([third]));
		expect(body).toMatchObject({ acked: 1, rejects: [] });
		await tablet.sync();
		expect(tablet.rows.get(id)?.fields).toEqual({ flyers: 2 });
	});

	it('[P2] a gap in the middle: what precedes it counts', async () => {
		const id = await outing();
		const ops = [tablet.act(flyer(id)), tablet.act(flyer(id)), tablet.act(flyer(id))];
		const { body } = await tablet.send(tablet.request([ops[0], ops[2]]));
		expect(body).toMatchObject({ acked: 2 });
	});

	it.each(['another id', 'another body'])(
		'[P2] the same number with %s is a cloned profile: forked, and nothing is applied',
		async (what) => {
			const id = await outing();
			const op = tablet.act(flyer(id));
			await tablet.sync();
			const clone: Operation =
				what === 'another id'
					? { ...op, id: newId() }
					: { ...op, changes: [{ do: 'count', kind: 'outing', id, field: 'flyers', by: 5 }] };
			const before = await everything();
			const answer = await tablet.send(tablet.request([clone, { ...tablet.act(flyer(id)) }]));
			expect(answer).toEqual({ status: 409, body: { error: { code: 'forked', detail: 'device' } } });
			expect(await everything()).toEqual(before);
		}
	);

	it('[P2] a clone that goes on under a new device id does not count twice what the original sent', async () => {
		const id = await outing();
		const clone = new Tablet(server, tablet.caller);
		const shared = tablet.act(flyer(id));
		await tablet.sync();
		clone.queue.push({ ...shared, n: 1 });
		clone.n = 1;
		clone.act(flyer(id));
		await clone.sync();
		expect(clone.rows.get(id)?.fields).toEqual({ flyers: 2 });
	});

	it('[P2] two accounts on one tablet have a queue each', async () => {
		const other = new Tablet(server, home.person());
		other.device = tablet.device;
		const [a, b] = [tablet.create('youth', { firstName: 'A' }), other.create('youth', { firstName: 'B' })];
		await tablet.sync();
		await other.sync();
		expect([...other.rows.keys()].sort()).toEqual([a, b].sort());
	});

	it('[P3] one revision per operation that changed something, in the order of the queue', async () => {
		const [a, b] = [newId(), newId()];
		const make = (id: string): Change => ({ do: 'create', kind: 'youth', id, site: home.pau, fields: {} });
		tablet.act(make(a), make(b));
		tablet.act(make(a));
		const c = tablet.create('youth');
		await tablet.sync();
		expect([a, b, c].map((id) => tablet.rows.get(id)?.rev)).toEqual([1, 1, 2]);
		expect(await lastRev()).toBe(2);
	});

	it('[P5] two tablets edit one file offline: both edits arrive, one value wins, the other is kept, in either order', async () => {
		for (const firstToSync of ['a', 'b'] as const) {
			const [a, b] = [new Tablet(server, home.person()), new Tablet(server, home.person())];
			const id = a.create('youth', { firstName: 'Kenza', phone: '+33600000001' });
			await a.sync();
			await b.sync();
			server.clock.now += 120_000;
			a.ahead = -60_000;
			a.set(id, { phone: '+33600000002', email: 'kenza@exemple.fr' });
			b.set(id, { phone: '+33600000003', commune: 'Nay' });
			for (const one of firstToSync === 'a' ? [a, b, a] : [b, a, b]) await one.sync();
			expect(a.held).toEqual(b.held);
			const row = a.rows.get(id);
			expect(row?.fields).toEqual({
				firstName: 'Kenza',
				phone: '+33600000003',
				email: 'kenza@exemple.fr',
				commune: 'Nay'
			});
			expect(row?.past?.filter((p) => p.why === 'lost').map((p) => [p.value, p.by])).toEqual([
				['+33600000002', a.caller.user]
			]);
		}
	});

	it('[F22] [P5] a clock five years ahead does not win for ever', async () => {
		const [ahead, right] = [new Tablet(server, home.person()), new Tablet(server, home.person())];
		const id = ahead.create('youth', { phone: '+33600000001' });
		await ahead.sync();
		await right.sync();
		ahead.ahead = 5 * 365 * 86_400_000;
		ahead.set(id, { phone: '+33600000002' });
		await ahead.sync();
		server.clock.now += 60_000;
		right.set(id, { phone: '+33600000003' });
		await right.sync();
		await ahead.sync();
		expect(ahead.fieldsOf(id)?.phone).toBe('+33600000003');
		expect(ahead.rows.get(id)?.at).toBeLessThanOrEqual(server.clock.now);
	});

	it('[P5] a deleted file leaves every tablet; an edit by someone unaware is acknowledged and does not bring it back', async () => {
		const other = new Tablet(server, home.person());
		const id = tablet.create('youth', { firstName: 'Kenza' });
		await tablet.sync();
		await other.sync();
		tablet.act({ do: 'delete', kind: 'youth', id, seen: 1 });
		await tablet.sync();
		other.set(id, { firstName: 'Kenza-Lou' });
		const answer = await other.sync();
		expect(answer).toMatchObject({ acked: 1, rejects: [] });
		expect([tablet.rows.has(id), other.rows.has(id)]).toEqual([false, false]);
		const stored = await base.db
			.selectFrom('record')
			.select('data')
			.where('id', '=', id)
			.executeTakeFirstOrThrow();
		expect(JSON.parse(stored.data).past).toMatchObject([
			{ field: 'firstName', value: 'Kenza-Lou', why: 'lost' }
		]);
	});

	it('[F24] [P6] every operation has its own outcome; a refused one keeps its body and the reason', async () => {
		const youth = newId();
		const make = (id: string, fields: Record<string, unknown>): Change => ({
			do: 'create',
			kind: 'youth',
			id,
			site: home.pau,
			fields
		});
		tablet.act(make(youth, { firstName: 'Kenza' }));
		const bad = tablet.act(make(newId(), { firstName: 'Théo' }), make(newId(), { birthDate: '2031-02-30' }));
		const elsewhere = tablet.act({ ...make(newId(), {}), site: home.oloron } as Change);
		tablet.act(make(youth, { firstName: 'Somebody else' }));
		tablet.act({ do: 'set', kind: 'youth', id: youth, seen: 0, fields: { phone: '+33600000001' } });
		const answer = await tablet.exchange();
		expect(answer.acked).toBe(5);
		expect(answer.rejects.map((r) => [r.n, r.reason, r.detail])).toEqual([
			[2, 'invalid', 'birthDate: value'],
			[3, 'forbidden', 'site: not one of yours'],
			[4, 'id_clash', 'youth: another record has this id']
		]);
		expect(answer.rejects[0]).toMatchObject({ rows: [], gone: bad.changes.map((c) => c.id) });
		expect(answer.rejects[2]?.rows).toMatchObject([
			{ id: youth, fields: { firstName: 'Kenza', phone: '+33600000001' } }
		]);
		expect([...tablet.rows.keys()]).toEqual([youth]);

		const kept = await base.db
			.selectFrom('reject')
			.selectAll()
			.where('organisation', '=', home.id)
			.orderBy('n')
			.execute();
		expect(kept.map((r) => [r.n, r.reason])).toEqual([
			[2, 'invalid'],
			[3, 'forbidden'],
			[4, 'id_clash']
		]);
		expect([kept[0], kept[1]].map((r) => JSON.parse(r?.body ?? ''))).toEqual([bad, elsewhere]);
	});

	it('[P6] the changes of one operation build on each other', async () => {
		const id = newId();
		const target = { kind: 'youth' as const, id };
		tablet.act(
			{ do: 'create', ...target, site: home.pau, fields: { firstName: 'Kenza' } },
			{ do: 'set', ...target, seen: 0, fields: { lastName: 'B' } },
			{ do: 'add', ...target, field: 'needs', values: ['housing'] }
		);
		expect((await tablet.exchange()).rejects).toEqual([]);
		expect(tablet.fieldsOf(id)).toEqual({ firstName: 'Kenza', lastName: 'B', needs: ['housing'] });
	});

	it('[P6] a refusal is repeated until the tablet knows it', async () => {
		tablet.act({ do: 'delete', kind: 'youth', id: newId(), seen: 0 });
		await tablet.send(tablet.request());
		expect((await tablet.exchange()).rejects).toHaveLength(1);
		expect((await tablet.exchange()).rejects).toHaveLength(0);
	});

	it("[P6] an operation that can't be read does not hold up the others", async () => {
		const good = tablet.create('youth', { firstName: 'Kenza' });
		const [op] = tablet.queue;
		const odd = [
			{ n: 2, id: newId(), v: 1, at: 0, changes: 'none' },
			{ n: 3, id: newId(), v: 1, at: 0, changes: [{ do: 'dance', kind: 'youth', id: newId() }] },
			{ n: 4, id: newId(), v: 1, at: 0, changes: [], mood: 'good' },
			{
				n: 5,
				id: newId(),
				v: 1,
				at: 0,
				changes: [
					{ do: 'create', kind: 'youth', id: newId(), site: home.pau, fields: { 'no\u0000thing\ud800': 1 } }
				]
			},
			{ n: 6, id: newId(), v: 'one', at: 'now', changes: [] },
			{ n: 7, id: newId() },
			{
				...op,
				n: 8,
				id: newId(),
				changes: [{ do: 'create', kind: 'youth', id: newId(), site: home.pau, fields: { lastName: 'B' } }]
			}
		];
		const { status, body } = await tablet.send(tablet.request([op, ...odd]));
		if (!isAnswer(body)) throw new Error(JSON.stringify(body));
		expect(status).toBe(200);
		expect(body.acked).toBe(8);
		expect(body.rejects.map((r) => [r.n, r.reason])).toEqual([2, 3, 4, 5, 6, 7].map((n) => [n, 'invalid']));
		tablet.receive(body);
		expect(tablet.rows.size).toBe(2);
		expect(tablet.rows.get(good)?.fields).toEqual({ firstName: 'Kenza' });
		const kept = await base.db
			.selectFrom('reject')
			.select(['n', 'body'])
			.where('organisation', '=', home.id)
			.orderBy('n')
			.execute();
		expect(kept.map((r) => JSON.parse(r.body))).toEqual(JSON.parse(JSON.stringify(odd.slice(0, 6))));
	});

	it('[F19] [P6] a defect of ours costs one operation', async () => {
		const first = tablet.create('youth', { firstName: 'A' });
		await tablet.sync();
		await base.db
			.updateTable('record')
			.set({ data: '{"fields":{"firstName":"A"},"first":{},"past":5}' })
			.where('id', '=', first)
			.execute();
		tablet.set(first, { firstName: 'B' });
		const second = tablet.create('youth', { firstName: 'C' });
		const request = tablet.request();
		const { body } = await tablet.send({ ...request, cursors: { ...request.cursors, [home.pau]: 1 } });
		expect(body).toMatchObject({ acked: 3, rejects: [{ n: 2, reason: 'poison', detail: 'defect' }] });
		expect(server.defects).toHaveLength(1);
		expect(await base.db.selectFrom('record').select('id').where('id', '=', second).execute()).toHaveLength(
			1
		);
	});

	it('[P6] refuses what a role may not do', async () => {
		const reception = new Tablet(server, home.person('reception'));
		reception.create('note', { text: 'Not for the front desk' });
		reception.create('youth', { firstName: 'Kenza' });
		reception.create('partner', { name: 'CLLAJ' }, 'org');
		expect((await reception.exchange()).rejects.map((r) => [r.n, r.reason])).toEqual([
			[1, 'forbidden'],
			[3, 'forbidden']
		]);
	});

	it('[P4] a refusal shows no record that the role may not read', async () => {
		const id = tablet.create('note', { text: 'Not for the front desk' });
		await tablet.sync();
		const reception = new Tablet(server, home.person('reception'));
		reception.act({ do: 'set', kind: 'note', id, seen: 1, fields: { text: 'Known?' } });
		expect((await reception.exchange()).rejects).toMatchObject([
			{ reason: 'forbidden', rows: [], gone: [id] }
		]);
	});

	it("[P6] nobody changes another's note or encounter", async () => {
		const note = tablet.create('note', { text: 'Mine' });
		const encounter = tablet.create('encounter', { size: 1 });
		await tablet.sync();
		const other = new Tablet(server, home.person());
		await other.sync();
		other.set(note, { text: 'Yours' });
		other.set(encounter, { size: 2 });
		tablet.set(encounter, { size: 3 });
		expect((await other.exchange()).rejects.map((r) => r.reason)).toEqual(['forbidden', 'forbidden']);
		expect((await tablet.exchange()).rejects).toEqual([]);
	});

	it.each<[string, 'youth' | 'site' | 'note', (h: typeof home) => string]>([
		["a person's file in the directory", 'youth', () => 'org'],
		["a person's file in a private scope", 'youth', () => `user:${tablet.caller.user}`],
		['a site at a site', 'site', (h) => h.pau],
		["a note in another's private scope", 'note', () => `user:${newId()}`]
	])('[P4] refuses %s', async (_, kind, site) => {
		tablet.caller = home.person('manager');
		tablet.create(kind, {}, site(home));
		expect((await tablet.exchange()).rejects).toHaveLength(1);
	});

	it('[P9] 1,000 operations go up in batches', async () => {
		const id = await outing();
		for (let i = 0; i < 1000; i++) tablet.act(flyer(id));
		await tablet.sync();
		expect(tablet.rows.get(id)?.fields).toEqual({ flyers: 1000 });
		expect(tablet.after).toBe(1001);
	});

	it.each<[string, (request: ReturnType<Tablet['request']>) => unknown, number, string]>([
		['nothing', () => null, 400, 'malformed'],
		['a word', () => 'sync', 400, 'malformed'],
		['a list', () => [], 400, 'malformed'],
		['no device', (r) => ({ ...r, device: undefined }), 400, 'malformed'],
		['a device that is no id', (r) => ({ ...r, device: 'tablet' }), 400, 'malformed'],
		['an unknown field', (r) => ({ ...r, organisation: newId() }), 400, 'malformed'],
		['a cursor that is no scope', (r) => ({ ...r, cursors: { Pau: 3 } }), 400, 'malformed'],
		['a cursor that is no number', (r) => ({ ...r, cursors: { org: '3' } }), 400, 'malformed'],
		['a negative cursor', (r) => ({ ...r, cursors: { org: -1 } }), 400, 'malformed'],
		['an operation without a number', (r) => ({ ...r, ops: [{ id: newId() }] }), 400, 'malformed'],
		['251 operations', (r) => ({ ...r, ops: Array.from({ length: 251 }, () => ({})) }), 413, 'too_large'],
		['a newer protocol', (r) => ({ ...r, v: PROTOCOL_VERSION + 1, brandNew: true }), 426, 'newer_client'],
		[
			'an operation of a newer app',
			(r) => ({ ...r, ops: [...r.ops, { n: 2, id: newId(), v: SCHEMA_VERSION + 1, at: 0, changes: [] }] }),
			426,
			'newer_client'
		]
	])('[P9] %s: one error shape, nothing applied', async (_, spoil, status, code) => {
		tablet.create('youth', { firstName: 'Kenza' });
		const answer = await tablet.send(spoil(tablet.request()) ?? null);
		expect(answer).toEqual({ status, body: { error: { code, detail: expect.any(String) } } });
		expect(await everything()).toMatchObject({ records: [], operations: [], rev: 0 });
	});

	it('[F23] [P9] a base that is away: unavailable, and the same request works later', async () => {
		tablet.create('youth', { firstName: 'Kenza' });
		const away = { ...server, db: base.db.withSchema('nowhere') };
		const broken = new Tablet(away, tablet.caller);
		expect(await broken.send(tablet.request())).toMatchObject({
			status: 503,
			body: { error: { code: 'unavailable' } }
		});
		expect(server.defects).toHaveLength(1);
		await tablet.sync();
		expect(tablet.rows.size).toBe(1);
	});

	it('notes when a tablet was seen and how wrong its clock is', async () => {
		tablet.ahead = 3_600_000;
		await tablet.sync();
		const seen = () =>
			base.db
				.selectFrom('device')
				.select(['last_n', 'last_seen', 'clock_offset'])
				.where('id', '=', tablet.device)
				.execute();
		expect(await seen()).toEqual([{ last_n: 0, last_seen: server.clock.now, clock_offset: 3_600_000 }]);
		tablet.create('youth');
		await tablet.sync();
		server.clock.now += 61_000;
		await tablet.sync();
		expect(await seen()).toEqual([{ last_n: 1, last_seen: server.clock.now, clock_offset: 3_600_000 }]);
	});

	it('a revoked tablet is served nothing', async () => {
		await tablet.sync();
		await base.db.updateTable('device').set({ revoked_at: 1 }).where('id', '=', tablet.device).execute();
		for (const ops of [[], [tablet.act(flyer(newId()))]])
			expect(await tablet.send(tablet.request(ops))).toMatchObject({
				status: 403,
				body: { error: { code: 'forbidden' } }
			});
	});
});
