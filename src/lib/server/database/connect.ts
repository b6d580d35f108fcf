import { Kysely, PostgresDialect, SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely';
import Sqlite from 'better-sqlite3';
import { Pool, types } from 'pg';
import type { Database } from './schema.ts';

export type DialectName = 'sqlite' | 'postgres';
export type OpenDatabase = { db: Kysely<Database>; dialect: DialectName };

/**
 * Opens the base without touching its tables. A `postgres://` `url` wins over `file`, the path of the SQLite file
 * (`:memory:` too). `schema` is the PostgreSQL schema to work in. Throws when neither is given.
 */
export function openDatabase(where: { url?: string; file?: string; schema?: string }): OpenDatabase {
	if (where.url)
		return { db: new Kysely<Database>({ dialect: postgres(where.url, where.schema) }), dialect: 'postgres' };
	if (where.file) return { db: new Kysely<Database>({ dialect: sqlite(where.file) }), dialect: 'sqlite' };
	throw new Error('openDatabase needs a url or a file');
}

function sqlite(file: string): SqliteDialect {
	const database = new Sqlite(file);
	database.pragma('journal_mode = WAL');
	// FULL: an acknowledged operation survives a power cut, not only a crash of the process.
	database.pragma('synchronous = FULL');
	database.pragma('foreign_keys = ON');
	database.pragma('busy_timeout = 5000');
	return new SqliteDialect({ database: preparingOnce(database) });
}

/** Statements that are kept prepared; lists of different lengths make different statements. */
const PREPARED = 400;

/**
 * Kysely prepares at every query, which costs as much as running it. SQLite prepares a kept statement anew by itself when
 * tables have changed.
 */
function preparingOnce(database: Sqlite.Database): SqliteDatabase {
	const prepared = new Map<string, SqliteStatement>();
	return {
		close: () => void database.close(),
		prepare(text) {
			const statement = prepared.get(text) ?? database.prepare(text);
			prepared.delete(text);
			prepared.set(text, statement);
			const [oldest] = prepared.keys();
			if (prepared.size > PREPARED && oldest !== undefined) prepared.delete(oldest);
			return statement;
		}
	};
}

/** Counters and times are far below 2^53: read PostgreSQL's 8-byte integers as numbers, as SQLite gives them. */
const INT8 = 20;
const numbers = {
	getTypeParser: (oid: number, format?: 'text' | 'binary') =>
		oid === INT8 && format !== 'binary' ? Number : types.getTypeParser(oid, format)
};

function postgres(url: string, schema: string | undefined): PostgresDialect {
	const pool = new Pool({
		connectionString: url,
		max: 10,
		connectionTimeoutMillis: 10_000,
		// A process that hangs in the middle of a push gives the organisation's row back.
		idle_in_transaction_session_timeout: 60_000,
		types: numbers,
		...(schema && { options: `-c search_path=${schema}` })
	});
	// An idle connection that breaks is replaced; unheard, the event would end the process.
	pool.on('error', () => {});
	// So is one that breaks between two statements of a transaction, whose next statement fails.
	pool.on('connect', (client) => void client.on('error', () => {}));
	return new PostgresDialect({ pool });
}
