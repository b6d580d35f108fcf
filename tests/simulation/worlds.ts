import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { MortalBase, type Ground } from './base.ts';
import { simulate } from './simulate.ts';

/** One test per seed, on a base that is emptied between worlds. Several files, so that several processes play. */
export function worlds(on: Ground['on'], from: number, many: number): void {
	describe(`simulated worlds on ${on}, seeds ${from} to ${from + many - 1}`, () => {
		let base: MortalBase;
		beforeAll(async () => {
			base = await MortalBase.open(on === 'postgres' ? { on, url: inject('postgres') } : { on });
		});
		afterAll(() => base.close());

		const seeds = Array.from({ length: many }, (_, i) => from + i);
		it.each(seeds)('seed %i', async (seed) => {
			const { story, world } = await simulate(seed, base);
			expect(world.counts.all.get('answer ok')).toBeGreaterThan(story.devices.length);
		});
	});
}
