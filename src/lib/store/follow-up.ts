import { assign, create, type Change } from '#lib/domain/change.ts';
import type { Row, Values } from '#lib/domain/records.ts';
import type { Channel } from '#lib/domain/vocabulary.ts';
import type { Saved, Store } from './port.ts';

type FollowUp = Row<'followUp'>;

/** The change that plans one; it goes to the youth's own site so that whoever serves it sees it. */
export function followUpChange(
	store: Store,
	youth: { id: string; site: string },
	fields: Values<'followUp'>
): Change {
	return create('followUp', store.newId(), youth.site, {
		youth: youth.id,
		assignee: store.holder.user,
		status: 'open',
		...fields
	});
}

export function planFollowUp(
	store: Store,
	youth: Row<'youth'>,
	plan: { due: string; channel: Channel; reason?: string | undefined }
): Promise<Saved> {
	return store.commit([followUpChange(store, youth, plan)]);
}

/** Open ones first, by day; then the others, newest first. */
export function followUpsOf(store: Store, youth: string): FollowUp[] {
	const day = ({ fields }: FollowUp) => fields.asleepUntil ?? fields.due ?? '';
	return store.linked('followUp', youth).sort((a, b) => {
		const open = Number(b.fields.status === 'open') - Number(a.fields.status === 'open');
		return open || (a.fields.status === 'open' ? day(a).localeCompare(day(b)) : b.at - a.at);
	});
}

/** On which day it asks for attention; asleep is not late (temporalité des jeunes). */
export const dueDay = ({ fields }: FollowUp): string | undefined => fields.asleepUntil ?? fields.due;

/** Open follow-ups whose day has come, of one assignee or of everybody, oldest promise first. */
export function dueFollowUps(store: Store, today: string, assignee?: string): FollowUp[] {
	const due: FollowUp[] = [];
	for (const row of store.all('followUp').values()) {
		if (row.fields.status !== 'open' || (assignee && row.fields.assignee !== assignee)) continue;
		const day = dueDay(row);
		if (day !== undefined && day <= today) due.push(row);
	}
	return due.sort((a, b) => (dueDay(a) ?? '').localeCompare(dueDay(b) ?? ''));
}

/** One try at keeping the promise. Reached means kept, unless `stayOpen`. */
export function recordAttempt(
	store: Store,
	followUp: FollowUp,
	attempt: {
		outcome: NonNullable<Values<'attempt'>['outcome']>;
		channel?: Channel | undefined;
		remarks?: string | undefined;
	},
	{ stayOpen = false } = {}
): Promise<Saved> {
	const now = store.now();
	const changes: Change[] = [
		create('attempt', store.newId(), followUp.site, {
			followUp: followUp.id,
			youth: followUp.fields.youth,
			at: now,
			channel: attempt.channel ?? followUp.fields.channel,
			outcome: attempt.outcome,
			remarks: attempt.remarks
		})
	];
	if (attempt.outcome === 'reached' && !stayOpen)
		changes.push(assign(followUp, { status: 'done', doneAt: now }));
	return store.commit(changes);
}

export const finishFollowUp = (store: Store, row: FollowUp, result?: string) =>
	store.commit([assign(row, { status: 'done', doneAt: store.now(), ...(result && { result }) })]);
export const reopenFollowUp = (store: Store, row: FollowUp) =>
	store.commit([assign(row, { status: 'open', doneAt: null })]);
export const sleepFollowUp = (store: Store, row: FollowUp, until: string) =>
	store.commit([assign(row, { asleepUntil: until })]);
export const wakeFollowUp = (store: Store, row: FollowUp) =>
	store.commit([assign(row, { asleepUntil: null })]);
