import { assign, create, type Change } from '#lib/domain/change.ts';
import { isAbsence } from '#lib/domain/field.ts';
import type { Row, Values } from '#lib/domain/records.ts';
import type { Store } from './port.ts';

type YouthFields = Values<'youth'>;

/** First and last name, else the nickname; `undefined` when neither was given. */
export function nameOf(fields: YouthFields): string | undefined {
	const civil = [fields.firstName, fields.lastName].filter(Boolean).join(' ');
	return civil || fields.nickname || undefined;
}

/** "Kenza A.": enough on a list that others can see. */
export function shortNameOf(fields: YouthFields): string | undefined {
	const { firstName, lastName } = fields;
	return firstName && lastName ? `${firstName} ${lastName[0]}.` : nameOf(fields);
}

/** What is known of a value: the value itself, or nothing when it is missing or an absence. */
export const valueOf = <T>(value: T | undefined): Exclude<T, { no: unknown }> | undefined =>
	value === undefined || isAbsence(value) ? undefined : (value as Exclude<T, { no: unknown }>);

/** A new file with its first contact of today, in the holder's charge. */
export function youthChange(
	store: Store,
	fields: YouthFields,
	today: string,
	site = store.homeSite()
): Change & { do: 'create' } {
	const { user, role } = store.holder;
	const referent = role === 'counsellor' ? { referent: user } : {};
	return create('youth', store.newId(), site, { firstContactOn: today, ...referent, ...fields }) as Change & {
		do: 'create';
	};
}

/** Takes a file made by mistake off every list; its history stays. */
export const voidYouth = (store: Store, row: Row<'youth'>, reason: string) =>
	store.commit([assign(row, { voided: reason })]);
export const unvoidYouth = (store: Store, row: Row<'youth'>) => store.commit([assign(row, { voided: null })]);

/** The latest answer about being called back, or another agreement. */
export function agreementOf(
	store: Store,
	youth: string,
	about: 'callback' | 'transfer' | 'information'
): Row<'consent'> | undefined {
	return store
		.linked('consent', youth)
		.filter(({ fields }) => fields.about === about)
		.sort((a, b) => (a.fields.on ?? '').localeCompare(b.fields.on ?? '') || a.at - b.at)
		.at(-1);
}

export const mayBeCalled = (store: Store, youth: string): boolean =>
	agreementOf(store, youth, 'callback')?.fields.answer === 'given';
