import { percentile } from '../figure.ts';
import type { Base } from './base.ts';
import type { FarCrowd } from './far.ts';
import type { Size } from './scale.ts';

/** Operations a second with a durable outcome, and what a push took (ms). */
export type Cell = {
	setup: string;
	batch: number;
	tablets: number;
	rate: number;
	p50: number;
	p95: number;
	p99: number;
	/** Processor time of all servers for one push, ms: it moves little with what else the machine does. */
	cpu: number;
	refused: number;
};

/** Tablets that push without a pause, batch after batch: how much gets through and how long each waits. */
export async function measureThroughput(
	base: Base,
	crowd: FarCrowd,
	setup: string,
	{ throughput }: Size,
	seats: Awaited<ReturnType<Base['populate']>>
): Promise<Cell[]> {
	const { tablets, batches, cell } = throughput;
	await crowd.open({ seats, ports: base.ports, count: Math.max(...tablets) });
	const cells: Cell[] = [];
	for (const batch of batches) {
		for (const count of tablets) {
			await crowd.rest(count);
			const before = cpuOf(base);
			const { operations, ms, pushes, statuses } = await crowd.push(count, batch, cell);
			cells.push({
				setup,
				batch,
				tablets: count,
				rate: (operations / ms) * 1000,
				p50: percentile(pushes, 0.5),
				p95: percentile(pushes, 0.95),
				p99: percentile(pushes, 0.99),
				cpu: (cpuOf(base) - before) / pushes.length,
				refused: Object.entries(statuses).reduce((sum, [status, n]) => sum + (status === '200' ? 0 : n), 0)
			});
		}
	}
	await crowd.close();
	return cells;
}

const cpuOf = (base: Base) => base.servers.reduce((sum, server) => sum + server.cpu(), 0);
