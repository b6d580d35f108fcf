import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newUploadKey, signParcel, type Parcel } from '#lib/protocol/parcel.ts';
import { sealOperation } from '#lib/protocol/seal.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/sync.ts';
import { readConfig } from '#lib/server/config.ts';
import { closeServer, openServer, syncContext, type Server } from '#lib/server/context.ts';
import { createOrganisation } from '#lib/server/organisation.ts';
import { createPerson } from '#lib/server/people.ts';
import { WRONG_PROOFS } from '#lib/server/sync/proofs.ts';
import { startApi, type Api } from '../fixtures/api.ts';
import { newId, Tablet, type TestServer } from '../fixtures/exchange.ts';

/** A member's tablet that has told its key and holds three operations: an outing of 6 flyers. */
async function waitingTablet(server: Server) {
	const { db, keys } = server;
	const clock = { now: server.now() };
	const { id: organisation } = await createOrganisation(db, keys, {
		name: 'Mission Locale',
		timeZone: 'Europe/Paris',
		now: clock.now
	});
	const site = newId();
	const person = await createPerson(db, {
		organisation,
		email: `p${randomBytes(4).toString('hex')}@escale.test`,
		name: 'Jo Essai',
		passwordHash: 'none',
		role: 'counsellor',
		sites: [site],
		now: clock.now
	});
	if (!person.ok) throw new Error(person.reason);
	const exchanges: TestServer = { ...syncContext(server), clock, defects: [] };
	const caller = { organisation, user: person.id, role: 'counsellor' as const, sites: [site] };
	const tablet = new Tablet(exchanges, caller);
	const upload = newUploadKey(randomBytes);
	expect((await tablet.send({ ...tablet.request([]), upload })).status).toBe(200);
	const outing = tablet.create('outing', { flyers: 0 });
	for (const by of [1, 5]) tablet.act({ do: 'count', kind: 'outing', id: outing, field: 'flyers', by });
	const from = { organisation, user: person.id, device: tablet.device };
	const to = await keys.publicKey(organisation);
	const ops = await Promise.all(tablet.queue.map((operation) => sealOperation(operation, from, to)));
	const rowOfOuting = async () => {
		await tablet.sync();
		return tablet.rows.get(outing)?.fields;
	};
	const pack = (some = ops) => signParcel(PROTOCOL_VERSION, from, some, upload);
	return { tablet, pack, rowOfOuting, ops, from };
}

describe.each(['sqlite', 'postgres'] as const)('[P12] POST /api/deliveries on %s', (dialect) => {
	let api: Api;
	beforeAll(async () => {
		api = await startApi(dialect, inject('postgres'));
	});
	afterAll(() => api.close());
	const deliver = (parcel: unknown) => api.post('/api/deliveries', parcel);

	it('needs no session, sets no cookie, and counts once with the tablet’s own sending', async () => {
		const { pack, rowOfOuting } = await waitingTablet(api.server);
		const parcel = await pack();
		for (let i = 0; i < 2; i++) {
			const response = await deliver(parcel);
			expect(response.status).toBe(200);
			expect(response.headers.get('set-cookie')).toBeNull();
			expect(response.headers.get('cache-control')).toBe('no-store');
			expect(await response.json()).toEqual({ v: PROTOCOL_VERSION, acked: 3, refused: [] });
		}
		expect(await rowOfOuting()).toEqual({ flyers: 6 });
	});

	it('takes nothing once the author’s membership has ended, and all of it when it is renewed', async () => {
		const { pack, rowOfOuting, from } = await waitingTablet(api.server);
		const until = (day: string | null) =>
			api.server.db.updateTable('membership').set({ until_day: day }).where('user', '=', from.user).execute();
		const parcel = await pack();
		await until('2020-01-01');
		const refused = await deliver(parcel);
		expect([refused.status, await refused.json()]).toEqual([
			403,
			{ error: { code: 'forbidden', detail: 'no membership today' } }
		]);
		await until(null);
		expect((await deliver(parcel)).status).toBe(200);
		expect(await rowOfOuting()).toEqual({ flyers: 6 });
	});

	it('reads no more than the limit', async () => {
		const { pack } = await waitingTablet(api.server);
		const huge = await deliver({ ...(await pack()), more: 'x'.repeat(2_200_000) });
		expect([huge.status, await huge.json()]).toEqual([
			413,
			{ error: { code: 'too_large', detail: expect.any(String) } }
		]);
	});

	it('[P12.4] lets a tablet rest after wrong proofs; its own sync goes on', async () => {
		const { tablet, pack } = await waitingTablet(api.server);
		const wrong: Parcel = { ...(await pack()), proof: 'A'.repeat(43) };
		const statuses = [];
		for (let i = 0; i <= WRONG_PROOFS; i++) statuses.push((await deliver(wrong)).status);
		expect(statuses).toEqual([...Array<number>(WRONG_PROOFS).fill(403), 429]);
		expect((await tablet.exchange()).acked).toBe(3);
	});
});

describe('[P12] escale deliver', () => {
	let data: string;
	let server: Server;
	beforeAll(async () => {
		data = mkdtempSync(join(tmpdir(), 'escale-deliver-'));
		const settings = readConfig({ ESCALE_DATA: data });
		if (!settings.ok) throw new Error(settings.problem);
		server = await openServer(settings.config);
	});
	afterAll(async () => {
		await closeServer(server);
		rmSync(data, { recursive: true });
	});

	function deliver(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
		const child = spawn(process.execPath, [resolve('src/cli/escale.ts'), 'deliver', ...args], {
			env: { PATH: process.env.PATH, ESCALE_DATA: data }
		});
		const result = { out: '', err: '' };
		child.stdout.on('data', (chunk: Buffer) => (result.out += chunk.toString()));
		child.stderr.on('data', (chunk: Buffer) => (result.err += chunk.toString()));
		return new Promise((done) => child.once('close', (code) => done({ ...result, code })));
	}
	const fileOf = (text: string) => {
		const path = join(data, `file-${newId()}.json`);
		writeFileSync(path, text);
		return path;
	};
	const queueOf = (parcels: Parcel[]) =>
		fileOf(JSON.stringify({ format: 'escale-queue', version: 1, exportedAt: 1, parcels }));

	it('hands a queue in, once however often it comes', async () => {
		const { pack, rowOfOuting, ops } = await waitingTablet(server);
		const file = queueOf([await pack(ops.slice(0, 1)), await pack(ops.slice(1))]);
		for (let i = 0; i < 2; i++)
			expect(await deliver(file)).toEqual({
				code: 0,
				out: 'Changements remis : 3 sur 3. Enregistrés : 3 ; à corriger sur la tablette d’origine : 0.\n',
				err: ''
			});
		expect(await rowOfOuting()).toEqual({ flyers: 6 });
	});

	it('says what was not taken and why, and ends with 1', async () => {
		const { pack, ops, from } = await waitingTablet(server);
		const gap = await deliver(queueOf([await pack(ops.slice(1))]));
		expect(gap).toMatchObject({ code: 1, out: expect.stringContaining('remis : 0 sur 2') });
		expect(gap.err).toContain('il manque une file exportée plus tôt');
		const foreign = await deliver(queueOf([{ ...(await pack()), organisation: newId() }]));
		expect(foreign).toMatchObject({
			code: 1,
			err: expect.stringContaining('tablette inconnue de cette base')
		});
		expect(foreign.err).not.toContain(from.device);
	});

	it.each([
		['Quel fichier', () => []],
		['ne se lit pas (ENOENT)', () => [join(data, 'nowhere.json')]],
		['n’est pas une file d’Escale', () => [fileOf('{"format":"escale-queue","version":1,"parcels":[{"v"')]],
		['n’est pas une file d’Escale', () => [fileOf('{"format":"other"}')]],
		['Argument en trop', () => [fileOf('{}'), 'surplus']]
	])('says « %s » in one line and ends with 2', async (words, args) => {
		const { code, out, err } = await deliver(...args());
		expect({ code, out }).toEqual({ code: 2, out: '' });
		expect(err).toContain(words);
		expect(err.trimEnd()).not.toContain('\n');
	});
});
