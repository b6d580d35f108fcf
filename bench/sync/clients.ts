import { PROTOCOL_VERSION, type SyncResponse } from '#lib/protocol/sync.ts';
import { SCHEMA_VERSION } from '#lib/domain/records.ts';
import { onBed, type Pages } from './bed.ts';
import { counted, HELD, recordsOf } from './measure.ts';
import { HOME, type SystemName } from './system.ts';

/*
 * Fifty first syncs at once: what a server bears when a region starts its tablets on a Monday. Clients of this process that
 * speak each system's HTTP and keep nothing, so that the server is what is measured. TinyBase speaks a WebSocket and is left out.
 */
const CLIENTS = 50;
type Pull = (url: string) => Promise<number>;

async function json<T>(response: Response): Promise<T> {
	if (!response.ok) throw new Error(`the server answered ${response.status}`);
	return response.json();
}
const post = (url: string, body: unknown) =>
	fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function escale(url: string): Promise<number> {
	let position: Partial<Pick<SyncResponse, 'epoch' | 'scope'>> & {
		cursors: Record<string, number>;
		below: Record<string, number>;
	} = { epoch: '', scope: '', cursors: {}, below: {} };
	const device = crypto.randomUUID();
	for (let rows = 0; ;) {
		const request = {
			device,
			v: PROTOCOL_VERSION,
			schema: SCHEMA_VERSION,
			now: Date.now(),
			after: 0,
			ops: []
		};
		const answer = await json<SyncResponse>(await post(`${url}sync/api`, { ...request, ...position }));
		const { cursors, below } = position;
		for (const [site, page] of Object.entries(answer.sites)) {
			rows += page.rows.length;
			cursors[site] = page.rev;
			if (page.below === undefined) delete below[site];
			else below[site] = page.below;
		}
		if (!answer.more) return rows;
		position = { epoch: answer.epoch, scope: answer.scope, cursors, below };
	}
}

async function pouchdb(url: string): Promise<number> {
	type Changes = { results: { id: string; changes: { rev: string }[] }[]; last_seq: number };
	type Got = { results: { docs: { ok?: unknown }[] }[] };
	for (let since = 0, rows = 0; ;) {
		const asked = `_changes?style=all_docs&limit=1000&since=${since}`;
		const { results, last_seq } = await json<Changes>(await fetch(`${url}sync/records/${asked}`));
		if (results.length === 0) return rows;
		const docs = results.flatMap(({ id, changes }) => changes.map(({ rev }) => ({ id, rev })));
		const got = await json<Got>(await post(`${url}sync/records/_bulk_get?revs=true&latest=true`, { docs }));
		rows += got.results.filter(({ docs: [first] }) => first?.ok).length;
		since = last_seq;
	}
}

async function rxdb(url: string): Promise<number> {
	type Pulled = { documents: unknown[]; checkpoint: { updatedAt: number; id: string } };
	let checkpoint = { updatedAt: 0, id: '' };
	for (let rows = 0; ;) {
		const asked = `pull?updatedAt=${checkpoint.updatedAt}&id=${checkpoint.id}&limit=1000`;
		const pulled = await json<Pulled>(await fetch(`${url}sync/${asked}`));
		if (pulled.documents.length === 0) return rows;
		rows += pulled.documents.length;
		checkpoint = pulled.checkpoint;
	}
}

const pulls: Partial<Record<SystemName, Pull>> = { escale, pouchdb, rxdb };

/** ms until the last of fifty has everything; `undefined` for a system that does not speak HTTP. */
export async function measureClients(name: SystemName, pages: Pages): Promise<number | undefined> {
	const pull = pulls[name];
	if (!pull) return undefined;
	return onBed(name, pages, async ({ server }) => {
		await server.command({ do: 'add', records: [counted(), ...recordsOf(HELD, HOME, 7)] });
		// Without the front: it compresses in this process, and would be what is measured.
		const url = `http://127.0.0.1:${server.ready.port}/`;
		const from = performance.now();
		const rows = await Promise.all(Array.from({ length: CLIENTS }, () => pull(url)));
		const ms = performance.now() - from;
		if (rows.some((count) => count < HELD)) throw new Error(`${name}: a client has not got everything`);
		return ms;
	});
}
