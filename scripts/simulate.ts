import { parseArgs } from 'node:util';
import { shrink, simulate } from '../tests/simulation/simulate.ts';

/** `--seed N` replays one world and tells its story; `--worlds N` plays many (`--from N`: the first seed). */
const { values } = parseArgs({
	options: {
		seed: { type: 'string' },
		worlds: { type: 'string', default: '200' },
		from: { type: 'string', default: '1' },
		shrink: { type: 'string' }
	}
});

if (values.seed !== undefined) {
	const seed = Number(values.seed);
	try {
		const { world } = await simulate(seed);
		console.log(`${world.told()}\n\n✓ seed ${seed}: every invariant holds`);
	} catch (error) {
		const shorter = values.shrink === undefined ? undefined : await shrink(seed, Number(values.shrink));
		console.error(shorter ?? (error instanceof Error ? error.message : error));
		process.exitCode = 1;
	}
} else {
	const from = Number(values.from);
	const worlds = Number(values.worlds);
	const started = performance.now();
	const failed: number[] = [];
	for (let seed = from; seed < from + worlds; seed++) {
		try {
			await simulate(seed);
		} catch (error) {
			failed.push(seed);
			if (failed.length === 1) console.error(error instanceof Error ? error.message : error);
		}
	}
	const seconds = (performance.now() - started) / 1000;
	console.log(
		`${worlds} worlds from seed ${from} in ${seconds.toFixed(1)} s, failed: ${failed.join(' ') || 'none'}`
	);
	process.exitCode = failed.length ? 1 : 0;
}
