import * as z from 'zod/mini';
import { instant, recordId } from '#lib/domain/field.ts';
import { scope, type Row } from '#lib/domain/records.ts';
import { envelope, operation } from './operation.ts';

/** Raised when a server of this version can't answer a client of the version before. */
export const PROTOCOL_VERSION = 2;
/** [P7] The floor: from a tablet below it operations are still taken; rows it gets again once its app is renewed. */
export const OLDEST_READER = 2;

/** Most operations in one request; the client halves it after a 413 [P9]. */
export const MAX_OPERATIONS = 250;
/** Rows that one answer holds at most; `more` says that another request is due [P10]. */
export const PAGE_ROWS = 2000;

const rev = z.int().check(z.gte(0));

/** [P1] what a tablet sends to `POST /api/sync`. What is optional came after version 1. */
export const syncRequest = z.strictObject({
	device: recordId,
	v: z.int().check(z.gte(1)),
	/** [P7] The shapes of records that this tablet reads; 1 when missing. */
	schema: z.optional(z.int().check(z.gte(1))),
	/** The application's version, to be shown to who looks after the tablets. */
	app: z.optional(z.string().check(z.maxLength(40))),
	/** The device's clock, so that the server can tell how wrong it is. */
	now: instant,
	/** Empty at first contact. */
	epoch: z.string().check(z.maxLength(64)),
	/** What the rows on the tablet were filtered for (`scope` of the last answer); empty at first contact. */
	scope: z.string().check(z.maxLength(64)),
	/** The last operation that the tablet knows acknowledged: operations follow it without a gap. */
	after: z.int().check(z.gte(0)),
	ops: z.array(z.union([operation, envelope])).check(z.maxLength(MAX_OPERATIONS)),
	cursors: z.record(scope, rev),
	/** [P10] Scopes whose first pull is under way: rows below this revision are still to come. */
	below: z.optional(z.record(scope, rev)),
	/** [P1.7] This tablet can make the rows of its own operations itself: they may be told by digest. */
	echo: z.optional(z.literal(true)),
	/** The key that proves this tablet's parcels (`parcel.ts`): base64url, 32 bytes. */
	upload: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/))),
	/** What waits on the tablet, this request's operations included: how many, since when by its own clock. */
	waiting: z.optional(z.strictObject({ count: z.int().check(z.gte(0)), oldest: z.optional(instant) }))
});
export type SyncRequest = z.infer<typeof syncRequest>;

export type RefusalReason = 'invalid' | 'forbidden' | 'id_clash' | 'poison';
/** [P6] `rows`: the server's rows of the records touched; `gone`: those of them that it does not have or show. */
export type Refusal = { n: number; reason: RefusalReason; detail: string; rows: Row[]; gone: string[] };

/** [P1] A row that the tablet can make itself: what it held with the operations of this request on top. */
export type Echo = { id: string; rev: number; digest: string };

export type SitePage = {
	rows: Row[];
	/** Rows last changed by operations of this very request: told by revision and digest only. */
	own?: Echo[];
	gone: string[];
	/** Cursor to send next. */
	rev: number;
	/** [P10] Rows below this revision are still to come; missing when the site is whole. */
	below?: number;
	/** Everything held of this site is replaced by what follows. */
	reset?: true;
};

/** [P1] what the server answers. */
export type SyncResponse = {
	v: number;
	epoch: string;
	scope: string;
	/** Last operation of this device that has a durable outcome [P2]. */
	acked: number;
	rejects: Refusal[];
	sites: Record<string, SitePage>;
	/** Sites that are no longer in scope: their rows leave the tablet [P4]. */
	drop: string[];
	more: boolean;
	/** Rows still to come after this answer, for a true progress bar. */
	remaining: number;
	/** [P7] No rows came: this tablet reads older shapes and has to be brought up to date first. */
	update?: true;
	/** Server's clock, ms UTC. */
	now: number;
};

export type SyncErrorCode =
	| 'malformed'
	| 'unauthenticated'
	| 'forbidden'
	| 'forked'
	| 'too_large'
	| 'too_many'
	| 'newer_client'
	| 'unavailable'
	| 'not_found'
	| 'conflict';
/** The one error shape of every endpoint; `detail` never holds personal data. */
export type ApiError = { error: { code: SyncErrorCode; detail: string } };
