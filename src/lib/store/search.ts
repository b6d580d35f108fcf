import { isAbsence } from '#lib/domain/field.ts';
import type { Row } from '#lib/domain/records.ts';

/**
 * Finding a youth while typing. A small inverted index of folded words: "zoe" is Zoé, "jean-eric", "jean eric" and
 * "jeaneric" are Jean-Éric. Each typed word matches whole words, beginnings, and words or beginnings that are one typo
 * away (two from eight letters on); digits match anywhere in a phone number and at the start of a birth date. Distinct
 * words are far fewer than youths, so all of them are looked at for each keystroke. The index is built in slices
 * between other things; a search that comes earlier builds the rest at once.
 */
export type Found = { id: string; score: number };

type Entry = { words: Map<string, number>; phones: string[]; birth: string[]; name: string; voided: boolean };

const FIELDS = [
	['nickname', 1.2],
	['firstName', 1.1],
	['lastName', 1],
	['commune', 0.3]
] as const;
const EXACT = 10;
const PREFIX = 6;
const TYPO = 3;
const TYPO_PREFIX = 2;
/** Youths indexed between two other things: about 10 ms of a slow tablet. */
const SLICE = 100;

export class YouthIndex {
	#entries = new Map<string, Entry>();
	#words = new Map<string, Map<string, number>>();
	#waiting = new Map<string, Row<'youth'>>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** While building: names and communes repeat. */
	#seen = new Map<string, string[]>();

	fill(youths: ReadonlyMap<string, Row<'youth'>>): void {
		this.#waiting = new Map(youths);
		this.#build(0);
	}

	change(before: Row | undefined, after: Row | undefined): void {
		if (before?.kind === 'youth') this.#remove(before.id);
		if (!after || !isYouth(after)) return;
		this.#waiting.set(after.id, after);
		this.#timer ??= setTimeout(() => this.#build(SLICE), 0);
	}

	clear(): void {
		this.#stop();
		this.#waiting.clear();
		this.#entries.clear();
		this.#words.clear();
		this.#seen.clear();
	}

	#stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}

	#build(atOnce: number): void {
		this.#stop();
		let left = atOnce;
		for (const row of this.#waiting.values()) {
			if (left-- === 0) break;
			this.#add(row);
		}
		if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#build(SLICE), 0);
		else this.#seen.clear();
	}

	/** Best first; equal ones by name. Every typed word must be found. */
	search(query: string, limit: number): Found[] {
		this.#build(Infinity);
		const digits = digitsOf(query);
		const scores = digits ? this.#byDigits(digits) : this.#byWords(wordsOf(query));
		const found = [...scores].map(([id, score]) => ({
			id,
			score: this.#entries.get(id)?.voided ? score / 10 : score
		}));
		const nameOf = (id: string) => this.#entries.get(id)?.name ?? '';
		found.sort((a, b) => b.score - a.score || nameOf(a.id).localeCompare(nameOf(b.id)));
		return found.slice(0, limit);
	}

	#byWords(typed: string[]): Map<string, number> {
		let scores: Map<string, number> | undefined;
		for (const word of typed) {
			const hits = /^\d+$/.test(word) ? this.#byDigits(word) : this.#matching(word);
			if (!scores) scores = hits;
			else {
				const both = new Map<string, number>();
				for (const [id, score] of scores) {
					const more = hits.get(id);
					if (more !== undefined) both.set(id, score + more);
				}
				scores = both;
			}
		}
		return scores ?? new Map();
	}

	#matching(typed: string): Map<string, number> {
		const hits = new Map<string, number>();
		for (const [word, ids] of this.#words) {
			const closeness = closenessOf(typed, word);
			if (closeness === 0) continue;
			for (const [id, weight] of ids) hits.set(id, Math.max(hits.get(id) ?? 0, closeness * weight));
		}
		return hits;
	}

	#byDigits(digits: string): Map<string, number> {
		const hits = new Map<string, number>();
		for (const [id, { phones, birth }] of this.#entries) {
			if (phones.some((phone) => phone.startsWith(digits))) hits.set(id, EXACT);
			else if (birth.some((day) => day.startsWith(digits))) hits.set(id, PREFIX);
			else if (phones.some((phone) => phone.includes(digits))) hits.set(id, TYPO);
		}
		return hits;
	}

	#wordsOf(text: string): string[] {
		const seen = this.#seen.get(text);
		if (seen) return seen;
		const words = [...indexedWordsOf(text)];
		if (this.#waiting.size > 0) this.#seen.set(text, words);
		return words;
	}

	#add(row: Row<'youth'>): void {
		const { fields, id } = row;
		this.#waiting.delete(id);
		const words = new Map<string, number>();
		for (const [field, weight] of FIELDS) {
			const value = fields[field];
			if (typeof value !== 'string') continue;
			for (const word of this.#wordsOf(value)) words.set(word, Math.max(words.get(word) ?? 0, weight));
		}
		const phones = [fields.phone, fields.toCheck?.['phone']].filter(isText).map(nationalDigits);
		const birth = isText(fields.birthDate) ? datesOf(fields.birthDate) : [];
		const name = folded([fields.lastName, fields.firstName, fields.nickname].filter(isText).join(' '));
		this.#entries.set(id, { words, phones, birth, name, voided: fields.voided !== undefined });
		for (const [word, weight] of words) {
			const ids = this.#words.get(word);
			if (ids) ids.set(id, weight);
			else this.#words.set(word, new Map([[id, weight]]));
		}
	}

	#remove(id: string): void {
		this.#waiting.delete(id);
		const entry = this.#entries.get(id);
		if (!entry) return;
		this.#entries.delete(id);
		for (const word of entry.words.keys()) {
			const ids = this.#words.get(word);
			ids?.delete(id);
			if (ids?.size === 0) this.#words.delete(word);
		}
	}
}

const isYouth = (row: Row): row is Row<'youth'> => row.kind === 'youth';
const isText = (value: unknown): value is string => typeof value === 'string' && !isAbsence(value);

export const folded = (text: string): string =>
	text
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.replaceAll('œ', 'oe')
		.replaceAll('æ', 'ae')
		.replaceAll('ß', 'ss');

const SEPARATORS = /[^\p{L}\p{N}]+/u;
const wordsOf = (text: string): string[] => folded(text).split(SEPARATORS).filter(Boolean);

/** Each part of a compound name, and the whole written as one. */
function indexedWordsOf(text: string): Set<string> {
	const words = new Set(wordsOf(text));
	for (const chunk of folded(text).split(/\s+/)) words.add(wordsOf(chunk).join(''));
	words.delete('');
	return words;
}

/** The digits typed, when what was typed is a number and nothing else; `+33 6` and `0033 6` are `06`. */
function digitsOf(query: string): string | undefined {
	if (!/\d/.test(query) || /\p{L}/u.test(query)) return undefined;
	return nationalDigits(query);
}

const nationalDigits = (phone: string): string =>
	phone
		.replace(/[^\d+]/g, '')
		.replace(/^(\+|00)330?/, '0')
		.replace(/\D/g, '');

function datesOf(day: string): string[] {
	const [y = '', m = '', d = ''] = day.split('-');
	return [`${d}${m}${y}`, `${y}${m}${d}`];
}

function closenessOf(typed: string, word: string): number {
	if (word.startsWith(typed)) return word.length === typed.length ? EXACT : PREFIX;
	const allowed = typed.length >= 8 ? 2 : typed.length >= 4 ? 1 : 0;
	if (allowed === 0 || word.length < typed.length - allowed) return 0;
	const { whole, beginning } = distances(typed, word, allowed);
	if (whole <= allowed) return TYPO + 1 - whole / 2;
	if (beginning <= allowed && word[0] === typed[0]) return TYPO_PREFIX + 0.5 - beginning / 4;
	return 0;
}

const LONGEST = 40;
let previous = new Uint8Array(LONGEST + 1);
let current = new Uint8Array(LONGEST + 1);
let beforePrevious = new Uint8Array(LONGEST + 1);

/**
 * Edits (a letter more, less or other, two swapped) between what was typed and the word, and between it and the
 * word's best beginning. Above `allowed` the figures only say "too far".
 */
function distances(typed: string, word: string, allowed: number): { whole: number; beginning: number } {
	const far = { whole: allowed + 1, beginning: allowed + 1 };
	const width = Math.min(word.length, typed.length + allowed, LONGEST);
	if (typed.length > LONGEST) return far;
	for (let j = 0; j <= width; j++) previous[j] = j;
	for (let i = 1; i <= typed.length; i++) {
		current[0] = i;
		let least = i;
		for (let j = 1; j <= width; j++) {
			const equal = typed.charCodeAt(i - 1) === word.charCodeAt(j - 1);
			let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (equal ? 0 : 1));
			const swapped =
				i > 1 &&
				j > 1 &&
				typed.charCodeAt(i - 1) === word.charCodeAt(j - 2) &&
				typed.charCodeAt(i - 2) === word.charCodeAt(j - 1);
			if (swapped) cost = Math.min(cost, beforePrevious[j - 2]! + 1);
			current[j] = cost;
			if (cost < least) least = cost;
		}
		if (least > allowed) return far;
		[beforePrevious, previous, current] = [previous, current, beforePrevious];
	}
	let beginning = allowed + 1;
	for (let j = 1; j <= width; j++) beginning = Math.min(beginning, previous[j]!);
	return { whole: width === word.length ? previous[width]! : allowed + 1, beginning };
}
