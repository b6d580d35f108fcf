import Sqlite from 'better-sqlite3';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createMergeableStore, type MergeableStore } from 'tinybase';
import { createBetterSqlite3Persister } from 'tinybase/persisters/persister-better-sqlite3';
import { createWsServer } from 'tinybase/synchronizers/synchronizer-ws-server';
import { WebSocket, WebSocketServer } from 'ws';
import { serve } from '../../sync/child.ts';
import { COUNTED, HOME, LOST, type Command, type Held } from '../../sync/system.ts';

/**
 * TinyBase's own server: one MergeableStore per path (a site), each kept in SQLite by the persister made for that, and
 * messages compressed (permessage-deflate). `/sync/measure/…` says how many rows a site has: TinyBase acknowledges
 * nothing, so the measure has to ask whether a push has come.
 */
const db = new Sqlite(join(process.argv[2] ?? '.', 'tinybase.sqlite'));
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
const stores = new Map<string, MergeableStore>();
for (const site of [HOME, LOST]) stores.set(site, createMergeableStore());

let lost: string | undefined;
const http = createServer((request, response) => {
	const site = (request.url ?? '').split('/').at(-1) ?? '';
	response.end(JSON.stringify(measured(site)));
});
const sockets = new WebSocketServer({
	noServer: true,
	perMessageDeflate: { threshold: 1024 },
	maxPayload: 1 << 30
});
createWsServer(sockets, (path) => {
	const site = path.split('/').at(-1) ?? '';
	const store = stores.get(site);
	if (!store) return undefined;
	return createBetterSqlite3Persister(store, db, `site_${site.replaceAll('-', '')}`);
});
http.on('upgrade', (request, socket, head) => {
	if (lost && request.url?.endsWith(lost))
		return socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
	sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request));
});

function measured(site: string): { rows: number; counter: number } {
	const store = stores.get(site);
	let rows = 0;
	for (const table of store?.getTableIds() ?? []) rows += store?.getRowCount(table) ?? 0;
	return { rows, counter: Number(store?.getCell(COUNTED.kind, COUNTED.id, COUNTED.field) ?? 0) };
}

async function obey(command: Command): Promise<Held | undefined> {
	switch (command.do) {
		case 'add':
			for (const [site, store] of stores)
				store.transaction(() => {
					for (const record of command.records)
						if (record.site === site) store.setRow(record.kind, record.id, { site, ...record.fields });
				});
			return undefined;
		case 'count': {
			const store = stores.get(HOME);
			for (let i = 0; i < command.by; i++)
				store?.setCell(COUNTED.kind, COUNTED.id, COUNTED.field, (cell) => Number(cell ?? 0) + 1);
			return undefined;
		}
		case 'lose':
			lost = command.site;
			return undefined;
		case 'held':
			return held();
	}
}

function held(): Held {
	const result: Held = { ids: [], sites: {}, counter: undefined };
	for (const [site, store] of stores)
		for (const table of store.getTableIds())
			for (const id of store.getRowIds(table))
				if (id === COUNTED.id) result.counter = Number(store.getCell(table, id, COUNTED.field) ?? 0);
				else {
					result.ids.push(id);
					result.sites[site] = (result.sites[site] ?? 0) + 1;
				}
	return result;
}

/**
 * Somebody is always there. The first client of a path that was idle makes the server read its base again and wait a
 * second for an answer: not what a morning's first sync should be charged with.
 */
async function someone(port: number, site: string): Promise<void> {
	const socket = new WebSocket(`ws://127.0.0.1:${port}/sync/${site}`);
	await new Promise((done) => socket.once('open', done));
	await new Promise((done) => socket.once('message', done));
	socket.on('message', () => undefined);
}

http.listen(0, '127.0.0.1', async () => {
	const address = http.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	for (const site of stores.keys()) await someone(address.port, site);
	// The second for which the server waits for them.
	await new Promise((done) => setTimeout(done, 1500));
	serve({ port: address.port, session: undefined }, obey);
});
