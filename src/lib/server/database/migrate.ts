import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import * as records from './migrations/0001-records.ts';
import * as accounts from './migrations/0002-accounts.ts';
import * as tablets from './migrations/0003-tablets.ts';
import * as languages from './migrations/0004-languages.ts';
import * as counting from './migrations/0005-counting.ts';
import * as journal from './migrations/0006-journal.ts';
import type { Database } from './schema.ts';

/** In order, named by their number: a new one is added at the end and never changed once released. */
export const migrations: Record<string, Migration> = {
	'0001-records': records,
	'0002-accounts': accounts,
	'0003-tablets': tablets,
	'0004-languages': languages,
	'0005-counting': counting,
	'0006-journal': journal
};

/** Throws unless the names count 0001, 0002, 0003… in the order they are listed. */
export function assertContiguous(names: string[]): void {
	names.forEach((name, i) => {
		const number = String(i + 1).padStart(4, '0');
		if (!name.startsWith(`${number}-`)) throw new Error(`migration ${name} should be number ${number}`);
	});
}

/** Brings the base up to date, all or nothing per migration. Returns the names applied; throws the first error. */
export async function migrate(db: Kysely<Database>, schema?: string): Promise<string[]> {
	assertContiguous(Object.keys(migrations));
	const migrator = new Migrator({
		db,
		provider: { getMigrations: async () => migrations },
		...(schema && { migrationTableSchema: schema })
	});
	const { error, results } = await migrator.migrateToLatest();
	if (error) throw error;
	return (results ?? []).filter((r) => r.status === 'Success').map((r) => r.migrationName);
}
