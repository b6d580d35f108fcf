import { describe, expect, it } from 'vitest';
import { change, create, problemOf, type Change } from '#lib/domain/change.ts';
import { uuidv7 } from '#lib/domain/identifier.ts';

const id = '01932f00-0000-7000-8000-000000000001';
const site = '01932f00-0000-7000-8000-0000000000aa';

const make = (fields: Record<string, unknown>): Change => ({ do: 'create', kind: 'youth', id, site, fields });
const edit = (fields: Record<string, unknown>): Change => ({ do: 'set', kind: 'youth', id, seen: 3, fields });

describe('a change is checked against the fields of its kind', () => {
	it.each<[string, Change, string | undefined]>([
		['nothing known is already a file', make({}), undefined],
		['a nickname is enough', make({ nickname: 'Tito' }), undefined],
		['no phone is an answer', make({ phone: { no: 'none' } }), undefined],
		['declined is an answer', make({ birthDate: { no: 'declined' } }), undefined],
		['an invented absence is not', make({ phone: { no: 'lost' } }), 'phone: value'],
		['29 February of a leap year', make({ birthDate: '2008-02-29' }), undefined],
		['29 February of another year', make({ birthDate: '2007-02-29' }), 'birthDate: value'],
		['31 April', make({ birthDate: '2007-04-31' }), 'birthDate: value'],
		['an unknown field', make({ nir: '1' }), 'nir: unknown field of youth'],
		['a field of the prototype', make({ constructor: 'x' }), 'constructor: unknown field of youth'],
		['a set with a strange member', make({ needs: ['housing', 'luck'] }), 'needs: value'],
		['an erased scalar', edit({ email: null }), undefined],
		['a set can not be replaced', edit({ needs: [] }), 'needs: not a scalar of youth'],
		['a name of 81 letters', edit({ firstName: 'a'.repeat(81) }), 'firstName: value'],
		['adding to a set', { do: 'add', kind: 'youth', id, field: 'needs', values: ['housing'] }, undefined],
		[
			'adding to a scalar',
			{ do: 'add', kind: 'youth', id, field: 'email', values: ['a'] },
			'email: not a set of youth'
		],
		['counting a tally', { do: 'count', kind: 'outing', id, field: 'flyers', by: -1 }, undefined],
		[
			'counting a date',
			{ do: 'count', kind: 'outing', id, field: 'date', by: 1 },
			'date: not a tally of outing'
		]
	])('%s', (_, c, problem) => {
		expect(problemOf(c)).toBe(problem);
	});

	it('leaves out what was not said', () => {
		expect(create('youth', id, site, { firstName: 'Kenza', lastName: undefined })).toEqual(
			make({ firstName: 'Kenza' })
		);
	});

	it('refuses unknown members of the envelope', () => {
		expect(change.safeParse({ ...make({}), organisation: 'other' }).success).toBe(false);
		expect(change.safeParse(make({})).success).toBe(true);
	});
});

describe('uuidv7', () => {
	it('sorts by time and is well formed', () => {
		const ids = [1, 1_763_000_000_000, 1_763_000_000_001].map((t) => uuidv7(t, new Uint8Array(10).fill(255)));
		expect([...ids].sort()).toEqual(ids);
		for (const i of ids)
			expect(i).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	});
	it('survives a clock before 1970', () => {
		expect(uuidv7(-5, new Uint8Array(10))).toMatch(/^00000000-0000-7/);
	});
});
