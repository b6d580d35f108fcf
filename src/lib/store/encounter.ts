import { assign, create, type Change } from '#lib/domain/change.ts';
import type { Row, Values } from '#lib/domain/records.ts';
import type { Channel } from '#lib/domain/vocabulary.ts';
import { followUpChange } from './follow-up.ts';
import { readPhone } from './phone.ts';
import type { Saved, Store } from './port.ts';
import { youthChange } from './youth.ts';

export type EncounterDraft = {
	size: number;
	ageBand: Values<'encounter'>['ageBand'];
	gender: Values<'encounter'>['gender'];
	occupation: Values<'encounter'>['occupation'];
	topics: NonNullable<Values<'encounter'>['topics']>;
	given: NonNullable<Values<'encounter'>['given']>;
	orientedTo: string;
	remarks: string;
	/** An existing file that was recognised. */
	youth: string | undefined;
	name: string;
	phone: string;
	social: string;
	/** Asked aloud and agreed. */
	callback: boolean;
	followUpOn: string;
	channel: Channel | undefined;
};

export const emptyEncounter = (): EncounterDraft => ({
	size: 1,
	ageBand: undefined,
	gender: undefined,
	occupation: undefined,
	topics: [],
	given: [],
	orientedTo: '',
	remarks: '',
	youth: undefined,
	name: '',
	phone: '',
	social: '',
	callback: false,
	followUpOn: '',
	channel: undefined
});

export const encounterDraftOf = ({ fields }: Row<'encounter'>): EncounterDraft => ({
	...emptyEncounter(),
	size: fields.size ?? 1,
	ageBand: fields.ageBand,
	gender: fields.gender,
	occupation: fields.occupation,
	topics: fields.topics ?? [],
	given: fields.given ?? [],
	orientedTo: fields.orientedTo ?? '',
	remarks: fields.remarks ?? '',
	youth: fields.youth,
	callback: fields.callback ?? false
});

/** A name, a number, a handle or a recognised file: someone can be found again. */
export const isNamed = (draft: EncounterDraft): boolean =>
	draft.size === 1 && Boolean(draft.youth || draft.name.trim() || draft.phone.trim() || draft.social.trim());

/** One action: the encounter and, when named, the file, the agreement and the promise, all or nothing. */
export async function logEncounter(
	store: Store,
	outing: Row<'outing'>,
	draft: EncounterDraft,
	today: string
): Promise<{ saved: Saved; id: string }> {
	const id = store.newId();
	const changes: Change[] = [];
	const youth = isNamed(draft) ? youthOf(store, outing, draft, today, changes) : undefined;
	changes.push(
		create('encounter', id, outing.site, {
			...facts(draft),
			outing: outing.id,
			at: store.now(),
			youth: youth?.id,
			callback: youth && draft.callback ? true : undefined
		})
	);
	if (youth && draft.callback)
		changes.push(
			create('consent', store.newId(), youth.site, {
				youth: youth.id,
				about: 'callback',
				answer: 'given',
				on: today,
				manner: 'spoken'
			})
		);
	if (youth && draft.followUpOn)
		changes.push(
			followUpChange(store, youth, {
				due: draft.followUpOn,
				channel: draft.channel ?? (draft.phone.trim() ? 'call' : 'social')
			})
		);
	return { saved: await store.commit(changes), id };
}

function youthOf(
	store: Store,
	outing: Row<'outing'>,
	draft: EncounterDraft,
	today: string,
	changes: Change[]
): { id: string; site: string } {
	const known = draft.youth ? store.get('youth', draft.youth) : undefined;
	const typed = draft.phone.trim();
	const phone = typed ? readPhone(typed) : undefined;
	const social = draft.social.trim() || undefined;
	if (known) {
		const news = {
			...(phone?.ok && { phone: phone.e164 }),
			...(phone && !phone.ok && { toCheck: { ...known.fields.toCheck, phone: typed.slice(0, 200) } }),
			...(social && { social })
		};
		if (Object.keys(news).length > 0) changes.push(assign(known, news));
		if (draft.topics.length > 0)
			changes.push({ do: 'add', kind: 'youth', id: known.id, field: 'needs', values: draft.topics });
		return known;
	}
	const change = youthChange(
		store,
		{
			...namesOf(draft.name),
			ageBand: draft.ageBand,
			gender: draft.gender,
			occupation: draft.occupation,
			phone: phone?.ok ? phone.e164 : undefined,
			toCheck: phone && !phone.ok ? { phone: typed.slice(0, 200) } : undefined,
			social,
			needs: draft.topics.length > 0 ? draft.topics : undefined,
			metThrough: 'outing'
		},
		today,
		outing.site
	);
	changes.push(change);
	return change;
}

/** "Kenza Amrani" gives both names; one word is a first name. Nothing typed is lost. */
export function namesOf(typed: string): { firstName?: string; lastName?: string } {
	const [first, ...rest] = typed.trim().split(/\s+/);
	if (!first) return {};
	const lastName = rest.join(' ');
	return { firstName: first.slice(0, 80), ...(lastName && { lastName: lastName.slice(0, 80) }) };
}

const facts = (draft: EncounterDraft): Values<'encounter'> => ({
	size: draft.size,
	ageBand: draft.ageBand,
	gender: draft.gender,
	occupation: draft.occupation,
	topics: draft.topics.length > 0 ? draft.topics : undefined,
	given: draft.given.length > 0 ? draft.given : undefined,
	orientedTo: draft.orientedTo.trim() || undefined,
	remarks: draft.remarks.trim() || undefined
});

/** Corrects one's own entry: what was there before stays in its history. */
export function editEncounter(store: Store, row: Row<'encounter'>, draft: EncounterDraft): Promise<Saved> {
	const next = facts(draft);
	const scalars = {
		size: next.size,
		ageBand: next.ageBand ?? null,
		gender: next.gender ?? null,
		occupation: next.occupation ?? null,
		orientedTo: next.orientedTo ?? null,
		remarks: next.remarks ?? null
	};
	const changed = Object.fromEntries(
		Object.entries(scalars).filter(
			([name, value]) => (row.fields[name as keyof typeof scalars] ?? null) !== value
		)
	);
	const changes: Change[] = Object.keys(changed).length > 0 ? [assign(row, changed)] : [];
	changes.push(
		...setChanges(row, 'topics', row.fields.topics ?? [], draft.topics),
		...setChanges(row, 'given', row.fields.given ?? [], draft.given)
	);
	return changes.length > 0 ? store.commit(changes) : Promise.resolve({ ok: true, n: 0, rows: [row] });
}

export const voidEncounter = (store: Store, row: Row<'encounter'>, reason: string | null) =>
	store.commit([assign(row, { voided: reason })]);

/** What to add to and remove from a set so that it becomes `wanted`. */
export function setChanges(
	row: Row,
	field: string,
	now: readonly string[],
	wanted: readonly string[]
): Change[] {
	const added = wanted.filter((value) => !now.includes(value));
	const removed = now.filter((value) => !wanted.includes(value));
	const { kind, id, rev } = row;
	return [
		...(added.length > 0 ? [{ do: 'add', kind, id, field, values: added } as const] : []),
		...(removed.length > 0 ? [{ do: 'remove', kind, id, seen: rev, field, values: removed } as const] : [])
	];
}
