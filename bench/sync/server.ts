import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { kinds, SCHEMA_VERSION } from '#lib/domain/records.ts';
import type { Change } from '#lib/domain/change.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/sync.ts';
import type { Session } from '#lib/protocol/session.ts';
import { openBenchServer } from '../server.ts';
import type { Made } from '../records.ts';
import { serve } from './child.ts';
import { COUNTED, HOME, LOST, type Command, type Held, type MadeRecord } from './system.ts';

/** Escale's process: the real handler on a SQLite file, `synchronous = FULL`. Who calls is taken on trust. */
const server = await openBenchServer(process.argv[2]);
const session: Session = await server.person(0);
const colleague: Session = await server.person(0);
session.sites = colleague.sites = [HOME, LOST];

const http = createServer((request, response) => {
	answer(request, response).catch((error: unknown) => {
		console.error(error);
		response.writeHead(500).end();
	});
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	const body = Buffer.concat(chunks);
	const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
	const answered = await server.sync(JSON.parse(text.toString('utf8')), session);
	response
		.writeHead(answered.status, { 'content-type': 'application/json' })
		.end(JSON.stringify(answered.body));
}

const newId = () => uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
const isMade = (record: MadeRecord): record is Made => kinds.some((kind) => kind === record.kind);

async function obey(command: Command): Promise<Held | undefined> {
	switch (command.do) {
		case 'add':
			await server.add(command.records.filter(isMade), colleague);
			return undefined;
		case 'count':
			await count(command.by);
			return undefined;
		case 'lose':
			session.sites = session.sites.filter((site) => site !== command.site);
			return undefined;
		case 'held':
			return held();
	}
}

const first = (ops: unknown[] = []) => ({
	device: newId(),
	v: PROTOCOL_VERSION,
	schema: SCHEMA_VERSION,
	now: Date.now(),
	epoch: '',
	scope: '',
	after: 0,
	ops,
	cursors: {}
});

async function count(by: number): Promise<void> {
	const increment: Change = { do: 'count', kind: 'outing', id: COUNTED.id, field: COUNTED.field, by: 1 };
	const ops = Array.from({ length: by }, (_, i) => ({
		n: i + 1,
		id: newId(),
		v: SCHEMA_VERSION,
		at: Date.now(),
		changes: [increment]
	}));
	const { status } = await server.sync(first(ops), colleague);
	if (status !== 200) throw new Error(`the colleague was answered ${status}`);
}

/** What an auditor's new tablet is given. */
async function held(): Promise<Held> {
	const result: Held = { ids: [], sites: {}, counter: undefined };
	let request: object = first();
	for (;;) {
		const { body } = await server.sync(request, { ...colleague, sites: session.sites });
		if ('error' in body) throw new Error(body.error.code);
		for (const { rows } of Object.values(body.sites))
			for (const row of rows)
				if (row.id === COUNTED.id) result.counter = Number(Reflect.get(row.fields, COUNTED.field) ?? 0);
				else {
					result.ids.push(row.id);
					result.sites[row.site] = (result.sites[row.site] ?? 0) + 1;
				}
		if (!body.more) return result;
		request = { ...first(), ...resumed(request, body) };
	}
}

type Position = { cursors?: Record<string, number>; below?: Record<string, number> };

function resumed(before: Position, { epoch, scope, sites }: { epoch: string; scope: string; sites: Pages }) {
	const cursors = { ...before.cursors };
	const below = { ...before.below };
	for (const [site, page] of Object.entries(sites)) {
		cursors[site] = page.rev;
		if (page.below === undefined) delete below[site];
		else below[site] = page.below;
	}
	return { epoch, scope, cursors, below };
}
type Pages = Record<string, { rev: number; below?: number }>;

http.listen(0, '127.0.0.1', () => {
	const address = http.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	serve({ port: address.port, session }, obey);
});
