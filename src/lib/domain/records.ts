import * as z from 'zod/mini';
import { partnerFields, siteFields, staffFields } from './directory.ts';
import type { FieldSpec, FieldSpecs, ValuesOf } from './field.ts';
import { attemptFields, consentFields, followUpFields, noteFields } from './follow.ts';
import { encounterFields, outingFields } from './outreach.ts';
import { appointmentFields, openingFields, slotFields, visitFields } from './permanence.ts';
import { youthFields } from './youth.ts';

/** Every kind of record with its fields: the one place that store, server and protocol read. */
export const recordKinds = {
	youth: youthFields,
	slot: slotFields,
	opening: openingFields,
	visit: visitFields,
	appointment: appointmentFields,
	outing: outingFields,
	encounter: encounterFields,
	followUp: followUpFields,
	attempt: attemptFields,
	consent: consentFields,
	note: noteFields,
	site: siteFields,
	partner: partnerFields,
	staff: staffFields
} satisfies Record<string, FieldSpecs>;

export type Kind = keyof typeof recordKinds;
export const kinds = Object.keys(recordKinds) as Kind[];
export const kind = z.enum(kinds as [Kind, ...Kind[]]);
export type Values<K extends Kind = Kind> = ValuesOf<(typeof recordKinds)[K]>;

/** The version of the shapes above: raised with a step in `upgrade.ts` whenever a stored or queued shape changes [P7]. */
export const SCHEMA_VERSION = 2;

/**
 * The unit of sharing that a record belongs to: a real site's id, `org` (directory, sites, staff: everybody) or
 * `user:<id>` (that person only).
 */
export type Scope = string;
export const scope = z
	.string()
	.check(z.regex(/^(org|(user:)?[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})$/));

/** A value that was replaced (`edit`) or that lost to a concurrent one (`lost`) and is kept to be read. */
export type PastValue = { field: string; value: unknown; at: number; by: string; why: 'edit' | 'lost' };

/** A record as it travels and as screens read it. `rev` 0 = the server has not seen it yet. */
export type Row<K extends Kind = Kind> = {
	kind: K;
	id: string;
	site: Scope;
	rev: number;
	/** Account that created it, and the creating device's time (ms UTC). */
	by: string;
	at: number;
	fields: Values<K>;
	/** Oldest first; the server keeps the last 50. */
	past?: PastValue[];
};

export function fieldSpec(kind: Kind, name: string): FieldSpec | undefined {
	const fields: FieldSpecs = recordKinds[kind];
	return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
