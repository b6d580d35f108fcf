import fc from 'fast-check';
import { stories, type Story } from './story.ts';
import { play, type World } from './world.ts';

export const storyOf = (seed: number): Story => fc.sample(stories, { seed, numRuns: 1 })[0]!;

/** Plays the world of a seed. Throws with its story when an invariant does not hold. */
export async function simulate(seed: number): Promise<{ story: Story; world: World }> {
	const story = storyOf(seed);
	try {
		return { story, world: await play(story) };
	} catch (error) {
		const told = error instanceof Error ? error.message : String(error);
		throw new Error(`The world of seed ${seed} (replay: npm run simulate -- --seed ${seed})\n\n${told}`, {
			cause: error
		});
	}
}

/** The shortest story that fractures the same invariant, found by fast-check; `undefined` when the seed is sound. */
export async function shrink(seed: number, seconds: number): Promise<string | undefined> {
	const found = await fc.check(
		fc.asyncProperty(stories, async (story) => {
			await play(story);
		}),
		{ seed, numRuns: 1, interruptAfterTimeLimit: seconds * 1000, examples: [[storyOf(seed)]] }
	);
	if (!found.failed) return undefined;
	const { errorInstance } = found;
	return errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
}
