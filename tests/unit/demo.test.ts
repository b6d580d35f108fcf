import { describe, expect, it } from 'vitest';
import { weekdayOf } from '#lib/domain/calendar.ts';
import { problemOf } from '#lib/domain/change.ts';
import { isAbsence } from '#lib/domain/field.ts';
import type { Kind, Values } from '#lib/domain/records.ts';
import { addYears, dayAt, instantAt, isClosed, timeAt } from '#lib/server/demo/calendar.ts';
import { deal, randomOf } from '#lib/server/demo/random.ts';
import { inventYear } from '#lib/server/demo/year.ts';

const now = Date.UTC(2026, 10, 20, 13, 5);
const today = '2026-11-20';
const yearAgo = '2025-11-20';
const year = inventYear({ seed: 1, now });
const all = <K extends Kind>(kind: K, records = year.records) =>
	records.filter((r) => r.kind === kind).map((r) => ({ ...r, fields: r.fields as Values<K> }));

const youths = all('youth');
const received = new Map(
	all('visit')
		.filter(({ fields }) => fields.status === 'present' && fields.youth)
		.map(({ fields }) => [fields.youth, true])
);
const accompanied = youths.filter(({ id }) => received.has(id));

const percent = (part: number, whole: number) => (100 * part) / whole;
/** Share in percent of those with a known value that is in `among`. */
const share = (values: unknown[], among: unknown[]) => {
	const known = values.filter((value) => value !== undefined && !isAbsence(value));
	return percent(known.filter((value) => among.includes(value)).length, known.length);
};

describe('the demonstration', () => {
	it('is the same for the same seed and day, whatever the hour, and another for another seed', () => {
		const again = inventYear({ seed: 1, now: Date.UTC(2026, 10, 20, 4, 0) });
		expect(again).toEqual(year);
		expect(inventYear({ seed: 2, now }).records).not.toEqual(year.records);
	});

	it('holds only records that a tablet could have sent', () => {
		const problems = year.records.map(({ by: _by, at: _at, ...record }) =>
			problemOf({ do: 'create', ...record })
		);
		expect(problems.filter(Boolean)).toEqual([]);
		expect(year.records.length).toBeGreaterThan(15_000);
		expect(year.records.length).toBeLessThan(20_000);
	});

	it('points at records that exist, and at people of the team', () => {
		const ids = new Set(year.records.map((r) => r.id));
		const people = new Set(year.members.map((m) => m.id));
		expect(ids.size).toBe(year.records.length);
		const targets = ['youth', 'opening', 'outing', 'spot', 'slot', 'appointment', 'followUp'] as const;
		const lost = year.records.flatMap(({ kind, by, fields }) => [
			...(people.has(by) ? [] : [`${kind} by ${by}`]),
			...targets
				.filter((field) => field in fields && !ids.has(String(fields[field])))
				.map((field) => `${kind}.${field}`),
			...['assignee', 'referent', 'with']
				.filter((field) => field in fields && !people.has(String(fields[field])))
				.map((field) => `${kind}.${field}`)
		]);
		expect(lost).toEqual([]);
	});

	it('has the real places and partners, and a team with one account per role', () => {
		expect(all('site').filter(({ fields }) => fields.kind !== 'outreach-spot')).toHaveLength(13);
		expect(all('partner')).toHaveLength(119);
		expect(year.members).toHaveLength(25);
		const accounts = year.members.filter((m) => m.account);
		expect(new Set(accounts.map((m) => m.role)).size).toBe(6);
		expect(accounts).toHaveLength(7);
	});

	it('[I005] counts 1,279 first receptions and 2,610 youths accompanied in the year', () => {
		expect(accompanied).toHaveLength(2610);
		expect(accompanied.filter(({ fields }) => fields.firstContactOn! >= yearAgo)).toHaveLength(1279);
	});

	it.each([
		['I009 minors', 21.3, 0.5, () => percent(accompanied.filter(isMinor).length, accompanied.length)],
		['I010 low qualification', 48, 1, () => share(values('qualification'), ['none', 'level-3'])],
		['I088 without housing', 2, 0.3, () => share(values('housing'), ['street'])],
		['I011 training', 20, 0.5, () => demanded('training')],
		['I011 employment', 16, 0.5, () => demanded('employment')],
		['I011 project', 12, 0.5, () => demanded('project')]
	])('%s: %d in a hundred, within %d', (_name, figure, tolerance, measured) => {
		expect(Math.abs(measured() - figure)).toBeLessThanOrEqual(tolerance);
	});

	it('never shows somebody before 16, nor twice the same need', () => {
		for (const { fields } of accompanied) {
			if (typeof fields.birthDate === 'string')
				expect(addYears(fields.birthDate, 16) <= fields.firstContactOn!, JSON.stringify(fields)).toBe(true);
			expect(new Set(fields.needs).size).toBe(fields.needs!.length);
		}
	});

	it('reaches nobody: numbers kept for fiction, addresses of the example domain', () => {
		for (const { fields } of youths) {
			if (typeof fields.phone === 'string') expect(fields.phone).toMatch(/^\+3363998\d{4}$/);
			if (typeof fields.email === 'string') expect(fields.email).toMatch(/@example\.org$/);
		}
		const phones = youths.map(({ fields }) => fields.phone).filter((phone) => typeof phone === 'string');
		expect(new Set(phones).size).toBe(phones.length);
	});

	it('promises a call to nobody who has not agreed to one', () => {
		const answers = new Map(
			all('consent')
				.filter(({ fields }) => fields.about === 'callback')
				.map(({ fields }) => [fields.youth, fields.answer])
		);
		const due = all('followUp').filter(
			({ fields }) => fields.status === 'open' && ['call', 'sms'].includes(fields.channel!)
		);
		expect(due.length).toBeGreaterThan(30);
		expect(due.filter(({ fields }) => answers.get(fields.youth) !== 'given')).toEqual([]);
	});

	it('was written before now, stops yesterday, and leaves today to be done', () => {
		expect(year.records.every(({ at }) => at < now)).toBe(true);
		expect(
			all('opening')
				.map(({ fields }) => fields.date!)
				.sort()
				.at(-1)! < today
		).toBe(true);
		const planned = all('appointment').filter(({ fields }) => fields.date === today);
		expect(planned.length).toBeGreaterThan(5);
		expect(planned.every(({ fields }) => fields.status === 'planned')).toBe(true);
		expect(all('appointment').some(({ fields }) => fields.date! > today)).toBe(true);
	});

	it.each(['conseillere', 'conseiller', 'maraude', 'accueil', 'responsable'])(
		'%s has a call to make today',
		(account) => {
			const { id } = year.members.find((m) => m.account === account)!;
			const due = all('followUp').filter(({ fields }) => fields.assignee === id && fields.status === 'open');
			expect(due.some(({ fields }) => fields.due === today)).toBe(true);
		}
	);

	it.each(['2026-11-21', '2026-11-22', '2026-12-25', '2027-01-01', '2028-02-29'])(
		'has an opening to open on %s too',
		(day) => {
			const other = inventYear({ seed: 1, now: instantAt(day, '12:00') });
			const sites = [other.siteIds.nay, other.siteIds.bordes, other.siteIds.gan];
			const slots = all('slot', other.records).filter(
				(r) => sites.includes(r.site) && r.fields.weekday === weekdayOf(day)
			);
			expect(slots.some(({ fields }) => fields.from! <= day && (fields.until ?? day) >= day)).toBe(true);
			expect(
				all('appointment', other.records).some((r) => sites.includes(r.site) && r.fields.date === day)
			).toBe(true);
		}
	);

	function isMinor({ fields: { birthDate, ageBand } }: (typeof accompanied)[number]): boolean {
		return typeof birthDate === 'string'
			? addYears(birthDate, 18) > today
			: ageBand === '16-17' || ageBand === 'under-16';
	}
	function values(field: 'qualification' | 'housing'): unknown[] {
		return accompanied.map(({ fields }) => fields[field]);
	}
	function demanded(dimension: string): number {
		const motives = all('visit').flatMap(({ fields }) => fields.motives ?? []);
		return share(motives, [dimension]);
	}
});

describe('its calendar', () => {
	it.each([
		['2026-03-28', '12:00', '2026-03-28T11:00:00.000Z'],
		['2026-03-29', '12:00', '2026-03-29T10:00:00.000Z'],
		['2026-10-24', '00:30', '2026-10-23T22:30:00.000Z'],
		['2026-10-25', '12:00', '2026-10-25T11:00:00.000Z']
	])('%s %s in France is %s', (day, time, utc) => {
		const instant = instantAt(day, time);
		expect(new Date(instant).toISOString()).toBe(utc);
		expect([dayAt(instant), timeAt(instant)]).toEqual([day, time]);
	});

	it('knows the holidays of 2026', () => {
		const days = Array.from({ length: 365 }, (_, i) =>
			new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(5, 10)
		);
		expect(days.filter((day) => isClosed(`2026-${day}`)).join(' ')).toBe(
			'01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25 12-26 12-27 12-28 12-29 12-30 12-31'
		);
	});
});

describe('its chance', () => {
	it('deals every card with its share and none twice to one hand', () => {
		const hands = deal(randomOf(3), { a: 50, b: 30, c: 20 }, [2, 1, 2, 2, 1, 2]);
		expect(hands.map((hand) => hand.length)).toEqual([2, 1, 2, 2, 1, 2]);
		expect(hands.every((hand) => new Set(hand).size === hand.length)).toBe(true);
		expect(hands.flat().sort().join('')).toBe('aaaaabbbcc');
	});
});
