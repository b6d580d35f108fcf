import { ageOn } from '#lib/domain/age.ts';
import { isAbsence } from '#lib/domain/field.ts';
import type { PastValue, Values } from '#lib/domain/records.ts';
import { t } from '#lib/messages/current.ts';
import { plusDays } from '#lib/domain/calendar.ts';
import { dayOf, fullDay } from '#lib/messages/dates.ts';
import { siteName } from '#lib/store/opening.ts';
import { placeOf } from '#lib/store/outing.ts';
import { showPhone } from '#lib/store/phone-words.ts';
import type { Store } from '#lib/store/port.ts';
import type { TimelineRow } from '#lib/store/timeline.ts';
import type { TimelineItem } from '#lib/ui/Timeline.svelte';
import { relativeDay } from '#lib/messages/dates.ts';

type Youth = Values<'youth'>;
const { vocabulary, youths } = t;

/** "19 ans", else the band that was guessed. */
export function ageWords(fields: Youth, today: string): string | undefined {
	const age = typeof fields.birthDate === 'string' ? ageOn(fields.birthDate, today) : undefined;
	if (age !== undefined) return youths.years(age);
	const band = fields.ageBand;
	return band && band !== 'unknown' ? t.outreach.years(vocabulary.ageBand[band]) : undefined;
}

const labelled = ['gender', 'housing', 'qualification', 'occupation'] as const;
const isLabelled = (field: string): field is (typeof labelled)[number] =>
	labelled.some((name) => name === field);

/** The languages of a file in one line: those of the list, then what it doesn't know. */
export const languageWords = ({ languages = [], otherLanguages }: Youth): string | undefined =>
	[...languages.map((code) => vocabulary.language[code] ?? code), otherLanguages]
		.filter(Boolean)
		.join(', ') || undefined;

/** A value of a file as people read it; what was not asked and what was declined are said, not left blank. */
export function valueWords(field: string, value: unknown): string {
	if (value === undefined || value === null) return vocabulary.absence.unasked;
	if (isAbsence(value)) return vocabulary.absence[value.no];
	if (field === 'phone' && typeof value === 'string') return showPhone(value);
	if (field === 'birthDate' && typeof value === 'string') return fullDay(value);
	if (typeof value === 'boolean') return value ? youths.file.yes : youths.file.no;
	if (isLabelled(field) && typeof value === 'string') {
		const labels: Record<string, string> = vocabulary[field];
		return labels[value] ?? value;
	}
	if (field === 'ageBand' && typeof value === 'string')
		return (vocabulary.ageBand as Record<string, string>)[value] ?? value;
	if (typeof value === 'object') return Object.values(value).join(', ');
	return String(value);
}

const fieldLabels: Record<string, unknown> = {
	...youths.file,
	firstName: youths.form.firstName,
	lastName: youths.form.lastName,
	nickname: youths.form.nickname,
	birthDate: youths.form.birthDate,
	ageBand: youths.form.ageBand,
	toCheck: vocabulary.kind.youth
};
export const fieldWords = (field: string): string => {
	const label = fieldLabels[field];
	return typeof label === 'string' ? label : field;
};

export const whoIs = (store: Store, user: string): string =>
	store.get('staff', user)?.fields.name ?? youths.file.someone;

/** Values that lost to a concurrent one and that nobody has looked at since: the present value is still another. */
export const toReview = (fields: Youth, past: readonly PastValue[]): PastValue[] =>
	past.filter(
		({ why, field, value }) =>
			why === 'lost' && JSON.stringify((fields as Record<string, unknown>)[field]) !== JSON.stringify(value)
	);

/** One line of the timeline in words. */
export function timelineItem(store: Store, item: TimelineRow, today: string, zone: string): TimelineItem {
	const { timeline } = youths;
	const { row } = item;
	const when = relativeDay(item.day ?? dayOf(item.at, zone), today);
	const base = { id: row.id, when };
	switch (row.kind) {
		case 'visit': {
			const { fields } = row;
			const status =
				fields.status && fields.status !== 'present'
					? vocabulary.visitStatus[fields.status].toLowerCase()
					: undefined;
			const mode = fields.mode ? vocabulary.visitMode[fields.mode].toLowerCase() : '';
			const motives = (fields.motives ?? []).map((motive) => vocabulary.dimension[motive]).join(', ');
			return {
				...base,
				title: timeline.visit(siteName(store, row.site), status ?? mode),
				text: [motives, fields.decided, fields.nextStep].filter(Boolean).join('\n'),
				href: fields.opening ? `/permanences/${fields.opening}/visite/${row.id}` : undefined,
				voided: Boolean(fields.voided)
			};
		}
		case 'encounter': {
			const { fields } = row;
			const outing = fields.outing ? store.get('outing', fields.outing) : undefined;
			const topics = (fields.topics ?? []).map((topic) => vocabulary.dimension[topic]).join(', ');
			return {
				...base,
				title: timeline.encounter(outing ? placeOf(store, outing) : ''),
				text: [topics, fields.remarks].filter(Boolean).join('\n'),
				href: fields.outing ? `/terrain/${fields.outing}/rencontre/${row.id}` : undefined,
				voided: Boolean(fields.voided)
			};
		}
		case 'note':
			return {
				...base,
				title: row.fields.confidential
					? timeline.confidentialNote
					: `${timeline.note} · ${whoIs(store, row.by)}`,
				text: row.fields.text
			};
		case 'attempt': {
			const { channel, outcome, remarks } = row.fields;
			return {
				...base,
				title: timeline.attempt(
					channel ? vocabulary.channel[channel] : '',
					outcome ? vocabulary.attempt[outcome] : ''
				),
				text: remarks
			};
		}
		case 'appointment':
			return {
				...base,
				title: timeline.appointment(vocabulary.appointmentStatus[row.fields.status ?? 'planned']),
				text: row.fields.reason
			};
		case 'consent': {
			const { about, answer, manner, to } = row.fields;
			const said = [
				answer && vocabulary.consentAnswer[answer],
				manner && `(${vocabulary.consentManner[manner]})`
			]
				.filter(Boolean)
				.join(' ');
			return {
				...base,
				title: timeline.consent(about ? vocabulary.consentAbout[about] : '', said),
				text: to
			};
		}
		case 'followUp':
			return { ...base, title: timeline.followUp, text: row.fields.result ?? row.fields.reason };
	}
}

/** When a follow-up may be put to sleep until. */
export const sleepDates = (today: string) => [
	{ value: plusDays(today, 7), label: youths.file.sleepWeek },
	{ value: plusDays(today, 30), label: youths.file.sleepMonth }
];
