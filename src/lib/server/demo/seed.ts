import type { Kysely } from 'kysely';
import type { Role } from '#lib/domain/vocabulary.ts';
import type { Database } from '../database/schema.ts';
import type { Keys } from '../keys.ts';
import { createOrganisation } from '../organisation.ts';
import { createPerson, hashPassword } from '../people.ts';
import { createRecords, inTransaction } from '../records.ts';
import { organisationName } from './pau.ts';
import { addressOf, demoPassword } from './staff.ts';
import { inventYear } from './year.ts';

export type Demo = {
	organisation: string;
	records: number;
	/** Those who can sign in. */
	accounts: { email: string; name: string; role: Role }[];
	password: string;
};

/** The demonstration that everybody gets (Pau's code of the official geographic code). */
export const DEMO_SEED = 64445;

/**
 * Fills a base with the demonstration: Mission Locale Pau with an invented year, its people and its accounts.
 * All or nothing (`db` may be a transaction already); throws when the demonstration is there already (an address is taken).
 * @param options.now ms UTC; the year ends the day before
 */
export async function seedDemo(
	{ db, keys }: { db: Kysely<Database>; keys: Keys },
	{ seed = DEMO_SEED, now }: { seed?: number; now: number }
): Promise<Demo> {
	const { members, siteIds, records } = inventYear({ seed, now });
	const passwordHash = await hashPassword(demoPassword);
	return inTransaction(db, async (trx) => {
		const { id: organisation } = await createOrganisation(trx, keys, {
			name: organisationName,
			timeZone: 'Europe/Paris',
			now
		});
		const accounts: Demo['accounts'] = [];
		for (const [i, { id, name, role, sites, account }] of members.entries()) {
			const email = addressOf(account ?? `equipe-${String(i + 1).padStart(2, '0')}`);
			const created = await createPerson(trx, {
				id,
				organisation,
				name,
				email,
				role,
				sites: sites.map((key) => siteIds[key]),
				now,
				...(account && { passwordHash })
			});
			if (!created.ok) throw new Error(`${email}: ${created.reason}`);
			if (account) accounts.push({ email, name, role });
		}
		await createRecords(trx, organisation, records);
		return { organisation, records: records.length + members.length, accounts, password: demoPassword };
	});
}
