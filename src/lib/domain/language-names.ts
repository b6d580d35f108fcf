import type { Language } from './vocabulary.ts';

/**
 * The names by which version 1's texts say a language: folded (no accent, no capital). Frozen with the step that reads it
 * (`upgrade.ts`): two tablets that upgrade months apart have to come to the same codes.
 */
const names: Readonly<Partial<Record<Language, string[]>>> = {
	fr: ['francais'],
	ar: ['arabe'],
	en: ['anglais', 'english'],
	es: ['espagnol', 'castillan', 'espanol'],
	pt: ['portugais', 'portugues'],
	prs: ['dari'],
	ps: ['pachto', 'pachtou', 'pachtoun', 'pachtoune', 'pashto', 'pashtou'],
	uk: ['ukrainien'],
	ro: ['roumain'],
	tr: ['turc'],
	ru: ['russe'],
	sq: ['albanais'],
	wo: ['wolof', 'ouolof'],
	ff: ['peul', 'peulh', 'poular', 'pular', 'pulaar', 'fulfulde'],
	bm: ['bambara'],
	snk: ['soninke', 'sarakole'],
	ln: ['lingala'],
	fsl: ['langue des signes francaise', 'langue des signes', 'lsf'],
	it: ['italien'],
	de: ['allemand'],
	nl: ['neerlandais', 'hollandais'],
	el: ['grec'],
	pl: ['polonais'],
	hu: ['hongrois'],
	bg: ['bulgare'],
	sr: ['serbe'],
	hr: ['croate'],
	bs: ['bosnien', 'bosniaque'],
	rom: ['romani', 'rromani', 'romanes', 'tsigane'],
	hy: ['armenien'],
	ka: ['georgien'],
	ce: ['tchetchene'],
	ku: ['kurde'],
	fa: ['persan', 'farsi'],
	ur: ['ourdou', 'urdu'],
	pa: ['pendjabi', 'panjabi', 'punjabi'],
	hi: ['hindi'],
	bn: ['bengali', 'bangla'],
	ta: ['tamoul', 'tamil'],
	ne: ['nepalais'],
	zh: ['chinois', 'mandarin'],
	vi: ['vietnamien'],
	th: ['thai', 'thailandais'],
	ja: ['japonais'],
	ko: ['coreen'],
	mn: ['mongol'],
	ber: ['berbere', 'amazigh', 'tamazight'],
	kab: ['kabyle'],
	man: ['mandingue', 'malinke', 'mandinka'],
	dyu: ['dioula'],
	sus: ['soussou'],
	ha: ['haoussa', 'hausa'],
	yo: ['yoruba'],
	ig: ['igbo'],
	ee: ['ewe'],
	kg: ['kikongo'],
	sw: ['swahili', 'kiswahili'],
	rw: ['kinyarwanda', 'rwandais'],
	mg: ['malgache'],
	so: ['somali', 'somalien'],
	ti: ['tigrinya', 'tigrigna'],
	am: ['amharique'],
	om: ['oromo'],
	ht: ['creole haitien', 'haitien'],
	rcf: ['creole reunionnais', 'reunionnais'],
	eu: ['basque'],
	oc: ['occitan'],
	ca: ['catalan']
};

/** Every code that a text could be read as. */
export const namedLanguages: readonly string[] = Object.keys(names).sort();

const codes = new Map(Object.entries(names).flatMap(([code, all]) => all.map((name) => [name, code])));

/** Between two languages: a comma, a semicolon, a slash, a new line, or « et » as a word. */
const between = /(?:[,;/\r\n]|(?<![^\s,;/])et(?![^\s,;/]))+/iu;

/**
 * The languages that a text names, as codes in order, and what names none, as text of at most the same length. Where
 * nothing is named the text stays as it was written.
 */
export function languagesInText(text: string): { codes: string[]; rest: string | undefined } {
	const found = new Set<string>();
	const rest: string[] = [];
	for (const part of text.split(between).map((one) => one.trim())) {
		const code = codes.get(folded(part));
		if (code) found.add(code);
		else if (part) rest.push(part);
	}
	if (rest.length === 0) return { codes: [...found].sort(), rest: undefined };
	if (found.size === 0) return { codes: [], rest: text.trim() };
	const spaced = rest.join(', ');
	return { codes: [...found].sort(), rest: spaced.length <= text.length ? spaced : rest.join(',') };
}

const folded = (text: string): string =>
	text
		.normalize('NFD')
		.replace(/\p{M}|\.$/gu, '')
		.replace(/\s+/gu, ' ')
		.toLowerCase();
