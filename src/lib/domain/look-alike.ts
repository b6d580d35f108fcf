import { isAbsence } from './field.ts';
import type { Values } from './records.ts';

type Youth = Values<'youth'>;

/** Why two files may be about the same person; several reasons are stronger than one. */
export type Reason = 'phone' | 'birth-date' | 'birth-date-inverted' | 'same-name' | 'sounds-alike';

/** A phonetic key of one French word: passed in, because the library that makes it is no business of the rules. */
export type Phonetic = (word: string) => string;

/**
 * Reasons to think that `candidate` is who is being written down; empty when there is none. A first name alone is too
 * common to say anything: a name counts when first and last name agree, or a nickname.
 */
export function resemblance(written: Youth, candidate: Youth, phonetic: Phonetic): Reason[] {
	const reasons: Reason[] = [];
	if (bothKnown(written.phone, candidate.phone) && written.phone === candidate.phone) reasons.push('phone');
	const names = nameReason(written, candidate, phonetic);
	if (names) reasons.push(names);
	const [a, b] = [written.birthDate, candidate.birthDate];
	if (
		typeof a === 'string' &&
		typeof b === 'string' &&
		(names || sharesAName(written, candidate, phonetic))
	) {
		if (a === b) reasons.push('birth-date');
		else if (inverted(a) === b) reasons.push('birth-date-inverted');
	}
	return reasons;
}

const bothKnown = (a: unknown, b: unknown) =>
	a !== undefined && b !== undefined && !isAbsence(a) && !isAbsence(b);

function nameReason(a: Youth, b: Youth, phonetic: Phonetic): 'same-name' | 'sounds-alike' | undefined {
	if (a.nickname && b.nickname && folded(a.nickname) === folded(b.nickname)) return 'same-name';
	if (!a.firstName || !a.lastName || !b.firstName || !b.lastName) return undefined;
	// First and last name are often written in each other's place.
	const same = (key: (name: string) => string) =>
		(key(a.firstName!) === key(b.firstName!) && key(a.lastName!) === key(b.lastName!)) ||
		(key(a.firstName!) === key(b.lastName!) && key(a.lastName!) === key(b.firstName!));
	if (same(folded)) return 'same-name';
	return same((name) => sound(name, phonetic)) ? 'sounds-alike' : undefined;
}

function sharesAName(a: Youth, b: Youth, phonetic: Phonetic): boolean {
	const sounds = (youth: Youth) =>
		[youth.firstName, youth.lastName]
			.filter((name) => name !== undefined)
			.map((name) => sound(name, phonetic));
	const known = sounds(b);
	return sounds(a).some((name) => name !== '' && known.includes(name));
}

const sound = (name: string, phonetic: Phonetic) => folded(name).split(' ').map(phonetic).join(' ');

const folded = (name: string): string =>
	name
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, ' ')
		.trim();

/** 2007-04-09 typed as 2007-09-04. */
const inverted = (day: string): string => `${day.slice(0, 4)}-${day.slice(8, 10)}-${day.slice(5, 7)}`;
