import type { Kysely } from 'kysely';

/** What is known of each tablet, the key of its parcels, and how old a tombstone is. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema.alterTable('device').addColumn('upload_key', 'text').execute();
	await db.schema
		.alterTable('device')
		.addColumn('waiting', 'integer', (c) => c.notNull().defaultTo(0))
		.execute();
	await db.schema.alterTable('device').addColumn('waiting_since', 'bigint').execute();
	// Cursors below are served anew: tombstones up to it may have been cleared away.
	await db.schema
		.alterTable('organisation')
		.addColumn('floor', 'bigint', (c) => c.notNull().defaultTo(0))
		.execute();
	await db.schema
		.alterTable('tombstone')
		.addColumn('at', 'bigint', (c) => c.notNull().defaultTo(0))
		.execute();
}
