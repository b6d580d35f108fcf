declare module 'talisman/phonetics/french/phonetic' {
	/** Phonetic code of one French word by Édouard Bergé's algorithm. */
	export default function phonetic(word: string): string;
}
