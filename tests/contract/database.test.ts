import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertContiguous, migrate, migrations } from '#lib/server/database/migrate.ts';
import { createRecords, inTransaction, loadRecords, lockOrganisation } from '#lib/server/records.ts';
import { sitesInView } from '#lib/server/organisation.ts';
import { bases, openPostgres, type TestBase } from '../fixtures/bases.ts';
import { newId, organisationOn, serverOn } from '../fixtures/exchange.ts';

it('migrations count without a gap', () => {
	expect(() => assertContiguous(Object.keys(migrations))).not.toThrow();
	expect(() => assertContiguous(['0001-records', '0003-late'])).toThrow('0003-late should be number 0002');
});

describe.each(bases)('the base: $base', ({ open }) => {
	let base: TestBase;
	beforeAll(async () => {
		base = await open();
	});
	afterAll(() => base.close());

	it('is migrated once', async () => {
		expect(await migrate(base.db)).toEqual([]);
	});

	it('gives counters and times as numbers', async () => {
		const { id } = await organisationOn(serverOn(base));
		const row = await base.db
			.selectFrom('organisation')
			.selectAll()
			.where('id', '=', id)
			.executeTakeFirstOrThrow();
		expect(row).toMatchObject({ rev: 0, created_at: Date.UTC(2026, 10, 20, 12) });
	});

	it('[P3] transactions that want a revision wait for each other', async () => {
		const { id } = await organisationOn(serverOn(base));
		const step = () =>
			base.db.transaction().execute(async (trx) => {
				const locked = await lockOrganisation(trx, id);
				const rev = (locked?.rev ?? 0) + 1;
				await trx.updateTable('organisation').set({ rev }).where('id', '=', id).execute();
				return rev;
			});
		const given = await Promise.all(Array.from({ length: 20 }, step));
		expect(given.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
	});

	it("the server's own records: all or nothing, one revision each", async () => {
		const organisation = await organisationOn(serverOn(base));
		const site = (id: string, name: string) => ({
			kind: 'site' as const,
			id,
			site: 'org',
			by: newId(),
			at: 5,
			fields: { name }
		});
		const [a, b] = [newId(), newId()];
		expect(await createRecords(base.db, organisation.id, [site(a, 'Pau'), site(b, 'Oloron')])).toBe(2);
		const known = await loadRecords(base.db, organisation.id, [a, b]);
		expect([known.get(a)?.rev, known.get(b)?.rev]).toEqual([1, 2]);

		const c = newId();
		await expect(
			createRecords(base.db, organisation.id, [site(c, 'Nay'), site(a, 'Pau again')])
		).rejects.toThrow('exists');
		await expect(createRecords(base.db, organisation.id, [site(c, 'Nay'), site(c, 'Nay')])).rejects.toThrow(
			'exists'
		);
		await expect(createRecords(base.db, organisation.id, [site(c, '')])).rejects.toThrow('name: value');
		expect((await loadRecords(base.db, organisation.id, [c])).size).toBe(0);

		expect(await sitesInView(base.db, organisation.id, 'director', [b])).toEqual([b, a]);
		expect(await sitesInView(base.db, organisation.id, 'counsellor', [b])).toEqual([b]);
	});

	it('work in a transaction of the caller is part of it', async () => {
		const organisation = await organisationOn(serverOn(base));
		const id = newId();
		const failing = base.db.transaction().execute(async (trx) => {
			await inTransaction(trx, (inner) =>
				createRecords(inner, organisation.id, [
					{ kind: 'site', id, site: 'org', by: newId(), at: 5, fields: {} }
				])
			);
			throw new Error('later');
		});
		await expect(failing).rejects.toThrow('later');
		expect((await loadRecords(base.db, organisation.id, [id])).size).toBe(0);
	});
});

it('PostgreSQL: a connection that the server ended is replaced', async () => {
	const [base, other] = [await openPostgres(), await openPostgres()];
	try {
		const pid = sql<{ pid: number }>`select pg_backend_pid() as pid`;
		const [before] = (await pid.execute(base.db)).rows;
		await sql`select pg_terminate_backend(${before?.pid})`.execute(other.db);
		await expect.poll(async () => (await pid.execute(base.db)).rows[0]?.pid).not.toBe(before?.pid);
	} finally {
		await base.close();
		await other.close();
	}
});

it('PostgreSQL: a connection that breaks between two statements of a transaction ends that alone, not the process', async () => {
	const [base, other] = [await openPostgres(), await openPostgres()];
	try {
		const broken = base.db.transaction().execute(async (trx) => {
			const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
			await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other.db);
			const left = sql`select 1 from pg_stat_activity where pid = ${rows[0]?.pid}`;
			await expect.poll(async () => (await left.execute(other.db)).rows.length).toBe(0);
			// Unheard, the driver's event would end this test run with an uncaught error.
			await sql`select 1`.execute(trx);
		});
		await expect(broken).rejects.toThrow();
		expect((await sql<{ one: number }>`select 1 as one`.execute(base.db)).rows).toEqual([{ one: 1 }]);
	} finally {
		await base.close();
		await other.close();
	}
});

it('[P2.5] SQLite finds known operations by their ids, however much their author has sent', async () => {
	const base = await bases[0]!.open();
	try {
		const { rows } = await sql<{ detail: string }>`explain query plan select id from operation
			where organisation = 'o' and "user" = 'u' and outcome = 'applied' and id in ('a', 'b')`.execute(base.db);
		expect(rows.map(({ detail }) => detail)).toEqual([expect.stringContaining('user=? AND id=?')]);
	} finally {
		await base.close();
	}
});
