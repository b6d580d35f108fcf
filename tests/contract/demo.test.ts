import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyPassword } from 'better-auth/crypto';
import { afterAll, expect, it } from 'vitest';
import { openDatabase } from '#lib/server/database/connect.ts';
import { migrate } from '#lib/server/database/migrate.ts';
import { seedDemo } from '#lib/server/demo/seed.ts';
import { openKeys } from '#lib/server/keys.ts';
import { rowOf, storedOf, recordColumns } from '#lib/server/records.ts';

const folder = mkdtempSync(join(tmpdir(), 'escale-demo-'));
const { db } = openDatabase({ file: join(folder, 'escale.sqlite') });
const keys = openKeys(join(folder, 'keys'));
afterAll(async () => {
	await db.destroy();
	rmSync(folder, { recursive: true });
});

it('fills an empty base once, every record with a revision of its own', async () => {
	await migrate(db);
	const now = Date.UTC(2026, 10, 20, 13, 5);
	const demo = await seedDemo({ db, keys }, { now });
	const rows = await db.selectFrom('record').select(recordColumns).orderBy('rev').execute();
	const { rev } = await db.selectFrom('organisation').select('rev').executeTakeFirstOrThrow();
	expect(rows).toHaveLength(demo.records);
	expect(rows.map((r) => r.rev)).toEqual(Array.from({ length: demo.records }, (_, i) => i + 1));
	expect(rev).toBe(demo.records);
	expect(rows.map((row) => rowOf(storedOf(row)).kind).filter((kind) => kind === 'staff')).toHaveLength(25);

	await expect(seedDemo({ db, keys }, { now })).rejects.toThrow('email_taken');
	expect(await db.selectFrom('organisation').select('id').execute()).toHaveLength(1);
	expect(
		await db
			.selectFrom('record')
			.select((eb) => eb.fn.countAll().as('n'))
			.executeTakeFirst()
	).toEqual({
		n: demo.records
	});
});

it('lets one person of each role sign in with the password of the README, and nobody else', async () => {
	const credentials = await db
		.selectFrom('credential')
		.innerJoin('account', 'account.id', 'credential.account')
		.innerJoin('membership', 'membership.user', 'account.id')
		.select(['account.email', 'membership.role', 'credential.password'])
		.execute();
	expect(credentials.map(({ email, role }) => `${email} ${role}`).sort()).toEqual([
		'accueil@demo.escale.test reception',
		'admin@demo.escale.test administrator',
		'conseiller@demo.escale.test counsellor',
		'conseillere@demo.escale.test counsellor',
		'direction@demo.escale.test director',
		'maraude@demo.escale.test outreach',
		'responsable@demo.escale.test manager'
	]);
	const hash = credentials[0]!.password!;
	expect(new Set(credentials.map((c) => c.password))).toEqual(new Set([hash]));
	expect(await verifyPassword({ hash, password: 'Escale-Demo-2026!' })).toBe(true);
	expect(
		await db
			.selectFrom('account')
			.select((eb) => eb.fn.countAll().as('n'))
			.executeTakeFirst()
	).toEqual({ n: 25 });
});
