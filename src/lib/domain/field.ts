import * as z from 'zod/mini';

/**
 * How a field of a record merges when two tablets write it (rules [P5] of docs/sync-protocol.md):
 * a scalar has one value, a set gains and loses members, a tally only counts up and down.
 */
export type FieldSpec<S extends z.ZodMiniType = z.ZodMiniType> =
	{ merge: 'scalar'; schema: S } | { merge: 'set'; schema: S } | { merge: 'tally' };

export const scalar = <S extends z.ZodMiniType>(schema: S) => ({ merge: 'scalar', schema }) as const;
export const set = <S extends z.ZodMiniType<string>>(schema: S) => ({ merge: 'set', schema }) as const;
export const tally = () => ({ merge: 'tally' }) as const;

export type FieldSpecs = Record<string, FieldSpec>;

type ValueOf<F> = F extends { merge: 'scalar'; schema: infer S extends z.ZodMiniType }
	? z.infer<S>
	: F extends { merge: 'set'; schema: infer S extends z.ZodMiniType }
		? z.infer<S>[]
		: F extends { merge: 'tally' }
			? number
			: never;

/** The values of a record: every one optional, because a contact exists before anything is known of it. */
export type ValuesOf<F> = { -readonly [K in keyof F]?: ValueOf<F[K]> };

/**
 * An answer that was asked for. A missing field means "not asked"; `none` means there is nothing to give
 * ("pas de téléphone"), `declined` that the youth prefers not to say.
 */
export const absence = z.strictObject({ no: z.enum(['none', 'declined']) });
export type Absence = z.infer<typeof absence>;
export const known = <S extends z.ZodMiniType>(schema: S) => z.union([schema, absence]);
export const isAbsence = (value: unknown): value is Absence =>
	typeof value === 'object' && value !== null && 'no' in value;

export const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));
export const recordId = z
	.string()
	.check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/));
/** A calendar day `YYYY-MM-DD` in the site's own time zone. */
export const day = z.string().check(
	z.regex(/^\d{4}-\d{2}-\d{2}$/),
	z.refine(
		(s) =>
			!Number.isNaN(Date.parse(`${s}T00:00:00Z`)) && new Date(`${s}T00:00:00Z`).toISOString().startsWith(s)
	)
);
/** A wall-clock time `HH:mm` in the site's own time zone. */
export const clock = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/));
/** Milliseconds since 1970 UTC as the device counted them: information, never order. */
export const instant = z.int().check(z.gte(0), z.lte(8.64e15));
export const flag = z.boolean();
export const count = z.int().check(z.gte(0), z.lte(10_000));
