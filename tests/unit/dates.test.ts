import { describe, expect, it } from 'vitest';
import { daysBetween, plusDays, weekdayOf } from '#lib/domain/calendar.ts';
import { dayOf, hourOf, momentOf, relativeDay, spokenClock, spokenDuration } from '#lib/messages/dates.ts';

const today = '2026-11-20';

describe('days and hours as people say them', () => {
	it.each([
		[today, 'aujourd’hui'],
		['2026-11-19', 'hier'],
		['2026-11-21', 'demain'],
		['2026-11-24', 'dans 4 jours'],
		['2026-11-15', 'il y a 5 jours'],
		['2026-10-01', '1 oct.'],
		['2025-12-31', '31 déc. 2025']
	])('%s is « %s »', (day, words) => {
		expect(relativeDay(day, today)).toBe(words);
	});

	it.each([
		['09:05', '9 h 05'],
		['09:00', '9 h'],
		['00:30', '0 h 30']
	])('%s is « %s »', (clock, words) => {
		expect(spokenClock(clock)).toBe(words);
	});

	it.each([
		['Europe/Paris', '2026-11-20', '23 h 30'],
		['Indian/Reunion', '2026-11-21', '2 h 30'],
		['America/Martinique', '2026-11-20', '18 h 30']
	])('one instant in %s', (zone, day, hour) => {
		const instant = Date.UTC(2026, 10, 20, 22, 30);
		expect([dayOf(instant, zone), hourOf(instant, zone)]).toEqual([day, hour]);
	});

	it('a moment of yesterday says so', () => {
		const now = Date.UTC(2026, 10, 20, 9);
		expect(momentOf(now - 60_000, now, 'Europe/Paris')).toBe('9 h 59');
		expect(momentOf(now - 86_400_000, now, 'Europe/Paris')).toBe('hier, 10 h');
	});

	it.each([
		[20_000, 'moins d’une minute'],
		[12 * 60_000, '12 min'],
		[3 * 3_600_000, '3 h'],
		[3 * 86_400_000, '3 jours']
	])('%d ms is « %s »', (ms, words) => {
		expect(spokenDuration(ms)).toBe(words);
	});
});

describe('arithmetic on days', () => {
	it.each([
		['over the end of a year', '2026-12-30', 3, '2027-01-02'],
		['over 29 February', '2028-02-28', 2, '2028-03-01'],
		['over the change of clocks', '2026-03-28', 2, '2026-03-30'],
		['back', '2026-11-20', -20, '2026-10-31']
	])('%s', (_, day, days, expected) => {
		expect(plusDays(day, days)).toBe(expected);
		expect(daysBetween(day, expected)).toBe(days);
	});
	it('a week begins on Monday', () => {
		expect(['2026-11-16', '2026-11-20', '2026-11-22'].map(weekdayOf)).toEqual([1, 5, 7]);
	});
});
