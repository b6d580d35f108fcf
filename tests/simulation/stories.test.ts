import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MortalBase } from './base.ts';
import type { Command, Fault, Story } from './story.ts';
import { play } from './world.ts';

/** Shrunk from seeds that failed: a seed alone would tell another story as soon as the stories change. */
const youth = (tablet: number): Command & { do: 'youth' } => ({
	do: 'youth',
	tablet,
	site: 0,
	needs: [],
	collide: false
});
const note = (tablet: number): Command => ({ do: 'note', tablet, record: 0, confidential: false });
const remark = (tablet: number): Command => ({ do: 'set', tablet, record: 0, field: 'remarks' });
const poison = (tablet: number): Command => ({ do: 'poison', tablet, record: 0 });
const clone = (tablet: number): Command => ({ do: 'clone', tablet });
const sync = (tablet: number, fault: Fault = 'none', ...during: Command[]): Command => ({
	do: 'sync',
	tablet,
	fault,
	exchange: 0,
	during
});
const sites = (...sites: number[]): Command => ({ do: 'sites', tablet: 0, sites });
const session: Command = { do: 'session', tablet: 0 };
const adopt = (tablet: number): Command => ({
	do: 'kill',
	tablet,
	during: 'adoption',
	transaction: 9,
	turns: 0
});
const [backUp, restore]: [Command, Command] = [{ do: 'back up' }, { do: 'restore' }];

const alone = (role: Story['members'][0]['role'], commands: Command[], pageRows = 5): Story => ({
	members: [{ organisation: 0, role, sites: [0] }],
	devices: [{ people: [0], yearsOff: 0 }],
	pageRows,
	commands
});

const failedOnce: [string, Story][] = [
	[
		'[P2] what a clone queued during its exchange is not taken for what its twin sent under that number',
		alone('counsellor', [clone(0), youth(0), sync(0), sync(1, 'none', youth(1))])
	],
	[
		'[P2] refusals of three device ids in a row keep apart',
		alone('reception', [
			...[clone(0), youth(0), sync(0), sync(1), note(1), sync(1)],
			...[clone(1), youth(2), sync(2), note(1), sync(1)],
			...[clone(1), youth(3), sync(3), note(1), sync(1)]
		])
	],
	[
		'[P8] what was acknowledged under an old device id comes back to a restored server',
		alone('counsellor', [youth(0), sync(0), backUp, remark(0), sync(0), restore, adopt(0)])
	],
	[
		'[P8] a twin’s numbers after a restore are not taken for one’s own',
		alone('counsellor', [
			...[clone(0), backUp, youth(0), youth(0), sync(0), restore],
			...[youth(1), youth(1), sync(1), sync(0)]
		])
	],
	[
		'[P1.3] an old answer about a site that was lost, then granted again, does not leave the tablet without it',
		alone('counsellor', [
			...[sites(0, 1), session, { ...youth(0), site: 1 }, sync(0)],
			...[sites(0), sync(0), sites(0, 1), sync(0)],
			...[0, 1, 2, 3, 4].map((answer): Command => ({ do: 'old answer', tablet: 0, answer }))
		])
	],
	[
		'[P7] a refusal that an app of before is told does not take away the record that it holds',
		alone('counsellor', [
			...[youth(0), sync(0), poison(0), { do: 'app', tablet: 0, isOld: true } satisfies Command, sync(0)]
		])
	],
	[
		'[P4] what left its site leaves the disk too, once the tablet was idle',
		alone('counsellor', [youth(0), youth(0), sync(0), { do: 'delete', tablet: 0, record: 0 }, sync(0)])
	],
	[
		'[P4.8] a tablet that was away while the tombstones of its rows were cleared is served anew',
		alone('counsellor', [
			...[{ do: 'new tablet', person: 0 } satisfies Command, youth(0), youth(0), sync(0), sync(1)],
			...[{ do: 'delete', tablet: 0, record: 0 } satisfies Command, sync(0)],
			{ do: 'days', days: 200 }
		])
	],
	[
		'[P10] numbered anew in the middle of a first pull, a tablet still asks for the rest',
		alone(
			'counsellor',
			[youth(0), youth(0), youth(0), sync(0), { do: 'new tablet', person: 0 }, adoptDuringPull()],
			1
		)
	]
];

/** The second page does not arrive. */
function adoptDuringPull(): Command {
	return { do: 'sync', tablet: 1, fault: 'lost answer', exchange: 1, during: [adopt(1)] };
}

describe('stories that failed once', () => {
	let base: MortalBase;
	beforeAll(async () => {
		base = await MortalBase.open({ on: 'sqlite' });
	});
	afterAll(() => base.close());

	it.each(failedOnce)('%s', async (_, story) => {
		const world = await play(story, base);
		expect(world.committed.size).toBeGreaterThan(0);
	});
});
