import { MAX_OPERATIONS, type SyncRequest, type SyncResponse } from '#lib/protocol/sync.ts';
import { initial, step, type Effect, type Event, type Phase, type State } from './engine.ts';
import type { Clock, FailureKind, SyncStore, Transport } from './ports.ts';

/** What screens may know about sync. It is read from the store and the engine, never from hope. */
export type SyncStatus = {
	phase: Phase['is'];
	/** Why the phase is `waiting`, `paused` or `blocked`. */
	why: FailureKind | 'stuck' | 'updateNeeded' | undefined;
	/** Operations that no answer has acknowledged. */
	pending: number;
	/** Rows of the pull under way: `total` is what the server says remains, plus what came. */
	progress: { done: number; total: number } | undefined;
	/** Operations of a queue that takes several requests: how many of those that waited have their outcome. */
	sending: { done: number; total: number } | undefined;
	lastContactAt: number | undefined;
	nextAttemptAt: number | undefined;
	/** The last failure since the last answer. */
	failure: FailureKind | undefined;
	/** ms that the device's clock is ahead of the server's (negative: behind); unknown before the first answer. */
	clockSkew: number | undefined;
	/** Operations that the server refused since this sync started. */
	refused: number;
	/** [P7.5] The server takes what this app sends but gives it no rows until it is a newer one: no failure, and nothing is held up. */
	updateNeeded: boolean;
};

export type SyncParts = {
	store: SyncStore;
	transport: Transport;
	clock: Clock;
	/** From 0 to 1. */
	random: () => number;
	/** A fresh device id (UUIDv7). */
	newDevice: () => string;
	/** What the store threw: the engine goes on, someone should know. */
	report: (error: unknown) => void;
};

/** Performs what the engine decides. Nothing here decides when. */
export class Sync {
	#parts: SyncParts;
	#state: State = initial;
	#cancelTimer: () => void = () => undefined;
	#abort: AbortController | undefined;
	#stopQueued: () => void = () => undefined;
	#listeners = new Set<(status: SyncStatus) => void>();
	#done = 0;
	#progress: SyncStatus['progress'];
	#clockSkew: number | undefined;
	#refused = 0;
	#updateNeeded = false;
	/** The longest that the queue has been since it was empty. */
	#queued = 0;

	constructor(parts: SyncParts) {
		this.#parts = parts;
	}

	start(environment: { online: boolean; visible: boolean }): void {
		this.#stopQueued();
		this.#stopQueued = this.#parts.store.onQueued(() =>
			this.tell({ type: 'queued', pending: this.#parts.store.pendingCount() })
		);
		this.tell({ type: 'started', pending: this.#parts.store.pendingCount(), ...environment });
	}

	/** The store is being locked: nothing of it is touched from here on. */
	stop(): void {
		this.#stopQueued();
		this.tell({ type: 'locked' });
	}

	tell(event: Event): void {
		const { state, effects } = step(this.#state, event, this.#parts.clock.now(), this.#parts.random());
		this.#state = state;
		this.#queued = state.pending === 0 ? 0 : Math.max(this.#queued, state.pending);
		for (const effect of effects) this.#perform(effect);
		this.#announce();
	}

	get status(): SyncStatus {
		const { phase, pending, lastContactAt, nextAt, failure } = this.#state;
		return {
			phase: phase.is,
			why: 'why' in phase ? phase.why : undefined,
			pending,
			progress: this.#progress,
			sending:
				phase.is === 'syncing' && this.#queued > MAX_OPERATIONS
					? { done: this.#queued - pending, total: this.#queued }
					: undefined,
			lastContactAt,
			nextAttemptAt: nextAt,
			failure,
			clockSkew: this.#clockSkew,
			refused: this.#refused,
			updateNeeded: this.#updateNeeded
		};
	}

	/** Calls at once with the present status, then after each change. */
	subscribe(listener: (status: SyncStatus) => void): () => void {
		this.#listeners.add(listener);
		listener(this.status);
		return () => this.#listeners.delete(listener);
	}

	/** Each hears the state of its own moment: a listener may have told the engine something new. */
	#announce(): void {
		for (const listener of this.#listeners) listener(this.status);
	}

	#perform(effect: Effect): void {
		switch (effect.do) {
			case 'wake':
				this.#cancelTimer();
				this.#cancelTimer = this.#parts.clock.after(effect.in, () => this.tell({ type: 'timer' }));
				return;
			case 'sleep':
				this.#cancelTimer();
				return;
			case 'abandon':
				this.#abort?.abort();
				return;
			case 'attempt':
				void this.#attempt(effect.attempt, effect.limit);
				return;
			case 'new-device':
				void this.#newDevice(effect.attempt);
				return;
		}
	}

	async #attempt(attempt: number, limit: number): Promise<void> {
		const { store, transport, clock } = this.#parts;
		const abort = new AbortController();
		this.#abort = abort;
		try {
			const request = await store.nextRequest(limit);
			if (abort.signal.aborted) return;
			const sentAt = clock.now();
			const exchange = await transport.exchange(request, abort.signal);
			if (abort.signal.aborted) return;
			if (!exchange.ok) return this.tell({ type: 'failed', attempt, failure: exchange.failure });
			const { answer } = exchange;
			this.#clockSkew = Math.round((sentAt + clock.now()) / 2 - answer.now);
			const { more } = await store.applyAnswer(request, answer);
			if (abort.signal.aborted) return;
			this.#count(answer);
			const outcome = { more, moved: hasMoved(request, answer), rejects: answer.rejects.length };
			this.tell({ type: 'answered', attempt, pendingLeft: store.pendingCount(), ...outcome });
		} catch (error) {
			if (abort.signal.aborted) return;
			this.#parts.report(error);
			this.tell({ type: 'failed', attempt, failure: { kind: 'storage' } });
		}
	}

	async #newDevice(attempt: number): Promise<void> {
		const { store, newDevice } = this.#parts;
		const abort = new AbortController();
		this.#abort = abort;
		try {
			await store.adoptDevice(newDevice());
			if (abort.signal.aborted) return;
			this.tell({ type: 'adopted', attempt, pending: store.pendingCount() });
		} catch (error) {
			if (abort.signal.aborted) return;
			this.#parts.report(error);
			this.tell({ type: 'failed', attempt, failure: { kind: 'storage' } });
		}
	}

	#count(answer: SyncResponse): void {
		this.#refused += answer.rejects.length;
		this.#updateNeeded = answer.update === true;
		for (const page of Object.values(answer.sites)) this.#done += page.rows.length;
		this.#progress = answer.more ? { done: this.#done, total: this.#done + answer.remaining } : undefined;
		if (!answer.more) this.#done = 0;
	}
}

/** Whether an answer changed what the tablet would send or hold next. */
function hasMoved(request: SyncRequest, answer: SyncResponse): boolean {
	return (
		answer.acked !== request.after ||
		answer.rejects.length > 0 ||
		answer.drop.length > 0 ||
		(!answer.update && (answer.scope !== request.scope || answer.epoch !== request.epoch)) ||
		Object.entries(answer.sites).some(
			([site, page]) =>
				page.rev !== request.cursors[site] ||
				page.below !== request.below?.[site] ||
				page.rows.length > 0 ||
				page.reset === true
		)
	);
}
