import { daysBetween } from '#lib/domain/calendar.ts';

/** Days are `YYYY-MM-DD` and times `HH:mm`, as the clocks of Pau show them. */

const DAY = 86_400_000;

export const addYears = (day: string, years: number): string => {
	const moved = `${Number(day.slice(0, 4)) + years}${day.slice(4)}`;
	return moved.endsWith('02-29') && !isLeap(Number(moved.slice(0, 4)))
		? moved.replace('02-29', '03-01')
		: moved;
};
const isLeap = (year: number): boolean => new Date(Date.UTC(year, 1, 29)).getUTCDate() === 29;

/** ms UTC of a wall-clock time in metropolitan France. */
export function instantAt(day: string, time: string): number {
	const asUtc = Date.parse(`${day}T${time}:00Z`);
	return asUtc - offsetAt(asUtc - 3_600_000);
}

/** The day and time that the clocks of metropolitan France show at an instant (ms UTC). */
export const dayAt = (instant: number): string => shifted(instant).slice(0, 10);
export const timeAt = (instant: number): string => shifted(instant).slice(11, 16);
const shifted = (instant: number): string => new Date(instant + offsetAt(instant)).toISOString();

/** Summer time goes from the last Sunday of March to the last Sunday of October, at 1:00 UTC. */
function offsetAt(instant: number): number {
	const year = new Date(instant).getUTCFullYear();
	const summer = instant >= lastSunday(year, 2) && instant < lastSunday(year, 9);
	return (summer ? 2 : 1) * 3_600_000;
}
function lastSunday(year: number, month: number): number {
	const last = new Date(Date.UTC(year, month + 1, 0, 1));
	return last.getTime() - last.getUTCDay() * DAY;
}

/** Nobody is there: public holidays, and the week between Christmas and New Year. */
export function isClosed(day: string): boolean {
	const monthDay = day.slice(5);
	if (fixed.has(monthDay) || monthDay >= '12-25') return true;
	const fromEaster = daysBetween(easter(Number(day.slice(0, 4))), day);
	return fromEaster === 1 || fromEaster === 39 || fromEaster === 50;
}
const fixed = new Set(['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11']);

/** Gregorian computus (Meeus, Jones, Butcher). */
function easter(year: number): string {
	const a = year % 19;
	const b = Math.floor(year / 100);
	const c = year % 100;
	const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
	const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
	const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
	return `${year}-${String(Math.floor(f / 31)).padStart(2, '0')}-${String((f % 31) + 1).padStart(2, '0')}`;
}
