import { percentile } from '../figure.ts';
import type { Audit, Base } from './base.ts';
import type { FarCrowd } from './far.ts';
import type { LoadPostgres } from './postgres.ts';
import type { Size } from './scale.ts';

/*
 * What happens when many come at once: first syncs beside pushes, an evening on which the whole country sends, and servers
 * that are killed in the middle.
 */

/** p95 of the pushes, ms, before the newcomers and beside them; what the first syncs took, ms. */
export type Firsts = {
	alone: number;
	beside: number;
	ratio: number;
	firstsP50: number;
	firstsMost: number;
	rows: number;
	refused: string;
};

/** Tablets push at their pace; then newcomers fetch a whole site, all at once. */
export async function measureFirsts(base: Base, crowd: FarCrowd, { firsts }: Size): Promise<Firsts> {
	const { newcomers, records, pushers, every, quiet } = firsts;
	const [host, ...others] = await base.populate(1, 5);
	const elsewhere = await base.populate(4, 4);
	await base.fill(host!, records, 23);
	// Half of those who push are of the newcomers' organisation.
	const seats = elsewhere.flatMap((seat, i) => [seat, others[i % others.length]!]);
	await crowd.open({ seats, ports: base.ports, count: pushers });
	await crowd.rest(pushers);
	const fresh = { seats: [host!], ports: base.ports, count: newcomers };
	const measured = await crowd.pushBeside(10, every, quiet, fresh);
	await crowd.close();
	if (measured.rows < newcomers * records) throw new Error('a first sync is not whole');
	const alone = percentile(measured.before, 0.95);
	const beside = percentile(measured.pushes, 0.95);
	return {
		alone,
		beside,
		ratio: beside / alone,
		firstsP50: percentile(measured.firsts, 0.5),
		firstsMost: Math.max(...measured.firsts),
		rows: measured.rows,
		refused: refusals(measured.statuses)
	};
}

export type Evening = {
	morning: number;
	tablets: number;
	operations: number;
	/** ms from the first arrival until everything is durable, of which the arrivals took `window`. */
	ms: number;
	window: number;
	p50: number;
	p95: number;
	p99: number;
	underWay: number;
	refused: string;
	/** MB, the most of one process. */
	memory: number;
	audit: Audit;
};

/** Every tablet has synced in the morning and comes once in the evening with its day's operations. */
export async function measureEvening(base: Base, crowd: FarCrowd, { evening }: Size): Promise<Evening> {
	const { organisations, people, tablets, operations, window } = evening;
	const seats = await base.populate(organisations, people);
	await crowd.open({ seats, ports: base.ports, count: tablets, keepsLedger: true });
	const morning = await crowd.rest(tablets, 64);
	const { ms, pushes, statuses, underWay } = await crowd.evening(operations, window);
	const audit = await base.audit(await crowd.ledgers());
	await crowd.close();
	return {
		morning,
		tablets,
		operations: tablets * operations,
		ms,
		window,
		p50: percentile(pushes, 0.5),
		p95: percentile(pushes, 0.95),
		p99: percentile(pushes, 0.99),
		underWay,
		refused: refusals(statuses),
		memory: Math.max(...base.servers.map((server) => server.memory().most)),
		audit
	};
}

/** `deaths`: servers that ended although nobody killed them. */
export type Kills = { killed: string[]; deaths: number; audit: Audit; rate: number; refused: string };

/** `kill -9` in turn of a server and of PostgreSQL (of the one server on SQLite) while tablets push. */
export async function measureKills(
	base: Base,
	crowd: FarCrowd,
	{ kills }: Size,
	postgres: LoadPostgres | undefined
): Promise<Kills> {
	const seats = await base.populate(4, 4);
	await crowd.open({ seats, ports: base.ports, count: kills.tablets, keepsLedger: true });
	await crowd.rest(kills.tablets);
	const pushing = crowd.pushUntilStopped(10);
	const killed: string[] = [];
	for (let i = 0; i < kills.times; i++) {
		await pause(kills.pause);
		const server = base.servers[i % base.servers.length]!;
		killed.push(`server, back after ${Math.round(await server.crash())} ms`);
		if (!postgres) continue;
		await pause(kills.pause);
		killed.push(`PostgreSQL, back after ${Math.round(await postgres.crash())} ms`);
	}
	await pause(kills.pause);
	await crowd.stop();
	const { ledgers, operations, ms, statuses } = await pushing;
	await crowd.close();
	const audit = await base.audit(ledgers);
	const deaths = base.servers.reduce((sum, server) => sum + server.deaths(), 0);
	return { killed, deaths, audit, rate: (operations / ms) * 1000, refused: refusals(statuses) };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Everything that was no answer: 503 × 12, none × 3. */
function refusals(statuses: Record<string, number>): string {
	const others = Object.entries(statuses).filter(([status]) => status !== '200');
	return others.map(([status, n]) => `${status === '0' ? 'none' : status} × ${n}`).join(', ') || 'none';
}
