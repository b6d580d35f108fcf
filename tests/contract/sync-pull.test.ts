import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rowDigest } from '#lib/protocol/digest.ts';
import type { SyncResponse } from '#lib/protocol/sync.ts';
import { newEpoch } from '#lib/server/organisation.ts';
import { createRecords } from '#lib/server/records.ts';
import { bases, type TestBase } from '../fixtures/bases.ts';
import { isAnswer, newId, organisationOn, serverOn, Tablet, type TestServer } from '../fixtures/exchange.ts';

describe.each(bases)('rows down: $base', ({ open }) => {
	let base: TestBase;
	let server: TestServer;
	let home: Awaited<ReturnType<typeof organisationOn>>;

	beforeAll(async () => {
		base = await open();
	});
	afterAll(() => base.close());
	beforeEach(async () => {
		server = serverOn(base);
		home = await organisationOn(server);
	});

	const tabletAt = (sites: string[], role: Parameters<typeof home.person>[0] = 'counsellor') =>
		new Tablet(server, home.person(role, sites));
	const youths = (site: string, count: number) =>
		createRecords(
			base.db,
			home.id,
			Array.from({ length: count }, (_, i) => ({
				kind: 'youth' as const,
				id: newId(),
				site,
				by: newId(),
				at: 0,
				fields: { firstName: `Youth ${i}` }
			}))
		);
	const idsIn = (answer: SyncResponse) =>
		Object.values(answer.sites).flatMap((page) => [...page.rows.map((r) => r.id), ...page.gone]);

	it('[P4] two organisations on one server never see each other', async () => {
		const other = await organisationOn(server, 'Another one');
		const ours = tabletAt([home.pau]);
		const id = ours.create('youth', { firstName: 'Kenza' });
		await ours.sync();

		// The other organisation's people at the very same ids: sites, record and device.
		const theirs = new Tablet(server, other.person('manager', [home.pau]));
		theirs.device = ours.device;
		const answer = await theirs.sync();
		expect(idsIn(answer)).toEqual([]);
		expect(answer.acked).toBe(0);
		theirs.act({ do: 'set', kind: 'youth', id, seen: 9, fields: { firstName: 'Stolen' } });
		expect((await theirs.exchange()).rejects).toMatchObject([
			{ n: 1, reason: 'invalid', rows: [], gone: [id] }
		]);
		theirs.act({ do: 'create', kind: 'youth', id, site: home.pau, fields: { firstName: 'Théo' } });
		await theirs.sync();
		await ours.sync();
		expect(ours.held.map((r) => r.fields)).toEqual([{ firstName: 'Kenza' }]);
		expect(theirs.held.map((r) => r.fields)).toEqual([{ firstName: 'Théo' }]);
	});

	it('[P4] an organisation that does not exist is forbidden', async () => {
		const lost = new Tablet(server, { ...home.person(), organisation: newId() });
		for (const ops of [[], [lost.act({ do: 'delete', kind: 'youth', id: newId(), seen: 0 })]])
			expect(await lost.send(lost.request(ops))).toMatchObject({
				status: 403,
				body: { error: { code: 'forbidden' } }
			});
	});

	it("[P4] another site's rows are neither served nor changed", async () => {
		const [pau, oloron] = [tabletAt([home.pau]), tabletAt([home.oloron])];
		const id = pau.create('youth', { firstName: 'Kenza' });
		await pau.sync();
		expect(idsIn(await oloron.sync())).toEqual([]);
		oloron.act({ do: 'set', kind: 'youth', id, seen: 1, fields: { firstName: 'Other' } });
		oloron.act({ do: 'move', kind: 'youth', id, seen: 1, site: home.oloron });
		oloron.act({ do: 'create', kind: 'youth', id: newId(), site: home.pau, fields: {} });
		const { rejects } = await oloron.exchange();
		expect(rejects.map((r) => [r.reason, r.rows])).toEqual([
			['forbidden', []],
			['forbidden', []],
			['forbidden', []]
		]);
		await pau.sync();
		expect(pau.rows.get(id)?.fields).toEqual({ firstName: 'Kenza' });
	});

	it('[P4] asking for a site is not a way into it: it is dropped', async () => {
		await youths(home.oloron, 3);
		const tablet = tabletAt([home.pau]);
		tablet.cursors[home.oloron] = 0;
		tablet.cursors[`user:${newId()}`] = 0;
		const asked = Object.keys(tablet.cursors);
		const answer = await tablet.sync();
		expect(idsIn(answer)).toEqual([]);
		expect(answer.drop).toEqual(asked);
	});

	it('[P4] a site won comes from its beginning, a site lost leaves', async () => {
		await youths(home.pau, 2);
		await youths(home.oloron, 3);
		const tablet = tabletAt([home.pau]);
		await tablet.sync();
		tablet.caller = { ...tablet.caller, sites: [home.pau, home.oloron] };
		const won = await tablet.sync();
		expect(won.sites[home.oloron]).toMatchObject({ reset: true, rows: [{}, {}, {}] });
		expect(won.sites[home.pau]).toBeUndefined();
		tablet.caller = { ...tablet.caller, sites: [home.oloron] };
		expect((await tablet.sync()).drop).toEqual([home.pau]);
		expect(tablet.held.map((r) => r.site)).toEqual([home.oloron, home.oloron, home.oloron]);
	});

	it('[F1] [P4] work done at a site that was lost meanwhile is refused with its body, once', async () => {
		const tablet = tabletAt([home.pau, home.oloron]);
		const id = tablet.create('youth', { firstName: 'Kenza' }, home.oloron);
		await tablet.sync();
		tablet.set(id, { firstName: 'Kenza-Lou' });
		tablet.caller = { ...tablet.caller, sites: [home.pau] };
		expect((await tablet.exchange()).rejects).toMatchObject([
			{ n: 2, reason: 'forbidden', rows: [], gone: [id] }
		]);
		expect(await tablet.exchange()).toMatchObject({ acked: 2, rejects: [] });
	});

	it('[P4] a moved record leaves a tombstone at its old site and arrives at the new one', async () => {
		const [pau, oloron, both] = [
			tabletAt([home.pau]),
			tabletAt([home.oloron]),
			tabletAt([home.pau, home.oloron])
		];
		const id = pau.create('youth', { firstName: 'Kenza' });
		for (const tablet of [pau, oloron, both]) await tablet.sync();
		both.act({ do: 'move', kind: 'youth', id, seen: 1, site: home.oloron });
		expect((await both.sync()).sites).toMatchObject({
			[home.pau]: { gone: [id] },
			[home.oloron]: { rows: [{ id }] }
		});
		for (const tablet of [pau, oloron]) await tablet.sync();
		expect([pau, oloron, both].map((t) => t.rows.get(id)?.site)).toEqual([
			undefined,
			home.oloron,
			home.oloron
		]);

		both.act({ do: 'move', kind: 'youth', id, seen: 2, site: home.pau });
		for (const tablet of [both, pau, oloron]) await tablet.sync();
		expect([pau, oloron, both].map((t) => t.rows.get(id)?.site)).toEqual([home.pau, undefined, home.pau]);
		const tombstones = await base.db.selectFrom('tombstone').select('site').where('id', '=', id).execute();
		expect(tombstones).toEqual([{ site: home.oloron }]);
	});

	it('[P4] there and back within one push: it never left', async () => {
		const [pau, both] = [tabletAt([home.pau]), tabletAt([home.pau, home.oloron])];
		const id = pau.create('youth', {});
		for (const tablet of [pau, both]) await tablet.sync();
		both.act({ do: 'move', kind: 'youth', id, seen: 1, site: home.oloron });
		both.act({ do: 'move', kind: 'youth', id, seen: 1, site: home.pau });
		await both.sync();
		expect((await pau.sync()).sites[home.pau]).toMatchObject({ gone: [], rows: [{ id, site: home.pau }] });
	});

	it('[P4] a confidential note reaches its author only', async () => {
		const [author, colleague] = [tabletAt([home.pau]), tabletAt([home.pau], 'director')];
		const id = author.create(
			'note',
			{ text: 'Between us', confidential: true },
			`user:${author.caller.user}`
		);
		await author.sync();
		expect(author.rows.has(id)).toBe(true);
		colleague.cursors[`user:${author.caller.user}`] = 0;
		expect(idsIn(await colleague.sync())).toEqual([]);
	});

	it('[P4] a role is served its kinds only, and everything anew when it changes', async () => {
		const counsellor = tabletAt([home.pau]);
		const youth = counsellor.create('youth', { firstName: 'Kenza' });
		const note = counsellor.create('note', { text: 'Seen at the market' });
		const opening = counsellor.create('opening', { date: '2026-11-20' });
		await counsellor.sync();
		const tablet = tabletAt([home.pau], 'administrator');
		await tablet.sync();
		expect([...tablet.rows.keys()]).toEqual([opening]);
		tablet.caller = { ...tablet.caller, role: 'reception' };
		const answer = await tablet.sync();
		expect(answer.sites[home.pau]?.reset).toBe(true);
		expect([...tablet.rows.keys()].sort()).toEqual([youth, opening].sort());
		counsellor.act({ do: 'delete', kind: 'note', id: note, seen: 1 });
		counsellor.act({ do: 'delete', kind: 'youth', id: youth, seen: 1 });
		await counsellor.sync();
		tablet.caller = { ...tablet.caller, role: 'administrator' };
		await tablet.sync();
		expect([...tablet.rows.keys()]).toEqual([opening]);
	});

	it("[P4] a deleted record of a kind that is not one's own to read is not even named", async () => {
		const [counsellor, reception] = [tabletAt([home.pau], 'manager'), tabletAt([home.pau], 'reception')];
		const youth = counsellor.create('youth', {});
		await counsellor.sync();
		await reception.sync();
		await base.db
			.insertInto('tombstone')
			.values({ organisation: home.id, site: home.pau, id: newId(), kind: 'note', rev: 2 })
			.execute();
		counsellor.act({ do: 'delete', kind: 'youth', id: youth, seen: 1 });
		await counsellor.sync();
		expect((await reception.sync()).sites[home.pau]?.gone).toEqual([youth]);
	});

	it.each([1, 2, 3, 7, 50])(
		'[P10] first sync in pages of %i: everything once, with true progress',
		async (pageRows) => {
			await youths(home.pau, 11);
			await youths(home.oloron, 6);
			const tablet = new Tablet({ ...server, pageRows }, home.person('counsellor', [home.pau, home.oloron]));
			const expected = 17;
			let received = 0;
			for (let answer = await tablet.exchange(); ; answer = await tablet.exchange()) {
				received += idsIn(answer).length;
				expect(answer.remaining).toBe(expected - received);
				expect(answer.more).toBe(received < expected);
				if (!answer.more) break;
			}
			expect(tablet.rows.size).toBe(expected);
			expect(received).toBe(expected);
		}
	);

	it('[F5] [P10] resumable at any page: a lost page is asked for again, nothing twice, changes in between included', async () => {
		await youths(home.pau, 10);
		const writer = tabletAt([home.pau]);
		await writer.sync();
		const [first, second] = writer.held;
		for (let lost = 0; lost < 5; lost++) {
			const tablet = new Tablet({ ...server, pageRows: 3 }, home.person());
			for (let page = 0; ; page++) {
				if (page === lost) {
					await tablet.send(tablet.request());
					writer.set(first!.id, { firstName: `Changed ${lost}` });
					if (lost === 2) writer.act({ do: 'delete', kind: 'youth', id: second!.id, seen: 99 });
					await writer.sync();
				}
				if (!(await tablet.exchange()).more) break;
			}
			await tablet.sync();
			await writer.sync();
			expect(tablet.held).toEqual(writer.held);
		}
		expect(writer.rows.size).toBe(9);
	});

	it('[P10] a revision is never cut by a page', async () => {
		const tablet = tabletAt([home.pau]);
		tablet.act(
			...Array.from(
				{ length: 7 },
				() => ({ do: 'create', kind: 'youth', id: newId(), site: home.pau, fields: {} }) as const
			)
		);
		tablet.create('youth');
		await tablet.sync();
		const reader = new Tablet({ ...server, pageRows: 3 }, home.person());
		const first = await reader.exchange();
		expect(first.sites[home.pau]?.rows).toHaveLength(8);
		expect(first).toMatchObject({ more: false, remaining: 0 });
		expect(reader.held).toEqual(tablet.held);
		tablet.act(
			...tablet.held
				.slice(0, 4)
				.map(({ id }) => ({ do: 'set', kind: 'youth', id, seen: 2, fields: { firstName: 'Kenza' } }) as const)
		);
		tablet.create('youth');
		await tablet.sync();
		const news = await reader.exchange();
		expect(news.sites[home.pau]?.rows).toHaveLength(4);
		expect(news).toMatchObject({ more: true, remaining: 1 });
		await reader.sync();
		expect(reader.held).toEqual(tablet.held);
	});

	it('[P10] the newest come first: directory, own notes, home site, other sites; news before what is old', async () => {
		await youths(home.oloron, 4);
		await youths(home.pau, 5);
		const caller = home.person('counsellor', [home.pau, home.oloron]);
		const note = { kind: 'note' as const, id: newId(), site: `user:${caller.user}`, by: caller.user, at: 0 };
		const partner = { kind: 'partner' as const, id: newId(), site: 'org', by: caller.user, at: 0 };
		await createRecords(base.db, home.id, [
			{ ...note, fields: { text: 'mine' } },
			{ ...partner, fields: { name: 'Mairie' } }
		]);
		const tablet = new Tablet({ ...server, pageRows: 4 }, caller);
		const first = await tablet.exchange();
		const names = (answer: SyncResponse, site: string) => answer.sites[site]?.rows.map((row) => row.rev);
		expect(Object.keys(first.sites)).toEqual(['org', note.site, home.pau]);
		expect(names(first, home.pau)).toEqual([9, 8]);
		expect(first).toMatchObject({ remaining: 7, more: true });
		expect(first.sites[home.pau]).toMatchObject({ rev: 11, below: 8, reset: true });

		await youths(home.pau, 1);
		const second = await tablet.exchange();
		expect(names(second, home.pau)).toEqual([12, 7, 6, 5]);
		expect(second.sites[home.pau]?.reset).toBeUndefined();
		expect(second.sites[home.pau]?.below).toBeUndefined();
		const third = await tablet.exchange();
		expect(names(third, home.oloron)).toEqual([4, 3, 2, 1]);
		expect(third).toMatchObject({ remaining: 0, more: false });
	});

	it('[F17] what a tablet with an old clock sends late reaches everybody whose cursor is far ahead', async () => {
		const late = tabletAt([home.pau]);
		late.ahead = -40 * 365 * 24 * 3_600_000;
		const id = late.create('youth', { firstName: 'Kenza' });
		const reader = tabletAt([home.pau]);
		await youths(home.pau, 3);
		await reader.sync();
		await late.sync();
		await reader.sync();
		expect(reader.fieldsOf(id)).toEqual({ firstName: 'Kenza' });
		expect(reader.held).toEqual(late.held);
	});

	it('[P10] an old row that changes or leaves while the first sync is under way ends where it is', async () => {
		await youths(home.pau, 6);
		const writer = tabletAt([home.pau, home.oloron]);
		await writer.sync();
		const [changed, moved, deleted] = writer.held;
		const tablet = new Tablet({ ...server, pageRows: 2 }, home.person('counsellor', [home.pau]));
		await tablet.exchange();
		writer.set(changed!.id, { firstName: 'Changed' });
		writer.act({ do: 'move', kind: 'youth', id: moved!.id, seen: moved!.rev, site: home.oloron });
		writer.act({ do: 'delete', kind: 'youth', id: deleted!.id, seen: deleted!.rev });
		await writer.sync();
		await tablet.sync();
		expect(tablet.held).toEqual(writer.held.filter((row) => row.site === home.pau));
		expect(tablet.held).toHaveLength(4);
	});

	it('[P1.7] rows that the tablet can make itself are told by id, revision and digest', async () => {
		await youths(home.pau, 1);
		const writer = tabletAt([home.pau]);
		await writer.sync();
		const id = writer.create('youth', { firstName: 'Kenza', needs: ['housing'] });
		const outing = writer.create('outing', { approached: 2 });
		const ask = { ...writer.request(), echo: true };
		const { body } = await writer.send(ask);
		if (!isAnswer(body)) throw new Error('refused');
		const page = body.sites[home.pau];
		expect(page?.rows).toEqual([]);
		expect(page?.own).toHaveLength(2);
		const rows = (await writer.exchange()).sites[home.pau]!.rows;
		expect(page?.own).toEqual(rows.map((row) => ({ id: row.id, rev: row.rev, digest: rowDigest(row) })));

		// Somebody else's change in between makes the row more than the tablet's own doing.
		const colleague = tabletAt([home.pau]);
		await colleague.sync();
		colleague.set(id, { lastName: 'Haddad' });
		colleague.act({ do: 'count', kind: 'outing', id: outing, field: 'approached', by: 1 });
		await colleague.sync();
		writer.set(id, { nickname: 'K' });
		const answer = await writer.send({ ...writer.request(), echo: true });
		if (!isAnswer(answer.body)) throw new Error('refused');
		expect(answer.body.sites[home.pau]?.own).toBeUndefined();
		expect(answer.body.sites[home.pau]?.rows.map((row) => row.id).sort()).toEqual([id, outing].sort());
	});

	it('[P4] a cursor below the floor is served anew: what left the site since then is gone', async () => {
		await youths(home.pau, 3);
		const [tablet, writer] = [tabletAt([home.pau]), tabletAt([home.pau])];
		await tablet.sync();
		await writer.sync();
		const [deleted] = writer.held;
		writer.act({ do: 'delete', kind: 'youth', id: deleted!.id, seen: deleted!.rev });
		await writer.sync();
		await base.db.deleteFrom('tombstone').where('organisation', '=', home.id).execute();
		await base.db.updateTable('organisation').set({ floor: 4 }).where('id', '=', home.id).execute();
		const answer = await tablet.sync();
		expect(answer.sites[home.pau]).toMatchObject({ reset: true, rev: 4 });
		expect(tablet.held).toEqual(writer.held);
		expect((await tablet.exchange()).sites).toEqual({});
	});

	it('[P4] a site where nothing happens moves its cursor on before it falls far behind', async () => {
		const tablet = tabletAt([home.pau, home.oloron]);
		await youths(home.oloron, 1);
		await tablet.sync();
		await youths(home.pau, 700);
		expect((await tablet.exchange()).sites[home.oloron]).toEqual({ rows: [], gone: [], rev: 701 });
		expect((await tablet.exchange()).sites).toEqual({});
	});

	it.each([['its protocol', { v: 1 }]])(
		'[P7] a tablet below the floor by %s hands in, gets no row and is asked to be brought up to date',
		async (_, older) => {
			await youths(home.pau, 2);
			const tablet = tabletAt([home.pau]);
			tablet.create('youth', { firstName: 'Kenza' });
			tablet.act({ do: 'delete', kind: 'youth', id: newId(), seen: 0 });
			const { status, body } = await tablet.send({ ...tablet.request(), ...older });
			expect(status).toBe(200);
			expect(body).toMatchObject({ update: true, acked: 2, sites: {}, more: false });
			expect(body).toMatchObject({ rejects: [{ n: 2, reason: 'invalid', rows: [] }] });
			expect((await tablet.exchange()).sites[home.pau]?.rows).toHaveLength(3);
		}
	);

	it('[P8] another epoch: everything is served anew, page by page', async () => {
		await youths(home.pau, 5);
		await youths(home.oloron, 5);
		const tablet = new Tablet({ ...server, pageRows: 3 }, home.person('counsellor', [home.pau, home.oloron]));
		await tablet.sync();
		const before = tablet.held;
		await base.db.updateTable('organisation').set({ epoch: newEpoch() }).where('id', '=', home.id).execute();
		await base.db
			.deleteFrom('record')
			.where('organisation', '=', home.id)
			.where('id', '=', before[0]!.id)
			.execute();
		const first = await tablet.exchange();
		expect(first.sites[home.oloron]).toMatchObject({ reset: true, rev: 0, rows: [] });
		await tablet.sync();
		expect(tablet.held).toEqual(before.slice(1));
	});

	it('[P8] a server that knows less than the tablet asks for the lost operations again', async () => {
		const tablet = tabletAt([home.pau]);
		tablet.create('youth', { firstName: 'Before the backup' });
		await tablet.sync();
		const { db } = base;
		const devices = await db.selectFrom('device').selectAll().where('organisation', '=', home.id).execute();
		const records = await db.selectFrom('record').selectAll().where('organisation', '=', home.id).execute();
		const operations = await db
			.selectFrom('operation')
			.selectAll()
			.where('organisation', '=', home.id)
			.execute();
		const lost = tablet.create('youth', { firstName: 'After' });
		const [operation] = tablet.queue;
		await tablet.sync();

		for (const table of ['record', 'operation', 'device'] as const)
			await base.db.deleteFrom(table).where('organisation', '=', home.id).execute();
		await base.db
			.updateTable('organisation')
			.set({ rev: 1, epoch: newEpoch() })
			.where('id', '=', home.id)
			.execute();
		await base.db.insertInto('device').values(devices).execute();
		await base.db.insertInto('record').values(records).execute();
		await base.db.insertInto('operation').values(operations).execute();

		expect((await tablet.exchange()).acked).toBe(1);
		expect(tablet.rows.has(lost)).toBe(false);
		tablet.queue = [operation!];
		await tablet.sync();
		expect(tablet.held.map((r) => tablet.fieldsOf(r.id)?.firstName)).toEqual(['Before the backup', 'After']);
	});

	it('[P8] a cursor ahead of the server starts again, even if the epoch did not tell', async () => {
		await youths(home.pau, 2);
		const tablet = tabletAt([home.pau]);
		await tablet.sync();
		tablet.cursors[home.pau] = 900;
		const { body } = await tablet.send(tablet.request());
		expect(isAnswer(body) && body.sites[home.pau]).toMatchObject({ reset: true, rows: [{}, {}] });
	});

	it('[P1] nothing new: an answer without sites', async () => {
		await youths(home.pau, 2);
		const tablet = tabletAt([home.pau]);
		await tablet.sync();
		expect(await tablet.exchange()).toMatchObject({
			sites: {},
			drop: [],
			more: false,
			remaining: 0,
			rejects: []
		});
	});
});
