import { ageOn } from '#lib/domain/age.ts';
import { daysBetween, plusDays } from '#lib/domain/calendar.ts';
import type { Values } from '#lib/domain/records.ts';
import { ageBands, dimensions, type AgeBand, type Dimension } from '#lib/domain/vocabulary.ts';
import { addYears } from './calendar.ts';
import type { Book } from './book.ts';
import { firstNames, lastNames, nicknames } from './names.ts';
import { territory, type SiteKey } from './pau.ts';
import { deal, type Random } from './random.ts';
import { languages, socials } from './words.ts';

/*
 * The invented youths, spread as the yearly figures of the reference documents say (ids of the indicators): I005 first
 * receptions and youths accompanied in a year, I009 minors, I010 low qualification, I011 what is asked for, I088 without
 * housing. Shares are dealt exactly, not drawn; what is not asked of everybody (a phone, an e-mail) is drawn.
 */

/** I005 */
const ACCOMPANIED = 2610;
const FIRST_RECEPTIONS = 1279;
/** Met outside, not yet received. */
export const MET_OUTSIDE = 74;

/** I011: 20 % training, 16 % employment, 12 % project; the other needs share the rest. */
export const demand: Record<Dimension, number> = {
	training: 20,
	employment: 16,
	project: 12,
	mobility: 14,
	housing: 9,
	resources: 9,
	health: 8,
	rights: 6,
	leisure: 3,
	citizenship: 3
};

/** Ages in full years today. I009: 556 of 2,610 are minors, most of them received for the first time this year. */
const ages = {
	newcomers: {
		'16': 230,
		'17': 270,
		'18': 180,
		'19': 150,
		'20': 125,
		'21': 95,
		'22': 80,
		'23': 55,
		'24': 40,
		'25': 35,
		'27': 19
	},
	others: {
		'17': 56,
		'18': 140,
		'19': 165,
		'20': 175,
		'21': 180,
		'22': 175,
		'23': 155,
		'24': 135,
		'25': 110,
		'27': 40
	}
} as const;
const housing = { family: 60, own: 18, friends: 9, hostel: 6, emergency: 2, other: 3, street: 2 };
const qualification = { none: 27, 'level-3': 21, 'level-4': 38, 'level-5': 9, 'level-6': 5 };
const occupation = { nothing: 54, job: 20, training: 12, school: 7, other: 7 };
const gender = { woman: 49, man: 50, other: 1 };

export type Youth = {
	site: SiteKey;
	newcomer: boolean;
	birthDate: string;
	fields: Values<'youth'>;
};

/** @param today `YYYY-MM-DD` */
export function inventYouths(random: Random, today: string): Youth[] {
	const phones = random.shuffled(Array.from({ length: 10_000 }, (_, i) => i)).slice(0, ACCOMPANIED);
	const sites = random.spread(weights(), ACCOMPANIED);
	const years = [
		...random.spread(ages.newcomers, FIRST_RECEPTIONS),
		...random.spread(ages.others, ACCOMPANIED - FIRST_RECEPTIONS)
	];
	const genders = random.spread(gender, ACCOMPANIED);
	const housings = random.spread(housing, ACCOMPANIED);
	const qualifications = diplomasByAge(random.spread(qualification, ACCOMPANIED), years.map(Number));
	const occupations = random.spread(occupation, ACCOMPANIED);
	const needs = deal(
		random,
		demand,
		Array.from({ length: ACCOMPANIED }, () => random.pick([1, 1, 2, 2, 2, 3, 3]))
	);
	return sites.map((site, i): Youth => {
		const newcomer = i < FIRST_RECEPTIONS;
		const birthDate = bornSoThat(random, Number(years[i]), today, newcomer);
		const name = inventName(random, genders[i]!);
		const asked = {
			gender: random.next(),
			housing: random.next(),
			qualification: random.next(),
			occupation: random.next()
		};
		return {
			site,
			newcomer,
			birthDate,
			fields: {
				...name,
				...(random.chance(0.04) && { nickname: random.pick(nicknames) }),
				...(random.chance(0.94) ? { birthDate } : { ageBand: ageBandOf(birthDate, today) }),
				...answer(asked.gender, 0.96, 0.005, { gender: genders[i] }, { gender: declined }),
				...answer(asked.housing, 0.94, 0.01, { housing: housings[i] }, { housing: declined }),
				...answer(
					asked.qualification,
					0.95,
					0.005,
					{ qualification: qualifications[i] },
					{ qualification: declined }
				),
				...answer(asked.occupation, 0.9, 0.005, { occupation: occupations[i] }, { occupation: declined }),
				...(i % 435 === 7
					? { toCheck: { phone: '06 39 98 1' } }
					: answer(random.next(), 0.92, 0.04, { phone: phoneNumber(phones[i]!) }, { phone: none })),
				...answer(random.next(), 0.55, 0.1, { email: addressOf(name, i) }, { email: none }),
				...(random.chance(0.06) && {
					social: `${random.pick(socials)} : ${plain(name.firstName)}${random.between(10, 99)}`
				}),
				...(random.chance(0.9) && { commune: random.pick(territory[site].communes) }),
				...((ageOn(birthDate, today) ?? 0) > 25
					? { rqth: true }
					: random.chance(0.03)
						? { rqth: random.chance(0.6) }
						: {}),
				...(random.chance(0.06) && random.pick(languages)),
				needs: needs[i]!.sort(byDimension)
			}
		};
	});
}

/** What is known of somebody met in the street: often a first name or what friends call them. */
export function inventPasserBy(random: Random, phone: number): Values<'youth'> {
	const sex = random.pick(['woman', 'man'] as const);
	const called = random.next();
	return {
		...(called < 0.85 ? { firstName: random.pick(firstNames[sex]) } : { nickname: random.pick(nicknames) }),
		...(called < 0.15 && { lastName: random.pick(lastNames) }),
		ageBand: random.pick(['16-17', '18-21', '18-21', '22-25'] as const),
		gender: sex,
		...(random.chance(0.7)
			? { phone: phoneNumber(phone) }
			: {
					social: `${random.pick(socials)} : ${random.pick(nicknames).toLowerCase()}${random.between(10, 99)}`
				}),
		...(random.chance(0.6) && { occupation: 'nothing' }),
		needs: [random.pick(['employment', 'training', 'project', 'mobility'] as const)],
		metThrough: 'outing'
	};
}

const declined = { no: 'declined' } as const;
const none = { no: 'none' } as const;

/** Known for a share, absent as said for another, not asked for the rest. */
const answer = <T extends object, A extends object>(
	chance: number,
	known: number,
	absent: number,
	given: T,
	said: A
): T | A | object => (chance < known ? given : chance < known + absent ? said : {});

const weights = (): Record<SiteKey, number> =>
	Object.fromEntries(Object.entries(territory).map(([key, { weight }]) => [key, weight])) as Record<
		SiteKey,
		number
	>;

/** Diplomas that take years go from those too young for them to others, so that the shares stay. */
function diplomasByAge<Q extends string>(levels: Q[], years: number[]): Q[] {
	const minimum: Record<string, number> = { 'level-4': 18, 'level-5': 20, 'level-6': 21 };
	const dealt = [...levels];
	const isLow = (i: number) => minimum[dealt[i]!] === undefined;
	const takers = years.flatMap((age, i) => (age >= 21 && isLow(i) ? [i] : []));
	years.forEach((age, i) => {
		if (age >= (minimum[dealt[i]!] ?? 0)) return;
		const other = takers.pop();
		if (other !== undefined) [dealt[i], dealt[other]] = [dealt[other]!, dealt[i]!];
	});
	return dealt;
}

/** Somebody of that age today; whoever came in an earlier year was 16 by then. */
function bornSoThat(random: Random, years: number, today: string, newcomer: boolean): string {
	const youngest = addYears(today, -years);
	const oldest = plusDays(addYears(today, -years - 1), 1);
	const span = daysBetween(oldest, youngest);
	if (!newcomer && years === 17) return plusDays(oldest, random.between(0, span - 30));
	if (newcomer && years === 16) return plusDays(oldest, random.between(0, span - 45));
	return plusDays(oldest, random.between(0, span));
}

function ageBandOf(birthDate: string, day: string): AgeBand {
	const age = ageOn(birthDate, day) ?? 0;
	if (age < 16) return 'under-16';
	if (age < 18) return '16-17';
	if (age < 22) return '18-21';
	return age < 26 ? '22-25' : ageBands[4];
}

const inventName = (random: Random, sex: 'woman' | 'man' | 'other') => ({
	firstName: random.pick(sex === 'other' ? [...firstNames.woman, ...firstNames.man] : firstNames[sex]),
	lastName: random.pick(lastNames)
});

/** The range 06 39 98 is kept by the regulator (ARCEP) for works of fiction: nobody answers there. */
const phoneNumber = (last4: number): string => `+3363998${String(last4).padStart(4, '0')}`;

/** Numbers that no file has yet, in a random order. */
export function freePhones(book: Book): number[] {
	const taken = new Set(book.records.map(({ fields }) => fields.phone));
	return book.random
		.shuffled(Array.from({ length: 10_000 }, (_, i) => i))
		.filter((i) => !taken.has(phoneNumber(i)));
}

const addressOf = (name: { firstName: string; lastName: string }, i: number): string =>
	`${plain(name.firstName)}.${plain(name.lastName)}${i}@example.org`;

const plain = (text: string): string =>
	text
		.normalize('NFD')
		.replace(/[^a-zA-Z]/g, '')
		.toLowerCase();

const byDimension = (a: Dimension, b: Dimension): number => dimensions.indexOf(a) - dimensions.indexOf(b);
