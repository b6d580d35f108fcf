/** One measured figure. `promise` is what docs and DESIGN say; a figure beyond it is printed as such, not hidden. */
export type Figure = {
	/** The benchmark's name, as given on the command line. */
	of: string;
	what: string;
	value: number;
	unit: 'ms' | 'ops/s' | 'kB' | 'MB';
	promise?: { atMost: number } | { atLeast: number };
	/** The same work done the usual way, in the same run. */
	peer?: { name: string; value: number };
};

const isRate = (f: Figure) => f.unit === 'ops/s';

/** How many times better than the peer; below 1 it is worse. */
export const ratio = (f: Figure): number | undefined =>
	f.peer && (isRate(f) ? f.value / f.peer.value : f.peer.value / f.value);

export function keepsPromise(f: Figure): boolean | undefined {
	if (!f.promise) return undefined;
	return 'atMost' in f.promise ? f.value <= f.promise.atMost : f.value >= f.promise.atLeast;
}

const amount = (value: number, unit: string) =>
	`${value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1)} ${unit}`;

export function row(f: Figure): string[] {
	const kept = keepsPromise(f);
	const promise = f.promise
		? `${'atMost' in f.promise ? '≤ ' + amount(f.promise.atMost, f.unit) : '≥ ' + amount(f.promise.atLeast, f.unit)} ${kept ? '✓' : '✗'}`
		: '';
	const times = ratio(f);
	return [
		f.of,
		f.what,
		amount(f.value, f.unit),
		promise,
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
