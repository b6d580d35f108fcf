import { describe, expect, it } from 'vitest';
import type { Row, Values } from '#lib/domain/records.ts';
import { namesOf, setChanges } from '#lib/store/encounter.ts';
import { readPhone } from '#lib/store/phone.ts';
import { showPhone } from '#lib/store/phone-words.ts';
import { problemsOf, youthDraftOf, youthEdit, youthFormOf, youthValues } from '#lib/store/youth-form.ts';

const today = '2026-11-20';
const row = (fields: Values<'youth'>): Row<'youth'> => ({
	kind: 'youth',
	id: 'y',
	site: 'org',
	rev: 7,
	by: 'u',
	at: 0,
	fields
});

describe('what a form says becomes values, and nothing typed is lost', () => {
	it.each<[string, Values<'youth'>]>([
		['nothing', {}],
		['names and a phone', { firstName: 'Kenza', lastName: 'Amrani', phone: '+33639981234' }],
		['absences', { phone: { no: 'none' }, birthDate: { no: 'declined' }, gender: { no: 'declined' } }],
		['what has to be checked', { toCheck: { phone: '06 12', birthDate: '2031-01-01' } }],
		[
			'the rest',
			{
				ageBand: '18-21',
				housing: 'hostel',
				rqth: false,
				email: 'k@example.org',
				languages: ['ar'],
				otherLanguages: 'soninké'
			}
		]
	])('%s goes through the form and back unchanged', (_, fields) => {
		expect(youthValues(youthFormOf(fields), today)).toEqual(fields);
	});

	it.each([
		['phone', '06 12', 'impossible'],
		['birthDate', '2026-11-21', 'future'],
		['birthDate', '1890-01-01', 'too-old'],
		['birthDate', '2007-02-31', 'unreadable'],
		['email', 'kenza@', 'impossible']
	] as const)('%s %s is pointed at and kept as typed', (name, typed, problem) => {
		const form = { ...youthFormOf({ firstName: 'Kenza' }), [name]: typed };
		expect(problemsOf(form, today)).toEqual({ [name]: problem });
		expect(youthValues(form, today)).toEqual({ firstName: 'Kenza', toCheck: { [name]: typed } });
	});

	it('sends what differs from the row in view, and the revision that was in view', () => {
		const opened = row({ firstName: 'Kenza', commune: 'Gan', phone: '+33639981234' });
		const form = { ...youthFormOf(opened.fields), commune: '', phone: '06 39 98 12 34', nickname: 'K' };
		expect(youthEdit(opened, form, today)).toEqual([
			{ do: 'set', kind: 'youth', id: 'y', seen: 7, fields: { nickname: 'K', commune: null } }
		]);
		expect(youthEdit(opened, youthFormOf(opened.fields), today)).toEqual([]);
	});

	it('adds and removes languages one by one: a colleague may add another meanwhile', () => {
		const opened = row({ firstName: 'Kenza', languages: ['ar', 'en'] });
		const form = { ...youthFormOf(opened.fields), languages: ['en' as const, 'wo' as const] };
		const inSet = { kind: 'youth', id: 'y', field: 'languages' };
		expect(youthEdit(opened, form, today)).toEqual([
			{ do: 'add', ...inSet, values: ['wo'] },
			{ do: 'remove', ...inSet, seen: 7, values: ['ar'] }
		]);
		expect(opened.fields.languages).toEqual(['ar', 'en']);
	});

	it('[P7] takes up a draft of the older form, whose languages were one text', () => {
		expect(youthDraftOf({ firstName: 'Kenza', languages: 'arabe et un peu de tchoutche' })).toEqual({
			firstName: 'Kenza',
			languages: ['ar'],
			otherLanguages: 'un peu de tchoutche'
		});
		const today = { ...youthFormOf({ languages: ['wo'] }) };
		expect(youthDraftOf(today)).toEqual(today);
	});
});

describe('phones', () => {
	it.each([
		['06 39 98 12 34', '+33639981234'],
		['0033 6 39 98 12 34', '+33639981234'],
		['05.59.98.90.40', '+33559989040'],
		['+34 612 34 56 78', '+34612345678']
	])('%s can be called', (typed, e164) => {
		expect(readPhone(typed)).toEqual({ ok: true, e164 });
	});
	it.each(['06 12', '123', 'rien', '06 39 98 12 34 56 78'])('%s can not', (typed) => {
		expect(readPhone(typed)).toEqual({ ok: false });
	});
	it('is shown as people read it', () => {
		expect([showPhone('+33639981234'), showPhone('+34612345678')]).toEqual([
			'06 39 98 12 34',
			'+34612345678'
		]);
	});
});

describe('small words of the forms', () => {
	it.each([
		['Kenza', { firstName: 'Kenza' }],
		['  Jean-Éric  de la Tour ', { firstName: 'Jean-Éric', lastName: 'de la Tour' }],
		['', {}]
	])('« %s »', (typed, names) => {
		expect(namesOf(typed)).toEqual(names);
	});

	it('a set becomes another by what is added and what is removed', () => {
		const changes = setChanges(row({}), 'needs', ['housing', 'health'], ['health', 'rights']);
		expect(changes).toEqual([
			{ do: 'add', kind: 'youth', id: 'y', field: 'needs', values: ['rights'] },
			{ do: 'remove', kind: 'youth', id: 'y', seen: 7, field: 'needs', values: ['housing'] }
		]);
		expect(setChanges(row({}), 'needs', ['health'], ['health'])).toEqual([]);
	});
});
