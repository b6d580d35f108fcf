import { randomBytes } from 'node:crypto';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { create } from '#lib/domain/change.ts';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { SCHEMA_VERSION } from '#lib/domain/records.ts';
import type { Session } from '#lib/protocol/session.ts';
import type { TabletSeen } from '#lib/protocol/tablets.ts';
import { PROTOCOL_VERSION, type SyncRequest, type SyncResponse } from '#lib/protocol/sync.ts';
import { GUESSES, REST } from '#lib/server/auth.ts';
import { createOrganisation } from '#lib/server/organisation.ts';
import { createPerson, hashPassword, type NewPerson } from '#lib/server/people.ts';
import { createRecords } from '#lib/server/records.ts';
import { startApi, type Api } from '../fixtures/api.ts';

const password = 'correct horse battery';
const newId = () => uuidv7(Date.now(), randomBytes(10));

const founding = {
	organisation: 'Mission Locale d’essai',
	timeZone: 'Europe/Paris',
	name: 'Ada Premier',
	email: 'Ada@escale.test',
	password
};

/** A gzip of that many times a megabyte of nothing. */
const bombOf = (megabytes: number): Buffer =>
	Buffer.concat(Array<Buffer>(megabytes).fill(gzipSync(Buffer.alloc(1_048_576, ' '))));

describe.each(['sqlite', 'postgres'] as const)('the API on %s', (dialect) => {
	let api: Api;
	let hash: string;
	/** Somebody's session, for tests that need no more. */
	let anyone: string;
	const opened: Api[] = [];
	const start = async (env?: Record<string, string>) => {
		const started = await startApi(dialect, inject('postgres'), env);
		opened.push(started);
		return started;
	};
	beforeAll(async () => {
		hash = await hashPassword(password);
		api = await start();
		anyone = await signedIn((await member()).email);
	});
	afterEach(() => vi.restoreAllMocks());
	afterAll(() => Promise.all(opened.map((o) => o.close())));

	/** An organisation with one site and one person, made without HTTP. */
	async function member(
		some: Partial<NewPerson> & { timeZone?: string } = {},
		on: Api = api
	): Promise<{ email: string; id: string; organisation: string; site: string }> {
		const { timeZone = 'Europe/Paris', ...person } = some;
		const { db, keys } = on.server;
		const now = Date.now();
		const organisation =
			person.organisation ?? (await createOrganisation(db, keys, { name: 'Autre', timeZone, now })).id;
		const site = newId();
		await createRecords(db, organisation, [
			{ kind: 'site', id: site, site: 'org', by: site, at: now, fields: { name: 'Permanence' } }
		]);
		const email = `p${randomBytes(4).toString('hex')}@escale.test`;
		const result = await createPerson(db, {
			name: 'Jo Essai',
			email,
			passwordHash: hash,
			role: 'counsellor',
			sites: [site],
			now,
			...person,
			organisation
		});
		if (!result.ok) throw new Error(result.reason);
		return { email, id: result.id, organisation, site };
	}
	const signedIn = async (email: string, on: Api = api): Promise<string> => {
		const cookie = await on.signIn(email, password);
		if (!cookie) throw new Error('not signed in');
		return cookie;
	};
	const syncBody = (some: Partial<SyncRequest> = {}): SyncRequest => ({
		device: newId(),
		v: PROTOCOL_VERSION,
		schema: SCHEMA_VERSION,
		now: Date.now(),
		epoch: '',
		scope: '',
		after: 0,
		ops: [],
		cursors: {},
		...some
	});
	const errorOf = async (response: Response) => {
		expect(response.headers.get('cache-control')).toBe('no-store');
		expect(response.headers.get('content-type')).toBe('application/json');
		const body: unknown = await response.json();
		expect(body).toEqual({ error: { code: expect.any(String), detail: expect.any(String) } });
		return { status: response.status, ...(body as { error: { code: string; detail: string } }).error };
	};

	describe('health', () => {
		it('says what runs on what', async () => {
			const response = await api.get('/api/health');
			expect(response.status).toBe(200);
			expect(response.headers.get('cache-control')).toBe('no-store');
			expect(await response.json()).toEqual({
				status: 'ok',
				version: expect.stringMatching(/^\d+\.\d+\.\d+/),
				database: dialect
			});
		});

		it('says so when the database is gone', async () => {
			const dead = await startApi('sqlite', inject('postgres'));
			await dead.server.db.destroy();
			expect(await errorOf(await dead.get('/api/health'))).toMatchObject({
				status: 503,
				code: 'unavailable'
			});
		});
	});

	describe('setup', () => {
		it('founds an organisation once, with a director who has a site to work at', async () => {
			const fresh = await start();
			expect(await (await fresh.get('/api/setup')).json()).toMatchObject({ empty: true });
			expect((await fresh.post('/api/setup', founding)).status).toBe(200);
			expect(await (await fresh.get('/api/setup')).json()).toMatchObject({ empty: false });
			expect(await errorOf(await fresh.post('/api/setup', founding))).toMatchObject({
				status: 409,
				code: 'conflict'
			});
			expect(await errorOf(await fresh.post('/api/setup', { demo: true }))).toMatchObject({ status: 409 });

			const cookie = await signedIn('ada@escale.test', fresh);
			const session: Session = await (await fresh.get('/api/session', cookie)).json();
			expect(session).toMatchObject({
				user: { name: 'Ada Premier', email: 'ada@escale.test' },
				organisation: { name: 'Mission Locale d’essai', timeZone: 'Europe/Paris' },
				role: 'director',
				sites: [expect.any(String)]
			});
			const pulled: SyncResponse = await (await fresh.post('/api/sync', syncBody(), { cookie })).json();
			const rows = pulled.sites.org?.rows.map(({ kind, id, fields }) => ({ kind, id, fields })).reverse();
			expect(rows).toEqual([
				{
					kind: 'site',
					id: session.sites[0],
					fields: { name: 'Mission Locale d’essai', kind: 'head-office', timeZone: 'Europe/Paris' }
				},
				{
					kind: 'staff',
					id: session.user.id,
					fields: { name: 'Ada Premier', role: 'director', sites: session.sites }
				}
			]);
		});

		it('lets one of several who come at once through, and leaves nothing of the others', async () => {
			const fresh = await start();
			// Two processes, where one thread can play them: SQLite's lock makes a thread wait for itself.
			const second = dialect === 'postgres' ? await fresh.again() : undefined;
			const all = await Promise.all(
				[fresh, second ?? fresh, fresh, second ?? fresh].map((on, i) =>
					on.post('/api/setup', { ...founding, email: `ada${i}@escale.test` }).then((r) => r.status)
				)
			);
			await second?.close();
			expect(all.sort()).toEqual([200, 409, 409, 409]);
			const count = async (table: 'organisation' | 'account' | 'membership' | 'record') =>
				(await fresh.server.db.selectFrom(table).selectAll().execute()).length;
			expect(
				await Promise.all([count('organisation'), count('account'), count('membership'), count('record')])
			).toEqual([1, 1, 1, 2]);
			expect(fresh.defects).toEqual([]);
		});

		it('takes the demonstration instead, whose accounts can sign in', async () => {
			const fresh = await start();
			expect((await fresh.post('/api/setup', { demo: true })).status).toBe(200);
			const cookie = await fresh.signIn('conseillere@demo.escale.test', 'Escale-Demo-2026!');
			const session: Session = await (await fresh.get('/api/session', cookie)).json();
			expect(session).toMatchObject({ role: 'counsellor', organisation: { timeZone: 'Europe/Paris' } });
			expect(await errorOf(await fresh.post('/api/setup', { demo: true }))).toMatchObject({ status: 409 });
		});

		it.each<[string, object]>([
			['password', { ...founding, password: 'elevenchars' }],
			['password', { ...founding, password: 'x'.repeat(129) }],
			['email', { ...founding, email: 'not an address' }],
			['timeZone', { ...founding, timeZone: 'Mars/Olympus' }],
			['organisation', { ...founding, organisation: '   ' }],
			['name', { ...founding, name: 7 }],
			['body', { ...founding, role: 'administrator' }],
			['body', { demo: false }]
		])('names %s, not its value, when it does not fit', async (field, body) => {
			const fresh = await start();
			const error = await errorOf(await fresh.post('/api/setup', body));
			expect(error).toMatchObject({ status: 400, code: 'malformed', detail: expect.stringContaining(field) });
			expect(await (await fresh.get('/api/setup')).json()).toMatchObject({ empty: true });
			await fresh.server.db.destroy();
		});
	});

	describe('signing in', () => {
		it('opens a session in a cookie that no script reads, and nowhere else', async () => {
			const { email, id, organisation, site } = await member();
			const response = await api.post('/api/auth/sign-in/email', {
				email: ` ${email.toUpperCase()} `,
				password
			});
			expect(response.status).toBe(200);
			expect(await response.json()).toEqual({ user: { id, name: 'Jo Essai', email } });
			const [cookie = ''] = response.headers.getSetCookie();
			expect(cookie).toMatch(
				/^escale\.session_token=[^;]{20,}; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Strict$/i
			);
			const session: Session = await (await api.get('/api/session', cookie.split(';')[0])).json();
			expect(session).toEqual({
				user: { id, name: 'Jo Essai', email },
				organisation: { id: organisation, name: 'Autre', timeZone: 'Europe/Paris' },
				role: 'counsellor',
				sites: [site],
				publicKey: { id: expect.any(String), key: expect.stringMatching(/^[\w-]{87}$/) }
			});
		});

		it('over https has a __Host- cookie, Secure', async () => {
			const secure = await start({ ORIGIN: 'https://escale.test' });
			const { email } = await member({}, secure);
			const response = await secure.post('/api/auth/sign-in/email', { email, password });
			expect(response.headers.getSetCookie()[0]).toMatch(
				/^__Host-escale\.session_token=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/i
			);
			expect(response.headers.get('strict-transport-security')).toMatch(/^max-age=/);
			const cookie = await signedIn(email, secure);
			expect((await secure.get('/api/session', cookie)).status).toBe(200);
		});

		it('tells a wrong password and an unknown account alike', async () => {
			const { email } = await member();
			const wrong = await errorOf(
				await api.post('/api/auth/sign-in/email', { email, password: 'something else!' })
			);
			const unknown = await errorOf(
				await api.post('/api/auth/sign-in/email', { email: 'nobody@escale.test', password })
			);
			expect(wrong).toMatchObject({ status: 401, code: 'unauthenticated' });
			expect(unknown).toEqual(wrong);
		});

		it('lets an account rest after too many wrong passwords, from wherever they come', async () => {
			const { email } = await member();
			const other = await member();
			const guess = (i: number, tried = 'something else!') =>
				api.post('/api/auth/sign-in/email', { email, password: tried }, { address: `203.0.113.${i}` });
			for (let i = 0; i < GUESSES; i++) expect((await guess(i)).status).toBe(401);
			const resting = await guess(99, password);
			expect(await errorOf(resting)).toMatchObject({ status: 429, code: 'too_many' });
			expect(Number(resting.headers.get('retry-after'))).toBeGreaterThan(800);
			expect(await api.signIn(other.email, password)).toBeDefined();
			api.clock.now += REST;
			expect((await guess(98, password)).status).toBe(200);
			api.clock.now -= REST;
		});

		it('forgets wrong passwords at a right one', async () => {
			const { email } = await member();
			for (let round = 0; round < 3; round++) {
				for (let i = 0; i < GUESSES - 1; i++)
					await api.post(
						'/api/auth/sign-in/email',
						{ email, password: 'something else!' },
						{ address: `203.0.113.${100 + round * 10 + i}` }
					);
				expect(await api.signIn(email, password)).toBeDefined();
			}
		});

		it('is limited by address', async () => {
			const tries = Array.from({ length: 45 }, (_, i) => `u${i}@escale.test`);
			const statuses: number[] = [];
			for (const email of tries)
				statuses.push(
					(await api.post('/api/auth/sign-in/email', { email, password }, { address: '203.0.113.250' }))
						.status
				);
			expect(statuses.slice(0, 40).every((s) => s === 401)).toBe(true);
			expect(statuses.slice(40)).toEqual([429, 429, 429, 429, 429]);
		});

		it('can’t be told another address by the client', async () => {
			const statuses: number[] = [];
			for (let i = 0; i < 42; i++) {
				const response = await api.fetch('/api/auth/sign-in/email', {
					method: 'POST',
					address: '203.0.113.251',
					headers: {
						origin: api.origin,
						'x-escale': '1',
						'content-type': 'application/json',
						'x-escale-address': `10.0.0.${i}`,
						'x-forwarded-for': `10.0.0.${i}`
					},
					body: JSON.stringify({ email: `v${i}@escale.test`, password })
				});
				statuses.push(response.status);
			}
			expect(statuses.slice(40)).toEqual([429, 429]);
		});

		it('survives a restart, and ends at sign-out', async () => {
			const { email } = await member();
			const cookie = await signedIn(email);
			const restarted = await api.again();
			expect((await restarted.get('/api/session', cookie)).status).toBe(200);
			const out = await restarted.post('/api/auth/sign-out', {}, { cookie });
			expect(out.status).toBe(200);
			expect(out.headers.getSetCookie()[0]).toMatch(/^escale\.session_token=; Max-Age=0/);
			await restarted.close();
			expect(await errorOf(await api.get('/api/session', cookie))).toMatchObject({ status: 401 });
		});

		it('refuses a cookie that was altered', async () => {
			const { email } = await member();
			const cookie = await signedIn(email);
			const [name, value = ''] = cookie.split('=');
			const altered = `${name}=${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`;
			expect(await errorOf(await api.get('/api/session', altered))).toMatchObject({ status: 401 });
		});

		it('changes a password for one of twelve characters at least, and ends the other sessions', async () => {
			const { email } = await member();
			const [here, elsewhere] = [await signedIn(email), await signedIn(email)];
			const change = (newPassword: string) =>
				api.post(
					'/api/auth/change-password',
					{ currentPassword: password, newPassword, revokeOtherSessions: true },
					{ cookie: here }
				);
			expect(await errorOf(await change('elevenchars'))).toMatchObject({ status: 400, code: 'malformed' });
			expect((await change('another twelve')).status).toBe(200);
			expect((await api.get('/api/session', elsewhere)).status).toBe(401);
			expect(await api.signIn(email, password)).toBeUndefined();
			expect(await api.signIn(email, 'another twelve')).toBeDefined();
		});

		it.each([
			['POST', '/api/auth/sign-up/email'],
			['POST', '/api/auth/delete-user'],
			['POST', '/api/auth/update-user'],
			['POST', '/api/auth/change-email'],
			['POST', '/api/auth/request-password-reset'],
			['POST', '/api/auth/sign-in/social'],
			['GET', '/api/auth/get-session'],
			['GET', '/api/auth/list-sessions'],
			['GET', '/api/auth/sign-in/email'],
			['POST', '/api/auth/sign-in/email/'],
			['POST', '/api/auth//sign-up/email'],
			['POST', '/api/auth/%73ign-up/email']
		])('%s %s is shut', async (method, path) => {
			const response = await api.fetch(path, {
				method,
				headers: { cookie: anyone, origin: api.origin, 'x-escale': '1', 'content-type': 'application/json' },
				body:
					method === 'POST'
						? JSON.stringify({ email: 'new@escale.test', password, name: 'New', newEmail: 'new@escale.test' })
						: undefined
			});
			expect([404, 405]).toContain((await errorOf(response)).status);
			const accounts = await api.server.db
				.selectFrom('account')
				.select('id')
				.where('email', '=', 'new@escale.test')
				.execute();
			expect(accounts).toEqual([]);
		});
	});

	describe('a session is worth what the membership says now', () => {
		/** As the server answers at noon (UTC) of that day. */
		const sessionOn = async (date: string, person: Parameters<typeof member>[0]) => {
			const { email } = await member(person);
			const cookie = await signedIn(email);
			const { now } = api.clock;
			api.clock.now = Date.parse(`${date}T12:00:00Z`);
			const response = await api.get('/api/session', cookie);
			api.clock.now = now;
			return response;
		};

		it.each([
			['over', { until: '2026-03-13' }, 403],
			['not begun', { from: '2026-03-17' }, 403],
			['of these days', { from: '2026-03-13', until: '2026-03-17' }, 200],
			['of today only', { from: '2026-03-15', until: '2026-03-15' }, 200]
		])('%s', async (_, person, status) => {
			expect((await sessionOn('2026-03-15', person)).status).toBe(status);
		});

		it.each([
			['Pacific/Auckland', 403],
			['Europe/Paris', 403],
			['America/Guadeloupe', 200]
		])('whose last day ends at midnight in %s', async (timeZone, status) => {
			const { email } = await member({ until: '2026-01-10', timeZone });
			const cookie = await signedIn(email);
			const { now } = api.clock;
			api.clock.now = Date.parse('2026-01-10T23:30:00Z');
			expect((await api.get('/api/session', cookie)).status).toBe(status);
			api.clock.now = now;
		});

		it('holds on the next request: taken away, 403 on every endpoint; another role, other sites', async () => {
			const { email, id, organisation, site } = await member();
			const cookie = await signedIn(email);
			const { db } = api.server;
			const second = await member({ organisation });
			const sites = async () => ((await (await api.get('/api/session', cookie)).json()) as Session).sites;
			expect(await sites()).toEqual([site]);
			await db.updateTable('membership').set({ role: 'director' }).where('user', '=', id).execute();
			expect((await sites()).sort()).toEqual([site, second.site].sort());
			await db.deleteFrom('membership').where('user', '=', id).execute();
			expect(await errorOf(await api.get('/api/session', cookie))).toMatchObject({
				status: 403,
				code: 'forbidden'
			});
			expect(await errorOf(await api.post('/api/sync', syncBody(), { cookie }))).toMatchObject({
				status: 403,
				code: 'forbidden'
			});
		});

		it('without one there is nothing', async () => {
			expect(await errorOf(await api.get('/api/session'))).toMatchObject({
				status: 401,
				code: 'unauthenticated'
			});
			expect(await errorOf(await api.post('/api/sync', syncBody()))).toMatchObject({ status: 401 });
		});
	});

	describe('the tablets of a team', () => {
		it('are told to who leads it: last contact, what waits and since when, clock, version', async () => {
			const director = await member({ role: 'director', name: 'Léa Chef' });
			const near = await member({ organisation: director.organisation, name: 'Jo Près' });
			const manager = await member({
				organisation: director.organisation,
				role: 'manager',
				sites: [near.site],
				name: 'Mo Secteur'
			});
			const elsewhere = await member({ organisation: director.organisation, name: 'Al Loin' });
			const stranger = await member({ role: 'director' });
			const HOUR = 3_600_000;
			const contact = async (who: { email: string }, some: Partial<SyncRequest> = {}) => {
				const cookie = await signedIn(who.email);
				const { device } = syncBody();
				const response = await api.post('/api/sync', syncBody({ device, ...some }), { cookie });
				expect(response.status).toBe(200);
				return { device, cookie };
			};
			const at = api.clock.now;
			const fast = { now: at + HOUR, waiting: { count: 3, oldest: at + HOUR - 2 * HOUR }, app: '0.2.0' };
			const jo = await contact(near, fast);
			await contact(elsewhere);
			await contact(stranger);
			const list = async (cookie: string) => {
				const { tablets }: { tablets: TabletSeen[] } = await (await api.get('/api/tablets', cookie)).json();
				return tablets;
			};
			const { cookie: led } = await contact(manager);
			const seen = await list(led);
			expect(seen.map(({ name }) => name).sort()).toEqual(['Jo Près', 'Mo Secteur']);
			expect(seen.find(({ device }) => device === jo.device)).toEqual({
				device: jo.device,
				user: near.id,
				name: 'Jo Près',
				firstSeen: at,
				lastSeen: at,
				waiting: 3,
				waitingSince: at - 2 * HOUR,
				clockOffset: HOUR,
				app: '0.2.0'
			});
			const all = await list(await signedIn(director.email));
			expect(all.map(({ name }) => name).sort()).toEqual(['Al Loin', 'Jo Près', 'Mo Secteur']);
			await errorOf(await api.get('/api/tablets', jo.cookie));
			expect((await api.get('/api/tablets', jo.cookie)).status).toBe(403);
			expect((await api.get('/api/tablets')).status).toBe(401);

			// What it held back went: told at once, not a minute later.
			const op = {
				n: 1,
				id: newId(),
				v: SCHEMA_VERSION,
				at,
				changes: [create('youth', newId(), near.site, {})]
			};
			const body = syncBody({ device: jo.device, ops: [op], waiting: { count: 1, oldest: at } });
			await api.post('/api/sync', body, { cookie: jo.cookie });
			expect((await list(led)).find(({ device }) => device === jo.device)).toMatchObject({ waiting: 0 });
		});
	});

	describe('the list of tablets', () => {
		it('begins with the newest contact, leaves out the revoked and those silent for a year, and is of one organisation', async () => {
			const director = await member({ role: 'director' });
			const colleague = await member({ organisation: director.organisation });
			const stranger = await member({ role: 'director' });
			const start = api.clock.now;
			const DAY = 24 * 3_600_000;
			const contact = async (who: { email: string }) => {
				const { device } = syncBody();
				const cookie = await signedIn(who.email);
				expect((await api.post('/api/sync', syncBody({ device }), { cookie })).status).toBe(200);
				return device;
			};
			const listed = async (who: { email: string }): Promise<string[]> => {
				const response = await api.get('/api/tablets', await signedIn(who.email));
				const { tablets }: { tablets: TabletSeen[] } = await response.json();
				return tablets.map(({ device }) => device);
			};
			try {
				const old = await contact(colleague);
				api.clock.now = start + 364 * DAY;
				const revoked = await contact(colleague);
				const recent = await contact(director);
				api.clock.now += 1000;
				const newest = await contact(colleague);
				const theirs = await contact(stranger);
				await api.server.db
					.updateTable('device')
					.set({ revoked_at: api.clock.now })
					.where('id', '=', revoked)
					.execute();
				expect(await listed(director)).toEqual([newest, recent, old]);
				api.clock.now = start + 366 * DAY;
				expect(await listed(director)).toEqual([newest, recent]);
				expect(await listed(stranger)).toEqual([theirs]);
			} finally {
				api.clock.now = start;
			}
		});
	});

	describe('two organisations on one server', () => {
		it('never see each other, whatever a client says', async () => {
			const [a, b] = [await member({ role: 'director' }), await member({ role: 'director' })];
			const [atA, atB] = [await signedIn(a.email), await signedIn(b.email)];
			const youth = newId();
			const op = (site: string, id: string) => ({
				n: 1,
				id: newId(),
				v: 1,
				at: Date.now(),
				changes: [create('youth', id, site, { firstName: 'Zohra' })]
			});
			const send = async (cookie: string, some: Partial<SyncRequest>): Promise<SyncResponse> => {
				const response = await api.post('/api/sync', syncBody(some), { cookie });
				expect(response.status).toBe(200);
				return response.json();
			};

			const stored = await send(atA, { ops: [op(a.site, youth)] });
			expect(stored.sites[a.site]?.rows.map((r) => r.id)).toContain(youth);

			const seen = await send(atB, { cursors: { [a.site]: 0, org: 0 } });
			expect(JSON.stringify(seen)).not.toContain(youth);
			expect(JSON.stringify(seen)).not.toContain('Zohra');
			expect(Object.keys(seen.sites)).not.toContain(a.site);
			expect(JSON.stringify(seen)).not.toContain(a.id);

			const intruder = newId();
			const refused = await send(atB, { ops: [op(a.site, intruder)] });
			expect(refused.rejects).toMatchObject([{ n: 1, reason: 'forbidden' }]);
			expect(JSON.stringify(await send(atA, {}))).not.toContain(intruder);

			const named = await api.post(
				'/api/sync',
				{ ...syncBody(), organisation: a.organisation },
				{ cookie: atB }
			);
			expect(await errorOf(named)).toMatchObject({ status: 400, code: 'malformed' });
		});
	});

	describe('what another site could make a browser send', () => {
		const own = () => ({ origin: api.origin, 'x-escale': '1' });
		const targets = [
			'/api/sync',
			'/api/setup',
			'/api/deliveries',
			'/api/auth/sign-in/email',
			'/api/auth/sign-out',
			'/api/nowhere'
		];
		const types = [
			'application/json',
			'text/plain',
			'application/x-www-form-urlencoded',
			'multipart/form-data; boundary=x',
			undefined
		];
		const foreign: [string, Record<string, string>][] = [
			['of another origin', { origin: 'https://evil.test', 'x-escale': '1' }],
			['of an opaque origin', { origin: 'null', 'x-escale': '1' }],
			['without Origin', { 'x-escale': '1' }],
			['of another port', { origin: 'http://localhost:3001', 'x-escale': '1' }],
			['of another name that begins alike', { origin: 'http://localhost:3000.evil.test', 'x-escale': '1' }],
			[
				'of a name that was made to point here',
				{ origin: 'http://evil.test', host: 'evil.test', 'x-escale': '1' }
			],
			['without our header', { origin: 'http://localhost:3000' }]
		];

		it.each(foreign)(
			'%s is refused, of every content type, with and without a session',
			async (_, headers) => {
				const { email } = await member();
				const cookie = await signedIn(email);
				for (const path of targets)
					for (const type of types)
						for (const session of [{}, { cookie }]) {
							const response = await api.fetch(path, {
								method: 'POST',
								headers: Object.entries({ ...headers, ...session, ...(type && { 'content-type': type }) }),
								body: new TextEncoder().encode('{}')
							});
							expect(await errorOf(response), `${path} ${type}`).toMatchObject({
								status: 403,
								code: 'forbidden'
							});
						}
				expect((await api.get('/api/session', cookie)).status).toBe(200);
			}
		);

		it('PUT, PATCH and DELETE too', async () => {
			for (const method of ['PUT', 'PATCH', 'DELETE'])
				expect(
					(await api.fetch('/api/sync', { method, headers: { origin: 'https://evil.test' } })).status
				).toBe(403);
		});

		it.each(types.slice(1))('%s is not JSON even from our own pages', async (type) => {
			for (const path of targets.slice(0, 4)) {
				const response = await api.fetch(path, {
					method: 'POST',
					headers: { ...own(), cookie: anyone, ...(type && { 'content-type': type }) },
					body: new TextEncoder().encode('{}')
				});
				expect(await errorOf(response)).toMatchObject({ status: 415, code: 'malformed' });
			}
		});

		it('accepts the configured origin only, once there is one', async () => {
			const published = await start({ ORIGIN: 'https://escale.test' });
			const send = (origin: string) =>
				published.fetch('http://localhost:3000/api/sync', {
					method: 'POST',
					headers: { origin, 'x-escale': '1', 'content-type': 'application/json' },
					body: '{}'
				});
			expect((await send('http://localhost:3000')).status).toBe(403);
			expect((await send('http://escale.test')).status).toBe(403);
			expect((await send('https://escale.test')).status).toBe(401);
		});
	});

	describe('bodies', () => {
		const sendRaw = (body: BodyInit, headers: Record<string, string> = {}) => {
			const init: RequestInit & { duplex: 'half' } = {
				method: 'POST',
				headers: {
					origin: api.origin,
					'x-escale': '1',
					'content-type': 'application/json; charset=utf-8',
					cookie: anyone,
					...headers
				},
				body,
				duplex: 'half'
			};
			return api.fetch('/api/sync', init);
		};
		/** Announces no length, and goes on for ever. */
		const endless = (pulled: { bytes: number }) =>
			new ReadableStream<Uint8Array>({
				pull(controller) {
					pulled.bytes += 65_536;
					controller.enqueue(new Uint8Array(65_536).fill(0x20));
				}
			});

		it.each([['{'], [''], ['nonsense'], ['{"a":1}}']])('%j is malformed', async (body) => {
			expect(await errorOf(await sendRaw(body))).toMatchObject({ status: 400, code: 'malformed' });
		});

		it('that are not UTF-8 are malformed', async () => {
			const body = Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]);
			expect(await errorOf(await sendRaw(body))).toMatchObject({ status: 400, code: 'malformed' });
		});

		it.each([[[]], [null], [7], [{}], [{ device: 'x' }]])('%j is not a sync request', async (body) => {
			expect(await errorOf(await sendRaw(JSON.stringify(body)))).toMatchObject({
				status: 400,
				code: 'malformed'
			});
		});

		it('above the limit are refused, by what they announce', async () => {
			const body = JSON.stringify({ x: ' '.repeat(2_200_000) });
			const announced = await sendRaw(body, { 'content-length': String(body.length) });
			expect(await errorOf(announced)).toMatchObject({ status: 413, code: 'too_large' });
			expect(announced.headers.get('connection')).toBe('close');
		});

		it('above the limit are refused, by what comes', async () => {
			const pulled = { bytes: 0 };
			expect(await errorOf(await sendRaw(endless(pulled)))).toMatchObject({ status: 413, code: 'too_large' });
			expect(pulled.bytes).toBeLessThan(3_000_000);
		});

		it('just below the limit are read', async () => {
			const body = JSON.stringify({ ...syncBody(), epoch: '' }).padEnd(2_097_152, ' ');
			expect((await sendRaw(body)).status).toBe(200);
		});

		it('that are gzip are read, within the same limit', async () => {
			const zip = { 'content-encoding': 'gzip' };
			const body = JSON.stringify({ ...syncBody(), epoch: '' });
			expect((await sendRaw(gzipSync(body), zip)).status).toBe(200);
			expect((await sendRaw(gzipSync(body.padEnd(2_097_152, ' ')), zip)).status).toBe(200);
			expect(await errorOf(await sendRaw(gzipSync(body.padEnd(2_097_153, ' ')), zip))).toMatchObject({
				status: 413,
				code: 'too_large'
			});
		});

		it('that would inflate beyond all measure are refused without being inflated', async () => {
			const bomb = bombOf(1_500);
			expect(bomb.length).toBeLessThan(2_097_152);
			const inflates = vi.spyOn(Buffer, 'concat');
			const refused = await sendRaw(Uint8Array.from(bomb), { 'content-encoding': 'gzip' });
			expect(await errorOf(refused)).toMatchObject({ status: 413, code: 'too_large' });
			const largest = Math.max(0, ...inflates.mock.results.map(({ value }) => (value as Buffer).length));
			expect(largest).toBeLessThan(3_000_000);
		});

		it('that are cut or damaged gzip are malformed', async () => {
			const zip = { 'content-encoding': 'gzip' };
			const whole = gzipSync(JSON.stringify(syncBody()));
			const flipped = Buffer.from(whole);
			flipped[flipped.length - 6]! ^= 0xff;
			for (const body of [whole.subarray(0, -9), whole.subarray(0, 5), Buffer.from('{}'), flipped])
				expect(await errorOf(await sendRaw(Uint8Array.from(body), zip))).toMatchObject({
					status: 400,
					code: 'malformed'
				});
		});

		it.each(['br', 'deflate', 'zstd', 'gzip, gzip', 'identity', ''])(
			'in %j are refused',
			async (encoding) => {
				const refused = await sendRaw(gzipSync('{}'), { 'content-encoding': encoding });
				expect(await errorOf(refused)).toMatchObject({ status: 415, code: 'malformed' });
			}
		);
	});

	describe('answers of a sync', () => {
		/** More than a kilobyte of rows. */
		const ask = async (accept: string | undefined, some: Partial<SyncRequest> = {}) => {
			const { email, site, organisation } = await member();
			const youths = Array.from({ length: 20 }, () => ({
				...{ kind: 'youth' as const, id: newId(), site, by: site, at: 1 },
				fields: { firstName: 'Artémise', lastName: 'Peyrelongue' }
			}));
			await createRecords(api.server.db, organisation, youths);
			const headers = { origin: api.origin, 'x-escale': '1', 'content-type': 'application/json' };
			return api.fetch('/api/sync', {
				method: 'POST',
				headers: { ...headers, cookie: await signedIn(email), ...(accept && { 'accept-encoding': accept }) },
				body: JSON.stringify(syncBody(some))
			});
		};

		it.each<[string, string, (zipped: Buffer) => Buffer]>([
			['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
			['gzip, deflate', 'gzip', gunzipSync],
			['br;q=0, gzip;q=0.5', 'gzip', gunzipSync]
		])('for a browser that reads %s are %s', async (accept, encoding, open) => {
			const response = await ask(accept);
			expect(response.headers.get('content-encoding')).toBe(encoding);
			expect(response.headers.get('vary')).toBe('accept-encoding');
			expect(response.headers.get('content-type')).toBe('application/json');
			expect(response.headers.get('cache-control')).toBe('no-store');
			const zipped = Buffer.from(await response.arrayBuffer());
			expect(response.headers.get('content-length')).toBe(String(zipped.length));
			const plain = open(zipped);
			expect(zipped.length).toBeLessThan(plain.length / 2);
			expect(JSON.parse(plain.toString()).sites.org.rows).toHaveLength(2);
		});

		it.each([undefined, '', 'identity', 'br;q=0', 'deflate'])('for %j stay plain', async (accept) => {
			const response = await ask(accept);
			expect(response.headers.has('content-encoding')).toBe(false);
			expect(await response.json()).toMatchObject({ more: false });
		});

		it('that are short stay plain', async () => {
			const response = await ask('br, gzip', { v: 99 });
			expect(response.status).toBe(426);
			expect(response.headers.has('content-encoding')).toBe(false);
			expect(await errorOf(response)).toMatchObject({ code: 'newer_client' });
		});
	});

	describe('one shape', () => {
		it('for unknown paths and methods', async () => {
			expect(await errorOf(await api.get('/api/nowhere'))).toMatchObject({ status: 404, code: 'not_found' });
			expect(await errorOf(await api.get('/api/sync'))).toMatchObject({ status: 405, code: 'not_found' });
			expect(await errorOf(await api.post('/api/health', {}))).toMatchObject({
				status: 405,
				code: 'not_found'
			});
		});

		it('for defects, which say nothing of themselves', async () => {
			const broken = await startApi('sqlite', inject('postgres'));
			await broken.server.db.destroy();
			const error = await errorOf(await broken.post('/api/setup', founding));
			expect(error).toEqual({ status: 500, code: 'unavailable', detail: 'internal error' });
			expect(broken.defects).toHaveLength(1);
		});

		it('and the security headers, everywhere', async () => {
			for (const path of ['/api/health', '/api/nowhere', '/api/session', '/api/setup']) {
				const { headers } = await api.get(path);
				expect(headers.get('x-content-type-options')).toBe('nosniff');
				expect(headers.get('referrer-policy')).toBe('no-referrer');
				expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
				expect(headers.get('x-frame-options')).toBe('DENY');
				expect(headers.get('permissions-policy')).toContain('geolocation=()');
				expect(headers.get('strict-transport-security')).toBeNull();
				expect(headers.get('access-control-allow-origin')).toBeNull();
			}
		});
	});

	it('nothing personal is written to the journal', async () => {
		const lines: string[] = [];
		for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
			vi.spyOn(console, method).mockImplementation(
				(...all: unknown[]) => void lines.push(all.map(String).join(' '))
			);
		for (const stream of [process.stdout, process.stderr])
			vi.spyOn(stream, 'write').mockImplementation((chunk) => Boolean(lines.push(String(chunk))));
		const fresh = await start();
		const secret = {
			...founding,
			name: 'Sentinelle Nom',
			email: 'sentinelle@escale.test',
			password: 'sentinelle-secret'
		};
		await fresh.post('/api/setup', secret);
		await fresh.signIn(secret.email, 'sentinelle-fausse');
		await fresh.signIn('sentinelle-inconnue@escale.test', secret.password);
		const cookie = await fresh.signIn(secret.email, secret.password);
		await fresh.post('/api/sync', { sentinelle: 'sentinelle' }, { cookie });
		await fresh.fetch('/api/auth/sign-in/email', {
			method: 'POST',
			headers: { origin: 'https://sentinelle.test', 'x-escale': '1', 'content-type': 'application/json' },
			body: JSON.stringify(secret)
		});
		vi.restoreAllMocks();
		expect(cookie).toBeDefined();
		expect(lines.join('\n').toLowerCase()).not.toContain('sentinelle');
	});
});
