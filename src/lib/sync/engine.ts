import { MAX_OPERATIONS } from '#lib/protocol/sync.ts';
import type { Failure, FailureKind } from './ports.ts';

/**
 * When to sync: a pure state machine. It holds no clock, no timer and no queue; it is told what happened and answers
 * with the next state and what to do. One timer exists (`wake` replaces it), and every state but `stopped` has it
 * running: whatever is lost, a change that waits always has a next attempt [P9], and a browser that forgets an answer
 * is caught by the same timer (the watchdog).
 */
export type State = {
	phase: Phase;
	/** The attempt that is under way or was last: an answer that names another one is late and says nothing. */
	attempt: number;
	startedAt: number | undefined;
	visible: boolean;
	online: boolean;
	/** The server tells when something is new: asking is only for what it might forget to tell. */
	live: boolean;
	/** Told of something new that the attempt under way may have been too early for. */
	news: boolean;
	pending: number;
	/** Operations in the next request. */
	batch: number;
	/** Failures in a row. */
	failures: number;
	/** Answers in a row that moved nothing although more was to do. */
	idleAnswers: number;
	failure: FailureKind | undefined;
	lastContactAt: number | undefined;
	/** When the timer fires (ms UTC of the device): to be shown; the timer itself counts a delay. */
	nextAt: number | undefined;
};

export type Phase =
	| { is: 'stopped' }
	| { is: 'idle' }
	| { is: 'syncing' }
	| { is: 'waiting'; why: FailureKind | 'stuck' }
	| { is: 'paused'; why: 'unauthenticated' }
	| { is: 'blocked'; why: 'updateNeeded' }
	| { is: 'offline' };

export type Event =
	| { type: 'started'; pending: number; online: boolean; visible: boolean }
	| { type: 'queued'; pending: number }
	| { type: 'online' }
	| { type: 'offline' }
	| { type: 'visible'; visible: boolean }
	/** The live stream was opened, or is no more. What came before it was opened has not been told. */
	| { type: 'live'; connected: boolean }
	/** Something is new for this tablet at the server. */
	| { type: 'news' }
	| { type: 'timer' }
	/** `moved`: the answer acknowledged, refused or brought something. */
	| { type: 'answered'; attempt: number; more: boolean; moved: boolean; pendingLeft: number; rejects: number }
	| { type: 'failed'; attempt: number; failure: Failure }
	| { type: 'adopted'; attempt: number; pending: number }
	| { type: 'signedIn' }
	| { type: 'asked' }
	| { type: 'locked' };

export type Effect =
	| { do: 'attempt'; attempt: number; limit: number }
	/** Let the attempt under way go: its answer won't be looked at. */
	| { do: 'abandon' }
	/** Take a new device id, then tell `adopted`. */
	| { do: 'new-device'; attempt: number }
	/** The one timer, from now; the one before is cancelled. */
	| { do: 'wake'; in: number }
	| { do: 'sleep' };

export type Step = { state: State; effects: Effect[] };

export const POLL_VISIBLE = 20_000;
export const POLL_HIDDEN = 300_000;
export const POLL_LIVE = 300_000;
export const RETRY_FIRST = 1_000;
export const RETRY_LONGEST = 300_000;
/** An attempt that has said nothing after this long is given up. Longer than the transport's own time-out. */
export const WATCHDOG = 120_000;
/** Between two attempts that a person, the system or the server's news ask for. */
const LEAST_GAP = 1_000;
const IDLE_ANSWERS = 3;

export const initial: State = {
	phase: { is: 'stopped' },
	attempt: 0,
	startedAt: undefined,
	visible: true,
	online: true,
	live: false,
	news: false,
	pending: 0,
	batch: MAX_OPERATIONS,
	failures: 0,
	idleAnswers: 0,
	failure: undefined,
	lastContactAt: undefined,
	nextAt: undefined
};

/** @param now ms UTC of the device; @param random from 0 to 1, for the jitter */
export function step(state: State, event: Event, now: number, random: number): Step {
	if (event.type === 'started') {
		const { pending, online, visible } = event;
		const fresh = { ...state, pending, online, visible, failures: 0, idleAnswers: 0 };
		return state.phase.is === 'syncing' ? stay(fresh) : attempt(fresh, now);
	}
	if (state.phase.is === 'stopped') return stay(state);
	switch (event.type) {
		case 'locked':
			return {
				state: {
					...state,
					phase: { is: 'stopped' },
					attempt: state.attempt + 1,
					nextAt: undefined,
					live: false,
					news: false
				},
				effects: [{ do: 'abandon' }, { do: 'sleep' }]
			};
		case 'queued': {
			const next = { ...state, pending: event.pending };
			return state.phase.is === 'idle' ? attempt(next, now) : stay(next);
		}
		case 'online':
			return nudge({ ...state, online: true }, now);
		case 'offline':
			return wentOffline({ ...state, online: false }, now);
		case 'visible':
			return event.visible
				? nudge({ ...state, visible: true }, now)
				: hidden({ ...state, visible: false }, now);
		case 'live':
			return event.connected ? cameLive({ ...state, live: true }, now) : wentSilent(state, now);
		case 'news':
			return told(state, now);
		case 'asked':
			return nudge(state, now);
		case 'signedIn':
			return state.phase.is === 'paused' ? attempt({ ...state, failures: 0 }, now) : nudge(state, now);
		case 'timer':
			return state.phase.is === 'syncing' ? givenUp(state, now, random) : attempt(state, now);
		case 'answered':
			return isLate(state, event) ? stay(state) : answered(state, event, now, random);
		case 'failed':
			return isLate(state, event) ? stay(state) : failed(state, event.failure, now, random);
		case 'adopted':
			return isLate(state, event) ? stay(state) : attempt({ ...state, pending: event.pending }, now);
	}
}

const stay = (state: State): Step => ({ state, effects: [] });

const isLate = (state: State, event: { attempt: number }) =>
	state.phase.is !== 'syncing' || event.attempt !== state.attempt;

function attempt(state: State, now: number): Step {
	const number = state.attempt + 1;
	return {
		state: {
			...state,
			phase: { is: 'syncing' },
			attempt: number,
			startedAt: now,
			nextAt: now + WATCHDOG,
			news: false
		},
		effects: [
			{ do: 'wake', in: WATCHDOG },
			{ do: 'attempt', attempt: number, limit: state.batch }
		]
	};
}

function rest(state: State, phase: Phase, delay: number, now: number): Step {
	return { state: { ...state, phase, nextAt: now + delay }, effects: [{ do: 'wake', in: delay }] };
}

function idle(state: State, now: number): Step {
	const poll = !state.visible ? POLL_HIDDEN : state.live ? POLL_LIVE : POLL_VISIBLE;
	return rest(state, { is: 'idle' }, poll, now);
}

/** A reason to try now. What the server asked to wait for is waited for. */
function nudge(state: State, now: number): Step {
	if (state.phase.is === 'syncing') return stay(state);
	if (state.phase.is === 'waiting' && state.phase.why === 'too_many') return stay(state);
	const since = state.startedAt === undefined ? LEAST_GAP : Math.abs(now - state.startedAt);
	if (since >= LEAST_GAP) return attempt(state, now);
	return rest(state, state.phase, LEAST_GAP - since, now);
}

/**
 * News end a rest, and make an attempt under way be followed by another. Where the server is not well they change nothing:
 * the next attempt brings what they are about.
 */
function told(state: State, now: number): Step {
	if (state.phase.is === 'syncing') return stay({ ...state, news: true });
	return state.phase.is === 'idle' ? nudge(state, now) : stay(state);
}

/** The server answers again, and before this moment nobody told what was new. */
function cameLive(state: State, now: number): Step {
	return state.phase.is === 'syncing' ? told(state, now) : nudge(state, now);
}

/** The long rest becomes a short one; one that is short already (somebody asked) stays. */
function wentSilent(state: State, now: number): Step {
	const next = { ...state, live: false };
	const isLong = state.nextAt === undefined || Math.abs(state.nextAt - now) > POLL_VISIBLE;
	return state.phase.is === 'idle' && state.visible && isLong ? idle(next, now) : stay(next);
}

/**
 * The system says that there is no network. It is believed about the phase that people read, never about trying: the
 * timer goes on, because the system is sometimes wrong.
 */
function wentOffline(state: State, now: number): Step {
	if (state.phase.is !== 'idle') return stay(state);
	return rest({ ...state, failure: 'offline' }, { is: 'offline' }, POLL_VISIBLE, now);
}

function hidden(state: State, now: number): Step {
	return state.phase.is === 'idle' ? idle(state, now) : stay(state);
}

function givenUp(state: State, now: number, random: number): Step {
	const after = failed(state, { kind: 'timeout' }, now, random);
	return { state: after.state, effects: [{ do: 'abandon' }, ...after.effects] };
}

function answered(state: State, event: Event & { type: 'answered' }, now: number, random: number): Step {
	const goOn = event.more || event.pendingLeft > 0;
	const next: State = {
		...state,
		pending: event.pendingLeft,
		online: true,
		failures: 0,
		failure: undefined,
		idleAnswers: goOn && !event.moved ? state.idleAnswers + 1 : 0,
		batch: Math.min(MAX_OPERATIONS, state.batch * 2),
		lastContactAt: now
	};
	if (!goOn) return next.news ? nudge({ ...next, phase: { is: 'idle' } }, now) : idle(next, now);
	if (next.idleAnswers < IDLE_ANSWERS) return attempt(next, now);
	// A server that answers without moving must not be asked in a circle.
	const delay = backOff(next.idleAnswers - IDLE_ANSWERS, random);
	return rest(next, { is: 'waiting', why: 'stuck' }, delay, now);
}

function failed(state: State, failure: Failure, now: number, random: number): Step {
	const next: State = { ...state, failures: state.failures + 1, failure: failure.kind };
	const delay = backOff(state.failures, random);
	switch (failure.kind) {
		case 'too_large': {
			if (state.batch === 1) break;
			return attempt({ ...next, batch: Math.ceil(state.batch / 2), failures: state.failures }, now);
		}
		case 'forked': {
			// A server that calls the new id forked too is given time; the attempt after that takes another id.
			if (state.failure === 'forked')
				return rest({ ...next, failure: undefined }, { is: 'waiting', why: 'forked' }, delay, now);
			const number = state.attempt + 1;
			return {
				state: { ...next, attempt: number, startedAt: now, nextAt: now + WATCHDOG },
				effects: [
					{ do: 'wake', in: WATCHDOG },
					{ do: 'new-device', attempt: number }
				]
			};
		}
		case 'unauthenticated':
			return rest(next, { is: 'paused', why: 'unauthenticated' }, RETRY_LONGEST, now);
		case 'newer_client':
			return rest(next, { is: 'blocked', why: 'updateNeeded' }, RETRY_LONGEST, now);
		case 'too_many': {
			const asked = Math.max(delay, failure.retryAfter);
			return rest(next, { is: 'waiting', why: 'too_many' }, asked, now);
		}
		case 'offline':
			return rest(next, { is: 'offline' }, delay, now);
		default:
			break;
	}
	return rest(next, { is: 'waiting', why: failure.kind }, delay, now);
}

/** From 1 s doubling to 5 min, between half and all of it, so that a whole region does not come back as one. */
export function backOff(failures: number, random: number): number {
	const whole = Math.min(RETRY_LONGEST, RETRY_FIRST * 2 ** Math.min(failures + 1, 20));
	return Math.round(whole / 2 + (whole / 2) * random);
}
