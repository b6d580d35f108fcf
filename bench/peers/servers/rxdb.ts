import Sqlite from 'better-sqlite3';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { serve } from '../../sync/child.ts';
import { COUNTED, type Command, type Held, type MadeRecord } from '../../sync/system.ts';
import { docOf, type Doc } from '../doc.ts';

/**
 * The server that RxDB's documentation of HTTP replication asks one to write: a pull by checkpoint (a counter and the
 * id), a push that compares what the client assumed with what there is. SQLite, each push one transaction.
 */
type Replicated = Doc & { _deleted: boolean };
type Stored = { id: string; seq: number; site: string; body: string };
type PushRow = { newDocumentState: Replicated; assumedMasterState?: Replicated };

const db = new Sqlite(join(process.argv[2] ?? '.', 'rxdb.sqlite'));
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
	create table doc (id text primary key, seq integer not null, site text not null, body text not null);
	create index doc_by_seq on doc (seq, id);
`);
const pullRows = db.prepare<[number, number, string, number], Stored>(
	'select * from doc where (seq > ? or (seq = ? and id > ?)) order by seq, id limit ?'
);
const one = db.prepare<[string], Stored>('select * from doc where id = ?');
const every = db.prepare<[], Stored>('select * from doc order by seq');
const put = db.prepare<[string, number, string, string]>('insert or replace into doc values (?, ?, ?, ?)');
let seq = 0;
let lost: string | undefined;

const write = (doc: Replicated) => put.run(doc.id, ++seq, doc.site, JSON.stringify(doc));

function pull(search: URLSearchParams) {
	const [after, limit] = [Number(search.get('updatedAt')), Number(search.get('limit'))];
	const rows = pullRows.all(after, after, search.get('id') ?? '', limit);
	const last = rows.at(-1);
	const inScope = rows.filter(({ site }) => site !== lost).map(({ body }) => body);
	const checkpoint = last
		? { updatedAt: last.seq, id: last.id }
		: { updatedAt: after, id: search.get('id') ?? '' };
	return `{"documents":[${inScope.join(',')}],"checkpoint":${JSON.stringify(checkpoint)}}`;
}

const push = db.transaction((rows: PushRow[]): Replicated[] => {
	const conflicts: Replicated[] = [];
	for (const { newDocumentState, assumedMasterState } of rows) {
		const there = one.get(newDocumentState.id);
		const real: Replicated | undefined = there && JSON.parse(there.body);
		if (real && (!assumedMasterState || !same(real, assumedMasterState))) conflicts.push(real);
		else write(newDocumentState);
	}
	return conflicts;
});

const same = (a: Replicated, b: Replicated) => canonical(a) === canonical(b);
const canonical = (value: unknown): string =>
	JSON.stringify(value, (_, inner: unknown) =>
		typeof inner === 'object' && inner !== null && !Array.isArray(inner)
			? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
			: inner
	);

async function textOf(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	return Buffer.concat(chunks).toString('utf8');
}

const http = createServer((request, response) => {
	const url = new URL(request.url ?? '/', 'http://bench');
	const json = { 'content-type': 'application/json' };
	if (request.method === 'GET') response.writeHead(200, json).end(pull(url.searchParams));
	else
		textOf(request).then(
			(text) => response.writeHead(200, json).end(JSON.stringify(push(JSON.parse(text)))),
			() => response.destroy()
		);
});

const add = db.transaction((records: MadeRecord[]) => {
	for (const record of records) write({ ...docOf(record), _deleted: false });
});

async function obey(command: Command): Promise<Held | undefined> {
	switch (command.do) {
		case 'add':
			add(command.records);
			return undefined;
		case 'count':
			for (let i = 0; i < command.by; i++) count();
			return undefined;
		case 'lose':
			lost = command.site;
			return undefined;
		case 'held':
			return held();
	}
}

function count() {
	const there = one.get(COUNTED.id);
	if (!there) throw new Error('nothing to count');
	const doc: Replicated = JSON.parse(there.body);
	doc.fields[COUNTED.field] = Number(doc.fields[COUNTED.field] ?? 0) + 1;
	write(doc);
}

function held(): Held {
	const result: Held = { ids: [], sites: {}, counter: undefined };
	for (const { id, site, body } of every.all()) {
		if (id === COUNTED.id) {
			const doc: Replicated = JSON.parse(body);
			result.counter = Number(doc.fields[COUNTED.field] ?? 0);
		} else {
			result.ids.push(id);
			result.sites[site] = (result.sites[site] ?? 0) + 1;
		}
	}
	return result;
}

http.listen(0, '127.0.0.1', () => {
	const address = http.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	serve({ port: address.port, session: undefined }, obey);
});
