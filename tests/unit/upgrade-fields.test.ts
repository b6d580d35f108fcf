import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemOf, type Change } from '#lib/domain/change.ts';
import { languagesInText } from '#lib/domain/language-names.ts';
import { upgradeFields, upgradePast } from '#lib/domain/upgrade.ts';
import { languages } from '#lib/domain/vocabulary.ts';
import { vocabulary } from '#lib/messages/fr/vocabulary.ts';
import { operation as operationShape } from '#lib/protocol/operation.ts';
import { upgradeOperation, upToDate } from '#lib/protocol/upgrade.ts';

const id = '01932f00-0000-7000-8000-000000000001';
const site = '01932f00-0000-7000-8000-0000000000b1';
const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const wordsOf = (text: string) => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** What people write in such a field: names of languages, other words, any separator, any letters. */
const written = fc
	.array(
		fc.tuple(
			fc.oneof(
				fc.constantFrom(
					'Français',
					'ARABE',
					'soninké',
					'langue des signes',
					'un peu de turc',
					'patois',
					'et'
				),
				fc.string({ maxLength: 12, unit: 'grapheme' })
			),
			fc.constantFrom(', ', ';', ' / ', ' et ', '\n', ',', ' ')
		),
		{ minLength: 1, maxLength: 12 }
	)
	.map((parts) => parts.flat().join('').slice(0, 120))
	.filter((text) => text.length > 0);

describe('[P7] the languages of version 1 as codes and text', () => {
	it.each([
		['français', ['fr'], undefined],
		['Francais, ARABE', ['ar', 'fr'], undefined],
		['arabe/français', ['ar', 'fr'], undefined],
		['espagnol ; portugais et anglais', ['en', 'es', 'pt'], undefined],
		['dari\npachto', ['prs', 'ps'], undefined],
		['Langue  des signes française', ['fsl'], undefined],
		['dari, un peu de français', ['prs'], 'un peu de français'],
		['arabe, tchoutche; patois de Laruns', ['ar'], 'tchoutche, patois de Laruns'],
		['le parler de son père et de sa mère', [], 'le parler de son père et de sa mère'],
		['tibétain', [], 'tibétain'],
		[' , ; ', [], undefined]
	])('« %s »', (text, codes, rest) => {
		expect(languagesInText(text)).toEqual({ codes, rest });
	});

	it('nothing of any text is lost, and what comes out is valid today', () => {
		fc.assert(
			fc.property(written, (text) => {
				const { codes, rest = '' } = languagesInText(text);
				const said = new Set([...wordsOf(rest), ...codes.flatMap((code) => namesOf(code).flatMap(wordsOf))]);
				expect(wordsOf(text).filter((word) => word !== 'et' && !said.has(word))).toEqual([]);
				const fields = upgradeFields('youth', { languages: text }, 1);
				expect(problemOf({ do: 'create', kind: 'youth', id, site, fields })).toBeUndefined();
			}),
			{ numRuns: 2000 }
		);
	});

	it('every code that a text can be read as is in the vocabulary, and has a name on screen', () => {
		const names = languages.map((code) => vocabulary.language[code]);
		expect(new Set(names).size).toBe(languages.length);
		expect(languages.filter((code) => !readAs(vocabulary.language[code]).includes(code))).toEqual([]);
	});
});

const readAs = (text: string): string[] => languagesInText(text).codes;
/** Names of a language that today's reading knows, among those that the texts above use. */
const namesOf = (code: string): string[] =>
	['français', 'arabe', 'soninké', 'langue des signes'].filter((name) => readAs(name).includes(code));

describe('[P7] stored fields and past values', () => {
	it('only what has changed its shape is touched', () => {
		const others = { firstName: 'Kenza', toCheck: { languages: '?' }, strange: { of: 'tomorrow' } };
		expect(upgradeFields('youth', { ...others, languages: 'arabe, tchoutche' }, 1)).toEqual({
			...others,
			languages: ['ar'],
			otherLanguages: 'tchoutche'
		});
		expect(upgradeFields('youth', others, 1)).toBe(others);
		expect(upgradeFields('partner', { languages: 'arabe' }, 1)).toEqual({ languages: 'arabe' });
		expect(upgradeFields('youth', { languages: 'arabe' }, 2)).toEqual({ languages: 'arabe' });
	});

	it('is total: what version 1 would have refused comes back as it was', () => {
		for (const languages of [12, '', 'x'.repeat(121), ['ar'], null, { no: 'declined' }])
			expect(upgradeFields('youth', { languages }, 1)).toEqual({ languages });
	});

	it('past values stay texts, as many and in their order', () => {
		const by = { at: 1, by: 'u', why: 'edit' as const };
		expect(
			upgradePast(
				'youth',
				[
					{ field: 'languages', value: 'arabe', ...by },
					{ field: 'commune', value: 'Gan', ...by },
					{ field: 'languages', value: null, ...by }
				],
				1
			)
		).toEqual([
			{ field: 'otherLanguages', value: 'arabe', ...by },
			{ field: 'commune', value: 'Gan', ...by },
			{ field: 'otherLanguages', value: null, ...by }
		]);
	});

	it('a missing step is a defect, not a silent pass', () => {
		expect(() => upgradeFields('youth', {}, 0)).toThrow('from version 0');
	});
});

describe('[P7] operations of version 1', () => {
	const operation = (...changes: unknown[]) => ({ n: 3, id, v: 1, at: 5, changes });
	const upgraded = (...changes: unknown[]) => upgradeOperation(operation(...changes), 1, 2)['changes'];
	const inSet = { kind: 'youth', id, field: 'languages' };
	const allBut = (...codes: string[]) => expect.not.arrayContaining(codes);

	it('a creation has the fields of today', () => {
		const creation = { do: 'create', kind: 'youth', id, site };
		expect(upgraded({ ...creation, fields: { firstName: 'K', languages: 'arabe' } })).toEqual([
			{ ...creation, fields: { firstName: 'K', languages: ['ar'] } }
		]);
	});

	it('setting the text replaces what was in view: others leave, these come, the rest is text', () => {
		const set = { do: 'set', kind: 'youth', id, seen: 7 };
		expect(upgraded({ ...set, fields: { commune: 'Gan', languages: 'arabe, tchoutche' } })).toEqual([
			{ do: 'remove', ...inSet, seen: 7, values: allBut('ar') },
			{ do: 'add', ...inSet, values: ['ar'] },
			{ ...set, fields: { commune: 'Gan', otherLanguages: 'tchoutche' } }
		]);
		expect(upgraded({ ...set, fields: { languages: null } })).toEqual([
			{ do: 'remove', ...inSet, seen: 7, values: expect.arrayContaining([...languages]) },
			{ ...set, fields: { otherLanguages: null } }
		]);
	});

	it('everything else stays, whatever it is', () => {
		const others = [
			{ do: 'set', kind: 'visit', id, seen: 1, fields: { languages: 'arabe' } },
			{ do: 'count', kind: 'outing', id, field: 'flyers', by: 1 },
			{ do: 'set', kind: 'youth', id, seen: 1, fields: { languages: 12 } },
			{ do: 'set', kind: 'youth', id, seen: 1, fields: null },
			null,
			'youth'
		];
		expect(upgraded(...others)).toEqual(others);
		expect(upgradeOperation({ n: 1, changes: 'none' }, 1, 2)).toEqual({ n: 1, changes: 'none', v: 2 });
	});

	it('the largest operation of version 1 is still one operation', () => {
		const set: Change = { do: 'set', kind: 'youth', id, seen: 0, fields: { languages: 'arabe, tchoutche' } };
		const large = operationShape.parse(operation(...Array.from({ length: 50 }, () => set)));
		const today = upToDate(large);
		expect(today).toMatchObject({ n: 3, id, v: 2 });
		expect(today.changes).toHaveLength(150);
		expect(today.changes.map(problemOf).filter(Boolean)).toEqual([]);
	});

	it('what was never valid is shown as it is', () => {
		const broken = { ...operation(), changes: [] };
		expect(upToDate(broken)).toBe(broken);
	});
});
