/** One measured figure. `promise` is what docs and DESIGN say; a figure beyond it is printed as such, not hidden. */
export type Figure = {
	/** The benchmark's name, as given on the command line. */
	of: string;
	what: string;
	value: number;
	unit: 'ms' | 'ops/s' | 'ops' | 'kB' | 'MB' | '×';
	promise?: { atMost: number } | { atLeast: number } | { timesPeer: number };
	/** The same work done the usual way, in the same run. */
	peer?: { name: string; value: number };
};

const isRate = (f: Figure) => f.unit === 'ops/s';

/** How many times better than the peer; below 1 it is worse. */
export const ratio = (f: Figure): number | undefined =>
	f.peer && (isRate(f) ? f.value / f.peer.value : f.peer.value / f.value);

export function keepsPromise(f: Figure): boolean | undefined {
	if (!f.promise) return undefined;
	if ('atMost' in f.promise) return f.value <= f.promise.atMost;
	if ('atLeast' in f.promise) return f.value >= f.promise.atLeast;
	return (ratio(f) ?? 0) >= f.promise.timesPeer;
}

const amount = (value: number, unit: string) =>
	`${value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1)} ${unit}`;

function promiseOf({ promise, unit }: Figure): string {
	if (!promise) return '';
	if ('atMost' in promise) return `≤ ${amount(promise.atMost, unit)}`;
	if ('atLeast' in promise) return `≥ ${amount(promise.atLeast, unit)}`;
	return `≥ ${promise.timesPeer}× the peer`;
}

const mark = (kept: boolean | undefined) => (kept === undefined ? '' : kept ? ' ✓' : ' ✗');

export function row(f: Figure): string[] {
	const times = ratio(f);
	return [
		f.of,
		f.what,
		amount(f.value, f.unit),
		promiseOf(f) + mark(keepsPromise(f)),
		f.peer ? `${f.peer.name}: ${amount(f.peer.value, f.unit)}` : '',
		times === undefined ? '' : `${times.toFixed(times < 10 ? 1 : 0)}×`
	];
}

/** A table in Markdown, aligned to be read in a terminal too. */
export function table(figures: Figure[]): string {
	const rows = [['benchmark', 'measure', 'Escale', 'promise', 'peer', 'better by'], ...figures.map(row)];
	const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => r[i]!.length)));
	const line = (cells: string[]) => `| ${cells.map((c, i) => c.padEnd(widths[i]!)).join(' | ')} |`;
	return [
		line(rows[0]!),
		`|${widths.map((w) => '-'.repeat(w + 2)).join('|')}|`,
		...rows.slice(1).map(line)
	].join('\n');
}

/** @param p from 0 to 1 */
export function percentile(values: number[], p: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? NaN;
}
