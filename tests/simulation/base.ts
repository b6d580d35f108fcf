import Sqlite from 'better-sqlite3';
import {
	Kysely,
	PostgresDialect,
	sql,
	SqliteDialect,
	type DatabaseConnection,
	type Dialect,
	type Driver,
	type TransactionSettings
} from 'kysely';
import { Client, Pool, types } from 'pg';
import { migrate } from '#lib/server/database/migrate.ts';
import type { Database } from '#lib/server/database/schema.ts';

/** Where worlds are played. A PostgreSQL is given by its URL and may be written to. */
export type Ground = { on: 'sqlite' } | { on: 'postgres'; url: string };

export class ServerDied extends Error {}

/** The process dies before or after this statement of its (1 is the next one; begin and commit count too). */
export type Death = { at: number; after: boolean };

/**
 * A base whose server can be killed at any statement. What a dead process began is rolled back: by SQLite's journal, or
 * by PostgreSQL when it finds the sockets closed; both are destroyed here for real.
 */
export class MortalBase {
	readonly db: Kysely<Database>;
	readonly dialect: 'sqlite' | 'postgres';
	readonly close: () => Promise<void>;
	deaths = 0;
	statements = 0;
	#left = Infinity;
	#after = false;
	#dead = false;
	#pull: () => unknown;
	#unplugged: unknown;

	/** @param pullThePlug ends every connection there and then; @param close when no world will be played any more */
	private constructor(
		dialect: MortalBase['dialect'],
		of: Dialect,
		pullThePlug: () => unknown,
		close: () => Promise<void>
	) {
		this.dialect = dialect;
		this.#pull = pullThePlug;
		this.close = close;
		const mortal = (driver: Driver) => new MortalDriver(driver, this);
		this.db = new Kysely<Database>({
			dialect: {
				createDriver: () => mortal(of.createDriver()),
				createQueryCompiler: () => of.createQueryCompiler(),
				createAdapter: () => of.createAdapter(),
				createIntrospector: (db) => of.createIntrospector(db)
			}
		});
	}

	static async open(ground: Ground): Promise<MortalBase> {
		const base = ground.on === 'sqlite' ? MortalBase.#inMemory() : await MortalBase.#inSchema(ground.url);
		await migrate(base.db, base.dialect === 'postgres' ? await schemaOf(base.db) : undefined);
		return base;
	}

	static #inMemory(): MortalBase {
		const database = new Sqlite(':memory:');
		const prepared = new Map<string, Sqlite.Statement>();
		const prepare = (text: string): Sqlite.Statement => {
			const known = prepared.get(text) ?? database.prepare(text);
			prepared.set(text, known);
			return known;
		};
		const of = new SqliteDialect({ database: { prepare, close: () => database.close() } });
		const base: MortalBase = new MortalBase(
			'sqlite',
			of,
			() => database.inTransaction && database.exec('rollback'),
			() => base.db.destroy()
		);
		return base;
	}

	/** One schema per process, migrated once and emptied between worlds. */
	static async #inSchema(url: string): Promise<MortalBase> {
		const schema = `worlds_${crypto.randomUUID().replaceAll('-', '')}`;
		const once = async (statement: string) => {
			const client = new Client({ connectionString: url });
			await client.connect();
			await client.query(statement);
			await client.end();
		};
		await once(`create schema ${schema}`);
		const pool = new Pool({
			connectionString: url,
			max: 4,
			options: `-c search_path=${schema} -c synchronous_commit=off`,
			types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format)) }
		});
		const alive = new Set<Client>();
		pool.on('error', () => undefined);
		pool.on('connect', (client) => {
			client.on('error', () => undefined);
			if (!(client instanceof Client)) return;
			alive.add(client);
			client.once('end', () => alive.delete(client));
		});
		const unplug = async () => {
			const ended = [...alive].map((client) => {
				const { promise, resolve } = Promise.withResolvers<void>();
				client.once('end', resolve);
				client.connection.stream.destroy();
				return promise;
			});
			await Promise.all(ended);
		};
		const base: MortalBase = new MortalBase('postgres', new PostgresDialect({ pool }), unplug, async () => {
			await base.db.destroy();
			await once(`drop schema ${schema} cascade`);
		});
		return base;
	}

	/** Another process takes over, once the system has closed what the dead one had open. */
	async revive(): Promise<void> {
		await this.#unplugged;
		this.arm();
	}

	/** From here on a living process, until the given death. */
	arm({ at, after }: Death = { at: Infinity, after: false }): void {
		this.#dead = false;
		this.#left = at;
		this.#after = after;
	}

	get isDead(): boolean {
		return this.#dead;
	}

	async step<T>(run: () => Promise<T>): Promise<T> {
		if (this.#dead) throw new ServerDied('the server is dead');
		this.statements++;
		const isLast = --this.#left === 0;
		if (isLast && !this.#after) this.#die();
		const result = await run();
		if (isLast) this.#die();
		return result;
	}

	#die(): never {
		this.#dead = true;
		this.deaths++;
		this.#unplugged = this.#pull();
		throw new ServerDied('the server died');
	}

	/** Everything in it, to be put back or compared. */
	async image(): Promise<Image> {
		const image: Image = new Map();
		for (const table of TABLES) image.set(table, await this.#loose.selectFrom(table).selectAll().execute());
		return image;
	}

	async restore(image: Image): Promise<void> {
		await this.clear();
		for (const table of TABLES) {
			const rows = image.get(table) ?? [];
			for (let from = 0; from < rows.length; from += 500)
				await this.#loose
					.insertInto(table)
					.values(rows.slice(from, from + 500))
					.execute();
		}
	}

	async clear(): Promise<void> {
		if (this.dialect === 'postgres')
			return void (await sql`${sql.raw(
				[...TABLES]
					.reverse()
					.map((table) => `delete from ${table}`)
					.join(';')
			)}`.execute(this.db));
		for (const table of [...TABLES].reverse()) await this.#loose.deleteFrom(table).execute();
	}

	/** For whole tables, whatever their columns. */
	get #loose(): Kysely<Loose> {
		return this.db as unknown as Kysely<Loose>;
	}
}

type Loose = Record<Table, Record<string, unknown>>;
export type Image = Map<Table, Record<string, unknown>[]>;
type Table = (typeof TABLES)[number];
/** Those that sync writes, parents first. */
const TABLES = [
	'organisation',
	'device',
	'record',
	'tombstone',
	'operation',
	'reject'
] as const satisfies (keyof Database)[];
const INT8 = 20;

async function schemaOf(db: Kysely<Database>): Promise<string> {
	const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db);
	return rows[0]!.name;
}

/** Counts what reaches the base. */
class MortalDriver implements Driver {
	#inner: Driver;
	#base: MortalBase;
	#mortal = new WeakMap<DatabaseConnection, DatabaseConnection>();
	#real = new WeakMap<DatabaseConnection, DatabaseConnection>();

	constructor(inner: Driver, base: MortalBase) {
		this.#inner = inner;
		this.#base = base;
	}

	init(): Promise<void> {
		return this.#inner.init();
	}

	async acquireConnection(): Promise<DatabaseConnection> {
		const real = await this.#inner.acquireConnection();
		const known = this.#mortal.get(real);
		if (known) return known;
		const mortal: DatabaseConnection = {
			executeQuery: (query) => this.#base.step(() => real.executeQuery(query)),
			streamQuery: () => {
				throw new Error('the simulated base streams nothing');
			}
		};
		this.#mortal.set(real, mortal);
		this.#real.set(mortal, real);
		return mortal;
	}

	beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
		return this.#base.step(() => this.#inner.beginTransaction(this.#of(connection), settings));
	}

	commitTransaction(connection: DatabaseConnection): Promise<void> {
		return this.#base.step(() => this.#inner.commitTransaction(this.#of(connection)));
	}

	async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
		try {
			await this.#inner.rollbackTransaction(this.#of(connection));
		} catch (error) {
			if (!this.#base.isDead) throw error;
		}
	}

	releaseConnection(connection: DatabaseConnection): Promise<void> {
		return this.#inner.releaseConnection(this.#of(connection));
	}

	destroy(): Promise<void> {
		return this.#inner.destroy();
	}

	#of(connection: DatabaseConnection): DatabaseConnection {
		return this.#real.get(connection) ?? connection;
	}
}
