import { problemOf, type Change } from '#lib/domain/change.ts';
import { mayChange } from '#lib/domain/permissions.ts';
import type { Kind, Scope } from '#lib/domain/records.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import { mergeChange, type Refused, type Stamp, type StoredRecord } from '../merge.ts';

/** Who calls, as their session and membership say now. `sites`: every real site they see, the home site first. */
export type Caller = { organisation: string; user: string; role: Role; sites: string[] };

/** [P4] The scopes that a caller reads and writes, in the order in which they are served. */
export const scopesOf = (caller: Caller): Scope[] => ['org', `user:${caller.user}`, ...caller.sites];

export type Applied = {
	ok: true;
	/** The records that the operation changed, in their next state. Empty: it changed nothing. */
	records: StoredRecord[];
	/** [P4] Where those records were and are no longer. */
	left: { id: string; kind: Kind; site: Scope }[];
};

/**
 * [P6] One operation, all or nothing: authorised and merged change by change over what the earlier ones left.
 * @param stored the record as the operations before this one left it
 */
export function applyOperation(
	changes: Change[],
	stamp: Stamp,
	caller: Caller,
	scopes: ReadonlySet<Scope>,
	stored: (id: string) => StoredRecord | undefined
): Applied | Refused {
	const next = new Map<string, StoredRecord>();
	const left: Applied['left'] = [];
	for (const change of changes) {
		const before = next.get(change.id) ?? stored(change.id);
		const problem = problemOf(change) ?? problemOfPlace(change);
		if (problem) return { ok: false, reason: 'invalid', detail: problem };
		const ban = banOf(change, caller, scopes, before);
		if (ban) return { ok: false, reason: 'forbidden', detail: ban };
		const merged = mergeChange(before, change, stamp);
		if (!merged.ok) return merged;
		if (!merged.changed) continue;
		next.set(change.id, merged.record);
		if (before && !before.deleted && (merged.record.deleted || merged.record.site !== before.site))
			left.push({ id: change.id, kind: change.kind, site: before.site });
	}
	return { ok: true, records: [...next.values()], left };
}

const directory: ReadonlySet<Kind> = new Set(['site', 'partner', 'staff']);

/** The directory is everybody's; anything about a person belongs to one site, and only a note may be one's own. */
function problemOfPlace(change: Change): string | undefined {
	if (change.do !== 'create' && change.do !== 'move') return undefined;
	if (directory.has(change.kind) !== (change.site === 'org')) return `site: not a place for ${change.kind}`;
	if (change.site.startsWith('user:') && change.kind !== 'note')
		return `site: not a place for ${change.kind}`;
	return undefined;
}

function banOf(
	change: Change,
	caller: Caller,
	scopes: ReadonlySet<Scope>,
	before: StoredRecord | undefined
): string | undefined {
	if ((change.do === 'create' || change.do === 'move') && !scopes.has(change.site))
		return 'site: not one of yours';
	if (change.do !== 'create' && before && !scopes.has(before.site))
		return `${change.kind}: not at one of your sites`;
	if (!mayChange(caller.role, caller.user, change, before?.by)) return `${change.kind}: not for your role`;
	return undefined;
}
