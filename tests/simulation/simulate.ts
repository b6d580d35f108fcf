import fc from 'fast-check';
import type { Ground, MortalBase } from './base.ts';
import { stories, type Story } from './story.ts';
import { play, type World } from './world.ts';

export const storyOf = (seed: number): Story => fc.sample(stories, { seed, numRuns: 1 })[0]!;

/** Plays the world of a seed. Throws with its story when an invariant does not hold. */
export async function simulate(seed: number, base: MortalBase): Promise<{ story: Story; world: World }> {
	const story = storyOf(seed);
	try {
		return { story, world: await play(story, base) };
	} catch (error) {
		const on: Ground['on'] = base.dialect;
		const again = `npm run simulate -- --seed ${seed}${on === 'postgres' ? ' --on postgres' : ''}`;
		const told = error instanceof Error ? error.message : String(error);
		throw new Error(`The world of seed ${seed} on ${on} (replay: ${again})\n\n${told}`, { cause: error });
	}
}

/**
 * The shortest story that fractures the same seed's world, found by fast-check; `undefined` when the seed is sound.
 * Gives the story told, and as data to be kept as a test.
 */
export async function shrink(
	seed: number,
	seconds: number,
	base: MortalBase
): Promise<{ told: string; story: Story } | undefined> {
	const found = await fc.check(
		fc.asyncProperty(stories, async (story) => {
			await play(story, base);
		}),
		{ seed, numRuns: 1, interruptAfterTimeLimit: seconds * 1000 }
	);
	if (!found.failed || !found.counterexample) return undefined;
	const { errorInstance, counterexample } = found;
	return {
		told: errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
		story: counterexample[0]
	};
}
