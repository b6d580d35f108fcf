import { randomBytes } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import { sql, type Kysely } from 'kysely';
import { uuidv7 } from '#lib/domain/identifier.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import type { Database } from './database/schema.ts';
import { createRecords, inTransaction } from './records.ts';

/** scrypt, about 60 ms: hash once where many people share a password (demonstration). */
export { hashPassword };

export type NewPerson = {
	/** UUIDv7 of the account and of the staff record; made when missing. */
	id?: string;
	organisation: string;
	name: string;
	email: string;
	/** In clear; or `passwordHash` from `hashPassword`. Without either the person can't sign in. */
	password?: string;
	passwordHash?: string;
	role: Role;
	/** Ids of sites, the home site first. */
	sites: string[];
	/** First and last day of the membership, `YYYY-MM-DD` in the organisation's time zone. */
	from?: string;
	until?: string;
	/** Account that creates this one; the person when missing. */
	by?: string;
	/** ms UTC */
	now: number;
};

export type PersonResult = { ok: true; id: string } | { ok: false; reason: 'email_taken' };

/**
 * A person of an organisation: account, membership, and the staff record by which colleagues' tablets know them, in one
 * transaction (`db` may be one already). An account belongs to one organisation, so an address serves once per server.
 */
export async function createPerson(db: Kysely<Database>, person: NewPerson): Promise<PersonResult> {
	const { organisation, name, role, sites, now } = person;
	const id = person.id ?? uuidv7(now, randomBytes(10));
	const email = person.email.trim().toLowerCase();
	const hash =
		person.passwordHash ?? (person.password === undefined ? undefined : await hashPassword(person.password));
	const date = new Date(now).toISOString();
	const dates = { created_at: date, updated_at: date };
	return inTransaction(db, async (trx) => {
		const created = await trx
			.insertInto('account')
			// The literal, because SQLite's driver takes no booleans.
			.values({ id, name, email, email_verified: sql<boolean>`false`, ...dates })
			.onConflict((oc) => oc.column('email').doNothing())
			.returning('id')
			.executeTakeFirst();
		if (!created) return { ok: false, reason: 'email_taken' };
		if (hash !== undefined) {
			await trx
				.insertInto('credential')
				.values({
					id: uuidv7(now, randomBytes(10)),
					account: id,
					provider: 'credential',
					provider_account: id,
					password: hash,
					...dates
				})
				.execute();
		}
		await trx
			.insertInto('membership')
			.values({
				organisation,
				user: id,
				role,
				sites: JSON.stringify(sites),
				from_day: person.from ?? FOREVER,
				until_day: person.until ?? null
			})
			.execute();
		const staff = {
			kind: 'staff',
			id,
			site: 'org',
			by: person.by ?? id,
			at: now,
			fields: { name, role, sites }
		} as const;
		await createRecords(trx, organisation, [staff]);
		return { ok: true, id };
	});
}

/** A membership without a first day has always been. */
const FOREVER = '0001-01-01';
