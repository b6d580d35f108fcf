import type { Change } from '#lib/domain/change.ts';
import type { Kind, Row, Scope } from '#lib/domain/records.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import type { Session } from '#lib/protocol/session.ts';
import type { RefusalReason, SyncRequest, SyncResponse } from '#lib/protocol/sync.ts';

/** Who holds this tablet, known offline: sealed in the vault at the first sync and refreshed by each session. */
export type Holder = {
	user: string;
	name: string;
	organisation: string;
	organisationName: string;
	role: Role;
	/** Sites of the membership, home site first. */
	sites: string[];
	timeZone: string;
	device: string;
};

/** A save either is durable (the transaction completed) or says why not; the form keeps its content. */
export type Saved =
	| { ok: true; n: number; rows: Row[] }
	| { ok: false; reason: 'locked' | 'storage-full' | 'storage-failed' | 'invalid'; detail: string };

/** One queued change as the Appareil screen shows it. */
export type QueueEntry = {
	n: number;
	id: string;
	at: number;
	changes: Change[];
	state: 'pending' | 'refused';
	refusal?: { reason: RefusalReason; detail: string };
};

export type FoundYouth = { row: Row<'youth'>; score: number };

/** Everything that a screen may ask of the open tablet. Reads are synchronous: they look at memory, never at the disk. */
export interface Store {
	readonly holder: Holder;
	now(): number;
	newId(): string;
	get<K extends Kind>(kind: K, id: string): Row<K> | undefined;
	all<K extends Kind>(kind: K): ReadonlyMap<string, Row<K>>;
	/** Every record that points at this one by `youth`, `opening`, `outing` or `followUp`, of one kind, in creation order. */
	linked<K extends Kind>(kind: K, to: string): Row<K>[];
	/** Names, nicknames (accents, prefixes, small typos) and phone digits. Best first. */
	searchYouths(query: string, limit: number): FoundYouth[];
	/** One user action: one operation, one strict transaction, then memory and screens. */
	commit(changes: Change[]): Promise<Saved>;
	/** The row as it was when nothing is known: where new records of the holder go by default. */
	homeSite(): Scope;
	queue(): QueueEntry[];
	/** Sends a refused change again (as a new operation), with other values where given; or lets it go. */
	resend(n: number, changes?: Change[]): Promise<Saved>;
	discard(n: number): Promise<void>;
	/** Sealed drafts of half-filled forms, by an opaque key of the form's choosing. */
	readDraft(key: string): Promise<unknown>;
	writeDraft(key: string, value: unknown): Promise<void>;
	clearDraft(key: string): Promise<void>;
	/** Called after every change of memory or queue, with the kinds that changed. */
	subscribe(listener: (kinds: ReadonlySet<Kind>) => void): () => void;
}

/** The state of the tablet in figures, derived from the queue itself: what the header and Appareil put into words. */
export type TabletFacts = {
	pending: number;
	refused: number;
	/** Device time (ms UTC) of the oldest change that waits. */
	oldestPending: number | undefined;
	/** Device time (ms UTC) of the last answer that was written down. */
	lastContact: number | undefined;
	/** The server's clock minus this tablet's at the last contact, ms. */
	skew: number;
	/** False until the first answer came: from then on the tablet can be worked with [P10]. */
	usable: boolean;
	/** False until a first sync went through to its end [P10]. */
	complete: boolean;
};

/** Thrown by what the sync engine calls: the tablet's own database failed, or the tablet was locked meanwhile. */
export class StoreError extends Error {
	readonly reason: 'locked' | 'storage-full' | 'storage-failed';
	constructor(reason: StoreError['reason'], detail: string) {
		super(`${reason}: ${detail}`);
		this.name = 'StoreError';
		this.reason = reason;
	}
}

/** What the sync engine asks of the open tablet (the shape of `sync/ports.ts`); `TabletStore` implements it beside `Store`. */
export interface SyncStore {
	facts(): TabletFacts;
	/** [P1] Pending operations without a gap after the last acknowledged one, at most `limit`. */
	nextRequest(limit: number): Promise<SyncRequest>;
	/**
	 * One strict transaction: acknowledgements, refusals, rows, dropped sites, cursors; then memory, then screens.
	 * An answer to a request that the store has since moved past changes nothing. Throws `StoreError`.
	 * `more`: another request is due, by the server's word or because a row has to be asked for again [P1.7].
	 */
	applyAnswer(request: SyncRequest, answer: SyncResponse): Promise<{ more: boolean }>;
	pendingCount(): number;
	/** Called after each commit that queued an operation. */
	onQueued(listener: () => void): () => void;
	/** [P2] After `forked`: everything pending is numbered from 1 again under the new device id. */
	adoptDevice(device: string): Promise<void>;
	/** Refreshes the sealed holder and the organisation's public key after `GET /api/session`. */
	refreshSession(session: Session): Promise<void>;
}
