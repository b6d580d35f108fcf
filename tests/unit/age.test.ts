import { describe, expect, it } from 'vitest';
import { ageOn, birthProblem } from '#lib/domain/age.ts';
import { dayOf } from '#lib/messages/dates.ts';

describe('age is counted on the day concerned', () => {
	it.each([
		['the eve of the 26th birthday', '2000-11-20', '2026-11-19', 25],
		['the 26th birthday', '2000-11-20', '2026-11-20', 26],
		['29 February, common year, the 28th', '2008-02-29', '2026-02-28', 17],
		['29 February, common year, 1 March', '2008-02-29', '2026-03-01', 18],
		['29 February, leap year, the day', '2008-02-29', '2028-02-29', 20],
		['born today', '2026-11-20', '2026-11-20', 0],
		['not born yet', '2026-11-21', '2026-11-20', undefined]
	])('%s', (_, birth, day, age) => {
		expect(ageOn(birth, day)).toBe(age);
	});

	it.each([
		['Europe/Paris', '2026-11-20'],
		['Indian/Reunion', '2026-11-21'],
		['America/Martinique', '2026-11-20']
	])('the day of an instant depends on where one stands: %s', (zone, day) => {
		expect(dayOf(Date.UTC(2026, 10, 20, 20, 30), zone)).toBe(day);
	});

	it.each([
		['2026-11-21', 'future'],
		['1890-01-01', 'too-old'],
		['2008-05-01', undefined]
	])('a birth on %s', (birth, problem) => {
		expect(birthProblem(birth, '2026-11-20')).toBe(problem);
	});
});
