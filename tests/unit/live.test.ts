import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BEAT, LIFETIME, Live, type Relay } from '#lib/server/live.ts';
import type { Caller } from '#lib/server/sync/handler.ts';

const caller = (user: string): Caller => ({ organisation: 'o', user, role: 'counsellor', sites: ['pau'] });

async function listen(live: Live, user = 'jo', device = 'd') {
	const opened = await live.open(caller(user), device);
	if (!opened.ok) throw new Error(opened.code);
	const reader = opened.stream.getReader();
	return {
		/** The next event's name, or undefined at the end. */
		async next() {
			const { value } = await reader.read();
			return value && /^event: (\w+)\ndata: 1\n\n$/.exec(new TextDecoder().decode(value))?.[1];
		},
		leave: () => reader.cancel()
	};
}

describe('[P13] the hub of live streams', () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it('shows every 20 s that it is still there, and rests when nobody listens', async () => {
		const live = new Live();
		const ears = [await listen(live), await listen(live, 'al')];
		for (const ear of ears) expect(await ear.next()).toBe('hello');
		for (let i = 0; i < 3; i++) {
			vi.advanceTimersByTime(BEAT);
			for (const ear of ears) expect(await ear.next()).toBe('beat');
		}
		for (const ear of ears) await ear.leave();
		expect(vi.getTimerCount()).toBe(0);
	});

	it.each([
		[0, 0.9],
		[1, 1.1]
	])('ends a stream after 5 min, give or take: random %d', async (random, share) => {
		const live = new Live(undefined, () => random);
		const ear = await listen(live);
		const next = async () => [await ear.next()];
		await next();
		const whole = Math.floor((LIFETIME * share - 1) / BEAT);
		for (let i = 0; i < whole; i++) {
			vi.advanceTimersByTime(BEAT);
			expect(await ear.next()).toBe('beat');
		}
		expect(live.size).toBe(1);
		vi.advanceTimersByTime(LIFETIME * share - whole * BEAT);
		expect(live.size).toBe(0);
		expect(vi.getTimerCount()).toBe(0);
	});

	it('lets go whoever reads nothing any more', async () => {
		const live = new Live();
		await live.open(caller('gone'), 'd');
		const ear = await listen(live);
		await ear.next();
		for (let i = 0; i < 20; i++) {
			live.publish({ organisation: 'o', scopes: ['pau'], by: { user: 'x', device: 'x' } });
			expect(await ear.next()).toBe('news');
		}
		expect(live.size).toBe(1);
	});

	it('tells its own listeners and the other processes; what comes from these is not sent back', async () => {
		const sent: unknown[] = [];
		let hear: Parameters<Relay['listen']>[0] = () => undefined;
		let listens = 0;
		const live = new Live({
			send: (news) => sent.push(news),
			listen: async (listener) => {
				listens++;
				hear = listener;
			},
			close: async () => undefined
		});
		const ears = [await listen(live), await listen(live, 'al', 'e')] as const;
		for (const ear of ears) await ear.next();
		expect(listens).toBe(1);
		const news = { organisation: 'o', scopes: ['pau'], by: { user: 'jo', device: 'd' } };
		live.publish(news);
		expect(await ears[1].next()).toBe('news');
		hear({ ...news, by: { user: 'al', device: 'e' } });
		expect(await ears[0].next()).toBe('news');
		hear('anything');
		for (const ear of ears) expect(await ear.next()).toBe('news');
		expect(sent).toEqual([news]);
	});

	it('does not take another’s device id for the tablet’s own', async () => {
		const live = new Live();
		const ear = await listen(live, 'jo', 'd');
		await ear.next();
		live.publish({ organisation: 'o', scopes: ['pau'], by: { user: 'mallory', device: 'd' } });
		expect(await ear.next()).toBe('news');
	});
});
