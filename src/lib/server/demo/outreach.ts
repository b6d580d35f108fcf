import { plusDays, weekdayOf } from '#lib/domain/calendar.ts';
import type { AgeBand, Dimension, Occupation } from '#lib/domain/vocabulary.ts';
import { MINUTE, type Book, type Member } from './book.ts';
import { instantAt, isClosed } from './calendar.ts';
import type { Directory } from './directory.ts';
import { promise } from './follow.ts';
import { encounterRemarks, outingRemarks } from './words.ts';
import { freePhones, inventPasserBy, MET_OUTSIDE } from './youths.ts';

export type Outing = {
	id: string;
	site: 'siege' | 'nay';
	date: string;
	startedAt: number;
	team: string[];
	/** Youths who gave a name. */
	met: string[];
};

/** Share of the weeks in which a team goes out, by ISO weekday. */
const rhythm: Record<Outing['site'], Record<number, number>> = {
	siege: { 2: 0.6, 3: 0.6, 5: 0.65, 6: 0.35 },
	nay: { 3: 0.45 }
};
const ageBands: readonly AgeBand[] = [
	'under-16',
	'16-17',
	'16-17',
	'16-17',
	'18-21',
	'18-21',
	'18-21',
	'18-21',
	'22-25',
	'22-25',
	'unknown'
];
const occupations: readonly Occupation[] = [
	'nothing',
	'nothing',
	'nothing',
	'nothing',
	'school',
	'school',
	'training',
	'job',
	'other'
];
const topics: readonly Dimension[] = [
	'employment',
	'employment',
	'training',
	'training',
	'project',
	'mobility',
	'housing',
	'health',
	'resources',
	'leisure'
];
const orientations = ['Permanence du quartier', 'Siège, accueil sans rendez-vous', 'Point santé'];

export function planOutings(book: Book): Outing[] {
	const { random } = book;
	const teams: Record<Outing['site'], Member[]> = {
		siege: book.members.filter((m) => m.role === 'outreach'),
		nay: [book.named('conseillere'), book.named('conseiller')]
	};
	const outings: Outing[] = [];
	for (let date = book.from; date < book.today; date = plusDays(date, 1)) {
		if (isClosed(date)) continue;
		for (const site of ['siege', 'nay'] as const) {
			if (!random.chance(rhythm[site][weekdayOf(date)] ?? 0)) continue;
			const startedAt = instantAt(date, random.pick(['10:00', '13:30', '14:00', '16:00']));
			const team = random.shuffled(teams[site]).slice(0, 2);
			outings.push({ id: random.id(startedAt), site, date, startedAt, team: team.map((m) => m.id), met: [] });
		}
	}
	return outings;
}

/** The outing where somebody who came to `site` on `date` may have been met in the weeks before. */
export function outingBefore(
	book: Book,
	outings: Outing[],
	site: string,
	date: string,
	earliest: string
): Outing | undefined {
	const [from, until] = [plusDays(date, -25), plusDays(date, -2)];
	const near = outings.filter(
		(o) => o.site === site && o.date >= from && o.date <= until && o.date >= earliest
	);
	return near.length > 0 && book.random.chance(0.22) ? book.random.pick(near) : undefined;
}

/** Those who were met outside and have not come yet: known by little, with a promise to call. */
export function writePassersBy(book: Book, outings: Outing[]): void {
	const { random } = book;
	for (const phone of freePhones(book).slice(0, MET_OUTSIDE)) {
		const outing = random.pick(outings);
		const { site, date } = outing;
		const by = outing.team[0]!;
		const at = outing.startedAt + random.between(5, 90) * MINUTE;
		const youth = book.add('youth', site, by, at, { ...inventPasserBy(random, phone), firstContactOn: date });
		outing.met.push(youth);
		promise(book, { youth, site, assignee: by, by, at, due: plusDays(date, random.between(3, 10)) });
	}
}

export function writeOutings(book: Book, outings: Outing[], directory: Directory): void {
	for (const outing of outings) writeOuting(book, outing, directory);
}

function writeOuting(
	book: Book,
	{ id, site, date, startedAt, team, met }: Outing,
	directory: Directory
): void {
	const { random } = book;
	const anonymous = Array.from({ length: random.between(7, 14) }, () => undefined);
	const encounters = random.shuffled([...met, ...anonymous]);
	const pace = Math.max(4, Math.floor(120 / encounters.length)) * MINUTE;
	const fields = {
		spot: random.pick(directory.spots.filter((spot) => spot.team === site)).id,
		date,
		startedAt,
		endedAt: startedAt + encounters.length * pace + 10 * MINUTE,
		team,
		partners: random.chance(0.35) ? [random.pick(directory.partners)] : [],
		remarks: random.chance(0.4) ? random.pick(outingRemarks) : undefined,
		approached: encounters.length + random.between(5, 30),
		flyers: random.between(5, 40),
		declined: random.between(1, 12),
		oriented: random.between(0, 5)
	};
	book.add('outing', site, team[0]!, startedAt, fields, id);
	encounters.forEach((youth, i) => {
		const at = startedAt + i * pace + 3 * MINUTE;
		const size = youth || random.chance(0.8) ? 1 : random.between(2, 5);
		book.add('encounter', site, random.pick(team), at, {
			outing: id,
			at,
			size,
			ageBand: random.pick(ageBands),
			gender: size === 1 ? random.pick(['woman', 'man', 'man'] as const) : undefined,
			occupation: random.pick(occupations),
			topics: random.chance(0.85) ? [random.pick(topics)] : [],
			given: random
				.shuffled(['flyer', 'card', 'appointment', 'address', 'transport'] as const)
				.slice(0, random.between(0, 2)),
			orientedTo: random.chance(0.1) ? random.pick(orientations) : undefined,
			youth,
			callback: youth ? true : undefined,
			remarks: random.chance(0.12) ? random.pick(encounterRemarks) : undefined
		});
	});
}
