import type { Kysely } from 'kysely';
import type { Scope } from '#lib/domain/records.ts';
import { PAGE_ROWS, type ApiError, type SyncErrorCode, type SyncResponse } from '#lib/protocol/sync.ts';
import type { DialectName } from '../database/connect.ts';
import type { Database } from '../database/schema.ts';
import type { Keys } from '../keys.ts';
import { scopesOf, type Caller } from './apply.ts';
import { pull } from './pull.ts';
import { push, type Tablet } from './push.ts';
import { parseRequest, readOperations, type OuterRequest, type Upgrade } from './request.ts';
import type { Turns } from './turns.ts';

export type { Caller } from './apply.ts';

export type SyncContext = {
	db: Kysely<Database>;
	dialect: DialectName;
	keys: Keys;
	/** ms UTC */
	now: () => number;
	/** Defects go here; what it is given may name fields, never values of records. */
	report: (defect: unknown) => void;
	/** Hears of each push that changed something, once it is committed. Must not throw. */
	changed?: (news: News) => void;
	/** Who waits for whom in this process; nobody does when missing. */
	turns?: Turns;
	/** Fewer than `PAGE_ROWS` only in tests. */
	pageRows?: number;
	/** Another way through the versions only in tests. */
	upgrade?: Upgrade;
};

/** Something is new in these places of an organisation; the tablet of whom it comes from knows already. */
export type News = { organisation: string; scopes: Scope[]; by: { user: string; device: string } };

export type SyncAnswer = { status: number; body: SyncResponse | ApiError };

const statusOf: Record<SyncErrorCode, number> = {
	malformed: 400,
	unauthenticated: 401,
	forbidden: 403,
	not_found: 404,
	conflict: 409,
	forked: 409,
	too_large: 413,
	newer_client: 426,
	too_many: 429,
	unavailable: 503
};

/**
 * [P1] One exchange with one tablet: its operations are committed, then the answer is read. Never throws. A lost answer
 * is no harm: the same request again finds its operations done and gives the same outcomes.
 * @param caller as the session and the membership say at this moment
 */
export async function syncOnce(context: SyncContext, caller: Caller, body: unknown): Promise<SyncAnswer> {
	try {
		return await exchange(context, caller, body);
	} catch (defect) {
		context.report(defect);
		return failed('unavailable', 'try again later');
	}
}

async function exchange(context: SyncContext, caller: Caller, body: unknown): Promise<SyncAnswer> {
	const { db, dialect, keys, report } = context;
	const request = parseRequest(body);
	if (!request.ok) return failed(request.problem.code, request.problem.detail);
	const { device, ops } = request.value;
	const incoming = await readOperations(
		ops,
		{ organisation: caller.organisation, user: caller.user, device },
		keys,
		context.upgrade
	);
	if (!incoming.ok) return failed(incoming.problem.code, incoming.problem.detail);

	const now = context.now();
	const pushed = await push(db, caller, tabletOf(request.value, now), incoming.value, now, report);
	if (!pushed.ok)
		return pushed.why === 'forked' ? failed('forked', 'device') : failed('forbidden', pushed.why);
	tellChanged(context, caller, device, pushed.touched);

	const rows = context.pageRows ?? PAGE_ROWS;
	const read = (most: number) => pull(db, dialect, caller, request.value, context.now(), most);
	const { turns } = context;
	const answer = !turns
		? await read(rows)
		: isFirstSync(request.value, caller)
			? await turns.page((isBusy) => read(isBusy ? Math.ceil(rows / BUSY_PART) : rows))
			: await turns.short(() => read(rows));
	return answer ? { status: 200, body: answer } : failed('forbidden', 'no organisation');
}

/** [P13] After the commit of a push, whoever brought it. */
export function tellChanged(
	{ changed }: SyncContext,
	{ organisation, user }: Caller,
	device: string,
	scopes: Scope[]
): void {
	if (scopes.length > 0) changed?.({ organisation, scopes, by: { user, device } });
}
/** Of a page, while others are served: they wait for one page at least. */
const BUSY_PART = 4;

const isFirstSync = ({ cursors, below }: OuterRequest, caller: Caller): boolean =>
	Object.keys(below ?? {}).length > 0 || scopesOf(caller).some((scope) => !cursors[scope]);

/** Its own clock dates what waits there; told in the server's. */
function tabletOf({ device, now: tabletNow, app, upload, waiting, ops }: OuterRequest, now: number): Tablet {
	const clockOffset = tabletNow - now;
	const left = Math.max(0, (waiting?.count ?? 0) - ops.length);
	const oldest = waiting?.oldest;
	return {
		device,
		says: {
			clockOffset,
			app,
			uploadKey: upload,
			waiting: left,
			waitingSince: left > 0 && oldest !== undefined ? Math.min(now, oldest - clockOffset) : undefined
		}
	};
}

export const failed = (code: SyncErrorCode, detail: string): { status: number; body: ApiError } => ({
	status: statusOf[code],
	body: { error: { code, detail } }
});
