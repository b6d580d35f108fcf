import type { Kysely } from 'kysely';
import { isProven, parcel, type DeliveryAnswer, type Parcel } from '#lib/protocol/parcel.ts';
import { PROTOCOL_VERSION, type ApiError } from '#lib/protocol/sync.ts';
import type { Database } from '../database/schema.ts';
import type { Caller } from './apply.ts';
import { failed, tellChanged, type SyncContext } from './handler.ts';
import { refusalReason } from './pull.ts';
import type { WrongProofs } from './proofs.ts';
import { push } from './push.ts';
import { readOperations } from './request.ts';

/** `wrongProofs`: nobody is counted when missing. */
type DeliveryContext = SyncContext & { wrongProofs?: WrongProofs };

export type Delivered = { status: number; body: DeliveryAnswer | ApiError };

/**
 * [P12] One parcel of sealed operations, whoever brings it. Its proof says which tablet packed it; what its author may do is
 * looked up now, as for any request. Committed before it is answered, by the same code as a tablet's own push, so both ways
 * end exactly once. Never throws.
 * @param callerOf the author as their membership says at this moment
 */
export async function deliverOnce(
	context: DeliveryContext,
	callerOf: (organisation: string, user: string) => Promise<Caller | undefined>,
	body: unknown
): Promise<Delivered> {
	try {
		return await deliver(context, callerOf, body);
	} catch (defect) {
		context.report(defect);
		return failed('unavailable', 'try again later');
	}
}

async function deliver(
	context: DeliveryContext,
	callerOf: (organisation: string, user: string) => Promise<Caller | undefined>,
	body: unknown
): Promise<Delivered> {
	const { db, keys, report } = context;
	const parsed = parcel.safeParse(body);
	if (!parsed.success) return failed('malformed', String(parsed.error.issues[0]?.path[0] ?? 'body'));
	const packed = parsed.data;
	if (packed.v > PROTOCOL_VERSION) return failed('newer_client', `v: ${PROTOCOL_VERSION} at most`);
	const now = context.now();
	if (context.wrongProofs?.isResting(packed.device, now)) return failed('too_many', 'wrong proofs');
	// One answer for an unknown tablet, a wrong proof and a revoked tablet: nothing is learnt by asking.
	if (!(await isFromItsTablet(db, packed))) {
		context.wrongProofs?.note(packed.device, now);
		return failed('forbidden', 'proof');
	}
	const caller = await callerOf(packed.organisation, packed.user);
	if (!caller) return failed('forbidden', 'no membership today');

	const incoming = await readOperations(packed.ops, packed, keys);
	if (!incoming.ok) return failed(incoming.problem.code, incoming.problem.detail);
	const pushed = await push(db, caller, { device: packed.device }, incoming.value, now, report);
	if (!pushed.ok)
		return pushed.why === 'forked' ? failed('forked', 'device') : failed('forbidden', pushed.why);
	tellChanged(context, caller, packed.device, pushed.touched);
	return { status: 200, body: await outcomesOf(db, packed) };
}

async function isFromItsTablet(db: Kysely<Database>, packed: Parcel): Promise<boolean> {
	const device = await db
		.selectFrom('device')
		.select(['upload_key', 'revoked_at'])
		.where('organisation', '=', packed.organisation)
		.where('user', '=', packed.user)
		.where('id', '=', packed.device)
		.executeTakeFirst();
	if (!device?.upload_key || device.revoked_at) return false;
	return isProven(packed, device.upload_key);
}

async function outcomesOf(db: Kysely<Database>, packed: Parcel): Promise<DeliveryAnswer> {
	const device = await db
		.selectFrom('device')
		.select('last_n')
		.where('organisation', '=', packed.organisation)
		.where('user', '=', packed.user)
		.where('id', '=', packed.device)
		.executeTakeFirst();
	const rejects = await db
		.selectFrom('reject')
		.select(['n', 'reason'])
		.where('organisation', '=', packed.organisation)
		.where('user', '=', packed.user)
		.where('device', '=', packed.device)
		.where(
			'n',
			'in',
			packed.ops.map(({ n }) => n)
		)
		.orderBy('n')
		.execute();
	return {
		v: PROTOCOL_VERSION,
		acked: device?.last_n ?? 0,
		refused: rejects.map(({ n, reason }) => ({ n, reason: refusalReason.parse(reason) }))
	};
}
