import { sql, type Kysely } from 'kysely';
import * as z from 'zod/mini';
import type { DialectName } from '../database/connect.ts';
import type { Database } from '../database/schema.ts';

/** One table of a backup. Parents come before what refers to them. */
export type KeptTable = { name: keyof Database; key: readonly string[] };

export const keptTables: readonly KeptTable[] = [
	{ name: 'organisation', key: ['id'] },
	{ name: 'account', key: ['id'] },
	{ name: 'credential', key: ['id'] },
	{ name: 'membership', key: ['organisation', 'user'] },
	{ name: 'device', key: ['organisation', 'user', 'id'] },
	{ name: 'record', key: ['organisation', 'id'] },
	{ name: 'tombstone', key: ['organisation', 'site', 'id'] },
	{ name: 'operation', key: ['organisation', 'user', 'device', 'n'] },
	{ name: 'reject', key: ['organisation', 'user', 'device', 'n'] },
	{ name: 'audit', key: ['id'] }
];

/** People sign in again after a restore: these are emptied by it. */
export const passingTables: readonly string[] = ['session', 'verification', 'throttle'];

/** A value as both dialects can be given it: times as ISO 8601, booleans as such. */
export const plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type Plain = z.infer<typeof plain>;

export type Column = { name: string; as: 'boolean' | 'time' | 'plain' };
export type Shape = ReadonlyMap<string, readonly Column[]>;

/** The tables that this base has, with their columns; Kysely's own included. */
export async function shapeOf(db: Kysely<Database>, dialect: DialectName): Promise<Shape> {
	const schema =
		dialect === 'postgres'
			? (await sql<{ name: string }>`select current_schema() as name`.execute(db)).rows[0]?.name
			: undefined;
	const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
	return new Map(
		tables
			.filter((table) => dialect === 'sqlite' || table.schema === schema)
			.map(({ name, columns }) => [
				name,
				columns.map((column) => ({ name: column.name, as: kindOf(column.dataType) }))
			])
	);
}

function kindOf(dataType: string): Column['as'] {
	if (/^bool/i.test(dataType)) return 'boolean';
	return /^timestamptz/i.test(dataType) ? 'time' : 'plain';
}

/** SQLite has no booleans, and better-auth's dates are text there; PostgreSQL's driver gives `Date`. */
export function toPlain(value: unknown, { as }: Column): Plain {
	if (as === 'boolean' && value !== null) return Boolean(value);
	return plain.parse(value instanceof Date ? value.toISOString() : value);
}

export const fromPlain = (value: Plain, dialect: DialectName): Plain =>
	dialect === 'sqlite' && typeof value === 'boolean' ? Number(value) : value;

/** Names of the migrations that this base has had, in order; none in an empty one. */
export async function migrationsOf(db: Kysely<Database>, shape: Shape): Promise<string[]> {
	if (!shape.has('kysely_migration')) return [];
	const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
	return rows.map(({ name }) => name);
}
