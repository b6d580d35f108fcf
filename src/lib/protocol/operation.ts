import * as z from 'zod/mini';
import { change } from '#lib/domain/change.ts';
import { instant, recordId } from '#lib/domain/field.ts';

/**
 * One user action on one tablet, all or nothing. `n` counts 1, 2, 3… per device; `id` names the action in
 * journals and in the sealed envelope; `at` is the device's time: information, never order.
 */
export const operation = z.strictObject({
	n: z.int().check(z.gte(1)),
	id: recordId,
	v: z.int().check(z.gte(1)),
	at: instant,
	/** A tablet writes 50 at most; brought up to date, one may become several [P7]. */
	changes: z.array(change).check(z.minLength(1), z.maxLength(200))
});
export type Operation = z.infer<typeof operation>;

/**
 * An operation sealed to the organisation's public key (HPKE base mode, P-256 / HKDF-SHA256 / AES-256-GCM), so that
 * it can be delivered without unlocking the tablet. The plaintext is the operation's JSON padded with spaces.
 */
export const envelope = z.strictObject({
	n: z.int().check(z.gte(1)),
	id: recordId,
	user: recordId,
	key: z.string().check(z.maxLength(64)),
	/** base64url */
	enc: z.string().check(z.maxLength(200)),
	/** base64url */
	sealed: z.string().check(z.maxLength(400_000))
});
export type Envelope = z.infer<typeof envelope>;

/** The associated data that binds an envelope to its author and tablet. */
export const envelopeContext = (
	e: { id: string; user: string; n: number; key: string },
	organisation: string,
	device: string
) => `${e.id}|${organisation}|${device}|${e.user}|${e.n}|${e.key}`;
