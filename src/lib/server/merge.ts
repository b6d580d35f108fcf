import { createHash } from 'node:crypto';
import type { Change } from '#lib/domain/change.ts';
import { fieldSpec, type Kind, type PastValue, type Scope } from '#lib/domain/records.ts';
import { canonical } from '#lib/protocol/digest.ts';
import type { RefusalReason } from '#lib/protocol/sync.ts';

/*
 * How changes of several tablets become one record [P5]. Pure: a stored record, a change and its stamp give the next
 * record or a refusal. The server is the only one who merges, in the order in which operations reach it; a device's clock
 * decides between two concurrent values and nothing else.
 *
 * A change knows what its editor had in view (`seen`, a revision of the row) and the record knows when each field was last
 * written. So "informed" is a comparison of two numbers: the field's revision is not above `seen`, or the same tablet
 * wrote it (a tablet knows its own writes before they have a revision).
 */

/** Who wrote a value, and when: `at` ms UTC, never above the server's clock; `rev` the revision it got. */
export type Stamp = { rev: number; at: number; device: string; n: number; user: string };

export type StoredData = {
	fields: Record<string, unknown>;
	/** Digest of what created it: tells a repeated creation from another record under the same id. */
	born: string;
	/** The creation's stamp, which goes for every field that `later` doesn't name. */
	first: Stamp;
	later?: Record<string, Stamp>;
	moved?: Stamp;
	/** Set members added since the creation: field, member, writer, revision of their latest addition. */
	added?: Record<string, Record<string, Record<string, number>>>;
	past?: PastValue[];
};

export type StoredRecord = {
	kind: Kind;
	id: string;
	site: Scope;
	rev: number;
	by: string;
	at: number;
	deleted: boolean;
	data: StoredData;
};

export type Refused = { ok: false; reason: RefusalReason; detail: string };
export type Merged = { ok: true; record: StoredRecord; changed: boolean };

const PAST_VALUES = 50;

/** [P5] One change on one record. The change's values are valid already (`problemOf`). */
export function mergeChange(
	stored: StoredRecord | undefined,
	change: Change,
	stamp: Stamp
): Merged | Refused {
	if (change.do === 'create') return mergeCreation(stored, change, stamp);
	if (!stored) return refused('invalid', `${change.kind}: unknown record`);
	if (stored.kind !== change.kind)
		return refused('invalid', `${change.kind}: the record is a ${stored.kind}`);
	if (stored.deleted) return keepForHistory(stored, change, stamp);
	switch (change.do) {
		case 'set':
			return mergeScalars(stored, change, stamp);
		case 'add':
		case 'remove':
			return mergeMembers(stored, change, stamp);
		case 'count':
			return mergeTally(stored, change, stamp);
		case 'move':
			return mergeMove(stored, change, stamp);
		case 'delete':
			return { ok: true, changed: true, record: { ...stored, rev: stamp.rev, deleted: true } };
	}
}

type Of<D extends Change['do']> = Extract<Change, { do: D }>;

const refused = (reason: RefusalReason, detail: string): Refused => ({ ok: false, reason, detail });
const unchanged = (record: StoredRecord): Merged => ({ ok: true, changed: false, record });
const changed = (record: StoredRecord, stamp: Stamp, data: Partial<StoredData>): Merged => ({
	ok: true,
	changed: true,
	record: { ...record, rev: stamp.rev, data: { ...record.data, ...data } }
});

function mergeCreation(
	stored: StoredRecord | undefined,
	change: Of<'create'>,
	stamp: Stamp
): Merged | Refused {
	const born = digest({ kind: change.kind, site: change.site, fields: change.fields });
	if (stored) {
		return stored.data.born === born
			? unchanged(stored)
			: refused('id_clash', `${change.kind}: another record has this id`);
	}
	const fields: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(change.fields)) {
		const merge = fieldSpec(change.kind, name)?.merge;
		if (merge === 'tally' && !Number.isSafeInteger(value)) return refused('invalid', `${name}: value`);
		fields[name] = merge === 'set' ? members(value) : value;
	}
	const { kind, id, site } = change;
	const data: StoredData = { fields, born, first: stamp };
	return {
		ok: true,
		changed: true,
		record: { kind, id, site, rev: stamp.rev, by: stamp.user, at: stamp.at, deleted: false, data }
	};
}

/** A change of a deleted record by someone unaware: nothing comes back to life, what they meant stays readable. */
function keepForHistory(stored: StoredRecord, change: Exclude<Change, Of<'create'>>, stamp: Stamp): Merged {
	const meant: [string, unknown][] =
		change.do === 'set'
			? Object.entries(change.fields)
			: change.do === 'add' || change.do === 'remove'
				? [[change.field, change.values]]
				: change.do === 'count'
					? [[change.field, change.by]]
					: [];
	if (meant.length === 0) return unchanged(stored);
	const lost = meant.map(([field, value]) => pastValue(field, value, stamp, 'lost'));
	return changed(stored, stamp, { past: withPast(stored, lost) });
}

function mergeScalars(stored: StoredRecord, change: Of<'set'>, stamp: Stamp): Merged {
	const fields = { ...stored.data.fields };
	const later = { ...stored.data.later };
	const past: PastValue[] = [];
	let written = false;
	for (const [name, given] of Object.entries(change.fields)) {
		const value = given ?? undefined;
		const old = fields[name];
		if (canonical(old) === canonical(value)) continue;
		const last = later[name] ?? (old === undefined ? undefined : stored.data.first);
		const next = contest(last, change.seen, stamp);
		if (!next.wins) {
			past.push(pastValue(name, given, stamp, 'lost'));
			continue;
		}
		if (last && old !== undefined) past.push(pastValue(name, old, last, next.informed ? 'edit' : 'lost'));
		if (value === undefined) delete fields[name];
		else fields[name] = value;
		later[name] = next.stamp;
		written = true;
	}
	if (!written && past.length === 0) return unchanged(stored);
	return changed(stored, stamp, { fields, later, ...(past.length > 0 && { past: withPast(stored, past) }) });
}

/**
 * Whether a value replaces one that was `written` already. The winner's time is never before what it replaces, so that a
 * tablet whose clock is years behind keeps what it wrote in knowledge of the other.
 */
function contest(
	written: Stamp | undefined,
	seen: number,
	stamp: Stamp
): { wins: true; informed: boolean; stamp: Stamp } | { wins: false } {
	if (!written) return { wins: true, informed: true, stamp };
	const informed = written.rev <= seen || writer(written) === writer(stamp);
	if (informed) return { wins: true, informed, stamp: { ...stamp, at: Math.max(stamp.at, written.at) } };
	return isLarger(stamp, written) ? { wins: true, informed, stamp } : { wins: false };
}

const writer = (stamp: Stamp): string => `${stamp.device}/${stamp.user}`;

function isLarger(a: Stamp, b: Stamp): boolean {
	if (a.at !== b.at) return a.at > b.at;
	if (writer(a) !== writer(b)) return writer(a) > writer(b);
	return a.n > b.n;
}

/**
 * A member is in the set as long as one addition of it stands. A removal takes back the additions that its editor knew:
 * those up to `seen` and the tablet's own.
 */
function mergeMembers(stored: StoredRecord, change: Of<'add'> | Of<'remove'>, stamp: Stamp): Merged {
	const { field } = change;
	const present = new Set(members(stored.data.fields[field]));
	const additions = new Map(Object.entries(stored.data.added?.[field] ?? {}));
	const creation = { [writer(stored.data.first)]: stored.data.first.rev };
	let touched = false;
	for (const value of new Set(change.values)) {
		const before = additions.get(value) ?? (present.has(value) ? creation : {});
		const after =
			change.do === 'add'
				? { ...before, [writer(stamp)]: stamp.rev }
				: Object.fromEntries(
						Object.entries(before).filter(([by, rev]) => rev > change.seen && by !== writer(stamp))
					);
		if (canonical(before) === canonical(after)) continue;
		touched = true;
		if (Object.keys(after).length > 0) {
			additions.set(value, after);
			present.add(value);
		} else {
			additions.delete(value);
			present.delete(value);
		}
	}
	if (!touched) return unchanged(stored);
	return changed(stored, stamp, {
		fields: { ...stored.data.fields, [field]: [...present].sort() },
		added: { ...stored.data.added, [field]: Object.fromEntries(additions) }
	});
}

function mergeTally(stored: StoredRecord, change: Of<'count'>, stamp: Stamp): Merged | Refused {
	const old = stored.data.fields[change.field];
	const next = (typeof old === 'number' ? old : 0) + change.by;
	if (!Number.isSafeInteger(next)) return refused('invalid', `${change.field}: value`);
	if (change.by === 0) return unchanged(stored);
	return changed(stored, stamp, { fields: { ...stored.data.fields, [change.field]: next } });
}

function mergeMove(stored: StoredRecord, change: Of<'move'>, stamp: Stamp): Merged {
	if (stored.site === change.site) return unchanged(stored);
	const next = contest(stored.data.moved ?? stored.data.first, change.seen, stamp);
	if (!next.wins) return unchanged(stored);
	return changed({ ...stored, site: change.site }, stamp, { moved: next.stamp });
}

const pastValue = (field: string, value: unknown, stamp: Stamp, why: PastValue['why']): PastValue => ({
	field,
	value,
	at: stamp.at,
	by: stamp.user,
	why
});

const withPast = (stored: StoredRecord, more: PastValue[]): PastValue[] =>
	[...(stored.data.past ?? []), ...more].slice(-PAST_VALUES);

const members = (value: unknown): string[] =>
	Array.isArray(value) ? [...new Set(value.filter((v) => typeof v === 'string'))].sort() : [];

/** Canonical SHA-256, base64url. */
export const digest = (value: unknown): string =>
	createHash('sha256').update(canonical(value)).digest('base64url');
