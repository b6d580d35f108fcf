import { fileURLToPath } from 'node:url';
import { drawCurve, type Line } from './curve.ts';
import type { Grown, Loaded } from './load.ts';
import type { Costs } from './growth.ts';
import type { Cell } from './throughput.ts';

const folder = fileURLToPath(new URL('../../docs/curves/', import.meta.url));

/** The curves of docs/benchmarks.md, as far as they were measured. */
export function drawCurves({ cells, grown }: Loaded): void {
	for (const batch of unique(cells.map((cell) => cell.batch))) {
		const some = cells.filter((cell) => cell.batch === batch);
		drawCurve(folder, {
			file: `load-throughput-${batch}.svg`,
			title: `Durable operations, ${batch} in a push`,
			x: 'tablets that push without a pause',
			y: 'operations/s',
			logY: false,
			lines: bySetup(some, (cell) => cell.rate),
			limit: { name: 'promise: 2,000', y: 2000 }
		});
	}
	for (const setup of unique(cells.map((cell) => cell.setup))) {
		const some = cells.filter((cell) => cell.setup === setup && cell.batch === 10);
		const line = (name: string, of: (cell: Cell) => number): Line => ({
			name,
			points: some.map((cell) => [cell.tablets, of(cell)])
		});
		drawCurve(folder, {
			file: `load-wait-${slug(setup)}.svg`,
			title: `A push of 10 operations, ${setup}`,
			x: 'tablets that push without a pause',
			y: 'ms',
			logY: true,
			lines: [line('p50', (c) => c.p50), line('p95', (c) => c.p95), line('p99', (c) => c.p99)]
		});
	}
	for (const axis of ['records', 'organisations'] as const) {
		for (const setup of unique(grown.map((g) => g.setup))) {
			const some = grown.filter((g) => g.of === axis && g.setup === setup);
			drawCurve(folder, {
				file: `load-growth-${axis}-${slug(setup)}.svg`,
				title: `Cost of an exchange by what exists, ${setup}`,
				x: axis === 'records' ? 'records at the tablet’s own site' : 'organisations in the base',
				y: 'ms, median',
				logY: true,
				lines: probes.map(([name, probe]) => ({ name, points: some.map((g) => pointOf(g, probe)) }))
			});
		}
	}
}

export const probes: [string, keyof Costs][] = [
	['pull, nothing new', 'pull0'],
	['pull, 1 new row', 'pull1'],
	['pull, 100 new rows', 'pull100'],
	['push of 10', 'push10'],
	['first page', 'firstPage']
];

const pointOf = ({ count, costs }: Grown, probe: keyof Costs): [number, number] => [count, costs[probe]];

const bySetup = (cells: Cell[], value: (cell: Cell) => number): Line[] =>
	unique(cells.map((cell) => cell.setup)).map((name) => ({
		name: name.replace('PostgreSQL', 'PG'),
		points: cells.filter((cell) => cell.setup === name).map((cell) => [cell.tablets, value(cell)])
	}));

const slug = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');

export const unique = <T>(all: T[]): T[] => [...new Set(all)];
