import { addDays, differenceInCalendarDays, formatISO, getISODay, parseISO } from 'date-fns';

/*
 * Arithmetic on calendar days `YYYY-MM-DD`. A day has no zone: the caller says which one it was taken in. Both ends are
 * read in the same (the machine's) zone, so that no change of clocks gets in between.
 */

export const plusDays = (day: string, days: number): string =>
	formatISO(addDays(parseISO(day), days), { representation: 'date' });

/** Days from `from` to `to`; negative when `to` is before. */
export const daysBetween = (from: string, to: string): number =>
	differenceInCalendarDays(parseISO(to), parseISO(from));

/** ISO weekday: 1 = Monday … 7 = Sunday. */
export const weekdayOf = (day: string): number => getISODay(parseISO(day));
