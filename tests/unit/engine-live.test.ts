import { describe, expect, it } from 'vitest';
import { RETRY_LONGEST } from '#lib/sync/engine.ts';
import { LiveStream, SILENCE, type LiveEvent } from '#lib/sync/live.ts';

/** A stream that the test speaks through, and a clock that it moves. */
function world() {
	let now = 1_000_000;
	let timer: { at: number; run: () => void } | undefined;
	const opened: { device: string; at: number; closed: boolean }[] = [];
	let on: { said: (event: LiveEvent) => void; ended: () => void };
	const told: string[] = [];
	const identity = { device: 'first' };
	const live = new LiveStream({
		open(device, listener) {
			const stream = { device, at: now, closed: false };
			opened.push(stream);
			on = listener;
			return () => (stream.closed = true);
		},
		clock: {
			now: () => now,
			after(ms, run) {
				const own = { at: now + ms, run };
				timer = own;
				return () => timer === own && (timer = undefined);
			}
		},
		random: () => 0.5,
		device: () => identity.device,
		tell: (event) => told.push(event.type === 'live' ? (event.connected ? 'live' : 'silent') : event.type)
	});
	return {
		live,
		opened,
		told,
		identity,
		get timer() {
			return timer;
		},
		say: (...events: LiveEvent[]) => events.forEach((event) => on.said(event)),
		/** What the present stream would still say after this. */
		listener: () => on,
		end: () => on.ended(),
		/** The device sleeps: time passes, no timer runs. */
		sleep: (ms: number) => (now += ms),
		/** Until the timer; ms that passed. */
		wait() {
			if (!timer) throw new Error('no timer');
			const { at, run } = timer;
			const passed = at - now;
			timer = undefined;
			now = at;
			run();
			return passed;
		}
	};
}

describe('[P13] the live stream of a tablet', () => {
	it('opens when it is wanted, and passes on what it hears', () => {
		const w = world();
		w.live.want(false);
		expect(w.opened).toEqual([]);
		w.live.want(true);
		w.live.want(true);
		expect(w.opened).toEqual([{ device: 'first', at: 1_000_000, closed: false }]);
		expect(w.told).toEqual([]);
		w.say('hello', 'beat', 'news', 'news');
		expect(w.told).toEqual(['live', 'news', 'news']);
	});

	it('closes when it is no longer wanted, and says nothing more', () => {
		const w = world();
		w.live.want(true);
		w.say('hello');
		const old = w.listener();
		w.live.want(false);
		expect(w.opened[0]?.closed).toBe(true);
		expect(w.timer).toBeUndefined();
		old.said('news');
		old.ended();
		expect(w.told).toEqual(['live', 'silent']);
		expect(w.timer).toBeUndefined();
		w.live.want(true);
		expect(w.opened).toHaveLength(2);
	});

	it('opens again after a stream that ended, under the device’s present id', () => {
		const w = world();
		w.live.want(true);
		w.say('hello', 'beat');
		w.identity.device = 'second';
		w.end();
		expect(w.told).toEqual(['live', 'silent']);
		expect(w.wait()).toBe(1500);
		expect(w.opened.map(({ device, closed }) => [device, closed])).toEqual([
			['first', true],
			['second', false]
		]);
		w.say('hello');
		expect(w.told).toEqual(['live', 'silent', 'live']);
	});

	it('waits longer each time, until a stream has lasted', () => {
		const w = world();
		w.live.want(true);
		const waits: number[] = [];
		for (let i = 0; i < 12; i++) {
			// A proxy that lets the first word through and cuts then.
			if (i % 2) w.say('hello');
			w.end();
			waits.push(w.wait());
		}
		expect(waits.slice(0, 4)).toEqual([1500, 3000, 6000, 12_000]);
		expect(waits.at(-1)).toBe(RETRY_LONGEST * 0.75);
		w.say('hello', 'beat');
		w.end();
		expect(w.wait()).toBe(1500);
	});

	it('starts afresh when it is wanted again', () => {
		const w = world();
		w.live.want(true);
		for (let i = 0; i < 6; i++) {
			w.end();
			w.wait();
		}
		w.live.want(false);
		w.live.want(true);
		expect(w.opened).toHaveLength(8);
		w.end();
		expect(w.wait()).toBe(1500);
	});

	it('gives up a stream that says nothing for a minute, hello or not', () => {
		const w = world();
		w.live.want(true);
		expect(w.wait()).toBe(SILENCE);
		expect(w.opened[0]?.closed).toBe(true);
		expect(w.told).toEqual([]);
		w.wait();
		w.say('hello');
		w.sleep(SILENCE - 1);
		w.say('beat');
		expect(w.wait()).toBe(SILENCE);
		expect(w.opened[1]?.closed).toBe(true);
		expect(w.told).toEqual(['live', 'silent']);
		expect(w.wait()).toBe(1500);
		expect(w.opened).toHaveLength(3);
	});

	it('distrusts a stream that a device slept over, before the late timer does', () => {
		const w = world();
		w.live.want(true);
		w.say('hello');
		w.sleep(SILENCE);
		w.live.want(true);
		expect(w.opened[0]?.closed).toBe(false);
		w.sleep(3_600_000);
		w.live.want(true);
		expect(w.opened[0]?.closed).toBe(true);
		expect(w.told).toEqual(['live', 'silent']);
		w.wait();
		expect(w.opened).toHaveLength(2);
	});
});
