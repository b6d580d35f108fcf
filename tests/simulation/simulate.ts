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

/** What went wrong without the names and numbers of this one world. */
const kindOf = (error: unknown): string =>
	(error instanceof Error ? error.message : String(error))
		.slice((error instanceof Error ? error.message : String(error)).lastIndexOf('✗'))
		.split('\n')[0]!
		.replace(/\b[A-H]\d?\b|[\w-]*\d[\w-]*/g, '·');

async function failureOf(story: Story, base: MortalBase): Promise<unknown> {
	try {
		await play(story, base);
		return undefined;
	} catch (error) {
		return error;
	}
}

/**
 * A shorter story that fails in the same way: halves, quarters… of the commands are left out as long as it does. Gives
 * the story told, and as data to be kept as a test; `undefined` when the seed is sound.
 */
export async function shrink(
	seed: number,
	seconds: number,
	base: MortalBase
): Promise<{ told: string; story: Story } | undefined> {
	let story = storyOf(seed);
	let failure = await failureOf(story, base);
	if (!failure) return undefined;
	const kind = kindOf(failure);
	const until = performance.now() + seconds * 1000;
	const shorter = async (next: Story): Promise<boolean> => {
		if (performance.now() > until) return false;
		const found = await failureOf(next, base);
		if (!found || kindOf(found) !== kind) return false;
		story = next;
		failure = found;
		return true;
	};
	for (
		let size = Math.ceil(story.commands.length / 2);
		size >= 1;
		size = size === 1 ? 0 : Math.ceil(size / 2)
	)
		for (let from = 0; from < story.commands.length;)
			if (!(await shorter({ ...story, commands: story.commands.toSpliced(from, size) }))) from += size;
	for (const [i, command] of story.commands.entries())
		if (command.do === 'sync' && command.during.length)
			await shorter({ ...story, commands: story.commands.with(i, { ...command, during: [] }) });
	for (const [i, command] of story.commands.entries())
		if (command.do === 'sync' && command.fault !== 'none')
			await shorter({ ...story, commands: story.commands.with(i, { ...command, fault: 'none' }) });
	for (let i = story.devices.length - 1; i > 0; i--)
		await shorter({ ...story, devices: story.devices.toSpliced(i, 1) });
	return { told: failure instanceof Error ? failure.message : String(failure), story };
}
