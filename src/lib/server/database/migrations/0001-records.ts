import type { Kysely } from 'kysely';

/** Organisations, memberships, tablets, records and the journal of what tablets sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createTable('organisation')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('time_zone', 'text', (c) => c.notNull())
		.addColumn('epoch', 'text', (c) => c.notNull())
		.addColumn('rev', 'bigint', (c) => c.notNull().defaultTo(0))
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.execute();

	await db.schema
		.createTable('membership')
		.addColumn('organisation', 'text', (c) => c.notNull().references('organisation.id'))
		.addColumn('user', 'text', (c) => c.notNull())
		.addColumn('role', 'text', (c) => c.notNull())
		.addColumn('sites', 'text', (c) => c.notNull())
		.addColumn('from_day', 'text', (c) => c.notNull())
		.addColumn('until_day', 'text')
		.addPrimaryKeyConstraint('membership_key', ['organisation', 'user'])
		.execute();
	await db.schema.createIndex('membership_by_user').on('membership').columns(['user']).execute();

	await db.schema
		.createTable('device')
		.addColumn('organisation', 'text', (c) => c.notNull().references('organisation.id'))
		.addColumn('user', 'text', (c) => c.notNull())
		.addColumn('id', 'text', (c) => c.notNull())
		.addColumn('last_n', 'bigint', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('last_seen', 'bigint', (c) => c.notNull())
		.addColumn('clock_offset', 'bigint', (c) => c.notNull())
		.addColumn('app_version', 'text')
		.addColumn('revoked_at', 'bigint')
		.addPrimaryKeyConstraint('device_key', ['organisation', 'user', 'id'])
		.execute();

	await db.schema
		.createTable('record')
		.addColumn('organisation', 'text', (c) => c.notNull().references('organisation.id'))
		.addColumn('id', 'text', (c) => c.notNull())
		.addColumn('kind', 'text', (c) => c.notNull())
		.addColumn('site', 'text', (c) => c.notNull())
		.addColumn('rev', 'bigint', (c) => c.notNull())
		.addColumn('by', 'text', (c) => c.notNull())
		.addColumn('at', 'bigint', (c) => c.notNull())
		.addColumn('deleted', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('data', 'text', (c) => c.notNull())
		.addPrimaryKeyConstraint('record_key', ['organisation', 'id'])
		.execute();
	await db.schema
		.createIndex('record_by_rev')
		.on('record')
		.columns(['organisation', 'site', 'rev'])
		.execute();

	await db.schema
		.createTable('tombstone')
		.addColumn('organisation', 'text', (c) => c.notNull().references('organisation.id'))
		.addColumn('site', 'text', (c) => c.notNull())
		.addColumn('id', 'text', (c) => c.notNull())
		.addColumn('kind', 'text', (c) => c.notNull())
		.addColumn('rev', 'bigint', (c) => c.notNull())
		.addPrimaryKeyConstraint('tombstone_key', ['organisation', 'site', 'id'])
		.execute();
	await db.schema
		.createIndex('tombstone_by_rev')
		.on('tombstone')
		.columns(['organisation', 'site', 'rev'])
		.execute();

	await db.schema
		.createTable('operation')
		.addColumn('organisation', 'text', (c) => c.notNull().references('organisation.id'))
		.addColumn('user', 'text', (c) => c.notNull())
		.addColumn('device', 'text', (c) => c.notNull())
		.addColumn('n', 'bigint', (c) => c.notNull())
		.addColumn('id', 'text', (c) => c.notNull())
		.addColumn('hash', 'text')
		.addColumn('at', 'bigint', (c) => c.notNull())
		.addColumn('applied_at', 'bigint', (c) => c.notNull())
		.addColumn('outcome', 'text', (c) => c.notNull())
		.addColumn('rev', 'bigint')
		.addColumn('body', 'text', (c) => c.notNull())
		.addPrimaryKeyConstraint('operation_key', ['organisation', 'user', 'device', 'n'])
		.execute();
	await db.schema.createIndex('operation_by_id').on('operation').columns(['organisation', 'id']).execute();

	await db.schema
		.createTable('reject')
		.addColumn('organisation', 'text', (c) => c.notNull().references('organisation.id'))
		.addColumn('user', 'text', (c) => c.notNull())
		.addColumn('device', 'text', (c) => c.notNull())
		.addColumn('n', 'bigint', (c) => c.notNull())
		.addColumn('id', 'text', (c) => c.notNull())
		.addColumn('reason', 'text', (c) => c.notNull())
		.addColumn('detail', 'text', (c) => c.notNull())
		.addColumn('touched', 'text', (c) => c.notNull())
		.addColumn('at', 'bigint', (c) => c.notNull())
		.addColumn('body', 'text', (c) => c.notNull())
		.addPrimaryKeyConstraint('reject_key', ['organisation', 'user', 'device', 'n'])
		.execute();

	await db.schema
		.createTable('audit')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('organisation', 'text', (c) => c.notNull().references('organisation.id'))
		.addColumn('at', 'bigint', (c) => c.notNull())
		.addColumn('user', 'text')
		.addColumn('action', 'text', (c) => c.notNull())
		.addColumn('subject', 'text', (c) => c.notNull())
		.addColumn('detail', 'text', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('audit_by_time').on('audit').columns(['organisation', 'at']).execute();
}
