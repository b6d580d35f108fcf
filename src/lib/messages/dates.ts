import { daysBetween } from '#lib/domain/calendar.ts';

/*
 * French dates and hours as people say them. `zone` is the IANA zone of the site concerned; `now` comes in as an
 * argument because a page of this app stays open past midnight.
 */
const cache = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = zone + JSON.stringify(options);
	let found = cache.get(key);
	if (!found) cache.set(key, (found = new Intl.DateTimeFormat('fr-FR', { timeZone: zone, ...options })));
	return found;
}

/**
 * The calendar day `YYYY-MM-DD` of an instant (ms UTC) in a zone. Put together from its parts: no locale writes ISO days
 * in every engine (WebKit's « en-CA » is 11/21/2026).
 */
export function dayOf(instant: number, zone: string): string {
	const options = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
	const parts = Object.fromEntries(
		format(zone, options)
			.formatToParts(instant)
			.map(({ type, value }) => [type, value])
	);
	return `${parts['year']}-${parts['month']}-${parts['day']}`;
}

/** "9 h 42" of an instant in a zone. */
export function hourOf(instant: number, zone: string): string {
	const parts = format(zone, { hour: 'numeric', minute: '2-digit', hourCycle: 'h23' }).formatToParts(instant);
	const part = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
	return spokenClock(`${part('hour').padStart(2, '0')}:${part('minute')}`);
}

/** "09:05" → "9 h 05", "09:00" → "9 h". */
export function spokenClock(clock: string): string {
	const [hour = '0', minute = '00'] = clock.split(':');
	return minute === '00' ? `${Number(hour)} h` : `${Number(hour)} h ${minute}`;
}

const asUtc = (day: string) => Date.parse(`${day}T12:00:00Z`);
const noon = (day: string, options: Intl.DateTimeFormatOptions) => format('UTC', options).format(asUtc(day));

/** "vendredi 20 novembre" of a day `YYYY-MM-DD`. */
export const longDay = (day: string): string => noon(day, { weekday: 'long', day: 'numeric', month: 'long' });
/** "20 novembre 2026". */
export const fullDay = (day: string): string => noon(day, { day: 'numeric', month: 'long', year: 'numeric' });

/** "aujourd’hui", "hier", "dans 3 jours", "il y a 5 jours", then the date; `today` is a day in the same zone. */
export function relativeDay(day: string, today: string): string {
	const days = daysBetween(today, day);
	if (days === 0) return 'aujourd’hui';
	if (days === -1) return 'hier';
	if (days === 1) return 'demain';
	if (days > 1 && days < 8) return `dans ${days} jours`;
	if (days < -1 && days > -8) return `il y a ${-days} jours`;
	const sameYear = day.slice(0, 4) === today.slice(0, 4);
	return noon(day, { day: 'numeric', month: 'short', ...(!sameYear && { year: 'numeric' }) });
}

/** "9 h 42" today, "hier, 9 h 42", then "12 nov., 9 h 42". */
export function momentOf(instant: number, now: number, zone: string): string {
	const day = dayOf(instant, zone);
	const today = dayOf(now, zone);
	return day === today ? hourOf(instant, zone) : `${relativeDay(day, today)}, ${hourOf(instant, zone)}`;
}

/** "2 h", "12 min", "3 jours" of a duration in ms. */
export function spokenDuration(ms: number): string {
	const minutes = Math.max(0, Math.round(ms / 60_000));
	if (minutes < 1) return 'moins d’une minute';
	if (minutes < 60) return `${minutes} min`;
	if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`;
	return `${Math.round(minutes / 1440)} jours`;
}
