import { expect, it } from 'vitest';
import type { Change } from '#lib/domain/change.ts';
import { corrected, correctableTexts } from '../../src/routes/(tablette)/appareil/correct.ts';

const id = '01932f00-0000-7000-8000-000000000001';
const changes: Change[] = [
	{
		do: 'create',
		kind: 'youth',
		id,
		site: 'org',
		fields: { firstName: 'Zoé', email: 'zoe@', referent: id, needs: ['health'] }
	},
	{ do: 'set', kind: 'visit', id, seen: 3, fields: { decided: 'rien', status: 'present' } },
	{ do: 'count', kind: 'outing', id, field: 'flyers', by: 1 }
];
const store = { get: () => ({ rev: 9 }) as never };

it('offers the texts of a refused action, and no identifiers', () => {
	expect(correctableTexts(changes).map(({ name, text }) => [name, text])).toEqual([
		['firstName', 'Zoé'],
		['email', 'zoe@'],
		['decided', 'rien']
	]);
});

it('sends it again as it was when nothing was changed', () => {
	expect(corrected(store, changes, correctableTexts(changes))).toBeUndefined();
});

it('puts the corrections in, in knowledge of the row as it is now', () => {
	const texts = correctableTexts(changes).map((one) =>
		one.name === 'email'
			? { ...one, text: '' }
			: one.name === 'decided'
				? { ...one, text: ' à revoir ' }
				: one
	);
	const [youth, visit, tally] = corrected(store, changes, texts) ?? [];
	expect(youth).toMatchObject({ fields: { firstName: 'Zoé', referent: id, needs: ['health'] } });
	expect(youth).not.toHaveProperty('fields.email');
	expect(visit).toMatchObject({ seen: 9, fields: { decided: 'à revoir', status: 'present' } });
	expect(tally).toEqual(changes[2]);
});
