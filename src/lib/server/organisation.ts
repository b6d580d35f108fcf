import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { seesEverySite } from '#lib/domain/permissions.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import type { Database } from './database/schema.ts';
import type { Keys } from './keys.ts';

/**
 * A new, empty organisation with its key pair. The key comes first: one without an organisation harms nobody, the
 * contrary would leave tablets with nothing to seal to.
 * @param organisation.now ms UTC
 */
export async function createOrganisation(
	db: Kysely<Database>,
	keys: Keys,
	organisation: { name: string; timeZone: string; now: number; id?: string }
): Promise<{ id: string }> {
	const id = organisation.id ?? uuidv7(organisation.now, randomBytes(10));
	await keys.create(id, organisation.now);
	await db
		.insertInto('organisation')
		.values({
			id,
			name: organisation.name,
			time_zone: organisation.timeZone,
			epoch: newEpoch(),
			rev: 0,
			created_at: organisation.now
		})
		.execute();
	return { id };
}

/** [P8] Names one uninterrupted life of a base; a restored backup starts another. */
export const newEpoch = (): string => randomBytes(12).toString('base64url');

/** The sites that a member sees now, the home site first: those of the membership, or all for the roles that see all. */
export async function sitesInView(
	db: Kysely<Database>,
	organisation: string,
	role: Role,
	membershipSites: string[]
): Promise<string[]> {
	if (!seesEverySite(role)) return membershipSites;
	const rows = await db
		.selectFrom('record')
		.select('id')
		.where('organisation', '=', organisation)
		.where('site', '=', 'org')
		.where('kind', '=', 'site')
		.where('deleted', '=', 0)
		.orderBy('id')
		.execute();
	return [...new Set([...membershipSites, ...rows.map((r) => r.id)])];
}
