import { describe, expect, it } from 'vitest';
import type { Change } from '#lib/domain/change.ts';
import { mayChange, mayCreate, readableKinds } from '#lib/domain/permissions.ts';
import type { Kind } from '#lib/domain/records.ts';
import type { Role } from '#lib/domain/vocabulary.ts';

const id = '01932f00-0000-7000-8000-000000000001';
const edit = (kind: Kind): Change => ({ do: 'set', kind, id, seen: 1, fields: {} });

describe('who may do what', () => {
	it.each<[Role, Kind, boolean]>([
		['counsellor', 'visit', true],
		['counsellor', 'slot', false],
		['outreach', 'encounter', true],
		['outreach', 'partner', false],
		['reception', 'youth', true],
		['reception', 'note', false],
		['manager', 'slot', true],
		['director', 'staff', false],
		['administrator', 'staff', true],
		['administrator', 'youth', false],
		['administrator', 'visit', false]
	])('%s creates %s: %s', (role, kind, expected) => {
		expect(mayCreate(role, kind)).toBe(expected);
	});

	it('an administrator reads nothing about a youth', () => {
		for (const kind of [
			'youth',
			'visit',
			'encounter',
			'note',
			'followUp',
			'consent',
			'appointment',
			'attempt'
		] as const)
			expect(readableKinds('administrator')).not.toContain(kind);
	});

	it.each<[string, Role, Kind, string | undefined, boolean]>([
		['own encounter', 'counsellor', 'encounter', 'me', true],
		["a colleague's encounter", 'counsellor', 'encounter', 'other', false],
		["a colleague's encounter, as manager", 'manager', 'encounter', 'other', true],
		["a colleague's visit", 'counsellor', 'visit', 'other', true],
		['own note: append-only', 'counsellor', 'note', 'me', false],
		['an agreement: append-only', 'director', 'consent', 'me', false],
		['a slot', 'counsellor', 'slot', 'me', false]
	])('changing %s', (_, role, kind, author, expected) => {
		expect(mayChange(role, 'me', edit(kind), author)).toBe(expected);
	});
});
