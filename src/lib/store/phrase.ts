import { words } from './phrase-words.ts';
import { folded } from './search.ts';
import { normalised } from './vault.ts';

export const PHRASE_WORDS = 5;
/** Bits that a guesser of suggested phrases has to try: each word is drawn evenly and independently. */
export const PHRASE_ENTROPY = PHRASE_WORDS * Math.log2(words.length);
const SHORTEST = 12;
const LETTERS = 5;

/**
 * Five French words, the kind of passphrase that can be remembered after writing it three times.
 * @param random fresh random bytes, as many as asked for
 */
export function suggestPassphrase(random: (bytes: number) => Uint8Array): string {
	return Array.from({ length: PHRASE_WORDS }, () => words[evenly(words.length, random)]!).join(' ');
}

/** Draws again what would favour the first words. */
function evenly(below: number, random: (bytes: number) => Uint8Array): number {
	const ceiling = 0x10000 - (0x10000 % below);
	for (;;) {
		const [high = 0, low = 0] = random(2);
		const drawn = high * 256 + low;
		if (drawn < ceiling) return drawn % below;
	}
}

export type PassphraseProblem = 'too-short' | 'too-simple' | 'personal';

/** @param personal what everybody around knows: the holder's name, address, organisation */
export function problemOfPassphrase(
	passphrase: string,
	personal: string[] = []
): PassphraseProblem | undefined {
	const phrase = folded(normalised(passphrase));
	if ([...phrase].length < SHORTEST) return 'too-short';
	if (
		new Set(phrase.replace(/\s/g, '')).size < LETTERS ||
		/^(.{1,4})\1+$/.test(phrase) ||
		/^\d+$/.test(phrase)
	)
		return 'too-simple';
	const known = personal
		.flatMap((text) => folded(text).split(/[^\p{L}\p{N}]+/u))
		.filter((word) => word.length > 2);
	const left = known.reduce((rest, word) => rest.replaceAll(word, ''), phrase);
	return left.length < SHORTEST / 2 ? 'personal' : undefined;
}
