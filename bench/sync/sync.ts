import { buildPages, systemNames } from './bed.ts';
import { measureClients } from './clients.ts';
import { FAULTS, measureFaults, type Outcome } from './correct.ts';
import { measureTablet, MEASURES, median, type Measured, type Run } from './measure.ts';
import { installPeers } from './peers.ts';
import type { SystemName } from './system.ts';

/** Rounds on loopback, the systems in turn; one under a bad network, where the network and not the machine decides. */
const ROUNDS = 3;

const title: Record<SystemName, string> = {
	escale: 'Escale',
	pouchdb: 'PouchDB 9',
	rxdb: 'RxDB 17 on Dexie',
	tinybase: 'TinyBase 10'
};

export type SyncReport = { text: string; chromium: string };

/** Escale and its peers in one run: times, bytes, fifty at once, and what faults do. */
export async function measureSync({ quick = false } = {}): Promise<SyncReport> {
	installPeers();
	const pages = await buildPages();
	const runs = new Map<SystemName, Run[]>(systemNames.map((name) => [name, []]));
	const mobile = new Map<SystemName, Run>();
	const faults = new Map<SystemName, Map<string, Outcome | string>>();
	const clients = new Map<SystemName, number | undefined>();
	let chromium = '';
	try {
		for (let round = 0; round < (quick ? 1 : ROUNDS); round++)
			for (const name of systemNames) {
				console.error(`${title[name]}, round ${round + 1}`);
				const measured = await measureTablet(name, pages, false);
				chromium = measured.chromium;
				runs.get(name)?.push(measured.run);
			}
		for (const name of systemNames) {
			console.error(`${title[name]}, 50 at once, faults${quick ? '' : ', bad network'}`);
			clients.set(name, await measureClients(name, pages));
			if (!quick) mobile.set(name, (await measureTablet(name, pages, true)).run);
			faults.set(name, await measureFaults(name, pages));
			console.error([...(faults.get(name) ?? [])]);
		}
	} finally {
		pages.remove();
	}
	const tables = [
		timesTable('loopback', new Map([...runs].map(([name, all]) => [name, median(all)]))),
		mobile.size > 0 ? timesTable('300 ms and 1 Mbit/s', mobile) : '',
		clientsTable(clients),
		bytesTable(new Map([...runs].map(([name, [first = new Map()]]) => [name, first]))),
		faultsTable(faults)
	];
	return { text: tables.filter(Boolean).join('\n\n'), chromium };
}

const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
const table = (head: string[], rows: string[][]) =>
	[row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
const names = [...systemNames];

function timesTable(network: string, runs: Map<SystemName, Run>): string {
	const whats = Object.values(MEASURES).filter((what) => runs.get('escale')?.has(what));
	const rows = whats.map((what) => [
		what,
		...names.map((name) => {
			const ms = runs.get(name)?.get(what)?.ms;
			const ours = runs.get('escale')?.get(what)?.ms;
			if (ms === undefined || ours === undefined) return '';
			return name === 'escale' ? `**${time(ms)}**` : `${time(ms)} (${times(ms / ours)})`;
		})
	]);
	return table([`time, ${network}`, ...names.map((name) => title[name])], rows);
}

const time = (ms: number) => (ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`);
const times = (ratio: number) => `${ratio.toFixed(ratio < 10 ? 1 : 0)}×`;

function clientsTable(clients: Map<SystemName, number | undefined>): string {
	const ours = clients.get('escale') ?? NaN;
	const cells = names.map((name) => {
		const ms = clients.get(name);
		if (ms === undefined) return 'WebSocket only';
		return name === 'escale' ? `**${time(ms)}**` : `${time(ms)} (${times(ms / ours)})`;
	});
	return table(
		['server', ...names.map((name) => title[name])],
		[['50 first syncs of 10,000 at once', ...cells]]
	);
}

function bytesTable(runs: Map<SystemName, Run>): string {
	const whats = Object.values(MEASURES).filter((what) => runs.get('escale')?.get(what)?.traffic);
	const rows = whats.map((what) => [what, ...names.map((name) => moved(runs.get(name)?.get(what)))]);
	return table(
		['on the wire: requests, kB up, kB down (unpacked)', ...names.map((name) => title[name])],
		rows
	);
}

function moved(measured: Measured | undefined): string {
	if (!measured?.traffic) return '';
	const { requests, up, down } = measured.traffic;
	const kB = (bytes: number) => (bytes / 1000).toFixed(bytes < 100_000 ? 1 : 0);
	return `${requests}, ${kB(up.sent)} up, ${kB(down.sent)} down (${kB(up.raw)}, ${kB(down.raw)})`;
}

function faultsTable(faults: Map<SystemName, Map<string, Outcome | string>>): string {
	const rows = Object.values(FAULTS).map((what) => [
		what,
		...names.map((name) => {
			const outcome = faults.get(name)?.get(what);
			if (outcome === undefined || typeof outcome === 'string') return outcome ?? '';
			const { lost, doubled, leaked, note } = outcome;
			return `${lost} / ${doubled} / ${leaked}${note ? ` (${note})` : ''}`;
		})
	]);
	return table(['lost / doubled / left behind', ...names.map((name) => title[name])], rows);
}
