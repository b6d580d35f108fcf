import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Row } from '#lib/domain/records.ts';
import { YouthIndex } from '#lib/store/search.ts';
import { served } from '../fixtures/tablet.ts';

const youths: Record<string, Row<'youth'>['fields']> = {
	zoe: { firstName: 'Zoé', lastName: 'Lacoste', phone: '+33612345678', birthDate: '2007-03-14' },
	jean: { firstName: 'Jean-Éric', lastName: 'N’Diaye', commune: 'Pau' },
	tito: { nickname: 'Tito', commune: 'Oloron-Sainte-Marie', toCheck: { phone: '06 99 12 3' } },
	mohammed: { firstName: 'Mohammed', lastName: 'Benali', phone: { no: 'none' } },
	marie: { firstName: 'Marie', lastName: 'Oloron', phone: '+34612000111' },
	old: { firstName: 'Zoé', lastName: 'Abadie', voided: 'doublon' },
	coeur: { lastName: 'Cœur' },
	nobody: {}
};

let index: YouthIndex;
beforeEach(() => {
	index = new YouthIndex();
	index.fill(new Map(Object.entries(youths).map(([id, fields]) => [id, served(id, 1, fields)])));
});
const ids = (query: string) => index.search(query, 10).map(({ id }) => id);

describe('finding a youth while typing', () => {
	it.each<[string, string, string[]]>([
		['an accent more or less', 'zoe', ['zoe', 'old']],
		['capitals', 'ZOÉ', ['zoe', 'old']],
		['a beginning', 'zo', ['zoe', 'old']],
		['one letter', 'z', ['zoe', 'old']],
		['both names', 'zoé lac', ['zoe']],
		['both names, the other way round', 'lacoste z', ['zoe']],
		['a name that is not there', 'zoé dupont', []],
		['a hyphen', 'jean-éric', ['jean']],
		['a space for it', 'jean eric', ['jean']],
		['nothing for it', 'jeaneric', ['jean']],
		['the second half', 'eric', ['jean']],
		['an apostrophe of either kind', "n'diaye", ['jean']],
		['no apostrophe', 'ndiaye', ['jean']],
		['a nickname', 'tito', ['tito']],
		['a ligature', 'coeur', ['coeur']],
		['a letter missing', 'lacste', ['zoe']],
		['a letter more', 'laccoste', ['zoe']],
		['another letter', 'lacosta', ['zoe']],
		['two letters swapped', 'lacotse', ['zoe']],
		['a typo before the end is typed', 'mohamned', ['mohammed']],
		['a typo in a beginning', 'mohan', ['mohammed']],
		['two typos in a long word', 'mohamemdd', ['mohammed']],
		['two typos in a short word', 'lcaotse', []],
		['a name before a commune', 'oloron', ['marie', 'tito']],
		['nothing', '', []],
		['blanks', '  - ', []]
	])('%s: %s', (_, query, expected) => expect(ids(query)).toEqual(expected));

	it.each<[string, string, string[]]>([
		['national', '0612', ['zoe']],
		['international', '+33612', ['zoe']],
		['international by zeros', '0033 6 12', ['zoe']],
		['with dots', '06.12.34.56.78', ['zoe']],
		['in the middle', '3456', ['zoe']],
		['a number kept to be checked', '0699', ['tito']],
		['a foreign number', '+34 612', ['marie']],
		['a birth date', '14/03/2007', ['zoe']],
		['its beginning', '1403', ['zoe']],
		['as the form writes it', '2007-03-14', ['zoe']],
		['with a name', 'zoé 0612', ['zoe']],
		['with another name', 'marie 0612', []]
	])('digits, %s: %s', (_, query, expected) => expect(ids(query)).toEqual(expected));

	it('puts a whole word before a beginning, and a beginning before a typo', () => {
		index = new YouthIndex();
		for (const [id, firstName] of Object.entries({ typo: 'Lina', beginning: 'Lenaïg', whole: 'Lena' }))
			index.change(undefined, served(id, 1, { firstName }));
		expect(ids('lena')).toEqual(['whole', 'beginning', 'typo']);
	});

	it('follows changes', () => {
		index.change(served('zoe', 1, youths['zoe']!), served('zoe', 2, { firstName: 'Chloé' }));
		expect(ids('lacoste')).toEqual([]);
		expect(ids('chloe')).toEqual(['zoe']);
		index.change(served('zoe', 2, {}), undefined);
		expect(ids('chloe')).toEqual([]);
	});

	it('answers in full before it is built in full, and gets there by itself', async () => {
		vi.useFakeTimers();
		const rows = new Map(
			Array.from({ length: 1000 }, (_, i) => [`y${i}`, served(`y${i}`, 1, { firstName: `Lou${i}` })])
		);
		index = new YouthIndex();
		index.fill(rows);
		index.change(rows.get('y998'), served('y998', 2, { firstName: 'Max' }));
		index.change(rows.get('y997'), undefined);
		expect([ids('lou999')[0], ids('max')]).toEqual(['y999', ['y998']]);
		for (const [name, id] of Object.entries({ lou998: 'y998', lou997: 'y997' }))
			expect(ids(name)).not.toContain(id);

		index.clear();
		index.fill(rows);
		vi.runAllTimers();
		expect(vi.getTimerCount()).toBe(0);
		expect(ids('lou500')[0]).toBe('y500');
		index.fill(rows);
		index.clear();
		expect([vi.getTimerCount(), ids('lou500')]).toEqual([0, []]);
		vi.useRealTimers();
	});

	it('gives as many as asked for', () => expect(index.search('o', 1)).toHaveLength(1));
});
