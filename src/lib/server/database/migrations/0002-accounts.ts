import type { Kysely } from 'kysely';

/**
 * Accounts and their sessions, written and read by better-auth (names: `accountTables` of ../../auth.ts). On SQLite its dates
 * are ISO 8601 text; `timestamptz` and `boolean` are there only names.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createTable('account')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('email', 'text', (c) => c.notNull().unique())
		.addColumn('email_verified', 'boolean', (c) => c.notNull())
		.addColumn('image', 'text')
		.addColumn('created_at', 'timestamptz', (c) => c.notNull())
		.addColumn('updated_at', 'timestamptz', (c) => c.notNull())
		.execute();

	await db.schema
		.createTable('session')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('token', 'text', (c) => c.notNull().unique())
		.addColumn('account', 'text', (c) => c.notNull().references('account.id').onDelete('cascade'))
		.addColumn('expires_at', 'timestamptz', (c) => c.notNull())
		.addColumn('address', 'text')
		.addColumn('browser', 'text')
		.addColumn('created_at', 'timestamptz', (c) => c.notNull())
		.addColumn('updated_at', 'timestamptz', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('session_by_account').on('session').columns(['account']).execute();

	await db.schema
		.createTable('credential')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('account', 'text', (c) => c.notNull().references('account.id').onDelete('cascade'))
		.addColumn('provider', 'text', (c) => c.notNull())
		.addColumn('provider_account', 'text', (c) => c.notNull())
		.addColumn('access_token', 'text')
		.addColumn('refresh_token', 'text')
		.addColumn('id_token', 'text')
		.addColumn('access_token_expires_at', 'timestamptz')
		.addColumn('refresh_token_expires_at', 'timestamptz')
		.addColumn('scope', 'text')
		.addColumn('password', 'text')
		.addColumn('created_at', 'timestamptz', (c) => c.notNull())
		.addColumn('updated_at', 'timestamptz', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('credential_by_account').on('credential').columns(['account']).execute();

	await db.schema
		.createTable('verification')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('identifier', 'text', (c) => c.notNull())
		.addColumn('value', 'text', (c) => c.notNull())
		.addColumn('expires_at', 'timestamptz', (c) => c.notNull())
		.addColumn('created_at', 'timestamptz', (c) => c.notNull())
		.addColumn('updated_at', 'timestamptz', (c) => c.notNull())
		.execute();
	await db.schema
		.createIndex('verification_by_identifier')
		.on('verification')
		.columns(['identifier'])
		.execute();

	await db.schema
		.createTable('throttle')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('key', 'text', (c) => c.notNull().unique())
		.addColumn('count', 'integer', (c) => c.notNull())
		.addColumn('last_at', 'bigint', (c) => c.notNull())
		.execute();
}
