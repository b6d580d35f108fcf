import { describe, expect, it } from 'vitest';
import type { Change } from '#lib/domain/change.ts';
import type { Row } from '#lib/domain/records.ts';
import { project } from '#lib/store/project.ts';
import { served } from '../fixtures/tablet.ts';

const id = '01932f00-0000-7000-8000-000000000001';
const outing: Row<'outing'> = {
	kind: 'outing',
	id,
	site: 's',
	rev: 4,
	by: 'a',
	at: 1,
	fields: { flyers: 3, team: ['m', 'z'] }
};
const file = served(id, 4, { firstName: 'Zoé', email: 'z@demo.test' });
const at = 50;

const view = (base: Row | undefined, ...changes: Change[]) =>
	project(
		base,
		id,
		changes.map((change, i) => ({ n: i + 1, at: at + i, changes: [change] })),
		'me'
	);
const on = { kind: 'outing', id } as const;
const of = { kind: 'youth', id, seen: 4 } as const;

describe('what screens show: the server’s row with the operations that it does not contain', () => {
	it.each<[string, Row | undefined, Change[], unknown]>([
		['nothing waits', file, [], file.fields],
		[
			'a new record',
			undefined,
			[{ do: 'create', kind: 'youth', id, site: 's', fields: { needs: ['rights', 'health', 'rights'] } }],
			{ needs: ['health', 'rights'] }
		],
		[
			'a creation that the server has',
			file,
			[{ do: 'create', kind: 'youth', id, site: 's', fields: {} }],
			file.fields
		],
		[
			'a value',
			file,
			[{ do: 'set', ...of, fields: { firstName: 'Chloé' } }],
			{ firstName: 'Chloé', email: 'z@demo.test' }
		],
		['an erased value', file, [{ do: 'set', ...of, fields: { email: null } }], { firstName: 'Zoé' }],
		[
			'a field of a newer version stays',
			{ ...file, fields: { ...file.fields, newer: 1 } as Row['fields'] },
			[{ do: 'set', ...of, fields: { email: null } }],
			{ firstName: 'Zoé', newer: 1 }
		],
		[
			'a tally',
			outing,
			[
				{ do: 'count', ...on, field: 'flyers', by: 2 },
				{ do: 'count', ...on, field: 'declined', by: 1 }
			],
			{ flyers: 5, declined: 1, team: ['m', 'z'] }
		],
		[
			'a set gains',
			outing,
			[{ do: 'add', ...on, field: 'team', values: ['b', 'm'] }],
			{ flyers: 3, team: ['b', 'm', 'z'] }
		],
		[
			'a set loses',
			outing,
			[{ do: 'remove', ...on, seen: 4, field: 'team', values: ['z'] }],
			{ flyers: 3, team: ['m'] }
		],
		[
			'a set loses what it doesn’t have: as the server, nothing',
			outing,
			[
				{ do: 'remove', ...on, seen: 4, field: 'team', values: ['x'] },
				{ do: 'remove', ...on, seen: 4, field: 'never', values: ['x'] }
			],
			{ flyers: 3, team: ['m', 'z'] }
		],
		['another record’s change', file, [{ do: 'set', ...of, id: 'x', fields: { email: null } }], file.fields],
		['a change of what is not there', undefined, [{ do: 'set', ...of, fields: { email: null } }], undefined],
		['gone', file, [{ do: 'delete', ...of }], undefined],
		[
			'gone and changed',
			file,
			[
				{ do: 'delete', ...of },
				{ do: 'set', ...of, fields: { email: null } }
			],
			undefined
		]
	])('%s', (_, base, changes, fields) => expect(view(base, ...changes)?.fields).toEqual(fields));

	it('moves', () => expect(view(file, { do: 'move', ...of, site: 't' })?.site).toBe('t'));

	it('keeps replaced values with who wrote them, and the given row untouched', () => {
		const before = structuredClone(file);
		const row = view(
			file,
			{ do: 'set', ...of, fields: { firstName: 'Chloé' } },
			{ do: 'set', ...of, fields: { firstName: 'Cloé', email: 'z@demo.test' } }
		);
		expect(row?.past).toEqual([
			{ field: 'firstName', value: 'Zoé', at: file.at, by: file.by, why: 'edit' },
			{ field: 'firstName', value: 'Chloé', at: 50, by: 'me', why: 'edit' }
		]);
		expect(file).toEqual(before);
	});

	it('keeps the last fifty replaced values', () => {
		const changes = Array.from({ length: 60 }, (_, i): Change => ({
			do: 'set',
			...of,
			fields: { firstName: `v${i}` }
		}));
		const past = view(file, ...changes)?.past ?? [];
		expect(past).toHaveLength(50);
		expect(past.at(-1)?.value).toBe('v58');
	});
});
