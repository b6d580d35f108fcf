import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureBundle } from './bundle.ts';
import { SLOW_DOWN } from './chromium.ts';
import { keepsPromise, ratio, table, type Figure } from './figure.ts';
import { loadParts, measureLoad } from './load/load.ts';
import { measureServer } from './server.ts';
import { measureSync, type SyncReport } from './sync/sync.ts';
import { measureTablet, tabletBenchmarks } from './tablet.ts';

/**
 * `npm run bench` measures everything; `-- save search` only these; `-- --json` for machines. The tablet is a real
 * Chromium slowed down four times. Nothing fails here: a figure beyond its promise is printed with ✗. `sync` (beside the
 * peers) and `load` run only when named, `--quick` for less of it, `load:kills` for a part; `load` fails when something acknowledged was lost.
 */
const { values, positionals } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		quick: { type: 'boolean', default: false },
		profiles: { type: 'string' }
	},
	allowPositionals: true
});
const known = [
	...tabletBenchmarks,
	'server',
	'bundle',
	'sync',
	'load',
	...loadParts.map((part) => `load:${part}`)
];
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length) {
	console.error(`unknown benchmark: ${unknown.join(', ')}; there are ${known.join(', ')}`);
	process.exit(1);
}

const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);
const figures: Figure[] = [];
let chromium: string | undefined;
let faults: SyncReport['faults'] | undefined;
if (tabletBenchmarks.some(wanted)) {
	const measured = await measureTablet(wanted);
	figures.push(...measured.figures);
	chromium = measured.chromium;
}
if (wanted('server')) figures.push(...(await measureServer()));
if (wanted('bundle')) figures.push(...(await measureBundle()));
if (positionals.includes('sync')) {
	const measured = await measureSync({ quick: values.quick });
	chromium = measured.chromium;
	faults = measured.faults;
	// The tables say the rest; what was promised is told with its ✓ or ✗.
	figures.push(...measured.figures.filter((figure) => values.json || figure.promise));
	if (!values.json) console.log(`${measured.text}\n`);
}
const load = positionals.filter((name) => name.startsWith('load'));
if (load.length > 0) {
	const parts = load.flatMap((name) => (name === 'load' ? [] : [name.slice('load:'.length)]));
	const loaded = await measureLoad({ quick: values.quick, parts, profiles: values.profiles });
	figures.push(...loaded.figures);
	if (!values.json) console.log(`${loaded.text}\n`);
	if (!loaded.ok) process.exitCode = 1;
}

const machine = {
	cpu: cpus()[0]?.model.trim() ?? 'unknown',
	cores: cpus().length,
	slowDown: SLOW_DOWN,
	node: process.versions.node,
	chromium
};
if (values.json) {
	const detailed = figures.map((f) => ({ ...f, ratio: ratio(f), kept: keepsPromise(f) }));
	console.log(JSON.stringify({ machine, figures: detailed, faults }, undefined, '\t'));
} else {
	const browser = chromium ? `Chromium ${chromium} at ${SLOW_DOWN}× slow-down, ` : '';
	console.log(`${machine.cores} × ${machine.cpu}, ${browser}Node ${machine.node}\n\n${table(figures)}`);
}
