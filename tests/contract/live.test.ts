import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { create, type Change } from '#lib/domain/change.ts';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { SCHEMA_VERSION } from '#lib/domain/records.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/sync.ts';
import { MOST_STREAMS } from '#lib/server/live.ts';
import { createOrganisation } from '#lib/server/organisation.ts';
import { createPerson, hashPassword } from '#lib/server/people.ts';
import { startApi, type Api } from '../fixtures/api.ts';

const password = 'correct horse battery';
const newId = () => uuidv7(Date.now(), randomBytes(10));
let hash: string;
beforeAll(async () => {
	hash = await hashPassword(password);
});

/** What a stream says, event by event. */
class Ear {
	readonly response: Response;
	#reader: ReadableStreamDefaultReader<Uint8Array>;
	#text = '';

	constructor(response: Response) {
		this.response = response;
		if (!response.body) throw new Error(`no stream: ${response.status}`);
		this.#reader = response.body.getReader();
	}

	/** The next event as it was written, or undefined at the end. */
	async next(): Promise<string | undefined> {
		while (!this.#text.includes('\n\n')) {
			const { done, value } = await this.#reader.read();
			if (done) return undefined;
			this.#text += new TextDecoder().decode(value);
		}
		const end = this.#text.indexOf('\n\n');
		const event = this.#text.slice(0, end);
		this.#text = this.#text.slice(end + 2);
		return event;
	}

	/** Everything that is still to come; the stream has to end. */
	async rest(): Promise<string[]> {
		const events: string[] = [];
		for (let event = await this.next(); event !== undefined; event = await this.next()) events.push(event);
		return events;
	}

	leave = (): Promise<void> => this.#reader.cancel();
}

const hello = 'event: hello\ndata: 1';
const news = 'event: news\ndata: 1';

/** Somebody's tablet: pushes through the API, listens to it. */
class Tablet {
	readonly device = newId();
	readonly user: string;
	readonly cookie: string;
	#n = 0;

	constructor(user: string, cookie: string) {
		this.user = user;
		this.cookie = cookie;
	}

	async push(on: Api, ...changes: Change[]): Promise<void> {
		const op = { n: ++this.#n, id: newId(), v: SCHEMA_VERSION, at: Date.now(), changes };
		const head = { device: this.device, v: PROTOCOL_VERSION, schema: SCHEMA_VERSION, now: Date.now() };
		const body = { ...head, epoch: '', scope: '', after: this.#n - 1, ops: [op], cursors: {} };
		const response = await on.post('/api/sync', body, { cookie: this.cookie });
		expect(response.status).toBe(200);
	}

	listen = (on: Api): Promise<Response> => on.get(`/api/live?device=${this.device}`, this.cookie);

	/** A stream that has said hello. */
	async ear(on: Api): Promise<Ear> {
		const ear = new Ear(await this.listen(on));
		expect(await ear.next()).toBe(hello);
		return ear;
	}
}

async function organisationOn({ server }: Api) {
	const { db, keys } = server;
	const { id } = await createOrganisation(db, keys, { name: 'M', timeZone: 'Europe/Paris', now: Date.now() });
	return { id, pau: newId(), oloron: newId() };
}

async function tabletOn(api: Api, organisation: string, sites: string[], role: Role = 'counsellor') {
	const email = `p${randomBytes(6).toString('hex')}@escale.test`;
	const person = { organisation, name: 'Jo', email, passwordHash: hash, role, sites, now: Date.now() };
	const made = await createPerson(api.server.db, person);
	const cookie = await api.signIn(email, password);
	if (!made.ok || !cookie) throw new Error('nobody');
	return new Tablet(made.id, cookie);
}

const youthAt = (site: string) => create('youth', newId(), site, { firstName: 'Kenza' });

describe.each(['sqlite', 'postgres'] as const)('[P13] /api/live on %s', (dialect) => {
	const opened: Api[] = [];
	const start = async () => {
		const api = await startApi(dialect, inject('postgres'));
		opened.push(api);
		return api;
	};
	afterEach(async () => {
		for (const api of opened.splice(0)) {
			expect(api.defects).toEqual([]);
			await api.close();
		}
	});

	it('opens for whoever is signed in, on a tablet that was not revoked', async () => {
		const api = await start();
		const { id, pau } = await organisationOn(api);
		const tablet = await tabletOn(api, id, [pau]);
		expect((await api.get(`/api/live?device=${tablet.device}`)).status).toBe(401);
		expect((await api.get('/api/live', tablet.cookie)).status).toBe(400);
		expect((await api.get('/api/live?device=mine', tablet.cookie)).status).toBe(400);
		await tablet.push(api, youthAt(pau));
		await api.server.db
			.updateTable('device')
			.set({ revoked_at: 1 })
			.where('id', '=', tablet.device)
			.execute();
		expect((await tablet.listen(api)).status).toBe(403);
		expect(api.server.live.size).toBe(0);
	});

	it('is a stream that nobody keeps back, stores or compresses', async () => {
		const api = await start();
		const { id, pau } = await organisationOn(api);
		const { response } = await (await tabletOn(api, id, [pau])).ear(api);
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'content-type': 'text/event-stream',
			'cache-control': 'no-store, no-transform',
			'x-accel-buffering': 'no',
			'x-content-type-options': 'nosniff'
		});
		expect(response.headers.has('content-encoding')).toBe(false);
	});

	it('tells other tablets of the place, not the one that pushed, and nothing of what is new', async () => {
		const api = await start();
		const { id, pau } = await organisationOn(api);
		const [first, second] = [await tabletOn(api, id, [pau]), await tabletOn(api, id, [pau])];
		const ears = [await first.ear(api), await second.ear(api)] as const;
		await first.push(api, youthAt(pau));
		await second.push(api, youthAt(pau), youthAt(pau));
		await second.push(api, youthAt(pau));
		api.server.live.end();
		expect(await ears[0].rest()).toEqual([news, news]);
		expect(await ears[1].rest()).toEqual([news]);
	});

	it('tells another tablet of the same account', async () => {
		const api = await start();
		const { id, pau } = await organisationOn(api);
		const first = await tabletOn(api, id, [pau]);
		const second = new Tablet(first.user, first.cookie);
		const ears = [await first.ear(api), await second.ear(api)] as const;
		await first.push(api, create('note', newId(), `user:${first.user}`, { text: 'Rappeler' }));
		api.server.live.end();
		expect(await Promise.all(ears.map((ear) => ear.rest()))).toEqual([[], [news]]);
	});

	it('tells nobody of another place, another person or another organisation', async () => {
		const api = await start();
		const { id, pau, oloron } = await organisationOn(api);
		const writer = await tabletOn(api, id, [pau]);
		const elsewhere = await (await tabletOn(api, id, [oloron])).ear(api);
		const colleague = await (await tabletOn(api, id, [pau])).ear(api);
		const stranger = await (await tabletOn(api, (await organisationOn(api)).id, [pau])).ear(api);
		await writer.push(api, create('note', newId(), `user:${writer.user}`, { text: 'Rappeler' }));
		await writer.push(api, youthAt(pau));
		const director = await tabletOn(api, id, [], 'director');
		await director.push(api, create('partner', newId(), 'org', { name: 'CAF' }));
		api.server.live.end();
		expect(await colleague.rest()).toEqual([news, news]);
		expect(await elsewhere.rest()).toEqual([news]);
		expect(await stranger.rest()).toEqual([]);
	});

	it('tells both places of a record that moved, and that of one that was deleted', async () => {
		const api = await start();
		const { id, pau, oloron } = await organisationOn(api);
		const writer = await tabletOn(api, id, [pau, oloron], 'manager');
		const youth = youthAt(pau);
		await writer.push(api, youth);
		const there = await (await tabletOn(api, id, [oloron])).ear(api);
		const here = await (await tabletOn(api, id, [pau])).ear(api);
		await writer.push(api, { do: 'move', kind: 'youth', id: youth.id, seen: 1, site: oloron });
		await writer.push(api, { do: 'delete', kind: 'youth', id: youth.id, seen: 2 });
		api.server.live.end();
		expect(await here.rest()).toEqual([news]);
		expect(await there.rest()).toEqual([news, news]);
	});

	it('tells nobody of a push that changed nothing', async () => {
		const api = await start();
		const { id, pau, oloron } = await organisationOn(api);
		const writer = await tabletOn(api, id, [pau]);
		const youth = youthAt(pau);
		await writer.push(api, youth);
		const ear = await (await tabletOn(api, id, [pau, oloron])).ear(api);
		await writer.push(api, youth);
		await writer.push(api, youthAt(oloron));
		api.server.live.end();
		expect(await ear.rest()).toEqual([]);
	});

	it('forgets a tablet that went away, and has room for it again', async () => {
		const api = await start();
		const { id, pau } = await organisationOn(api);
		const tablet = await tabletOn(api, id, [pau]);
		const colleague = await tabletOn(api, id, [pau]);
		const ears: Ear[] = [];
		for (let i = 0; i < MOST_STREAMS; i++) ears.push(await tablet.ear(api));
		const refused = await tablet.listen(api);
		expect(refused.status).toBe(429);
		expect(refused.headers.get('retry-after')).toBe('60');
		expect(await refused.json()).toMatchObject({ error: { code: 'too_many' } });
		await (await colleague.ear(api)).leave();
		expect(api.server.live.size).toBe(MOST_STREAMS);
		await ears.pop()?.leave();
		await (await tablet.ear(api)).leave();
		for (const ear of ears) await ear.leave();
		expect(api.server.live.size).toBe(0);
	});

	it('ends when the server stops, and opens no more', async () => {
		const api = await start();
		const { id, pau } = await organisationOn(api);
		const tablet = await tabletOn(api, id, [pau]);
		const ear = await tablet.ear(api);
		api.server.live.end();
		expect(await ear.rest()).toEqual([]);
		expect((await tablet.listen(api)).status).toBe(503);
		await tablet.push(api, youthAt(pau));
	});
});

describe('[P13] several processes on one PostgreSQL', () => {
	const opened: Api[] = [];
	afterEach(async () => {
		vi.restoreAllMocks();
		for (const api of opened.splice(0)) await api.close();
	});
	const two = async () => {
		const first = await startApi('postgres', inject('postgres'));
		opened.unshift(first);
		const second = await first.again();
		opened.unshift(second);
		return [first, second] as const;
	};

	it('tell each other, with the same rules, and nothing twice', async () => {
		const [here, there] = await two();
		const { id, pau, oloron } = await organisationOn(here);
		const writer = await tabletOn(here, id, [pau, oloron]);
		const listener = await tabletOn(here, id, [pau]);
		const ears = {
			own: await writer.ear(there),
			same: await (await tabletOn(here, id, [pau])).ear(here),
			other: await listener.ear(there),
			elsewhere: await (await tabletOn(here, id, [oloron])).ear(there),
			stranger: await (await tabletOn(here, (await organisationOn(here)).id, [pau])).ear(there)
		};
		await writer.push(here, youthAt(pau));
		await writer.push(here, youthAt(pau));
		await writer.push(here, youthAt(oloron));
		// The last of the three has crossed; the order is that of the commits.
		expect(await ears.elsewhere.next()).toBe(news);
		for (const api of [here, there]) api.server.live.end();
		expect(await ears.other.rest()).toEqual([news, news]);
		expect(await ears.same.rest()).toEqual([news, news]);
		for (const silent of [ears.own, ears.elsewhere, ears.stranger]) expect(await silent.rest()).toEqual([]);
	});

	it('tell everybody to look when there is too much to name', async () => {
		const [here, there] = await two();
		const { id, pau } = await organisationOn(here);
		const ear = await (await tabletOn(here, id, [pau])).ear(there);
		const defects = vi.spyOn(console, 'error');
		const scopes = Array.from({ length: 400 }, newId);
		here.server.live.publish({ organisation: id, scopes, by: { user: newId(), device: newId() } });
		expect(await ear.next()).toBe(news);
		expect(defects).not.toHaveBeenCalled();
	});

	it('that lost the connection listen again, and tell everybody once', async () => {
		const [here, there] = await two();
		const { id, pau } = await organisationOn(here);
		const writer = await tabletOn(here, id, [pau]);
		const ear = await (await tabletOn(here, id, [pau])).ear(there);
		const defects = vi.spyOn(console, 'error').mockImplementation(() => undefined);
		const admin = new Client({ connectionString: inject('postgres') });
		await admin.connect();
		await admin.query(
			"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'escale news'"
		);
		await admin.end();
		expect(await ear.next()).toBe(news);
		await writer.push(here, youthAt(pau));
		expect(await ear.next()).toBe(news);
		there.server.live.end();
		expect(await ear.rest()).toEqual([]);
		expect(defects).toHaveBeenCalledOnce();
	});

	it('still say the last thing that was pushed when they stop', async () => {
		const [here, there] = await two();
		const { id, pau } = await organisationOn(here);
		const writer = await tabletOn(here, id, [pau]);
		const ear = await (await tabletOn(here, id, [pau])).ear(there);
		here.server.live.end();
		await writer.push(here, youthAt(pau));
		await here.server.live.close();
		expect(await ear.next()).toBe(news);
	});
});
