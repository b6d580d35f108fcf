import * as z from 'zod/mini';

/** The ten dimensions of the global approach (DOMAIN: freins, besoins). */
export const dimensions = [
	'employment',
	'project',
	'training',
	'health',
	'housing',
	'mobility',
	'rights',
	'citizenship',
	'resources',
	'leisure'
] as const;
export const dimension = z.enum(dimensions);
export type Dimension = z.infer<typeof dimension>;

export const ageBands = ['under-16', '16-17', '18-21', '22-25', '26-29', 'unknown'] as const;
export const ageBand = z.enum(ageBands);
export type AgeBand = z.infer<typeof ageBand>;

export const genders = ['woman', 'man', 'other'] as const;
export const gender = z.enum(genders);
export type Gender = z.infer<typeof gender>;

export const occupations = ['nothing', 'school', 'training', 'job', 'other'] as const;
/** What a youth is doing at the moment: `nothing` covers "ni école, ni formation, ni emploi". */
export const occupation = z.enum(occupations);
export type Occupation = z.infer<typeof occupation>;

export const housings = ['family', 'own', 'friends', 'hostel', 'emergency', 'street', 'other'] as const;
export const housing = z.enum(housings);

export const qualifications = ['none', 'level-3', 'level-4', 'level-5', 'level-6'] as const;
/** Diploma level of the French framework: 3 = CAP, 4 = bac, 5 = bac+2, 6 = bac+3 and more. */
export const qualification = z.enum(qualifications);

/** ISO 639 codes, two letters where there are two; the most common at a Mission Locale first. `fsl`: French sign language. */
export const languages = [
	'fr',
	'ar',
	'en',
	'es',
	'pt',
	'prs',
	'ps',
	'uk',
	'ro',
	'tr',
	'ru',
	'sq',
	'wo',
	'ff',
	'bm',
	'snk',
	'ln',
	'fsl',
	'it',
	'de',
	'nl',
	'el',
	'pl',
	'hu',
	'bg',
	'sr',
	'hr',
	'bs',
	'rom',
	'hy',
	'ka',
	'ce',
	'ku',
	'fa',
	'ur',
	'pa',
	'hi',
	'bn',
	'ta',
	'ne',
	'zh',
	'vi',
	'th',
	'ja',
	'ko',
	'mn',
	'ber',
	'kab',
	'man',
	'dyu',
	'sus',
	'ha',
	'yo',
	'ig',
	'ee',
	'kg',
	'sw',
	'rw',
	'mg',
	'so',
	'ti',
	'am',
	'om',
	'ht',
	'rcf',
	'eu',
	'oc',
	'ca'
] as const;
export const language = z.enum(languages);
export type Language = z.infer<typeof language>;

export const givens = ['flyer', 'card', 'appointment', 'address', 'hygiene', 'food', 'transport'] as const;
export const given = z.enum(givens);

export const channels = ['call', 'sms', 'mail', 'social', 'visit'] as const;
export const channel = z.enum(channels);
export type Channel = z.infer<typeof channel>;

export const siteKinds = ['head-office', 'branch', 'permanence', 'outreach-spot'] as const;

export const roles = ['counsellor', 'reception', 'outreach', 'manager', 'director', 'administrator'] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

/** i-milo's statuses of an appointment. */
export const appointmentStatuses = ['planned', 'present', 'absent', 'cancelled', 'postponed'] as const;
export const durations = [15, 30, 45, 60, 90, 120] as const;
