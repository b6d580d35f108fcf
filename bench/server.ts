import Sqlite from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { SCHEMA_VERSION } from '#lib/domain/records.ts';
import type { Operation } from '#lib/protocol/operation.ts';
import type { Session } from '#lib/protocol/session.ts';
import { MAX_OPERATIONS, PROTOCOL_VERSION } from '#lib/protocol/sync.ts';
import { openDatabase } from '#lib/server/database/connect.ts';
import { migrate } from '#lib/server/database/migrate.ts';
import { openKeys } from '#lib/server/keys.ts';
import { createOrganisation } from '#lib/server/organisation.ts';
import { createRecords } from '#lib/server/records.ts';
import { syncOnce, type Caller, type SyncAnswer } from '#lib/server/sync/handler.ts';
import type { Figure } from './figure.ts';
import { creation, idsFrom, makeRecords, seeded, type Made } from './records.ts';

export type BenchServer = {
	/** A counsellor of a site of its own that holds this many records. */
	person(records: number): Promise<Session>;
	/** Records that this person wrote elsewhere, under the ids that they bring. */
	add(records: Made[], session: Session): Promise<void>;
	sync(request: unknown, session: Session): Promise<SyncAnswer>;
	folder: string;
	close(): Promise<void>;
};

/** The real handler on a SQLite file with the durability of the product. Who calls is taken on trust: no sign-in here. */
export async function openBenchServer(
	folder = mkdtempSync(join(tmpdir(), 'escale-bench-server-'))
): Promise<BenchServer> {
	const { db, dialect } = openDatabase({ file: join(folder, 'escale.sqlite') });
	await migrate(db);
	const keys = openKeys(join(folder, 'keys'));
	const newId = idsFrom(seeded(1));
	const organisation = await createOrganisation(db, keys, {
		name: 'Mesures',
		timeZone: 'Europe/Paris',
		now: Date.now()
	});
	const report = (defect: unknown) => console.error(defect);
	return {
		folder,
		async person(records) {
			const [user, site] = [newId(), newId()];
			const made = makeRecords(records, site).map((record) => ({ ...record, by: user, at: Date.now() }));
			if (made.length)
				await createRecords(
					db,
					organisation.id,
					made.map((record) => ({ ...record, id: fresh(record.id, site) }))
				);
			return {
				user: { id: user, name: 'Mesures', email: 'mesures@demo.escale.test' },
				organisation: { id: organisation.id, name: 'Mesures', timeZone: 'Europe/Paris' },
				role: 'counsellor',
				sites: [site],
				publicKey: await keys.publicKey(organisation.id)
			};
		},
		async add(records, { user }) {
			await createRecords(
				db,
				organisation.id,
				records.map((record) => ({ ...record, by: user.id, at: Date.now() }))
			);
		},
		sync(request, { user, role, sites }) {
			const caller: Caller = { organisation: organisation.id, user: user.id, role, sites };
			return syncOnce({ db, dialect, keys, now: Date.now, report }, caller, request);
		},
		async close() {
			await db.destroy();
			rmSync(folder, { recursive: true, force: true });
		}
	};
}

/** Two people hold the same invented records under different ids. */
const fresh = (id: string, site: string): string => id.slice(0, 24) + site.slice(24, 30) + id.slice(30);

const OPERATIONS = 5000;

/** Operations with a durable outcome per second, in requests of the greatest size, and one by one as the peer does. */
export async function measureServer(): Promise<Figure[]> {
	const server = await openBenchServer();
	try {
		const session = await server.person(0);
		const site = session.sites[0]!;
		const made = makeRecords(OPERATIONS, site, 3);
		const operations = made.map((record, i): Operation => ({
			n: i + 1,
			id: uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
			v: 1,
			at: Date.now(),
			changes: [creation(record)]
		}));
		const batched = await pushed(server, session, operations, MAX_OPERATIONS);
		const again = operations.slice(0, 1000).map((op, i) => ({
			...op,
			id: uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
			changes: [{ do: 'count' as const, kind: 'outing' as const, id: outing, field: 'flyers', by: 1 }],
			n: i + 2
		}));
		const start: Operation = {
			...operations[0]!,
			n: 1,
			id: outing,
			changes: [{ do: 'create', kind: 'outing', id: outing, site, fields: {} }]
		};
		const oneByOne = await pushed(server, session, [start, ...again], 1);
		const peer = { name: 'a plain INSERT per transaction', value: plainInserts(server.folder, operations) };
		return [
			{
				of: 'server',
				what: `durable operations, ${MAX_OPERATIONS} a request`,
				value: batched,
				unit: 'ops/s',
				promise: { atLeast: 2000 },
				peer
			},
			{ of: 'server', what: 'durable operations, one a request', value: oneByOne, unit: 'ops/s', peer }
		];
	} finally {
		await server.close();
	}
}

const outing = '01890000-0000-7000-8000-00000000000a';

async function pushed(
	server: BenchServer,
	session: Session,
	operations: Operation[],
	size: number
): Promise<number> {
	const device = uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
	let epoch = '';
	let scope = '';
	let cursors: Record<string, number> = {};
	const from = performance.now();
	for (let i = 0; i < operations.length; i += size) {
		const request = {
			device,
			v: PROTOCOL_VERSION,
			schema: SCHEMA_VERSION,
			now: Date.now(),
			epoch,
			scope,
			after: i,
			ops: operations.slice(i, i + size),
			cursors
		};
		const { body } = await server.sync(JSON.parse(JSON.stringify(request)), session);
		if ('error' in body || body.rejects.length > 0 || body.acked !== Math.min(i + size, operations.length))
			throw new Error('the server did not apply what it was given');
		({ epoch, scope } = body);
		cursors = {
			...cursors,
			...Object.fromEntries(Object.entries(body.sites).map(([site, { rev }]) => [site, rev]))
		};
	}
	return (operations.length / (performance.now() - from)) * 1000;
}

function plainInserts(folder: string, operations: Operation[]): number {
	const database = new Sqlite(join(folder, 'peer.sqlite'));
	database.pragma('journal_mode = WAL');
	database.pragma('synchronous = FULL');
	database.exec('create table operation (id text primary key, n integer, body text)');
	const insert = database.prepare('insert into operation (id, n, body) values (?, ?, ?)');
	const from = performance.now();
	for (const operation of operations) insert.run(operation.id, operation.n, JSON.stringify(operation));
	const rate = (operations.length / (performance.now() - from)) * 1000;
	database.close();
	return rate;
}
