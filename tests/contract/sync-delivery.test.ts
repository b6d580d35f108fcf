import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Operation } from '#lib/protocol/operation.ts';
import { newUploadKey, signParcel, type Parcel } from '#lib/protocol/parcel.ts';
import { sealOperation, type PublicKey } from '#lib/protocol/seal.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/sync.ts';
import { deliverOnce } from '#lib/server/sync/delivery.ts';
import type { Caller } from '#lib/server/sync/handler.ts';
import { WINDOW, WRONG_PROOFS, WrongProofs } from '#lib/server/sync/proofs.ts';
import { bases, type TestBase } from '../fixtures/bases.ts';
import { newId, organisationOn, serverOn, Tablet, type TestServer } from '../fixtures/exchange.ts';

const FORBIDDEN = { status: 403, body: { error: { code: 'forbidden', detail: 'proof' } } };

describe.each(bases)('[P12] parcels: $base', ({ open }) => {
	let base: TestBase;
	let server: TestServer;
	let home: Awaited<ReturnType<typeof organisationOn>>;
	let tablet: Tablet;
	let key: PublicKey;
	let upload: string;
	/** Who belongs to the organisation today. */
	const members = new Map<string, Caller>();

	beforeAll(async () => {
		base = await open();
	});
	afterAll(() => base.close());
	beforeEach(async () => {
		server = serverOn(base);
		home = await organisationOn(server);
		tablet = await met(new Tablet(server, home.person()));
		key = await server.keys.publicKey(home.id);
	});

	/** A tablet that has told its upload key in a sync of its own. */
	async function met(of: Tablet, told = newUploadKey(randomBytes)): Promise<Tablet> {
		upload = told;
		members.set(of.caller.user, of.caller);
		const { status } = await of.send({ ...of.request([]), upload });
		expect(status).toBe(200);
		return of;
	}
	const sender = (of = tablet) => ({ organisation: home.id, user: of.caller.user, device: of.device });
	const seal = (operations: Operation[]) =>
		Promise.all(operations.map((operation) => sealOperation(operation, sender(), key)));
	const pack = async (operations = tablet.queue, secret = upload) =>
		signParcel(PROTOCOL_VERSION, sender(), await seal(operations), secret);
	const bring = (parcel: unknown, also: { wrongProofs?: WrongProofs } = {}) =>
		deliverOnce(
			{ ...server, ...also },
			async (organisation, user) =>
				members.get(user)?.organisation === organisation ? members.get(user) : undefined,
			JSON.parse(JSON.stringify(parcel))
		);
	const flyers = async () => {
		await tablet.sync();
		return [...tablet.rows.values()].map((row) => row.fields);
	};
	const countedOuting = () => {
		const id = tablet.create('outing', { flyers: 0 });
		tablet.act({ do: 'count', kind: 'outing', id, field: 'flyers', by: 1 });
		tablet.act({ do: 'count', kind: 'outing', id, field: 'flyers', by: 5 });
	};

	it('are applied as if the tablet had sent them, and say nothing of anybody', async () => {
		countedOuting();
		const answer = await bring(await pack());
		expect(answer).toEqual({ status: 200, body: { v: PROTOCOL_VERSION, acked: 3, refused: [] } });
		expect(await flyers()).toEqual([{ flyers: 6 }]);
	});

	it('[P13] are news for the other tablets of the place, once', async () => {
		countedOuting();
		const news: unknown[] = [];
		server.changed = (some) => news.push(some);
		const parcel = await pack();
		await bring(parcel);
		await bring(parcel);
		const by = { user: tablet.caller.user, device: tablet.device };
		expect(news).toEqual([{ organisation: home.id, scopes: [home.pau], by }]);
	});

	it.each([
		[
			'before',
			async (parcel: Parcel) => void (await bring(parcel)),
			async () => void (await tablet.exchange())
		],
		[
			'after',
			async () => void (await tablet.exchange()),
			async (parcel: Parcel) => void (await bring(parcel))
		]
	])('[F14] count once when they come %s the tablet’s own request, and again', async (_, first, then) => {
		countedOuting();
		const parcel = await pack();
		await first(parcel);
		await then(parcel);
		expect(await bring(parcel)).toMatchObject({ status: 200, body: { acked: 3 } });
		expect(await flyers()).toEqual([{ flyers: 6 }]);
	});

	it('of a queue cut in two count once in any order: what leaves a gap waits', async () => {
		countedOuting();
		const [first, rest] = [await pack(tablet.queue.slice(0, 1)), await pack(tablet.queue.slice(1))];
		expect(await bring(rest)).toMatchObject({ body: { acked: 0 } });
		expect(await bring(first)).toMatchObject({ body: { acked: 1 } });
		expect(await bring(rest)).toMatchObject({ body: { acked: 3 } });
		expect(await flyers()).toEqual([{ flyers: 6 }]);
	});

	it('[P6] have an outcome for each operation; the body of a refused one is kept', async () => {
		tablet.create('youth', { firstName: 'Kenza' });
		tablet.act({ do: 'create', kind: 'youth', id: newId(), site: newId(), fields: { firstName: 'Nora' } });
		tablet.create('youth', { firstName: 'Ismaël' });
		expect((await bring(await pack())).body).toMatchObject({
			acked: 3,
			refused: [{ n: 2, reason: 'forbidden' }]
		});
		const [reject] = await base.db
			.selectFrom('reject')
			.select('body')
			.where('organisation', '=', home.id)
			.execute();
		expect(reject?.body).toContain('Nora');
		expect((await tablet.exchange()).rejects).toMatchObject([{ n: 2, reason: 'forbidden' }]);
	});

	it.each<[string, (parcel: Parcel) => Parcel | Promise<Parcel>]>([
		['altered operations', (p) => ({ ...p, ops: p.ops.map((op) => ({ ...op, id: newId() })) })],
		['an operation left out', (p) => ({ ...p, ops: p.ops.slice(1) })],
		['another tablet', (p) => ({ ...p, device: newId() })],
		['another organisation', (p) => ({ ...p, organisation: newId() })],
		['another author', (p) => ({ ...p, user: newId() })],
		['another key', () => pack(tablet.queue, newUploadKey(randomBytes))],
		['a proof that is none', (p) => ({ ...p, proof: '!' })]
	])('with %s are refused by one same answer, and nothing is applied', async (_, spoil) => {
		countedOuting();
		expect(await bring(await spoil(await pack()))).toEqual(FORBIDDEN);
		expect((await tablet.exchange()).acked).toBe(3);
	});

	it('proven, but with an envelope that was altered: that one is refused, those behind it go on', async () => {
		countedOuting();
		const [first, second, third] = await seal(tablet.queue);
		const spoilt = { ...second!, sealed: third!.sealed };
		const parcel = await signParcel(PROTOCOL_VERSION, sender(), [first!, spoilt, third!], upload);
		expect((await bring(parcel)).body).toMatchObject({ acked: 3, refused: [{ n: 2, reason: 'invalid' }] });
		expect(await flyers()).toEqual([{ flyers: 5 }]);
	});

	it('[P12.4] make a tablet rest after many wrong proofs, known here or not, for a minute', async () => {
		countedOuting();
		const wrongProofs = new WrongProofs();
		const [right, wrong] = [await pack(), { ...(await pack()), proof: 'A'.repeat(43) }];
		const stranger = { ...wrong, device: newId() };
		const answers = async (parcel: Parcel) => (await bring(parcel, { wrongProofs })).status;
		for (let i = 0; i < WRONG_PROOFS; i++)
			expect([await answers(wrong), await answers(stranger)]).toEqual([403, 403]);
		expect([await answers(wrong), await answers(stranger), await answers(right)]).toEqual([429, 429, 429]);
		const { now } = server;
		server.now = () => now() + WINDOW;
		expect([await answers(wrong), await answers(right)]).toEqual([403, 200]);
	});

	it('of a revoked tablet, of one that never told its key, of somebody who left: refused', async () => {
		countedOuting();
		const parcel = await pack();
		const device = base.db.updateTable('device').where('id', '=', tablet.device);
		await device.set({ revoked_at: 1 }).execute();
		expect(await bring(parcel)).toEqual(FORBIDDEN);
		await device.set({ revoked_at: null, upload_key: null }).execute();
		expect(await bring(parcel)).toEqual(FORBIDDEN);
		await device.set({ upload_key: upload }).execute();
		members.clear();
		expect(await bring(parcel)).toMatchObject({
			status: 403,
			body: { error: { detail: 'no membership today' } }
		});
		expect(
			await base.db.selectFrom('operation').select('n').where('organisation', '=', home.id).execute()
		).toEqual([]);
	});

	it('[P2.4] of a cloned profile are told so, and change nothing', async () => {
		countedOuting();
		await tablet.exchange();
		tablet.queue = [];
		tablet.n = 0;
		tablet.create('youth', { firstName: 'Twin' });
		expect(await bring(await pack())).toMatchObject({ status: 409, body: { error: { code: 'forked' } } });
	});

	it.each<[string, (parcel: Parcel) => unknown, number]>([
		['nothing', () => null, 400],
		['no operation', (p) => ({ ...p, ops: [] }), 400],
		['an operation in clear', (p) => ({ ...p, ops: [tablet.queue[0]] }), 400],
		['an unknown member', (p) => ({ ...p, note: 'x' }), 400],
		['251 operations', (p) => ({ ...p, ops: Array.from({ length: 251 }, () => p.ops[0]) }), 400],
		['a newer protocol', (p) => ({ ...p, v: PROTOCOL_VERSION + 1 }), 426]
	])('of %s: one error shape', async (_, spoil, status) => {
		countedOuting();
		expect(await bring(spoil(await pack()))).toEqual({
			status,
			body: { error: { code: expect.any(String), detail: expect.any(String) } }
		});
	});

	it('leave what the tablet says of itself as it was', async () => {
		await tablet.send({ ...tablet.request([]), upload, app: '1.2.3', waiting: { count: 4 } });
		countedOuting();
		await bring(await pack());
		const seen = await base.db
			.selectFrom('device')
			.selectAll()
			.where('id', '=', tablet.device)
			.executeTakeFirst();
		expect(seen).toMatchObject({ app_version: '1.2.3', waiting: 4, upload_key: upload, last_n: 3 });
	});
});
