import { describe, expect, it, vi } from 'vitest';
import type { SyncRequest, SyncResponse } from '#lib/protocol/sync.ts';
import type { Clock, Exchange, SyncStore, Transport } from '#lib/sync/ports.ts';
import { Sync, type SyncStatus } from '#lib/sync/runner.ts';

const base: SyncResponse = {
	v: 1,
	epoch: '',
	scope: '',
	acked: 0,
	rejects: [],
	sites: {},
	drop: [],
	more: false,
	remaining: 0,
	now: 0
};
const environment = { online: true, visible: true };

/** Lets every promise that can settle do so. */
const settle = () => new Promise<void>((done) => setImmediate(done));

function world(answers: (request: SyncRequest) => Exchange | Promise<Exchange>) {
	const requests: SyncRequest[] = [];
	const timers = new Map<() => void, number>();
	let now = 1_000_000;
	const clock: Clock = {
		now: () => now,
		after(ms, run) {
			timers.set(run, now + ms);
			return () => timers.delete(run);
		}
	};
	const queue = { pending: 0, after: 0, device: 'first', applied: 0, fail: false, listener: () => {} };
	const store: SyncStore = {
		async nextRequest(limit) {
			if (queue.fail) throw new Error('the base is closed');
			const ops = Array.from({ length: Math.min(limit, queue.pending) }, (_, i) => ({
				n: queue.after + i + 1,
				id: '',
				v: 1,
				at: 0,
				changes: []
			}));
			return { device: queue.device, v: 1, now, epoch: '', scope: '', after: queue.after, ops, cursors: {} };
		},
		async applyAnswer(_, answer) {
			queue.applied++;
			queue.pending -= answer.acked - queue.after;
			queue.after = answer.acked;
			return { more: answer.more };
		},
		pendingCount: () => queue.pending,
		onQueued(listener) {
			queue.listener = listener;
			return () => (queue.listener = () => {});
		},
		async adoptDevice(id) {
			queue.device = id;
			queue.after = 0;
		}
	};
	const transport: Transport = {
		async exchange(request) {
			requests.push(request);
			return answers(request);
		}
	};
	const report = vi.fn<(error: unknown) => void>();
	const sync = new Sync({ store, transport, clock, random: () => 0.5, newDevice: () => 'second', report });
	const seen: SyncStatus[] = [];
	sync.subscribe((status) => seen.push(status));
	return {
		sync,
		report,
		seen,
		queue,
		requests,
		timers,
		async tick() {
			const [[run, at] = [() => {}, now]] = timers;
			timers.delete(run);
			now = at;
			run();
			await settle();
		},
		save() {
			queue.pending++;
			queue.listener();
		}
	};
}

const acknowledged = (request: SyncRequest): Exchange => ({
	ok: true,
	answer: { ...base, acked: request.after + request.ops.length }
});

describe('the sync runner', () => {
	it('delivers what is queued and says when it was in contact', async () => {
		const w = world(acknowledged);
		w.queue.pending = 3;
		w.sync.start(environment);
		await settle();
		expect(w.queue.pending).toBe(0);
		expect(w.sync.status).toMatchObject({
			phase: 'idle',
			pending: 0,
			lastContactAt: 1_000_000,
			nextAttemptAt: 1_020_000
		});
		w.save();
		await settle();
		expect(w.requests.at(-1)).toMatchObject({ after: 3, ops: [{ n: 4 }] });
	});

	it('[P10] shows the true progress of a pull in pages', async () => {
		const pages = [
			{ more: true, remaining: 4, rows: 2 },
			{ more: true, remaining: 1, rows: 3 },
			{ more: false, remaining: 0, rows: 1 }
		];
		const w = world(() => {
			const page = pages.shift() ?? { more: false, remaining: 0, rows: 0 };
			const rows = Array.from(
				{ length: page.rows },
				() => ({ kind: 'site', id: '', site: 'org', rev: 1, by: '', at: 0, fields: {} }) as const
			);
			return {
				ok: true,
				answer: {
					...base,
					more: page.more,
					remaining: page.remaining,
					sites: { org: { rows, gone: [], rev: 9 - pages.length } }
				}
			};
		});
		w.sync.start(environment);
		await settle();
		const shown = new Set(w.seen.map((s) => s.progress).filter((p) => p !== undefined));
		expect([...shown]).toEqual([
			{ done: 2, total: 6 },
			{ done: 5, total: 6 }
		]);
		expect(w.sync.status).toMatchObject({ phase: 'idle', progress: undefined });
	});

	it('says how wrong the clock of the device is', async () => {
		const w = world(() => ({ ok: true, answer: { ...base, now: 1_000_000 + 86_400_000 } }));
		w.sync.start(environment);
		await settle();
		expect(w.sync.status.clockSkew).toBe(-86_400_000);
	});

	it('tries again by its timer after the server was away', async () => {
		let up = false;
		const w = world((request) => (up ? acknowledged(request) : { ok: false, failure: { kind: 'offline' } }));
		w.queue.pending = 1;
		w.sync.start(environment);
		await settle();
		expect(w.sync.status).toMatchObject({ phase: 'offline', failure: 'offline', pending: 1 });
		up = true;
		await w.tick();
		expect(w.sync.status).toMatchObject({ phase: 'idle', failure: undefined, pending: 0 });
	});

	it('[P2] takes a new device id when forked and sends the same queue under it', async () => {
		const w = world((request) =>
			request.device === 'first' ? { ok: false, failure: { kind: 'forked' } } : acknowledged(request)
		);
		Object.assign(w.queue, { pending: 2, after: 5 });
		w.sync.start(environment);
		await settle();
		expect(w.requests.map((r) => [r.device, r.after, r.ops.length])).toEqual([
			['first', 5, 2],
			['second', 0, 2]
		]);
		expect(w.sync.status).toMatchObject({ phase: 'idle', pending: 0 });
	});

	it('keeps trying when the tablet’s own base fails', async () => {
		const w = world(acknowledged);
		Object.assign(w.queue, { pending: 1, fail: true });
		w.sync.start(environment);
		await settle();
		expect(w.sync.status).toMatchObject({ phase: 'waiting', why: 'storage', pending: 1 });
		expect(w.report).toHaveBeenCalledOnce();
		w.queue.fail = false;
		await w.tick();
		expect(w.sync.status).toMatchObject({ phase: 'idle', pending: 0 });
	});

	it('touches nothing of a store that was locked during the exchange', async () => {
		let answer: (exchange: Exchange) => void = () => {};
		const w = world(() => new Promise((resolve) => (answer = resolve)));
		w.queue.pending = 1;
		w.sync.start(environment);
		await settle();
		w.sync.stop();
		answer({ ok: true, answer: { ...base, acked: 1 } });
		await settle();
		expect(w.queue.applied).toBe(0);
		expect(w.timers.size).toBe(0);
		expect(w.sync.status.phase).toBe('stopped');
		w.save();
		await settle();
		expect(w.requests).toHaveLength(1);
	});

	it('[F4] a time-out is no success: the queue says what waits, and the exchange is tried again', async () => {
		let calls = 0;
		const w = world((request) => (calls++ ? acknowledged(request) : new Promise(() => {})));
		w.queue.pending = 1;
		w.sync.start(environment);
		await settle();
		await w.tick();
		expect(w.sync.status).toMatchObject({ phase: 'waiting', why: 'timeout', pending: 1, failure: 'timeout' });
		expect(w.sync.status.lastContactAt).toBeUndefined();
		await w.tick();
		expect(w.queue.pending).toBe(0);
		expect(w.sync.status).toMatchObject({ phase: 'idle', pending: 0, failure: undefined });
	});

	it('[P7.5] goes on handing in what it has when rows wait for a newer app, and does not ask in a circle', async () => {
		let renewed = false;
		const w = world((request) => {
			const acked = request.after + request.ops.length;
			const floor = renewed ? {} : { update: true as const };
			return { ok: true, answer: { ...base, epoch: 'another', acked, ...floor } };
		});
		w.queue.pending = 600;
		w.sync.start(environment);
		await settle();
		expect(w.sync.status).toMatchObject({
			phase: 'idle',
			pending: 0,
			failure: undefined,
			updateNeeded: true
		});
		expect(w.requests.map(({ ops }) => ops.length)).toEqual([250, 250, 100]);
		renewed = true;
		await w.tick();
		expect(w.sync.status.updateNeeded).toBe(false);
	});

	it('[P7.5] an answer without rows that takes nothing either is no progress', async () => {
		let asked = 0;
		const w = world(() =>
			++asked > 20
				? { ok: false, failure: { kind: 'offline' } }
				: { ok: true, answer: { ...base, epoch: 'another', update: true } }
		);
		w.queue.pending = 1;
		w.sync.start(environment);
		await settle();
		expect(w.sync.status).toMatchObject({ phase: 'waiting', why: 'stuck', pending: 1, updateNeeded: true });
	});
});
