import type { SyncRequest, SyncResponse } from '#lib/protocol/sync.ts';

/**
 * What the engine asks of the tablet's store. The store implements it without importing this file: the shapes meet
 * where `routes/` hands the open store to `startSync`.
 *
 * A cloned profile (a tablet image restored twice, a copied browser folder) is told `forked` by the server: two
 * devices were counting operations under one id. This one then calls `adoptDevice` with a new id: the store writes,
 * in ONE strict transaction, the new device id, its pending operations numbered again from 1 in the same order (their
 * `id`s stay: they name the user's action) and sealed again, since the envelope binds the device and the number.
 * Acknowledged operations kept for a restored backup are let go: they belong to the old id, which the server knows.
 * `after` starts again from 0; cursors and rows stay.
 */
export type SyncStore = {
	/** The next request: at most `limit` operations, in order, without a gap after the last acknowledged one. */
	nextRequest(limit: number): Promise<SyncRequest>;
	/**
	 * Rows, cursors, acknowledgements and refusals in one transaction; applying the same answer twice is harmless.
	 * `more`: another request is due, by the server's word or the store's own.
	 */
	applyAnswer(request: SyncRequest, answer: SyncResponse): Promise<{ more: boolean }>;
	/** Operations that no answer has acknowledged yet. */
	pendingCount(): number;
	/** Called after each commit that queued an operation. Returns how to stop. */
	onQueued(listener: () => void): () => void;
	adoptDevice(newId: string): Promise<void>;
};

/** Why an attempt came to nothing. `storage`: this tablet's own database failed, not the network. */
export type Failure =
	| { kind: 'offline' }
	| { kind: 'timeout' }
	| { kind: 'server' }
	| { kind: 'too_many'; /** ms to wait at least */ retryAfter: number }
	| { kind: 'unauthenticated' }
	| { kind: 'forbidden' }
	| { kind: 'too_large' }
	| { kind: 'malformed' }
	| { kind: 'newer_client' }
	| { kind: 'forked' }
	| { kind: 'storage' };
export type FailureKind = Failure['kind'];

export type Exchange = { ok: true; answer: SyncResponse } | { ok: false; failure: Failure };

export type Transport = {
	/** One `POST /api/sync`. Never throws: whatever happens is a typed failure. `signal` abandons it. */
	exchange(request: SyncRequest, signal: AbortSignal): Promise<Exchange>;
};

export type Clock = {
	/** ms since 1970 UTC, as wrong as the device's clock is. */
	now(): number;
	/** Calls once after `ms`; returns how to cancel. */
	after(ms: number, run: () => void): () => void;
};
