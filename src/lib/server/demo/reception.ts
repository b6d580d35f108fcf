import { plusDays } from '#lib/domain/calendar.ts';
import type { Dimension } from '#lib/domain/vocabulary.ts';
import { MINUTE, type Book } from './book.ts';
import { addYears, instantAt, timeAt } from './calendar.ts';
import { promise, writeConsents } from './follow.ts';
import { outingBefore, type Outing } from './outreach.ts';
import type { SiteKey } from './pau.ts';
import type { HalfDay } from './permanences.ts';
import { deal } from './random.ts';
import { anonymousLabels, appointmentReasons, said } from './words.ts';
import { demand, inventYouths, type Youth } from './youths.ts';

export type Person = Youth & { id: string; referent?: string };
type Visit = { person: Person; opening: HalfDay; first: boolean };

const attendance = [
	'present',
	'present',
	'present',
	'present',
	'present',
	'present',
	'present',
	'absent',
	'absent',
	'postponed'
] as const;

/** The files of everybody accompanied this year, and every visit that they made. */
export function writeReception(book: Book, held: HalfDay[], outings: Outing[]): Person[] {
	const bySite = Map.groupBy(held, ({ site }) => site);
	const people = inventYouths(book.random, book.today).map((youth) => {
		const openings = [...(bySite.get(youth.site) ?? [])].sort((a, b) =>
			a.date + a.start < b.date + b.start ? -1 : 1
		);
		const visits = visitsOf(book, youth, openings);
		return { ...youth, ...writeFile(book, youth, visits[0]!, outings), openings: visits };
	});
	const visits = people.flatMap(({ openings, ...person }): Visit[] =>
		openings.map((opening, i) => ({ person, opening, first: i === 0 }))
	);
	const motives = deal(
		book.random,
		demand,
		visits.map(() => (book.random.chance(0.75) ? 1 : 2))
	);
	const asked = new Map(visits.map((visit, i) => [visit, motives[i]!]));
	for (const [opening, those] of Map.groupBy(visits, (visit) => visit.opening)) {
		const pace = Math.min(30, Math.max(5, Math.floor(150 / those.length)));
		those.forEach((visit, i) => {
			const at = instantAt(opening.date, opening.start) + i * pace * MINUTE;
			writeVisit(book, visit, at, opening.staff[i % opening.staff.length]!, asked.get(visit)!);
		});
	}
	for (const opening of held) if (book.random.chance(0.1)) writeAnonymousVisit(book, opening);
	return people;
}

/** The openings that somebody came to: one at least, the first of them not before the 16th birthday of a newcomer. */
function visitsOf(book: Book, youth: Youth, openings: HalfDay[]): HalfDay[] {
	const { random } = book;
	const sixteen = addYears(youth.birthDate, 16);
	const possible = youth.newcomer ? openings.filter(({ date }) => date >= sixteen) : openings;
	let at = openings.indexOf(random.pick(possible.length > 0 ? possible : openings.slice(-2)));
	const came = [openings[at]!];
	const perWeek = openings.length / 52;
	while (random.chance(youth.newcomer ? 0.46 : 0.36)) {
		at += random.between(Math.ceil(perWeek), Math.ceil(perWeek * 7));
		const next = openings[at];
		if (!next) break;
		came.push(next);
	}
	return came;
}

function writeFile(
	book: Book,
	youth: Youth,
	first: HalfDay,
	outings: Outing[]
): { id: string; referent?: string } {
	const { random } = book;
	const { site } = youth;
	const referent = random.chance(0.92) ? random.pick(book.counsellorsOf(site)).id : undefined;
	const sixteen = addYears(youth.birthDate, 16);
	const outing = youth.newcomer ? outingBefore(book, outings, site, first.date, sixteen) : undefined;
	const cameOn = youth.newcomer ? first.date : earlier(book, sixteen);
	const on = outing?.date ?? cameOn;
	const at = outing ? outing.startedAt + random.between(5, 90) * MINUTE : instantAt(cameOn, '08:40');
	const by = outing?.team[0] ?? referent ?? first.staff[0]!;
	const metThrough = outing ? 'outing' : random.chance(0.95) ? 'opening' : 'other';
	const id = book.add('youth', site, by, at, { ...youth.fields, referent, firstContactOn: on, metThrough });
	outing?.met.push(id);
	if (youth.newcomer || random.chance(0.2)) writeConsents(book, { youth: id, site, by, at });
	return { id, referent };
}

/** A first contact in one of the four years before the one that is told, at 16 or later. */
function earlier(book: Book, sixteen: string): string {
	const day = plusDays(book.from, -book.random.between(1, 1200));
	const last = plusDays(book.from, -1);
	return day >= sixteen ? day : sixteen <= last ? sixteen : last;
}

function writeVisit(
	book: Book,
	{ person, opening, first }: Visit,
	at: number,
	by: string,
	motives: Dimension[]
): void {
	const { random } = book;
	const { site, date } = opening;
	const youth = person.id;
	const planned = random.chance(first ? 0.3 : 0.65);
	const status = planned && !first ? random.pick(attendance) : 'present';
	const madeAt = instantAt(plusDays(date, -random.between(2, 12)), '15:00') + random.between(0, 90) * MINUTE;
	const reason = random.pick(appointmentReasons);
	const appointment = planned
		? book.add('appointment', site, by, madeAt, { youth, date, time: timeAt(at), with: by, reason, status })
		: undefined;
	const words = said[motives[0] ?? 'project'];
	book.add('visit', site, by, at, {
		opening: opening.id,
		youth,
		at,
		mode: planned ? 'appointment' : 'walk-in',
		appointment,
		status,
		...(status === 'present' && {
			motives,
			duration: random.pick([15, 30, 30, 30, 45, 45, 60]),
			decided: random.pick(words.decided),
			nextStep: random.chance(0.5) ? random.pick(words.next) : undefined
		})
	});
	if (status !== 'present') return;
	const after = at + 20 * MINUTE;
	if (random.chance(0.24))
		book.add('note', site, by, after, { youth, text: random.pick(words.note), at: after });
	if (random.chance(0.24)) {
		const due = plusDays(date, random.between(5, 25));
		promise(book, { youth, site, assignee: person.referent ?? by, by, at: after, due });
	}
}

function writeAnonymousVisit(book: Book, { id, site, date, start, staff }: HalfDay): void {
	const { random } = book;
	const at = instantAt(date, start) + random.between(20, 100) * MINUTE;
	book.add('visit', site, staff[0]!, at, {
		opening: id,
		label: random.pick(anonymousLabels),
		ageBand: random.pick(['16-17', '18-21', 'unknown'] as const),
		at,
		mode: 'walk-in',
		status: 'present',
		motives: [random.pick(Object.keys(demand) as (keyof typeof demand)[])],
		duration: 15
	});
}

/** People by the site whose team follows them. */
export const peopleBySite = (people: Person[]): Map<SiteKey, Person[]> =>
	Map.groupBy(people, ({ site }) => site);
