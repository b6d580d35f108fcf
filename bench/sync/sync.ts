import type { Figure } from '../figure.ts';
import { buildPages, systemNames, type Pages } from './bed.ts';
import { measureClients } from './clients.ts';
import { FAULTS, measureFaults, within, type Outcome } from './correct.ts';
import type { Traffic } from './front.ts';
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

export type SyncReport = {
	text: string;
	/** Each measure once per peer: ours, the peer's, and what was promised. */
	figures: Figure[];
	/** Fault → system → what came of it. */
	faults: Record<string, Record<string, Outcome | string>>;
	chromium: string;
};

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
			if (!quick) mobile.set(name, await measureMobile(name, pages));
			faults.set(name, await measureFaults(name, pages));
			console.error([...(faults.get(name) ?? [])]);
		}
	} finally {
		pages.remove();
	}
	const loopback = new Map([...runs].map(([name, all]) => [name, median(all)]));
	const tables = [
		timesTable('loopback', loopback),
		mobile.size > 0 ? timesTable('300 ms and 1 Mbit/s', mobile) : '',
		clientsTable(clients),
		bytesTable(loopback),
		faultsTable(faults)
	];
	return {
		text: tables.filter(Boolean).join('\n\n'),
		figures: [
			...figuresOf('loopback', loopback),
			...figuresOf('300 ms and 1 Mbit/s', mobile),
			...clientFigures(clients)
		],
		faults: Object.fromEntries(Object.values(FAULTS).map((what) => [what, outcomesOf(what, faults)])),
		chromium
	};
}

const peers = systemNames.filter((name) => name !== 'escale');

/** DESIGN §6, on loopback. */
const promised: Partial<Record<string, Partial<Record<SystemName, number>>>> = {
	[MEASURES.pull]: { pouchdb: 8, rxdb: 2 },
	[MEASURES.cold]: { pouchdb: 3, rxdb: 3 }
};

function figuresOf(network: string, runs: Map<SystemName, Run>): Figure[] {
	const figures: Figure[] = [];
	for (const [what, { ms, traffic }] of runs.get('escale') ?? [])
		for (const name of peers) {
			const theirs = runs.get(name)?.get(what);
			if (!theirs) continue;
			const times = network === 'loopback' ? promised[what]?.[name] : undefined;
			const peer = { name: title[name], value: theirs.ms };
			const promise = times === undefined ? undefined : { timesPeer: times };
			figures.push({ of: 'sync', what: `${what}, ${network}`, value: ms, unit: 'ms', promise, peer });
			if (!traffic || !theirs.traffic) continue;
			figures.push({
				of: 'sync',
				what: `${what}, ${network}: bytes on the wire`,
				value: wire(traffic),
				unit: 'kB',
				...(network === 'loopback' && what === MEASURES.pull && { promise: { timesPeer: 1 } }),
				peer: { name: title[name], value: wire(theirs.traffic) }
			});
		}
	return figures;
}

const wire = ({ up, down }: Traffic) => (up.sent + down.sent) / 1000;

function clientFigures(clients: Map<SystemName, number | undefined>): Figure[] {
	const ours = clients.get('escale');
	return peers.flatMap((name): Figure[] => {
		const value = clients.get(name);
		if (ours === undefined || value === undefined) return [];
		return [{ of: 'sync', what: FIFTY, value: ours, unit: 'ms', peer: { name: title[name], value } }];
	});
}

const outcomesOf = (what: string, faults: Map<SystemName, Map<string, Outcome | string>>) =>
	Object.fromEntries([...faults].map(([name, outcomes]) => [title[name], outcomes.get(what) ?? 'not done']));

const FIFTY = '50 first syncs of 10,000 at once';

/** A system that does not come to an end there leaves its column empty, and the others theirs. */
async function measureMobile(name: SystemName, pages: Pages): Promise<Run> {
	try {
		return (await within(measureTablet(name, pages, true), 150_000)).run;
	} catch (error) {
		console.error(`${title[name]} under a bad network:`, error);
		return new Map();
	}
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
	return table(['server', ...names.map((name) => title[name])], [[FIFTY, ...cells]]);
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
