import { randomBytes } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import * as z from 'zod/mini';
import { text } from '#lib/domain/field.ts';
import { uuidv7 } from '#lib/domain/identifier.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import { MAX_PASSWORD, MIN_PASSWORD } from './auth.ts';
import { isTimeZone, type Server } from './context.ts';
import type { Database } from './database/schema.ts';
import { createOrganisation } from './organisation.ts';
import { createPerson, hashPassword, type PersonResult } from './people.ts';
import { createRecords } from './records.ts';

const trimmed = (max: number) =>
	z.pipe(
		z.string(),
		z.pipe(
			z.transform((s: string) => s.trim()),
			text(max)
		)
	);

/** What a person types about themselves; the e-mail is only an identifier here. */
export const newcomer = {
	name: trimmed(120),
	email: z.pipe(trimmed(160), z.email()),
	password: z.string().check(z.minLength(MIN_PASSWORD), z.maxLength(MAX_PASSWORD))
};
export const timeZone = z.string().check(z.maxLength(60), z.refine(isTimeZone));
export const organisationName = trimmed(160);

export const setupRequest = z.union([
	z.strictObject({ organisation: organisationName, timeZone, ...newcomer }),
	z.strictObject({ demo: z.literal(true) })
]);
export type SetupRequest = z.infer<typeof setupRequest>;
export type NewOrganisation = Exclude<SetupRequest, { demo: true }>;

export async function isEmpty(db: Kysely<Database>): Promise<boolean> {
	return (await db.selectFrom('organisation').select('id').limit(1).execute()).length === 0;
}

/**
 * Runs `fill` only if there is no organisation yet, and alone: whoever comes at the same time waits, then finds the base
 * taken and gets `undefined`. All or nothing.
 */
export async function onEmptyBase<T>(
	{ db, dialect }: Pick<Server, 'db' | 'dialect'>,
	fill: (trx: Transaction<Database>) => Promise<T>
): Promise<T | undefined> {
	return db.transaction().execute(async (trx) => {
		// SQLite takes its write lock at the first write, even one that touches no row.
		if (dialect === 'sqlite') await sql`update organisation set rev = rev where id = ''`.execute(trx);
		else await sql`lock table organisation in share row exclusive mode`.execute(trx);
		return (await isEmpty(trx)) ? fill(trx) : undefined;
	});
}

/**
 * An organisation with its seat as first site, because a tablet needs a place to work at, and a first person who sees it.
 */
export async function foundOrganisation(
	{ keys, now }: Pick<Server, 'keys' | 'now'>,
	trx: Transaction<Database>,
	founding: NewOrganisation & { role: Role }
): Promise<PersonResult> {
	const taken = await trx
		.selectFrom('account')
		.select('id')
		.where('email', '=', founding.email.toLowerCase())
		.executeTakeFirst();
	if (taken) return { ok: false, reason: 'email_taken' };
	const at = now();
	const passwordHash = await hashPassword(founding.password);
	const person = uuidv7(at, randomBytes(10));
	const site = uuidv7(at, randomBytes(10));
	const { id } = await createOrganisation(trx, keys, {
		name: founding.organisation,
		timeZone: founding.timeZone,
		now: at
	});
	await createRecords(trx, id, [
		{
			kind: 'site',
			id: site,
			site: 'org',
			by: person,
			at,
			fields: { name: founding.organisation, kind: 'head-office', timeZone: founding.timeZone }
		}
	]);
	const { name, email, role } = founding;
	return createPerson(trx, {
		id: person,
		organisation: id,
		name,
		email,
		passwordHash,
		role,
		sites: [site],
		now: at
	});
}

/** The demonstration's generator is loaded only here: a server in service never needs it. */
export async function fillWithDemo(
	{ keys, now }: Pick<Server, 'keys' | 'now'>,
	trx: Transaction<Database>
): Promise<void> {
	const { seedDemo } = await import('./demo/seed.ts');
	await seedDemo({ db: trx, keys }, { now: now() });
}
