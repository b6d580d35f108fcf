import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startPostgres } from '../tests/fixtures/postgres.ts';
import { MortalBase, type Ground } from '../tests/simulation/base.ts';
import { Counts } from '../tests/simulation/count.ts';
import { shrink, simulate } from '../tests/simulation/simulate.ts';

/**
 * `--seed N` replays one world and tells its story (`--shrink S`: looks S seconds for a shorter one); `--worlds N` plays
 * many (`--from N`: the first seed) in `--jobs N` processes. `--on sqlite|postgres`.
 */
const { values } = parseArgs({
	options: {
		seed: { type: 'string' },
		worlds: { type: 'string', default: '200' },
		from: { type: 'string', default: '1' },
		shrink: { type: 'string' },
		on: { type: 'string', default: 'sqlite' },
		jobs: { type: 'string', default: '1' },
		/** Set for the processes of a long run: the PostgreSQL of the first one. */
		url: { type: 'string' }
	}
});

const SAY_EVERY = 30_000;
/** What one process tells the one that started it. */
type Progress = { worlds: number; failed: number[]; story: string | undefined; counts: [string, number][] };

const postgres = values.on === 'postgres' && !values.url ? await startPostgres() : undefined;
const url = values.url ?? postgres?.url ?? '';
const ground: Ground = values.on === 'postgres' ? { on: 'postgres', url } : { on: 'sqlite' };
try {
	if (values.seed !== undefined) await replay(Number(values.seed));
	else if (process.send)
		await part(Number(values.from), Number(values.worlds), (said) => process.send?.(said));
	else await longRun();
} finally {
	await postgres?.stop();
}

async function replay(seed: number): Promise<void> {
	const base = await MortalBase.open(ground);
	try {
		const { world } = await simulate(seed, base);
		console.log(`${world.told()}\n\n✓ seed ${seed} on ${base.dialect}: every invariant holds`);
	} catch (error) {
		const shorter = values.shrink === undefined ? undefined : await shrink(seed, Number(values.shrink), base);
		console.error(shorter?.told ?? (error instanceof Error ? error.message : error));
		if (shorter) console.error(`\n${JSON.stringify(shorter.story)}`);
		process.exitCode = 1;
	} finally {
		await base.close();
	}
}

/** Worlds one after the other in this process; tells after each what has come to pass so far. */
async function part(from: number, worlds: number, tell: (said: Progress) => void): Promise<void> {
	const base = await MortalBase.open(ground);
	const counts = new Counts();
	const said: Progress = { worlds: 0, failed: [], story: undefined, counts: [] };
	for (let seed = from; seed < from + worlds; seed++) {
		try {
			const { world } = await simulate(seed, base);
			counts.add(world.counts.all);
		} catch (error) {
			said.failed.push(seed);
			said.story ??= error instanceof Error ? error.message : String(error);
		}
		said.worlds++;
		if (said.worlds % 20 === 0 || said.worlds === worlds) tell({ ...said, counts: [...counts.all] });
	}
	await base.close();
	process.disconnect?.();
}

async function longRun(): Promise<void> {
	const from = Number(values.from);
	const worlds = Number(values.worlds);
	const jobs = Math.max(1, Math.min(Number(values.jobs), worlds));
	const each = Math.ceil(worlds / jobs);
	const parts = Array.from({ length: jobs }, (): Progress => ({
		worlds: 0,
		failed: [],
		story: undefined,
		counts: []
	}));
	const started = performance.now();
	let toldAt = started;
	let stories = 0;

	const heard = (i: number, said: Progress): void => {
		if (said.story !== undefined && !parts[i]?.story && stories++ < 3) console.error(said.story);
		parts[i] = said;
		if (performance.now() - toldAt < SAY_EVERY) return;
		toldAt = performance.now();
		console.log(line());
	};
	const line = (): string => {
		const done = parts.reduce((sum, { worlds }) => sum + worlds, 0);
		const seconds = (performance.now() - started) / 1000;
		const failed = parts.flatMap(({ failed }) => failed);
		const pace = `${seconds.toFixed(0)} s (${(done / seconds).toFixed(1)} worlds/s)`;
		return `${done} worlds from seed ${from} on ${ground.on} in ${pace}, failed: ${failed.join(' ') || 'none'}`;
	};

	const summary = (): void => {
		const counts = new Counts();
		for (const part of parts) counts.add(part.counts);
		console.log(line());
		console.log(counts.told());
	};
	// A long run that is broken off says what it has seen.
	process.once('SIGINT', () => {
		summary();
		process.exit(1);
	});

	await Promise.all(
		parts.map((_, i) => {
			const first = from + i * each;
			const many = Math.max(0, Math.min(each, from + worlds - first));
			return jobs === 1
				? part(first, many, (said) => heard(0, said))
				: inProcess(first, many, (said) => heard(i, said));
		})
	);
	summary();
	process.exitCode = parts.some(({ failed }) => failed.length > 0) ? 1 : 0;
}

function inProcess(from: number, worlds: number, heard: (said: Progress) => void): Promise<void> {
	return new Promise((resolve, reject) => {
		const args = ['--from', String(from), '--worlds', String(worlds), '--on', ground.on];
		const child = fork(import.meta.filename, [...args, ...(url ? ['--url', url] : [])]);
		child.on('message', (said) => heard(said as Progress));
		child.once('error', reject);
		child.once('exit', (code) =>
			code === 0 || code === 1 ? resolve() : reject(new Error(`a part ended with ${code}`))
		);
	});
}
