import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Turns } from '#lib/server/sync/turns.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A piece of work that the test ends. */
function work() {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const job = { started: false, busy: false, end: resolve, fail: reject };
	const run = (busy: boolean) => {
		Object.assign(job, { started: true, busy });
		return promise;
	};
	return { job, run };
}

function page(turns: Turns) {
	const { job, run } = work();
	const done = turns.exchange(() => turns.page(run)).catch((error: unknown) => String(error));
	return { job, done };
}

/** Lets what is due now happen. */
const settle = () => vi.advanceTimersByTimeAsync(0);

it('[P10] pages of first syncs are read one at a time, in the order of their coming', async () => {
	const turns = new Turns();
	const [a, b, c] = [page(turns), page(turns), page(turns)];
	await settle();
	expect([a, b, c].map(({ job }) => job.started)).toEqual([true, false, false]);
	a.job.end('a');
	await settle();
	expect([a, b, c].map(({ job }) => job.started)).toEqual([true, true, false]);
	b.job.end('b');
	await settle();
	c.job.end('c');
	expect(await Promise.all([a.done, b.done, c.done])).toEqual(['a', 'b', 'c']);
});

it('[F6] [P10] while somebody else is served, the next page leaves them twice the time that the last one took', async () => {
	const turns = new Turns();
	const push = work();
	const pushed = turns.exchange(() => turns.short(() => push.run(false)));
	const [a, b] = [page(turns), page(turns)];
	await vi.advanceTimersByTimeAsync(100);
	a.job.end('a');
	await vi.advanceTimersByTimeAsync(199);
	expect(b.job.started).toBe(false);
	await vi.advanceTimersByTimeAsync(2);
	expect(b.job.started).toBe(true);
	push.job.end('pushed');
	b.job.end('b');
	expect(await Promise.all([pushed, a.done, b.done])).toEqual(['pushed', 'a', 'b']);
});

it('[P10] nobody left to be served: the next page begins at once', async () => {
	const turns = new Turns();
	const push = work();
	const pushed = turns.exchange(() => turns.short(() => push.run(false)));
	const [a, b] = [page(turns), page(turns)];
	await vi.advanceTimersByTimeAsync(100);
	a.job.end('a');
	await settle();
	expect(b.job.started).toBe(false);
	push.job.end('pushed');
	await pushed;
	await settle();
	expect(b.job.started).toBe(true);
});

it('[P10] a page is told to be short when others were served a moment ago', async () => {
	const turns = new Turns();
	const quiet = page(turns);
	await settle();
	expect(quiet.job.busy).toBe(false);
	quiet.job.end('quiet');
	await turns.exchange(() => turns.short(() => Promise.resolve()));
	await settle();
	const beside = page(turns);
	await settle();
	expect(beside.job.busy).toBe(true);
	beside.job.end('beside');
	await settle();
	await vi.advanceTimersByTimeAsync(1500);
	const after = page(turns);
	await settle();
	expect(after.job.busy).toBe(false);
});

it('a page that fails gives its turn on', async () => {
	const turns = new Turns();
	const [a, b] = [page(turns), page(turns)];
	await settle();
	a.job.fail(new Error('defect'));
	await settle();
	expect(await a.done).toBe('Error: defect');
	expect(b.job.started).toBe(true);
});
