import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../figure.ts';
import { isWhole, Base } from './base.ts';
import {
	measureEvening,
	measureFirsts,
	measureKills,
	type Evening,
	type Firsts,
	type Kills
} from './crowded.ts';
import { drawCurves } from './drawings.ts';
import { startCrowd, type FarCrowd } from './far.ts';
import { Growth, measureCosts, type Costs } from './growth.ts';
import { startLoadPostgres, type LoadPostgres } from './postgres.ts';
import { quick, whole, type Size } from './scale.ts';
import { measureThroughput, type Cell } from './throughput.ts';
import { figuresOf, report } from './words.ts';

const builder = fileURLToPath(new URL('../../scripts/build.ts', import.meta.url));

/** What grew (records, organisations), how far, on what, and what an exchange then cost. */
export type Grown = { of: 'records' | 'organisations'; count: number; setup: string; costs: Costs };
export type Loaded = {
	cells: Cell[];
	firsts: (Firsts & { setup: string })[];
	evenings: (Evening & { setup: string })[];
	kills: (Kills & { setup: string })[];
	grown: Grown[];
	/** MB, the most of one process while every organisation's tablets push. */
	memory: { setup: string; organisations: number; most: number }[];
	postgres: string;
};

export type LoadOptions = {
	quick: boolean;
	/** Parts to measure; all when empty. */
	parts: string[];
	/** Folder for CPU profiles of the servers. */
	profiles: string | undefined;
};

export const loadParts = ['throughput', 'firsts', 'evening', 'growth', 'kills'] as const;

/**
 * Simulated tablets against real server processes. `ok` is false when something acknowledged is missing, doubled or badly
 * counted; a figure beyond its promise is printed, not failed.
 */
export async function measureLoad(
	options: LoadOptions
): Promise<{ figures: Figure[]; text: string; ok: boolean }> {
	const { status } = spawnSync(process.execPath, [builder, '--if-needed'], { stdio: ['ignore', 2, 2] });
	if (status !== 0) throw new Error('the application does not build');
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
	const postgres = await startLoadPostgres();
	const crowd = startCrowd();
	try {
		const loaded = await new Load(options, postgres, crowd).measure();
		if (!options.quick) drawCurves(loaded);
		const audits = [...loaded.kills, ...loaded.evenings].map(({ audit }) => audit);
		const ok = audits.every(isWhole) && loaded.kills.every(({ deaths }) => deaths === 0);
		return { figures: figuresOf(loaded), text: report(loaded, cpus().length), ok };
	} finally {
		crowd.end();
		await postgres.stop();
	}
}

class Load {
	readonly #size: Size;
	readonly #parts: readonly string[];
	readonly #flags: string[];
	readonly #postgres: LoadPostgres;
	readonly #crowd: FarCrowd;
	readonly #loaded: Loaded;
	#databases = 0;

	constructor({ quick: isQuick, parts, profiles }: LoadOptions, postgres: LoadPostgres, crowd: FarCrowd) {
		this.#size = isQuick ? quick : whole;
		this.#parts = parts.length ? parts : loadParts;
		this.#flags = profiles ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [];
		this.#postgres = postgres;
		this.#crowd = crowd;
		this.#loaded = {
			cells: [],
			firsts: [],
			evenings: [],
			kills: [],
			grown: [],
			memory: [],
			postgres: postgres.version
		};
	}

	async measure(): Promise<Loaded> {
		const { processes } = this.#size;
		const two = processes[1] ?? 1;
		for (const part of this.#parts) {
			const from = performance.now();
			if (part === 'throughput') await this.#throughput();
			if (part === 'firsts') await this.#onBoth([1, two], (base, setup) => this.#firsts(base, setup));
			if (part === 'evening') await this.#onBoth([two], (base, setup) => this.#evening(base, setup));
			if (part === 'growth') await this.#onBoth([1], (base, setup) => this.#growth(base, setup));
			if (part === 'kills') await this.#onBoth([two], (base, setup) => this.#kills(base, setup));
			console.error(`${part}: ${Math.round((performance.now() - from) / 1000)} s`);
		}
		return this.#loaded;
	}

	async #throughput(): Promise<void> {
		const { organisations, people } = this.#size.throughput;
		for (const processes of [undefined, this.#size.processes]) {
			const base = await this.#open(processes !== undefined);
			const seats = await base.populate(organisations, people);
			try {
				for (const count of processes ?? [1]) {
					await base.serveWith(count);
					const setup = nameOf(processes !== undefined, count);
					const cells = await measureThroughput(base, this.#crowd, setup, this.#size, seats);
					this.#loaded.cells.push(...cells);
				}
			} finally {
				await base.close();
			}
		}
	}

	/** On a fresh SQLite with its one process, then on fresh databases of PostgreSQL with so many. */
	async #onBoth(processes: number[], measure: (base: Base, setup: string) => Promise<void>): Promise<void> {
		for (const count of [undefined, ...processes]) {
			const base = await this.#open(count !== undefined);
			try {
				await base.serveWith(count ?? 1);
				await measure(base, nameOf(count !== undefined, count ?? 1));
			} finally {
				await base.close();
			}
		}
	}

	async #firsts(base: Base, setup: string): Promise<void> {
		this.#loaded.firsts.push({ setup, ...(await measureFirsts(base, this.#crowd, this.#size)) });
	}

	async #evening(base: Base, setup: string): Promise<void> {
		this.#loaded.evenings.push({ setup, ...(await measureEvening(base, this.#crowd, this.#size)) });
	}

	async #kills(base: Base, setup: string): Promise<void> {
		const postgres = base.server.dialect === 'postgres' ? this.#postgres : undefined;
		this.#loaded.kills.push({ setup, ...(await measureKills(base, this.#crowd, this.#size, postgres)) });
	}

	/** First the organisations, on an almost empty base; then the records of one of them. */
	async #growth(base: Base, setup: string): Promise<void> {
		const { organisations, records, probes, load } = this.#size.growth;
		const seats = await base.populate(1, 6);
		const [seat] = seats;
		const add = async (of: Grown['of'], count: number) => {
			const costs = await measureCosts(base, this.#crowd, seat!, probes);
			this.#loaded.grown.push({ of, count, setup, costs });
		};
		await base.fill(seat!, 1000, 5);
		let founded = 1;
		for (const count of organisations) {
			const more = await base.populate(count - founded, 6);
			for (const [i, other] of more.slice(0, count - founded).entries())
				await base.fill(other, 1000, 1000 + i);
			seats.push(...more);
			founded = count;
			await add('organisations', count);
		}
		await this.#memory(base, setup, seats, founded, load);
		const growth = new Growth(base, seat!);
		for (const count of records) {
			await growth.to(count);
			await add('records', count);
		}
	}

	/** Two tablets of every organisation push ten operations about every two seconds. */
	async #memory(
		base: Base,
		setup: string,
		seats: Awaited<ReturnType<Base['populate']>>,
		organisations: number,
		ms: number
	): Promise<void> {
		const count = organisations * 2;
		await this.#crowd.open({ seats, ports: base.ports, count });
		await this.#crowd.rest(count);
		await this.#crowd.pushBeside(10, 2000, ms, undefined);
		await this.#crowd.close();
		const most = Math.max(...base.servers.map((server) => server.memory().most));
		this.#loaded.memory.push({ setup, organisations, most });
	}

	async #open(isPostgres: boolean): Promise<Base> {
		const url = isPostgres ? await this.#postgres.create(`load_${++this.#databases}`) : undefined;
		return Base.open(url, this.#flags);
	}
}

const nameOf = (isPostgres: boolean, processes: number): string =>
	isPostgres ? `PostgreSQL, ${processes} process${processes > 1 ? 'es' : ''}` : 'SQLite';
