import type { Kysely } from 'kysely';

/** Counting what is still to come of a site [P10.5] reads the index alone: deleted rows and kinds are told from it. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createIndex('record_to_count')
		.on('record')
		.columns(['organisation', 'site', 'rev', 'deleted', 'kind'])
		.execute();
	await db.schema.dropIndex('record_by_rev').execute();
}
