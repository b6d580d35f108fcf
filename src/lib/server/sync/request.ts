import * as z from 'zod/mini';
import { recordId } from '#lib/domain/field.ts';
import { SCHEMA_VERSION } from '#lib/domain/records.ts';
import { envelope, operation, type Envelope, type Operation } from '#lib/protocol/operation.ts';
import { openEnvelope } from '#lib/protocol/seal.ts';
import {
	MAX_OPERATIONS,
	PROTOCOL_VERSION,
	syncRequest,
	type SyncErrorCode,
	type SyncRequest
} from '#lib/protocol/sync.ts';
import { upgradeOperation, type RawOperation } from '#lib/protocol/upgrade.ts';
import type { Keys } from '../keys.ts';
import { digest } from '../merge.ts';

/**
 * What stands at one number of a tablet's queue. The outer request is refused as a whole, an operation never is: one that
 * can't be read has its own outcome, or it would hold up the queue behind it for ever [P6].
 */
export type Incoming = {
	n: number;
	id: string;
	/** `undefined` where an envelope could not be opened. */
	hash: string | undefined;
	/** Device's time, ms UTC. */
	at: number;
	body: unknown;
	read: { ok: true; operation: Operation } | { ok: false; detail: string } | { ok: false; defect: unknown };
};

/** [P7] An operation written under version `from`, in today's shape. Throws for a defect of this build. */
export type Upgrade = (raw: RawOperation, from: number) => RawOperation;

export type Problem = { code: SyncErrorCode; detail: string };
export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: Problem };

const head = z.looseObject({ n: z.int().check(z.gte(1)), id: recordId });
type Head = z.infer<typeof head>;
const outline = z.object({ v: z.int(), schema: z.optional(z.int()), ops: z.array(z.unknown()) });
const request = z.extend(syncRequest, { ops: z.array(head) });

export type OuterRequest = Omit<SyncRequest, 'ops'> & { ops: Head[] };

/** [P1] The request without its operations' insides. `detail` names a field of the request, never a value. */
export function parseRequest(body: unknown): Parsed<OuterRequest> {
	const sketch = outline.safeParse(body);
	if (sketch.success && sketch.data.v > PROTOCOL_VERSION)
		return problem('newer_client', `v: ${PROTOCOL_VERSION} at most`);
	if (sketch.success && (sketch.data.schema ?? 1) > SCHEMA_VERSION)
		return problem('newer_client', `schema: ${SCHEMA_VERSION} at most`);
	if (sketch.success && sketch.data.ops.length > MAX_OPERATIONS)
		return problem('too_large', `ops: ${MAX_OPERATIONS} at most`);
	const parsed = request.safeParse(body);
	if (parsed.success) return { ok: true, value: parsed.data };
	const issue = parsed.error.issues[0];
	return problem(
		'malformed',
		`${String(issue?.path[0] ?? (issue?.code === 'unrecognized_keys' ? 'unknown field' : 'body'))}`
	);
}

/**
 * The operations one by one, envelopes opened. An envelope of another person refuses the request: its number counts in
 * another queue than the caller's. An operation of a newer app refuses it too, so that the tablet keeps it until this
 * server is up to date.
 */
export async function readOperations(
	ops: Head[],
	from: { organisation: string; user: string; device: string },
	keys: Keys,
	upgrade: Upgrade = upgradeOperation
): Promise<Parsed<Incoming[]>> {
	const read = await Promise.all(ops.map((op) => readOne(op, from, keys, upgrade)));
	const incoming: Incoming[] = [];
	for (const one of read) {
		if (!one.ok) return one;
		incoming.push(one.value);
	}
	return { ok: true, value: incoming };
}

async function readOne(
	op: Head,
	from: { organisation: string; user: string; device: string },
	keys: Keys,
	upgrade: Upgrade
): Promise<Parsed<Incoming>> {
	let raw: RawOperation = op;
	if (Object.hasOwn(op, 'sealed')) {
		const parsed = envelope.safeParse(op);
		if (!parsed.success) return { ok: true, value: unreadable(op, 'envelope') };
		if (parsed.data.user !== from.user) return problem('forbidden', 'ops: sealed by another account');
		const opened = await open(parsed.data, from, keys);
		if (!opened) return { ok: true, value: unreadable(op, 'envelope: altered or sealed to an unknown key') };
		raw = opened;
	}
	if (typeof raw.v === 'number' && raw.v > SCHEMA_VERSION)
		return problem('newer_client', `ops: v ${SCHEMA_VERSION} at most`);
	return { ok: true, value: readOperation(op, raw, upgrade) };
}

async function open(
	sealed: Envelope,
	from: { organisation: string; device: string },
	keys: Keys
): Promise<RawOperation | undefined> {
	const privateKey = await keys.privateKey(from.organisation, sealed.key);
	const plain = privateKey && (await openEnvelope(sealed, from, privateKey));
	const inner = head.safeParse(plain);
	return inner.success && inner.data.n === sealed.n && inner.data.id === sealed.id ? inner.data : undefined;
}

const unreadable = (op: Head, detail: string): Incoming => ({
	n: op.n,
	id: op.id,
	hash: undefined,
	at: 0,
	body: op,
	read: { ok: false, detail }
});

function readOperation({ n, id }: Head, raw: RawOperation, upgrade: Upgrade): Incoming {
	const at = typeof raw.at === 'number' && Number.isSafeInteger(raw.at) ? raw.at : 0;
	return { n, id, hash: digest(raw), at, body: raw, read: parseOperation(raw, upgrade) };
}

/** [P7] upgraded first, then checked against today's shapes. */
function parseOperation(raw: RawOperation, upgrade: Upgrade): Incoming['read'] {
	const version = z.int().check(z.gte(1)).safeParse(raw.v);
	if (!version.success) return { ok: false, detail: 'v' };
	try {
		const parsed = operation.safeParse(upgrade(raw, version.data));
		if (parsed.success) return { ok: true, operation: parsed.data };
		const [issue] = parsed.error.issues;
		return { ok: false, detail: issue?.path.slice(0, 3).map(String).join('.') || 'unknown field' };
	} catch (defect) {
		return { ok: false, defect };
	}
}

const problem = (code: SyncErrorCode, detail: string): { ok: false; problem: Problem } => ({
	ok: false,
	problem: { code, detail }
});
