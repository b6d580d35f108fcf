import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Line = { name: string; points: [x: number, y: number][] };
export type Curve = {
	file: string;
	title: string;
	x: string;
	y: string;
	/** Both axes count in powers of ten; the vertical one from 0 when false. */
	logY: boolean;
	lines: Line[];
	/** A promise, drawn across. */
	limit?: { name: string; y: number };
};

const [WIDTH, HEIGHT] = [720, 400];
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 560, 44, 340];
/** Told apart by eyes that see few colours, and by their dashes. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#b0569b', '#8a6d00'];
const dashes = ['', '7 3', '2 3', '9 3 2 3', '4 4'];

/** Writes one SVG that is legible on white and on black: what shows it decides by its own colour scheme. */
export function drawCurve(folder: string, curve: Curve): void {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, curve.file), svgOf(curve));
}

export function svgOf({ title, x, y, logY, lines, limit }: Curve): string {
	const all = lines.flatMap((line) => line.points);
	const xs = all.map(([value]) => value);
	const ys = [...all.map(([, value]) => value), ...(limit ? [limit.y] : [])].filter((value) => value > 0);
	const across = logScale(Math.min(...xs), Math.max(...xs), LEFT, RIGHT);
	const up = logY
		? logScale(10 ** Math.floor(Math.log10(Math.min(...ys))), Math.max(...ys) * 1.2, BOTTOM, TOP)
		: linearScale(Math.max(...ys) * 1.05, BOTTOM, TOP);
	const ticksX = [...new Set(xs)].sort((a, b) => a - b);
	const ticksY = logY ? powers(Math.min(...ys), Math.max(...ys) * 1.2) : steps(Math.max(...ys) * 1.05);
	const labels = spread(lines.map(({ points }) => up(points.at(-1)?.[1] ?? 0)));
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">
<style>
text{font:13px system-ui,sans-serif;fill:#222}.t{font-weight:600;font-size:15px}.g{stroke:#0002}.a{stroke:#0008}.l{fill:none;stroke-width:2.2}
@media (prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#fff3}.a{stroke:#fff9}.l,.d{filter:brightness(1.5)}}
</style>
<text class="t" x="${LEFT}" y="22">${escape(title)}</text>
${ticksY.map((value) => `<path class="g" d="M${LEFT} ${r(up(value))}H${RIGHT}"/><text x="${LEFT - 8}" y="${r(up(value) + 4)}" text-anchor="end">${short(value)}</text>`).join('\n')}
${ticksX.map((value) => `<path class="a" d="M${r(across(value))} ${BOTTOM}v5"/><text x="${r(across(value))}" y="${BOTTOM + 20}" text-anchor="middle">${short(value)}</text>`).join('\n')}
<path class="a" d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}" fill="none"/>
<text x="${(LEFT + RIGHT) / 2}" y="${BOTTOM + 44}" text-anchor="middle">${escape(x)}</text>
<text x="18" y="${(TOP + BOTTOM) / 2}" text-anchor="middle" transform="rotate(-90 18 ${(TOP + BOTTOM) / 2})">${escape(y)}</text>
${limit ? `<path class="a" stroke-dasharray="1 4" d="M${LEFT} ${r(up(limit.y))}H${RIGHT}"/><text x="${LEFT + 6}" y="${r(up(limit.y) - 5)}">${escape(limit.name)}</text>` : ''}
${lines.map((line, i) => lineOf(line, i, across, up, labels[i] ?? TOP)).join('\n')}
</svg>
`;
}

function lineOf({ name, points }: Line, i: number, across: Scale, up: Scale, label: number): string {
	const colour = colours[i % colours.length]!;
	const path = points.map(([x, y], at) => `${at ? 'L' : 'M'}${r(across(x))} ${r(up(y))}`).join('');
	const dots = points.map(
		([x, y]) => `<circle class="d" cx="${r(across(x))}" cy="${r(up(y))}" r="3" fill="${colour}"/>`
	);
	const dash = dashes[i % dashes.length];
	return `<path class="l" stroke="${colour}"${dash ? ` stroke-dasharray="${dash}"` : ''} d="${path}"/>${dots.join('')}
<path class="l" stroke="${colour}"${dash ? ` stroke-dasharray="${dash}"` : ''} d="M${RIGHT + 12} ${r(label)}h22"/><text x="${RIGHT + 40}" y="${r(label + 4)}">${escape(name)}</text>`;
}

type Scale = (value: number) => number;

function logScale(low: number, high: number, from: number, to: number): Scale {
	const span = Math.log(high / low) || 1;
	return (value) => from + (Math.log(Math.max(value, low) / low) / span) * (to - from);
}

const linearScale =
	(high: number, from: number, to: number): Scale =>
	(value) =>
		from + (value / high) * (to - from);

function powers(low: number, high: number): number[] {
	const first = Math.floor(Math.log10(low));
	const last = Math.floor(Math.log10(high));
	return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

function steps(high: number): number[] {
	const rough = high / 5;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
	return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
}

/** The names at the lines' ends, pushed apart so that none covers another. */
function spread(wanted: number[]): number[] {
	const placed: number[] = [];
	const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
	let least = TOP;
	for (const { y, i } of order) {
		placed[i] = Math.max(y, least);
		least = placed[i] + 18;
	}
	return placed;
}

const r = (value: number) => Math.round(value * 10) / 10;
const short = (value: number): string =>
	value >= 1e6
		? `${value / 1e6} M`
		: value >= 1e4
			? `${value / 1e3} k`
			: String(Number(value.toPrecision(6)));
const escape = (text: string) =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
