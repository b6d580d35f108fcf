import { assign, create, type Change } from '#lib/domain/change.ts';
import type { Row, Values } from '#lib/domain/records.ts';
import { appointmentChange } from './appointment.ts';
import { namesOf, setChanges } from './encounter.ts';
import { followUpChange } from './follow-up.ts';
import { readPhone } from './phone.ts';
import type { Saved, Store } from './port.ts';
import { youthChange } from './youth.ts';

type Visit = Row<'visit'>;

export type VisitDraft = {
	mode: 'walk-in' | 'appointment';
	status: 'waiting' | 'present' | 'absent' | 'postponed';
	youth: string | undefined;
	appointment: string | undefined;
	/** Typed name of somebody new; empty and no `youth`: the visit is anonymous. */
	name: string;
	phone: string;
	ageBand: Values<'visit'>['ageBand'];
	gender: Values<'visit'>['gender'];
	motives: NonNullable<Values<'visit'>['motives']>;
	/** Minutes. */
	duration: number | undefined;
	decided: string;
	nextStep: string;
	nextOn: string;
	/** What the next step becomes on its day. */
	nextKind: 'followUp' | 'appointment';
	nextAt: string;
};

export const emptyVisit = (): VisitDraft => ({
	mode: 'walk-in',
	status: 'present',
	youth: undefined,
	appointment: undefined,
	name: '',
	phone: '',
	ageBand: undefined,
	gender: undefined,
	motives: [],
	duration: undefined,
	decided: '',
	nextStep: '',
	nextOn: '',
	nextKind: 'followUp',
	nextAt: ''
});

export const visitDraftOf = ({ fields }: Visit): VisitDraft => ({
	...emptyVisit(),
	mode: fields.mode ?? 'walk-in',
	status: fields.status ?? 'present',
	youth: fields.youth,
	appointment: fields.appointment,
	name: fields.label ?? '',
	ageBand: fields.ageBand,
	gender: fields.gender,
	motives: fields.motives ?? [],
	duration: fields.duration,
	decided: fields.decided ?? '',
	nextStep: fields.nextStep ?? '',
	nextOn: fields.nextOn ?? ''
});

const factsOf = (draft: VisitDraft): Values<'visit'> => ({
	mode: draft.mode,
	status: draft.status,
	ageBand: draft.ageBand,
	gender: draft.gender,
	duration: draft.duration,
	decided: draft.decided.trim() || undefined,
	nextStep: draft.nextStep.trim() || undefined,
	nextOn: draft.nextOn || undefined
});

/** One action: the visit and, with it, a new file, what comes next, the appointment's status. */
export async function logVisit(
	store: Store,
	opening: Row<'opening'>,
	draft: VisitDraft,
	today: string
): Promise<{ saved: Saved; id: string }> {
	const id = store.newId();
	const changes: Change[] = [];
	const youth = youthOf(store, opening, draft, today, changes);
	changes.push(
		create('visit', id, opening.site, {
			...factsOf(draft),
			opening: opening.id,
			youth: youth?.id,
			appointment: draft.appointment,
			motives: draft.motives.length > 0 ? draft.motives : undefined,
			at: store.now()
		})
	);
	const appointment = draft.appointment ? store.get('appointment', draft.appointment) : undefined;
	if (appointment && draft.status !== 'waiting' && appointment.fields.status !== draft.status)
		changes.push(assign(appointment, { status: draft.status }));
	if (youth && draft.nextOn) changes.push(nextChange(store, youth, draft));
	return { saved: await store.commit(changes), id };
}

function nextChange(store: Store, youth: { id: string; site: string }, draft: VisitDraft): Change {
	const reason = draft.nextStep.trim() || undefined;
	return draft.nextKind === 'appointment'
		? appointmentChange(store, youth.id, youth.site, {
				date: draft.nextOn,
				time: draft.nextAt || undefined,
				reason
			})
		: followUpChange(store, youth, { due: draft.nextOn, channel: 'call', reason });
}

function youthOf(
	store: Store,
	opening: Row<'opening'>,
	draft: VisitDraft,
	today: string,
	changes: Change[]
): { id: string; site: string } | undefined {
	const known = draft.youth ? store.get('youth', draft.youth) : undefined;
	if (known) return known;
	const typed = draft.phone.trim();
	if (!draft.name.trim() && !typed) return undefined;
	const phone = typed ? readPhone(typed) : undefined;
	const change = youthChange(
		store,
		{
			...namesOf(draft.name),
			phone: phone?.ok ? phone.e164 : undefined,
			toCheck: phone && !phone.ok ? { phone: typed.slice(0, 200) } : undefined,
			ageBand: draft.ageBand,
			gender: draft.gender,
			needs: draft.motives.length > 0 ? draft.motives : undefined,
			metThrough: 'opening'
		},
		today,
		opening.site
	);
	changes.push(change);
	return change;
}

/** Corrects an entry: what was there before stays in its history. */
export async function editVisit(store: Store, row: Visit, draft: VisitDraft): Promise<Saved> {
	const wanted: Record<string, unknown> = factsOf(draft);
	const names = ['mode', 'status', 'ageBand', 'gender', 'duration', 'decided', 'nextStep', 'nextOn'] as const;
	const changed = names.filter((name) => (row.fields[name] ?? undefined) !== wanted[name]);
	const changes: Change[] = [];
	if (changed.length > 0)
		changes.push({
			do: 'set',
			kind: 'visit',
			id: row.id,
			seen: row.rev,
			fields: Object.fromEntries(changed.map((name) => [name, wanted[name] ?? null]))
		});
	changes.push(...setChanges(row, 'motives', row.fields.motives ?? [], draft.motives));
	return changes.length > 0 ? store.commit(changes) : { ok: true, n: 0, rows: [row] };
}

export const setVisitStatus = (store: Store, row: Visit, status: VisitDraft['status']) =>
	store.commit([assign(row, { status })]);
export const voidVisit = (store: Store, row: Visit, reason: string | null) =>
	store.commit([assign(row, { voided: reason })]);
