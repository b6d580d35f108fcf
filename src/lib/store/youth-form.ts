import { assign, type Change } from '#lib/domain/change.ts';
import { birthProblem } from '#lib/domain/age.ts';
import { day as daySchema, isAbsence, type Absence } from '#lib/domain/field.ts';
import type { Row, Values } from '#lib/domain/records.ts';
import { languagesInText } from '#lib/domain/language-names.ts';
import type { Language } from '#lib/domain/vocabulary.ts';
import { setChanges } from './encounter.ts';
import { readPhone } from './phone.ts';
import { showPhone } from './phone-words.ts';

type Youth = Values<'youth'>;

/** What one may answer beside a value. Empty: not asked. */
export type Answer = '' | 'none' | 'declined';

/** A youth's identity as a form holds it: texts as typed, absences beside them. */
export type YouthForm = {
	firstName: string;
	lastName: string;
	nickname: string;
	birthDate: string;
	phone: string;
	email: string;
	social: string;
	commune: string;
	address: string;
	languages: Language[];
	otherLanguages: string;
	ageBand: Youth['ageBand'];
	gender: string | undefined;
	housing: string | undefined;
	qualification: string | undefined;
	occupation: string | undefined;
	rqth: 'yes' | 'no' | undefined;
	absences: Record<string, Answer>;
};

const texts = ['firstName', 'lastName', 'nickname', 'otherLanguages'] as const;
export const answerable = ['birthDate', 'phone', 'email', 'social', 'commune', 'address'] as const;
const choices = ['gender', 'housing', 'qualification', 'occupation'] as const;

const written = (value: unknown): string => (typeof value === 'string' ? value : '');

export function youthFormOf(fields: Youth): YouthForm {
	const toCheck = fields.toCheck ?? {};
	const absences: Record<string, Answer> = {};
	for (const name of answerable) {
		const value = fields[name];
		absences[name] = isAbsence(value) ? value.no : '';
	}
	const choice = (name: (typeof choices)[number]) =>
		isAbsence(fields[name]) ? 'declined' : written(fields[name]) || undefined;
	const rqth = fields.rqth;
	return {
		firstName: fields.firstName ?? '',
		lastName: fields.lastName ?? '',
		nickname: fields.nickname ?? '',
		languages: [...(fields.languages ?? [])],
		otherLanguages: fields.otherLanguages ?? '',
		birthDate: written(fields.birthDate) || (toCheck['birthDate'] ?? ''),
		phone: typeof fields.phone === 'string' ? showPhone(fields.phone) : (toCheck['phone'] ?? ''),
		email: written(fields.email) || (toCheck['email'] ?? ''),
		social: written(fields.social),
		commune: written(fields.commune),
		address: written(fields.address),
		ageBand: fields.ageBand,
		gender: choice('gender'),
		housing: choice('housing'),
		qualification: choice('qualification'),
		occupation: choice('occupation'),
		rqth: rqth === true ? 'yes' : rqth === false ? 'no' : undefined,
		absences
	};
}

export type FieldProblems = Partial<
	Record<'birthDate' | 'phone' | 'email', 'future' | 'too-old' | 'unreadable' | 'impossible'>
>;

/** What can't be true, by field: said beside it, never in the way of saving. */
export function problemsOf(form: YouthForm, today: string): FieldProblems {
	const problems: FieldProblems = {};
	if (form.birthDate) {
		const problem = daySchema.safeParse(form.birthDate).success
			? birthProblem(form.birthDate, today)
			: 'unreadable';
		if (problem) problems.birthDate = problem;
	}
	if (form.phone.trim() && !readPhone(form.phone).ok) problems.phone = 'impossible';
	if (form.email.trim() && !/^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(form.email.trim()))
		problems.email = 'impossible';
	return problems;
}

/** The values that a form says; what can't be true goes to `toCheck` as typed. */
export function youthValues(form: YouthForm, today: string): Youth {
	const problems = problemsOf(form, today);
	const toCheck: Record<string, string> = {};
	for (const name of ['birthDate', 'phone', 'email'] as const)
		if (problems[name]) toCheck[name] = form[name].trim().slice(0, 200);
	const values: Record<string, unknown> = {};
	for (const name of texts) values[name] = form[name].trim() || undefined;
	for (const name of answerable) {
		const text = form[name].trim();
		const answer = form.absences[name];
		if (text && !(name in toCheck)) values[name] = name === 'phone' ? e164(text) : text;
		else if (!text && answer) values[name] = { no: answer } satisfies Absence;
	}
	for (const name of choices) values[name] = form[name] === 'declined' ? { no: 'declined' } : form[name];
	values['ageBand'] = form.ageBand;
	values['languages'] = form.languages.length > 0 ? form.languages : undefined;
	values['rqth'] = form.rqth === undefined ? undefined : form.rqth === 'yes';
	values['toCheck'] = Object.keys(toCheck).length > 0 ? toCheck : undefined;
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Youth;
}

function e164(text: string): string {
	const phone = readPhone(text);
	return phone.ok ? phone.e164 : text;
}

const edited = [...texts, ...answerable, ...choices, 'ageBand', 'rqth', 'toCheck'] as const;

/**
 * Only what differs from the row as it was when the form was opened, so that two people who edit different fields of
 * one file both keep their edits, and the server knows what each had in view. Empty: nothing changed.
 */
export function youthEdit(opened: Row<'youth'>, form: YouthForm, today: string): Change[] {
	const before = youthValues(youthFormOf(opened.fields), today);
	const after = youthValues(form, today);
	const changed = edited.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
	return [
		...(changed.length > 0
			? [assign(opened, Object.fromEntries(changed.map((name) => [name, after[name] ?? null])))]
			: []),
		...setChanges(opened, 'languages', opened.fields.languages ?? [], form.languages)
	];
}

/** A half-filled form as an older app kept it, for today's: languages were one text then. */
export function youthDraftOf(found: object): object {
	if (!('languages' in found) || typeof found.languages !== 'string') return found;
	const { codes, rest } = languagesInText(found.languages);
	return { ...found, languages: codes, otherLanguages: rest ?? '' };
}
