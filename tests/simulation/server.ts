import Sqlite from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, SqliteDialect, type KyselyPlugin } from 'kysely';
import { SCHEMA_VERSION, type Row } from '#lib/domain/records.ts';
import { mayRead } from '#lib/domain/permissions.ts';
import type { Session } from '#lib/protocol/session.ts';
import { PROTOCOL_VERSION, type SyncRequest, type SyncResponse } from '#lib/protocol/sync.ts';
import { migrate } from '#lib/server/database/migrate.ts';
import type { Database } from '#lib/server/database/schema.ts';
import { openKeys, type Keys } from '#lib/server/keys.ts';
import { canonical } from '#lib/protocol/digest.ts';
import { createOrganisation, newEpoch } from '#lib/server/organisation.ts';
import { recordColumns, rowOf, storedOf } from '#lib/server/records.ts';
import { scopesOf, type Caller } from '#lib/server/sync/apply.ts';
import { syncOnce, type SyncAnswer } from '#lib/server/sync/handler.ts';

class ServerDied extends Error {}

/** Counts statements and, once armed, lets the server die at one of them. */
class Fuse implements KyselyPlugin {
	left = Infinity;
	transformQuery: KyselyPlugin['transformQuery'] = ({ node }) => {
		if (--this.left < 0) throw new ServerDied('the server died');
		return node;
	};
	transformResult: KyselyPlugin['transformResult'] = async ({ result }) => result;
}

const over = (database: Sqlite.Database) =>
	new Kysely<Database>({ dialect: new SqliteDialect({ database }) });

/** The real handler on a real SQLite base in memory, with answers of a few rows so that every pull has pages. */
export class SimulatedServer {
	now: number;
	readonly organisation: string;
	/** [P8] Set once a backup was put back: revisions that tablets had seen before mean something else now. */
	restored = false;
	#sqlite: Sqlite.Database;
	#db: Kysely<Database>;
	#backup: Buffer;
	readonly #fuse = new Fuse();
	readonly #keys: Keys;
	readonly #folder: string;
	readonly defects: unknown[] = [];

	private constructor(
		sqlite: Sqlite.Database,
		keys: Keys,
		folder: string,
		organisation: string,
		now: number
	) {
		this.#sqlite = sqlite;
		this.#db = over(sqlite);
		this.#backup = sqlite.serialize();
		this.#keys = keys;
		this.#folder = folder;
		this.organisation = organisation;
		this.now = now;
	}

	static async open(now: number, organisation: string): Promise<SimulatedServer> {
		const sqlite = new Sqlite(':memory:');
		const db = over(sqlite);
		await migrate(db);
		const folder = mkdtempSync(join(tmpdir(), 'escale-simulation-'));
		const keys = openKeys(folder);
		await createOrganisation(db, keys, { name: 'Essai', timeZone: 'Europe/Paris', now, id: organisation });
		return new SimulatedServer(sqlite, keys, folder, organisation, now);
	}

	backUp(): void {
		this.#backup = this.#sqlite.serialize();
	}

	/** [P8] The last backup is put back: the server has forgotten what came after it, and says so by a new epoch. */
	async restore(): Promise<void> {
		await this.#db.destroy();
		this.#sqlite = new Sqlite(this.#backup);
		this.#db = over(this.#sqlite);
		await this.#db.updateTable('organisation').set({ epoch: newEpoch() }).execute();
		this.restored = true;
	}

	async close(): Promise<void> {
		await this.#db.destroy();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async session(caller: Caller): Promise<Session> {
		return {
			user: { id: caller.user, name: 'Essai', email: 'essai@demo.escale.test' },
			organisation: { id: this.organisation, name: 'Essai', timeZone: 'Europe/Paris' },
			role: caller.role,
			sites: caller.sites,
			publicKey: await this.#keys.publicKey(this.organisation)
		};
	}

	/** Through JSON both ways, as over the wire. */
	async exchange(caller: Caller, request: SyncRequest, crashAt = Infinity): Promise<SyncAnswer> {
		this.now += 1000;
		this.#fuse.left = crashAt;
		const context = {
			db: this.#db.withPlugin(this.#fuse),
			dialect: 'sqlite' as const,
			keys: this.#keys,
			now: () => this.now,
			report: (defect: unknown) => defect instanceof ServerDied || this.defects.push(defect),
			pageRows: 5
		};
		const answer = await syncOnce(context, caller, JSON.parse(JSON.stringify(request)));
		this.#fuse.left = Infinity;
		return JSON.parse(JSON.stringify(answer));
	}

	/** What this caller may see, read past the handler. */
	async rowsFor(caller: Caller): Promise<Row[]> {
		const stored = await this.#db
			.selectFrom('record')
			.select(recordColumns)
			.where('organisation', '=', this.organisation)
			.where('deleted', '=', 0)
			.where('site', 'in', scopesOf(caller))
			.execute();
		return stored.map((row) => rowOf(storedOf(row))).filter((row) => mayRead(caller.role, row.kind));
	}

	/** A first sync from nothing, page by page, as a new device of this caller. */
	async firstSync(caller: Caller, device: string): Promise<Row[]> {
		const rows = new Map<string, Row>();
		let request: SyncRequest = {
			device,
			v: PROTOCOL_VERSION,
			schema: SCHEMA_VERSION,
			now: this.now,
			epoch: '',
			scope: '',
			after: 0,
			ops: [],
			cursors: {},
			below: {}
		};
		for (let page = 0; page < 1000; page++) {
			const { status, body } = await this.exchange(caller, request);
			if (status !== 200 || 'error' in body) throw new Error(`first sync: ${JSON.stringify(body)}`);
			const answer: SyncResponse = body;
			for (const [site, page] of Object.entries(answer.sites)) {
				for (const id of page.gone) if (rows.get(id)?.site === site) rows.delete(id);
				for (const row of page.rows) rows.set(row.id, row);
			}
			if (!answer.more) return [...rows.values()];
			const cursors = Object.fromEntries(Object.entries(answer.sites).map(([site, { rev }]) => [site, rev]));
			const below = { ...request.below };
			for (const [site, page] of Object.entries(answer.sites))
				if (page.below === undefined) delete below[site];
				else below[site] = page.below;
			request = {
				...request,
				epoch: answer.epoch,
				scope: answer.scope,
				cursors: { ...request.cursors, ...cursors },
				below
			};
		}
		throw new Error('a first sync did not end');
	}

	async record(id: string) {
		const row = await this.#db
			.selectFrom('record')
			.select(recordColumns)
			.where('id', '=', id)
			.executeTakeFirst();
		return row && storedOf(row);
	}

	async records() {
		const rows = await this.#db.selectFrom('record').select(recordColumns).execute();
		return rows.map(storedOf);
	}

	journal() {
		return this.#db.selectFrom('operation').selectAll().orderBy('rev').execute();
	}

	rejects() {
		return this.#db.selectFrom('reject').selectAll().execute();
	}

	/** Everything that a replayed request must not change. A repeated operation is noted, and changes nothing. */
	async fingerprint(): Promise<string> {
		const records = await this.#db.selectFrom('record').selectAll().orderBy('id').execute();
		const tombstones = await this.#db
			.selectFrom('tombstone')
			.selectAll()
			.orderBy('id')
			.orderBy('site')
			.execute();
		const outcomes = await this.#db
			.selectFrom('operation')
			.select(['user', 'device', 'n', 'id', 'outcome', 'rev'])
			.where('outcome', '<>', 'repeated')
			.orderBy('id')
			.orderBy('device')
			.execute();
		const organisation = await this.#db.selectFrom('organisation').selectAll().execute();
		return canonical({ records, tombstones, outcomes, organisation });
	}
}
