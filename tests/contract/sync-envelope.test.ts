import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Envelope, Operation } from '#lib/protocol/operation.ts';
import { generateKeys, sealOperation, type PublicKey } from '#lib/protocol/seal.ts';
import { openKeys } from '#lib/server/keys.ts';
import { bases, type TestBase } from '../fixtures/bases.ts';
import { newId, organisationOn, serverOn, Tablet, type TestServer } from '../fixtures/exchange.ts';

describe.each(bases)('sealed operations: $base', ({ open }) => {
	let base: TestBase;
	let server: TestServer;
	let home: Awaited<ReturnType<typeof organisationOn>>;
	let tablet: Tablet;
	let key: PublicKey;

	beforeAll(async () => {
		base = await open();
	});
	afterAll(() => base.close());
	beforeEach(async () => {
		server = serverOn(base);
		home = await organisationOn(server);
		tablet = new Tablet(server, home.person());
		key = await server.keys.publicKey(home.id);
	});

	const seal = (operation: Operation, to = key) =>
		sealOperation(operation, { organisation: home.id, device: tablet.device, user: tablet.caller.user }, to);
	const flip = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);

	it('[P1] are opened and applied like clear ones', async () => {
		const id = tablet.create('youth', { firstName: 'Kenza' });
		const envelope = await seal(tablet.queue[0]!);
		expect(JSON.stringify(envelope)).not.toContain('Kenza');
		const { body } = await tablet.send(tablet.request([envelope]));
		expect(body).toMatchObject({ acked: 1, rejects: [] });
		await tablet.sync();
		expect(tablet.rows.get(id)?.fields).toEqual({ firstName: 'Kenza' });
	});

	it('their length says little', async () => {
		const lengths = new Set<number>();
		for (const firstName of ['K'.repeat(40), 'K'.repeat(60), 'K'.repeat(80)]) {
			tablet.create('youth', { firstName });
			lengths.add((await seal(tablet.queue.at(-1)!)).sealed.length);
		}
		expect([...lengths]).toEqual([Math.ceil(((512 + 16) * 4) / 3)]);
	});

	it('[P2] sealed first, then clear, then sealed anew: once', async () => {
		const id = tablet.create('outing', { flyers: 0 });
		tablet.act({ do: 'count', kind: 'outing', id, field: 'flyers', by: 1 });
		const [first, second] = tablet.queue;
		const clear = tablet.request();
		await tablet.send(tablet.request([await seal(first!), await seal(second!)]));
		expect(await tablet.send(clear)).toMatchObject({ status: 200, body: { acked: 2 } });
		expect(await tablet.send(tablet.request([first, await seal(second!)]))).toMatchObject({
			status: 200,
			body: { acked: 2 }
		});
		await tablet.sync();
		expect(tablet.rows.get(id)?.fields).toEqual({ flyers: 1 });
	});

	it.each<[string, (e: Envelope) => Envelope | Promise<Envelope>]>([
		['altered content', (e) => ({ ...e, sealed: flip(e.sealed) })],
		['altered key material', (e) => ({ ...e, enc: flip(e.enc) })],
		['another operation id', (e) => ({ ...e, id: newId() })],
		['an unknown key', (e) => ({ ...e, key: newId() })],
		['not base64', (e) => ({ ...e, sealed: '*'.repeat(40) })],
		['an unknown member', (e) => ({ ...e, note: 'x' }) as Envelope],
		[
			'another number inside than outside',
			() => {
				const [operation] = tablet.queue;
				const inside = { ...operation!, n: 7 };
				return seal(Object.assign({ ...operation! }, { toJSON: () => inside }));
			}
		],
		[
			"sealed to a key of somebody else under our key's id",
			async () => seal(tablet.queue[0]!, { id: key.id, key: (await generateKeys()).publicKey })
		]
	])('[P6] %s: refused with its body, and the next one is applied', async (_, spoil) => {
		tablet.create('youth', { firstName: 'Kenza' });
		const next = tablet.create('youth', { firstName: 'Théo' });
		const spoiled = await spoil(await seal(tablet.queue[0]!));
		const { body } = await tablet.send(tablet.request([spoiled, await seal(tablet.queue[1]!)]));
		expect(body).toMatchObject({ acked: 2, rejects: [{ n: 1, reason: 'invalid', rows: [], gone: [] }] });
		const [kept] = await base.db
			.selectFrom('reject')
			.select('body')
			.where('organisation', '=', home.id)
			.execute();
		expect(JSON.parse(kept?.body ?? '')).toEqual(spoiled);
		expect(
			await base.db.selectFrom('record').select('id').where('organisation', '=', home.id).execute()
		).toEqual([{ id: next }]);
	});

	it("[P6] an envelope of another tablet does not open as this one's", async () => {
		tablet.create('youth', { firstName: 'Kenza' });
		const envelope = await seal(tablet.queue[0]!);
		tablet.device = newId();
		const { body } = await tablet.send(tablet.request([envelope]));
		expect(body).toMatchObject({ acked: 1, rejects: [{ n: 1, reason: 'invalid' }] });
	});

	it('an envelope of another account refuses the request: its number is in another queue', async () => {
		tablet.create('youth', { firstName: 'Kenza' });
		const envelope = await seal(tablet.queue[0]!);
		const colleague = new Tablet(server, home.person());
		colleague.device = tablet.device;
		const answer = await colleague.send(colleague.request([envelope]));
		expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
		expect(
			await base.db.selectFrom('operation').select('n').where('organisation', '=', home.id).execute()
		).toEqual([]);
	});

	it('a retired key still opens what was sealed to it', async () => {
		tablet.create('youth', { firstName: 'Kenza' });
		const old = await seal(tablet.queue[0]!);
		const next = await server.keys.create(home.id, server.clock.now + 1);
		expect(await server.keys.publicKey(home.id)).toEqual(next);
		expect(await tablet.send(tablet.request([old]))).toMatchObject({ body: { acked: 1, rejects: [] } });
	});

	it("keys are files for the server's account only, and another process finds them", async () => {
		const folder = join(base.folder, 'keys');
		expect(statSync(folder).mode & 0o777).toBe(0o700);
		for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
		const process = openKeys(folder);
		expect(await process.publicKey(home.id)).toEqual(key);
		const later = await server.keys.create(home.id, server.clock.now + 1);
		expect(await process.privateKey(home.id, later.id)).toBeDefined();
		expect(await process.privateKey(newId(), later.id)).toBeUndefined();
		await expect(openKeys(join(folder, 'none')).publicKey(home.id)).rejects.toThrow(
			'no key for organisation'
		);
	});
});
