import * as z from 'zod/mini';
import { recordId } from './field.ts';
import { fieldSpec, kind, scope, type Kind, type Scope, type Values } from './records.ts';

/**
 * What one user action does to one record. `seen` is the revision of the row that the editor had in view;
 * the server compares it with the revision of each field to tell an informed change from a concurrent one [P5].
 */
export type Change =
	| { do: 'create'; kind: Kind; id: string; site: Scope; fields: Record<string, unknown> }
	| { do: 'set'; kind: Kind; id: string; seen: number; fields: Record<string, unknown> }
	| { do: 'add'; kind: Kind; id: string; field: string; values: string[] }
	| { do: 'remove'; kind: Kind; id: string; seen: number; field: string; values: string[] }
	| { do: 'count'; kind: Kind; id: string; field: string; by: number }
	| { do: 'move'; kind: Kind; id: string; seen: number; site: Scope }
	| { do: 'delete'; kind: Kind; id: string; seen: number };

const target = { kind, id: recordId };
const seen = z.int().check(z.gte(0));
const values = z
	.array(z.string().check(z.minLength(1), z.maxLength(200)))
	.check(z.minLength(1), z.maxLength(100));
const fields = z.record(z.string().check(z.maxLength(40)), z.unknown());

/** The outer shape; `problemOf` checks the values against the kind's own fields. */
export const change = z.discriminatedUnion('do', [
	z.strictObject({ do: z.literal('create'), ...target, site: scope, fields }),
	z.strictObject({ do: z.literal('set'), ...target, seen, fields }),
	z.strictObject({ do: z.literal('add'), ...target, field: z.string(), values }),
	z.strictObject({ do: z.literal('remove'), ...target, seen, field: z.string(), values }),
	z.strictObject({
		do: z.literal('count'),
		...target,
		field: z.string(),
		by: z.int().check(z.gte(-10_000), z.lte(10_000))
	}),
	z.strictObject({ do: z.literal('move'), ...target, seen, site: scope }),
	z.strictObject({ do: z.literal('delete'), ...target, seen })
]);

export const create = <K extends Kind>(kind: K, id: string, site: Scope, fields: Values<K>): Change => ({
	do: 'create',
	kind,
	id,
	site,
	fields: withoutUndefined(fields)
});

/** Sets scalars; `null` erases a value. */
export const assign = <K extends Kind>(
	row: { kind: K; id: string; rev: number },
	fields: { [F in keyof Values<K>]?: Values<K>[F] | null }
): Change => ({ do: 'set', kind: row.kind, id: row.id, seen: row.rev, fields: withoutUndefined(fields) });

const withoutUndefined = (fields: object) =>
	Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/**
 * Why a change can't stand, as `field: reason`, or `undefined` when it can. Unknown fields are refused here:
 * a newer tablet's operation is upgraded or refused as a whole, never half read.
 */
export function problemOf(c: Change): string | undefined {
	switch (c.do) {
		case 'create':
			return problemOfFields(c.kind, c.fields, false);
		case 'set':
			return problemOfFields(c.kind, c.fields, true);
		case 'add':
		case 'remove': {
			const spec = fieldSpec(c.kind, c.field);
			if (spec?.merge !== 'set') return `${c.field}: not a set of ${c.kind}`;
			return c.values.every((v) => spec.schema.safeParse(v).success) ? undefined : `${c.field}: value`;
		}
		case 'count':
			return fieldSpec(c.kind, c.field)?.merge === 'tally'
				? undefined
				: `${c.field}: not a tally of ${c.kind}`;
		case 'move':
		case 'delete':
			return undefined;
	}
}

function problemOfFields(
	kind: Kind,
	fields: Record<string, unknown>,
	scalarsOnly: boolean
): string | undefined {
	for (const [name, value] of Object.entries(fields)) {
		const spec = fieldSpec(kind, name);
		if (!spec) return `${name}: unknown field of ${kind}`;
		if (spec.merge === 'scalar') {
			if (!(scalarsOnly && value === null) && !spec.schema.safeParse(value).success) return `${name}: value`;
		} else if (scalarsOnly) return `${name}: not a scalar of ${kind}`;
		else if (spec.merge === 'set') {
			if (
				!Array.isArray(value) ||
				value.length > 200 ||
				!value.every((v) => spec.schema.safeParse(v).success)
			)
				return `${name}: value`;
		} else if (!Number.isInteger(value)) return `${name}: value`;
	}
	return undefined;
}
