import type { Figure } from '../figure.ts';
import type { Audit } from './base.ts';
import { probes, unique } from './drawings.ts';
import type { Loaded } from './load.ts';

/** What the promises are about. */
export function figuresOf({ cells, firsts, evenings, memory, kills }: Loaded): Figure[] {
	const best = unique(cells.map((cell) => cell.setup)).flatMap((setup): Figure[] =>
		unique(cells.map((cell) => cell.batch)).map((batch) => {
			const rates = cells
				.filter((cell) => cell.setup === setup && cell.batch === batch)
				.map((cell) => cell.rate);
			return {
				of: 'load',
				what: `${setup}: durable operations, ${batch} in a push, at best`,
				value: Math.max(...rates),
				unit: 'ops/s',
				...(batch >= 10 && { promise: { atLeast: 2000 } })
			};
		})
	);
	return [
		...best,
		...firsts.map(({ setup, ratio }): Figure => ({
			of: 'load',
			what: `${setup}: p95 of a push beside first syncs, to the p95 without`,
			value: ratio,
			unit: '×',
			promise: { atMost: 3 }
		})),
		...evenings.map(({ setup, operations, ms }): Figure => ({
			of: 'load',
			what: `${setup}: the evening peak, from first arrival to last answer`,
			value: (operations / ms) * 1000,
			unit: 'ops/s'
		})),
		...memory.map(({ setup, organisations, most }): Figure => ({
			of: 'load',
			what: `${setup}: resident memory, ${organisations} organisations push`,
			value: most,
			unit: 'MB',
			promise: { atMost: 300 }
		})),
		...[...kills, ...evenings].map(({ setup, audit }): Figure => ({
			of: 'load',
			what: `${setup}: of ${audit.acknowledged.toLocaleString('en-US')} acknowledged, missing, doubled or miscounted`,
			value: faultsOf(audit),
			unit: 'ops',
			promise: { atMost: 0 }
		}))
	];
}

const faultsOf = ({ missing, doubled, strange, recordsMissing, talliesOff }: Audit): number =>
	missing + doubled + strange + recordsMissing + talliesOff;

/** Tables in Markdown, for a terminal and for docs/benchmarks.md. */
export function report(loaded: Loaded, cores: number): string {
	const { cells, firsts, evenings, kills, grown, postgres } = loaded;
	const parts = [`${cores} cores for servers, database and tablets together; PostgreSQL ${postgres}`];
	const add = (title: string, head: string[], rows: (string | number)[][]) => {
		if (rows.length > 0) parts.push(`${title}\n\n${markdown(head, rows)}`);
	};
	add(
		'Tablets that push without a pause',
		[
			'base',
			'in a push',
			'tablets',
			'operations/s',
			'p50 ms',
			'p95 ms',
			'p99 ms',
			'CPU of the servers a push, ms',
			'no answer'
		],
		cells.map((c) => [
			c.setup,
			c.batch,
			c.tablets,
			whole(c.rate),
			ms(c.p50),
			ms(c.p95),
			ms(c.p99),
			ms(c.cpu),
			c.refused
		])
	);
	add(
		'First syncs at once beside pushes of 10',
		[
			'base',
			'p95 of a push without, ms',
			'beside',
			'times',
			'first sync p50, s',
			'slowest, s',
			'rows',
			'no answer'
		],
		firsts.map((f) => [
			f.setup,
			ms(f.alone),
			ms(f.beside),
			f.ratio.toFixed(1),
			seconds(f.firstsP50),
			seconds(f.firstsMost),
			whole(f.rows),
			f.refused
		])
	);
	add(
		'The evening',
		[
			'base',
			'tablets',
			'operations',
			'arrive within, s',
			'durable after, s',
			'p50 ms',
			'p95 ms',
			'p99 ms',
			'most under way',
			'no answer',
			'memory of a process, MB'
		],
		evenings.map((e) => [
			e.setup,
			whole(e.tablets),
			whole(e.operations),
			seconds(e.window),
			seconds(e.ms),
			ms(e.p50),
			ms(e.p95),
			ms(e.p99),
			e.underWay,
			e.refused,
			whole(e.memory)
		])
	);
	for (const axis of ['organisations', 'records'] as const)
		add(
			axis === 'records' ? 'By the records of one organisation' : 'By the organisations, 1,000 records each',
			['base', axis, ...probes.map(([name]) => `${name}, ms`)],
			grown
				.filter((g) => g.of === axis)
				.map((g) => [g.setup, whole(g.count), ...probes.map(([, probe]) => ms(g.costs[probe]))])
		);
	add(
		'Killed with -9 under load',
		[
			'base',
			'killed',
			'operations/s',
			'no answer',
			'acknowledged',
			'missing',
			'doubled',
			'strange',
			'records missing',
			'tallies off',
			'servers that ended by themselves'
		],
		kills.map(({ setup, killed, deaths, rate, refused, audit }) => [
			setup,
			killed.join('; '),
			whole(rate),
			refused,
			whole(audit.acknowledged),
			audit.missing,
			audit.doubled,
			audit.strange,
			audit.recordsMissing,
			audit.talliesOff,
			deaths
		])
	);
	return parts.join('\n\n');
}

function markdown(head: string[], rows: (string | number)[][]): string {
	const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const ms = (value: number) => (value >= 10 ? whole(value) : value.toFixed(1));
const seconds = (value: number) => (value / 1000).toFixed(1);
