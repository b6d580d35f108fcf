import { uuidv7 } from '#lib/domain/identifier.ts';

/** Chance that repeats itself: the same seed gives the same demonstration (mulberry32). */
export type Random = ReturnType<typeof randomOf>;

export function randomOf(seed: number) {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	/** Both ends included. */
	const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
	const pick = <T>(list: readonly T[]): T => {
		const found = list[Math.floor(next() * list.length)];
		if (found === undefined) throw new Error('nothing to pick from');
		return found;
	};
	const shuffled = <T>(list: readonly T[]): T[] => {
		const all = [...list];
		for (let i = all.length - 1; i > 0; i--) {
			const j = between(0, i);
			[all[i], all[j]] = [all[j]!, all[i]!];
		}
		return all;
	};
	return {
		next,
		between,
		pick,
		shuffled,
		chance: (share: number): boolean => next() < share,
		/** `size` values in which each has exactly its share (largest remainders), in a random order. */
		spread: <T extends string>(shares: Readonly<Record<T, number>>, size: number): T[] =>
			shuffled(quotas(shares, size)),
		/** @param at ms UTC */
		id: (at: number): string =>
			uuidv7(
				at,
				Uint8Array.from({ length: 10 }, () => between(0, 255))
			)
	};
}

function quotas<T extends string>(shares: Readonly<Record<T, number>>, size: number): T[] {
	const entries = Object.entries<number>(shares) as [T, number][];
	const total = entries.reduce((sum, [, share]) => sum + share, 0);
	const exact = entries.map(([value, share]) => ({ value, exact: (share / total) * size }));
	const given = exact.map(({ value, exact: e }) => ({
		value,
		count: Math.floor(e),
		rest: e - Math.floor(e)
	}));
	let left = size - given.reduce((sum, { count }) => sum + count, 0);
	for (const entry of [...given].sort((a, b) => b.rest - a.rest)) if (left-- > 0) entry.count++;
	return given.flatMap(({ value, count }) => Array.from({ length: count }, () => value));
}

/**
 * Deals cards so that all hands together hold each value with exactly its share, and no hand holds one twice.
 * @param sizes how many cards each hand gets
 */
export function deal<T extends string>(
	random: Random,
	shares: Readonly<Record<T, number>>,
	sizes: number[]
): T[][] {
	const deck = random.spread(
		shares,
		sizes.reduce((sum, size) => sum + size, 0)
	);
	let at = 0;
	const hands = sizes.map((size) => deck.slice(at, (at += size)));
	hands.forEach((hand, h) => {
		hand.forEach((card, c) => {
			if (hand.indexOf(card) === c) return;
			for (let step = 1; step < hands.length; step++) {
				const other = hands[(h + step) % hands.length]!;
				const place = other.findIndex((theirs) => !hand.includes(theirs));
				if (place < 0 || other.includes(card)) continue;
				[hand[c], other[place]] = [other[place]!, card];
				return;
			}
		});
	});
	return hands;
}
