import type { Kysely } from 'kysely';

/**
 * [P2.5] asks which of these ids an account has had applied. With the organisation and the id alone, SQLite preferred the
 * journal's key and read everything that the account ever sent.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createIndex('operation_by_author')
		.on('operation')
		.columns(['organisation', 'user', 'id'])
		.execute();
	await db.schema.dropIndex('operation_by_id').execute();
}
