import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { SyncRequest, SyncResponse } from '#lib/protocol/sync.ts';
import { fetchTransport } from '#lib/sync/transport.ts';

const device = '01890000-0000-7000-8000-000000000001';
const request: SyncRequest = { device, v: 1, now: 1, epoch: '', scope: '', after: 0, ops: [], cursors: {} };
const answer: SyncResponse = {
	v: 1,
	epoch: 'e',
	scope: 's',
	acked: 0,
	rejects: [],
	sites: {
		org: {
			rows: [{ kind: 'site', id: device, site: 'org', rev: 4, by: device, at: 1, fields: { name: 'Pau' } }],
			gone: [],
			rev: 4
		}
	},
	drop: [],
	more: false,
	remaining: 0,
	now: 5
};

const never = new AbortController().signal;
const over = (response: () => Response | Promise<Response>) =>
	fetchTransport(async () => response()).exchange(request, never);
const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
	new Response(JSON.stringify(body), { status, headers });

describe('the sync transport', () => {
	it('posts JSON with the session and the header that a foreign page can not send', async () => {
		let seen: { input: unknown; init: RequestInit | undefined } | undefined;
		const transport = fetchTransport(async (input, init) => {
			seen = { input, init };
			return json(answer);
		});
		expect(await transport.exchange(request, never)).toEqual({ ok: true, answer });
		expect(seen?.input).toBe('/api/sync');
		expect(seen?.init).toMatchObject({ method: 'POST', credentials: 'same-origin', cache: 'no-store' });
		expect(new Headers(seen?.init?.headers).get('x-escale')).toBe('1');
		expect(new Headers(seen?.init?.headers).get('content-type')).toBe('application/json');
		expect(JSON.parse(String(seen?.init?.body))).toEqual(request);
	});

	describe('of long requests', () => {
		const long: SyncRequest = { ...request, cursors: { org: 1 }, epoch: 'é'.repeat(2000) };
		const seen: { encoding: string | null; body: unknown }[] = [];
		const server = (reads: boolean): typeof fetch => {
			seen.length = 0;
			return async (_, init) => {
				const encoding = new Headers(init?.headers).get('content-encoding');
				const body = await new Response(init?.body).bytes();
				seen.push({ encoding, body: encoding ? body.length : JSON.parse(new TextDecoder().decode(body)) });
				if (encoding && !reads) return json({ error: { code: 'malformed', detail: '' } }, 415);
				if (encoding) expect(JSON.parse(gunzipSync(body).toString())).toEqual(long);
				return json(answer);
			};
		};

		it('sends gzip', async () => {
			expect(await fetchTransport(server(true)).exchange(long, never)).toEqual({ ok: true, answer });
			expect(seen).toEqual([{ encoding: 'gzip', body: expect.any(Number) }]);
			expect(seen[0]?.body).toBeLessThan(300);
		});

		it('sends them plain, once and from then on, to a server that does not read gzip', async () => {
			const transport = fetchTransport(server(false));
			for (let i = 0; i < 2; i++) expect(await transport.exchange(long, never)).toEqual({ ok: true, answer });
			expect(seen.map(({ encoding }) => encoding)).toEqual(['gzip', null, null]);
			expect(seen[1]?.body).toEqual(long);
		});

		it('sends them plain from a browser that can not compress', async () => {
			vi.stubGlobal('CompressionStream', undefined);
			Reflect.deleteProperty(globalThis, 'CompressionStream');
			const transport = fetchTransport(server(true));
			expect(await transport.exchange(long, never)).toEqual({ ok: true, answer });
			expect(seen).toEqual([{ encoding: null, body: long }]);
			vi.unstubAllGlobals();
		});
	});

	it.each([
		[400, 'malformed', 'malformed'],
		[401, 'unauthenticated', 'unauthenticated'],
		[403, 'forbidden', 'forbidden'],
		[409, 'forked', 'forked'],
		[409, 'conflict', 'server'],
		[413, 'too_large', 'too_large'],
		[426, 'newer_client', 'newer_client'],
		[503, 'unavailable', 'server']
	])('%d %s is the failure %s', async (status, code, kind) => {
		const outcome = await over(() => json({ error: { code, detail: '' } }, status));
		expect(outcome).toEqual({ ok: false, failure: { kind } });
	});

	it.each([
		[401, 'unauthenticated'],
		[413, 'too_large'],
		[502, 'server'],
		[404, 'server']
	])('a bare %d of a proxy is the failure %s', async (status, kind) => {
		expect(await over(() => new Response('<html>', { status }))).toEqual({ ok: false, failure: { kind } });
	});

	it('reads how long the server asks to wait', async () => {
		const wait = (headers: Record<string, string>) =>
			over(() => json({ error: { code: 'too_many', detail: '' } }, 429, headers));
		expect(await wait({ 'retry-after': '7' })).toEqual({
			ok: false,
			failure: { kind: 'too_many', retryAfter: 7000 }
		});
		expect(await wait({ 'retry-after': 'tomorrow' })).toMatchObject({ failure: { retryAfter: 30_000 } });
		expect(await wait({})).toMatchObject({ failure: { retryAfter: 30_000 } });
		expect(await wait({ 'retry-after': '9999999' })).toMatchObject({ failure: { retryAfter: 3_600_000 } });
	});

	it('takes a login page, a cut body or a foreign answer for no contact', async () => {
		const offline = { ok: false, failure: { kind: 'offline' } };
		expect(await over(() => new Response('<html>Wi-Fi gratuit', { status: 200 }))).toEqual(offline);
		expect(await over(() => json({ ...answer, acked: '3' }))).toEqual(offline);
		expect(
			await over(() => json({ ...answer, sites: { org: { rows: [{ kind: 'site' }], gone: [], rev: 1 } } }))
		).toEqual(offline);
		expect(await over(() => Promise.reject(new TypeError('Failed to fetch')))).toEqual(offline);
		const cut = new ReadableStream({
			start(stream) {
				stream.enqueue(new TextEncoder().encode('{"v":1,'));
				stream.error(new TypeError('network error'));
			}
		});
		expect(await over(() => new Response(cut))).toEqual(offline);
	});

	it('keeps the fields of a newer server as they are', async () => {
		const newer = structuredClone(answer);
		Object.assign(newer.sites.org!.rows[0]!.fields, { colour: { of: 'tomorrow' } });
		expect(await over(() => json(newer))).toEqual({ ok: true, answer: newer });
	});

	it('gives up after its time-out, and says so', async () => {
		const hangs: typeof fetch = (_, init) =>
			new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
		const transport = fetchTransport(hangs, { timeoutAfter: 5 });
		expect(await transport.exchange(request, never)).toEqual({ ok: false, failure: { kind: 'timeout' } });
	});
});
