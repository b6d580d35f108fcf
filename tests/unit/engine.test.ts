import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	backOff,
	initial,
	POLL_HIDDEN,
	POLL_LIVE,
	POLL_VISIBLE,
	RETRY_LONGEST,
	step,
	WATCHDOG,
	type Effect,
	type Event,
	type State
} from '#lib/sync/engine.ts';
import type { Failure } from '#lib/sync/ports.ts';
import { MAX_OPERATIONS } from '#lib/protocol/sync.ts';

const started: Event = { type: 'started', pending: 0, online: true, visible: true };

/** Runs events one second apart and gives the last step. */
function run(events: (Event | ((state: State) => Event))[], random = 0.5) {
	let state = initial;
	let effects: Effect[] = [];
	let now = 1_000_000;
	for (const event of events) {
		({ state, effects } = step(state, typeof event === 'function' ? event(state) : event, now, random));
		now += 1000;
	}
	return { state, effects };
}

const answered =
	(patch: Partial<Event & { type: 'answered' }> = {}) =>
	(state: State): Event => ({
		type: 'answered',
		attempt: state.attempt,
		more: false,
		moved: true,
		pendingLeft: 0,
		rejects: 0,
		...patch
	});
const failed =
	(failure: Failure) =>
	(state: State): Event => ({ type: 'failed', attempt: state.attempt, failure });
const has = (effects: Effect[], what: Effect['do']) => effects.some((e) => e.do === what);
const wakeIn = (effects: Effect[]) => effects.find((e) => e.do === 'wake')?.in;

describe('the sync engine', () => {
	it('tries as soon as it starts, then rests and asks again every 20 s while visible', () => {
		expect(run([started]).effects).toContainEqual({ do: 'attempt', attempt: 1, limit: MAX_OPERATIONS });
		const { state, effects } = run([started, answered()]);
		expect(state.phase).toEqual({ is: 'idle' });
		expect(wakeIn(effects)).toBe(POLL_VISIBLE);
		expect(has(run([started, answered(), { type: 'timer' }]).effects, 'attempt')).toBe(true);
	});

	it('asks every 5 min while hidden and at once when shown again', () => {
		const hidden: Event = { type: 'visible', visible: false };
		expect(wakeIn(run([started, answered(), hidden]).effects)).toBe(POLL_HIDDEN);
		expect(wakeIn(run([started, hidden, answered()]).effects)).toBe(POLL_HIDDEN);
		expect(
			has(run([started, answered(), hidden, { type: 'visible', visible: true }]).effects, 'attempt')
		).toBe(true);
	});

	it('sends a queued change at once, and one queued during an attempt right after it', () => {
		expect(has(run([started, answered(), { type: 'queued', pending: 1 }]).effects, 'attempt')).toBe(true);
		const during = run([started, { type: 'queued', pending: 1 }]);
		expect(during.effects).toEqual([]);
		expect(
			has(run([started, { type: 'queued', pending: 1 }, answered({ pendingLeft: 1 })]).effects, 'attempt')
		).toBe(true);
	});

	it('[P10] goes on at once while the server says that there is more', () => {
		expect(has(run([started, answered({ more: true })]).effects, 'attempt')).toBe(true);
	});

	it('does not ask in a circle a server that answers without moving', () => {
		const stuck = answered({ more: true, moved: false });
		const { state, effects } = run([started, stuck, stuck, stuck]);
		expect(state.phase).toEqual({ is: 'waiting', why: 'stuck' });
		expect(has(effects, 'attempt')).toBe(false);
		expect(wakeIn(effects)).toBeGreaterThanOrEqual(1000);
	});

	it.each<[Failure, State['phase']]>([
		[{ kind: 'offline' }, { is: 'offline' }],
		[{ kind: 'timeout' }, { is: 'waiting', why: 'timeout' }],
		[{ kind: 'server' }, { is: 'waiting', why: 'server' }],
		[{ kind: 'forbidden' }, { is: 'waiting', why: 'forbidden' }],
		[{ kind: 'malformed' }, { is: 'waiting', why: 'malformed' }],
		[{ kind: 'storage' }, { is: 'waiting', why: 'storage' }],
		[
			{ kind: 'too_many', retryAfter: 1 },
			{ is: 'waiting', why: 'too_many' }
		],
		[{ kind: 'unauthenticated' }, { is: 'paused', why: 'unauthenticated' }],
		[{ kind: 'newer_client' }, { is: 'blocked', why: 'updateNeeded' }]
	])('[P9] keeps a next attempt after %o', (failure, phase) => {
		const { state, effects } = run([started, failed(failure)]);
		expect(state.phase).toEqual(phase);
		expect(wakeIn(effects)).toBeGreaterThanOrEqual(1000);
		expect(wakeIn(effects)).toBeLessThanOrEqual(RETRY_LONGEST);
	});

	it('[P9] backs off from 1 s to 5 min with jitter', () => {
		expect(backOff(0, 0)).toBe(1000);
		expect(backOff(0, 1)).toBe(2000);
		expect(backOff(3, 0)).toBe(8000);
		expect(backOff(30, 1)).toBe(RETRY_LONGEST);
		expect(backOff(1000, 0)).toBe(RETRY_LONGEST / 2);
	});

	it('[P9] tries at once on `online`, on becoming visible and on "sync now", but waits what the server asked for', () => {
		const reasons: Event[] = [{ type: 'online' }, { type: 'visible', visible: true }, { type: 'asked' }];
		for (const reason of reasons) {
			expect(has(run([started, failed({ kind: 'server' }), reason]).effects, 'attempt')).toBe(true);
			expect(
				has(run([started, failed({ kind: 'too_many', retryAfter: 60_000 }), reason]).effects, 'attempt')
			).toBe(false);
		}
		expect(wakeIn(run([started, failed({ kind: 'too_many', retryAfter: 60_000 })]).effects)).toBe(60_000);
	});

	it('does not let impatience postpone or multiply attempts', () => {
		const first = step(initial, started, 5000, 0.5);
		const down = step(first.state, { type: 'failed', attempt: 1, failure: { kind: 'server' } }, 5100, 0.5);
		const once = step(down.state, { type: 'asked' }, 5200, 0.5);
		expect(once.effects).toEqual([{ do: 'wake', in: 800 }]);
		expect(step(once.state, { type: 'asked' }, 5900, 0.5).effects).toEqual([{ do: 'wake', in: 100 }]);
	});

	it('[P9] pauses on 401 and goes on with the same queue after signing in', () => {
		const { state, effects } = run([
			started,
			{ type: 'queued', pending: 3 },
			failed({ kind: 'unauthenticated' }),
			{ type: 'queued', pending: 4 },
			{ type: 'signedIn' }
		]);
		expect(state.pending).toBe(4);
		expect(has(effects, 'attempt')).toBe(true);
	});

	it('[P9] halves the request after 413 down to one operation, then grows again', () => {
		const limits: number[] = [];
		let { state, effects } = step(initial, started, 0, 0.5);
		for (let i = 0; i < 8; i++) {
			for (const e of effects) if (e.do === 'attempt') limits.push(e.limit);
			({ state, effects } = step(state, failed({ kind: 'too_large' })(state), i, 0.5));
		}
		expect(limits).toEqual([250, 125, 63, 32, 16, 8, 4, 2]);
		({ state, effects } = step(state, failed({ kind: 'too_large' })(state), 9, 0.5));
		expect(state.phase).toEqual({ is: 'waiting', why: 'too_large' });
		({ state } = step(state, { type: 'timer' }, 10, 0.5));
		({ state, effects } = step(state, answered({ pendingLeft: 9 })(state), 11, 0.5));
		expect(effects).toContainEqual(expect.objectContaining({ do: 'attempt', limit: 2 }));
	});

	it('[P2] takes a new device id when the server calls this one forked, and does not do so in a circle', () => {
		const once = run([started, failed({ kind: 'forked' })]);
		expect(once.effects).toContainEqual({ do: 'new-device', attempt: 2 });
		const adopted = run([
			started,
			failed({ kind: 'forked' }),
			(s) => ({ type: 'adopted', attempt: s.attempt, pending: 7 })
		]);
		expect(has(adopted.effects, 'attempt')).toBe(true);
		const again = step(adopted.state, failed({ kind: 'forked' })(adopted.state), 9e6, 0.5);
		expect(has(again.effects, 'new-device')).toBe(false);
		expect(wakeIn(again.effects)).toBeGreaterThanOrEqual(1000);
	});

	const live: Event = { type: 'live', connected: true };
	const silent: Event = { type: 'live', connected: false };
	const news: Event = { type: 'news' };

	it('[P13] rests for 5 min while the server would tell, and for 20 s when it no longer would', () => {
		const connected = run([started, answered(), live, answered()]);
		expect(connected.state.phase).toEqual({ is: 'idle' });
		expect(wakeIn(connected.effects)).toBe(POLL_LIVE);
		expect(POLL_LIVE).toBe(300_000);
		expect(wakeIn(run([started, answered(), live, answered(), silent]).effects)).toBe(POLL_VISIBLE);
		expect(wakeIn(run([started, answered(), live, silent, answered()]).effects)).toBe(POLL_VISIBLE);
		expect(run([started, answered(), silent]).effects).toEqual([]);
	});

	it('[P13] asks when a stream opens: nobody told what came before', () => {
		expect(has(run([started, answered(), live]).effects, 'attempt')).toBe(true);
		expect(has(run([started, live, answered()]).effects, 'attempt')).toBe(true);
		expect(has(run([started, failed({ kind: 'offline' }), live]).effects, 'attempt')).toBe(true);
	});

	it('[P13] asks on news, and once more for those that came during an attempt', () => {
		expect(has(run([started, answered(), news]).effects, 'attempt')).toBe(true);
		expect(run([started, news]).effects).toEqual([]);
		const once = run([started, news, news, answered()]);
		expect(has(once.effects, 'attempt')).toBe(true);
		expect(has(step(once.state, answered()(once.state), 9e6, 0.5).effects, 'attempt')).toBe(false);
		const paged = run([started, news, answered({ more: true }), answered()]);
		expect(has(paged.effects, 'attempt')).toBe(false);
	});

	it('[P13] news do not make it knock at a server that is not well', () => {
		const kinds = ['server', 'unauthenticated', 'forbidden', 'newer_client', 'offline', 'storage'] as const;
		for (const kind of kinds) expect(run([started, failed({ kind }), news]).effects).toEqual([]);
	});

	it('[P13] a burst of news makes it ask once a second, and after the last of them', () => {
		let { state, effects } = step(initial, started, 0, 0.5);
		let [now, wakeAt, lastNews] = [0, Infinity, 0];
		const attempts: number[] = [];
		const take = (event: Event) => {
			({ state, effects } = step(state, event, now, 0.5));
			for (const effect of effects) {
				if (effect.do === 'wake') wakeAt = now + effect.in;
				if (effect.do === 'attempt') attempts.push(now);
			}
		};
		take(answered()(state) as Event);
		for (now = 10; now <= 20_000; now += 10) {
			if (state.phase.is === 'syncing' && now - attempts.at(-1)! >= 130) take(answered()(state) as Event);
			if (now >= wakeAt) take({ type: 'timer' });
			if (now < 10_000 && now % 70 === 0) {
				lastNews = now;
				take(news);
			}
		}
		const gaps = attempts.slice(1).map((at, i) => at - attempts[i]!);
		expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
		expect(attempts.length).toBeGreaterThanOrEqual(10);
		expect(attempts.at(-1)).toBeGreaterThanOrEqual(lastNews);
		expect(state.phase).toEqual({ is: 'idle' });
	});

	it('[P13] an attempt that somebody asked for is not put off by a stream that ends', () => {
		const { state } = step(initial, started, 0, 0.5);
		const rested = step(state, answered()(state), 100, 0.5).state;
		const asked = step(rested, { type: 'asked' }, 200, 0.5);
		expect(asked.effects).toEqual([{ do: 'wake', in: 800 }]);
		const connected = step(asked.state, live, 300, 0.5);
		expect(connected.effects).toEqual([{ do: 'wake', in: 700 }]);
		expect(step(connected.state, silent, 400, 0.5).effects).toEqual([]);
	});

	it('gives up an attempt that says nothing, and ignores its late answer', () => {
		const { state, effects } = run([started, { type: 'timer' }]);
		expect(effects[0]).toEqual({ do: 'abandon' });
		expect(wakeIn(effects)).toBeGreaterThanOrEqual(1000);
		expect(step(state, { ...answered()(state), attempt: 1 } as Event, 0, 0.5)).toEqual({
			state,
			effects: []
		});
		expect(WATCHDOG).toBeGreaterThan(30_000);
	});

	it('does nothing more once locked, and starts again', () => {
		const locked = run([started, { type: 'locked' }]);
		expect(locked.effects).toEqual([{ do: 'abandon' }, { do: 'sleep' }]);
		for (const event of [{ type: 'timer' }, { type: 'online' }, { type: 'queued', pending: 1 }] as Event[])
			expect(step(locked.state, event, 0, 0.5).effects).toEqual([]);
		expect(has(step(locked.state, started, 0, 0.5).effects, 'attempt')).toBe(true);
	});
});

const failure = fc.oneof(
	fc.constantFrom<Failure>(
		{ kind: 'offline' },
		{ kind: 'timeout' },
		{ kind: 'server' },
		{ kind: 'unauthenticated' },
		{ kind: 'forbidden' },
		{ kind: 'too_large' },
		{ kind: 'malformed' },
		{ kind: 'newer_client' },
		{ kind: 'forked' },
		{ kind: 'storage' }
	),
	fc.nat(100_000).map((retryAfter): Failure => ({ kind: 'too_many', retryAfter }))
);
/** `late`: the event names an attempt that is over. */
const anyEvent = fc.oneof(
	fc.record({
		type: fc.constant('answered' as const),
		late: fc.boolean(),
		more: fc.boolean(),
		moved: fc.boolean(),
		pendingLeft: fc.nat(3),
		rejects: fc.nat(2)
	}),
	fc.record({ type: fc.constant('failed' as const), late: fc.boolean(), failure }),
	fc.record({ type: fc.constant('adopted' as const), late: fc.boolean(), pending: fc.nat(3) }),
	fc.record({ type: fc.constant('queued' as const), pending: fc.integer({ min: 1, max: 5 }) }),
	fc.record({ type: fc.constant('visible' as const), visible: fc.boolean() }),
	fc.constantFrom({ type: 'online' as const }, { type: 'offline' as const }, { type: 'timer' as const }),
	fc.record({ type: fc.constant('live' as const), connected: fc.boolean() }),
	fc.constantFrom({ type: 'news' as const }),
	fc.constantFrom({ type: 'asked' as const }, { type: 'signedIn' as const }, { type: 'locked' as const }),
	fc.record({
		type: fc.constant('started' as const),
		pending: fc.nat(3),
		online: fc.boolean(),
		visible: fc.boolean()
	})
);

describe('whatever happens to the sync engine', () => {
	it('[F18] the watchdog holds: a started engine always has its timer running, at most 1 h ahead', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.tuple(
						anyEvent,
						fc.integer({ min: -1e10, max: 1e10 }),
						fc.double({ min: 0, max: 1, noNaN: true })
					),
					{
						maxLength: 60
					}
				),
				(story) => {
					let state = step(initial, started, 0, 0.5).state;
					let timer = true;
					let flying = 1;
					let now = 0;
					for (const [event, elapsed, random] of story) {
						now += elapsed;
						const attempt = 'late' in event && event.late ? state.attempt - 1 : state.attempt;
						if (event.type === 'timer') {
							if (!timer) continue;
							timer = false;
						}
						const next = step(state, { ...event, attempt } as Event, now, random);
						state = next.state;
						for (const effect of next.effects) {
							if (effect.do === 'wake') {
								timer = true;
								expect(effect.in).toBeGreaterThanOrEqual(0);
								expect(effect.in).toBeLessThanOrEqual(3_600_000);
							}
							if (effect.do === 'sleep') timer = false;
							if (effect.do === 'attempt' || effect.do === 'new-device') {
								expect(effect.attempt).toBeGreaterThan(flying);
								flying = effect.attempt;
							}
							if (effect.do === 'attempt') expect(effect.limit).toBeGreaterThanOrEqual(1);
						}
						expect(timer).toBe(state.phase.is !== 'stopped');
						expect(state.batch).toBeGreaterThanOrEqual(1);
						expect(state.batch).toBeLessThanOrEqual(MAX_OPERATIONS);
					}
				}
			),
			{ numRuns: 2000, seed: 20 }
		);
	});

	it('[P13] no news are lost: an attempt that begins after them follows within a second of rest', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(anyEvent, fc.nat(30_000)), { maxLength: 40 }), (story) => {
				let state = step(initial, started, 0, 0.5).state;
				let now = 0;
				for (const [event, elapsed] of story) {
					now += elapsed;
					state = step(state, { ...event, attempt: state.attempt } as Event, now, 0.5).state;
				}
				fc.pre(state.phase.is === 'idle' || state.phase.is === 'syncing');
				const before = state.attempt;
				const wasIdle = state.phase.is === 'idle';
				let next = step(state, { type: 'news' }, now, 0.5);
				if (!wasIdle) next = step(next.state, answered()(next.state) as Event, now + 1, 0.5);
				if (!has(next.effects, 'attempt')) {
					expect(wakeIn(next.effects)).toBeLessThanOrEqual(1000);
					next = step(next.state, { type: 'live', connected: false }, now + 2, 0.5);
					expect(next.effects).toEqual([]);
					next = step(next.state, { type: 'timer' }, now + 1000, 0.5);
				}
				expect(next.effects).toContainEqual(expect.objectContaining({ do: 'attempt', attempt: before + 1 }));
			}),
			{ numRuns: 1000, seed: 22 }
		);
	});

	it('[F23] the queue drains by itself once the server is well: timers and answers are enough', () => {
		fc.assert(
			fc.property(
				fc.array(anyEvent, { maxLength: 40 }),
				fc.integer({ min: 1, max: 900 }),
				(story, queued) => {
					let state = step(initial, started, 0, 0.5).state;
					for (const event of story)
						state = step(state, { ...event, attempt: state.attempt } as Event, 0, 0.5).state;
					let pending = queued;
					let effects: Effect[];
					const onward: Event =
						state.phase.is === 'stopped' ? { ...started, pending } : { type: 'queued', pending };
					({ state, effects } = step(state, onward, 0, 0.5));
					for (let i = 0; i < 40 && (pending > 0 || state.phase.is !== 'idle'); i++) {
						const attempt = effects.find((e) => e.do === 'attempt');
						if (attempt) pending = Math.max(0, pending - attempt.limit);
						const next: Event = attempt
							? (answered({ pendingLeft: pending })(state) as Event)
							: { type: 'timer' };
						({ state, effects } = step(state, next, 0, 0.5));
					}
					expect({ pending, phase: state.phase }).toEqual({ pending: 0, phase: { is: 'idle' } });
				}
			),
			{ numRuns: 1000, seed: 21 }
		);
	});
});
