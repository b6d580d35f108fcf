import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sql, type Kysely, type KyselyPlugin } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkBackup, restoreBackup } from '#lib/server/backup/restore.ts';
import { keptTables, passingTables, shapeOf } from '#lib/server/backup/tables.ts';
import { writeBackup } from '#lib/server/backup/write.ts';
import { openDatabase, type OpenDatabase } from '#lib/server/database/connect.ts';
import { migrations } from '#lib/server/database/migrate.ts';
import { createPerson } from '#lib/server/people.ts';
import { Migrator } from 'kysely/migration';
import { bases, openPostgres, openSqlite, type TestBase } from '../fixtures/bases.ts';
import { newId, organisationOn, serverOn, Tablet } from '../fixtures/exchange.ts';

const key = randomBytes(32);
const NOW = Date.UTC(2026, 10, 20, 23);
/** A line break for some readers, not for JSON. */
const awkward = 'Zoé\u2028 \\ " œ 𝒜\nà';

const rowsOf = async (base: TestBase) => {
	const rows: Record<string, unknown> = {};
	for (const { name, key } of keptTables) {
		const order = sql.join(key.map((column) => sql`${sql.ref(column)}`));
		const found = await sql`select * from ${sql.table(name)} order by ${order}`.execute(base.db);
		rows[name] = JSON.parse(JSON.stringify(found.rows), (column, value: unknown) => {
			if (column === 'epoch') return 'an epoch';
			return column === 'email_verified' ? Boolean(value) : value;
		});
	}
	return rows;
};

const count = async (db: Kysely<never>, table: string): Promise<number> => {
	const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
		db
	);
	return Number(rows[0]?.count);
};

/** Two organisations with something in every kept table, and one person who is signed in. */
async function inhabited(base: TestBase) {
	const server = serverOn(base);
	const [ours, theirs] = [await organisationOn(server), await organisationOn(server, 'Ailleurs')];
	for (const { id, pau, person } of [ours, theirs]) {
		const account = await createPerson(base.db, {
			organisation: id,
			name: awkward,
			email: `${id}@escale.test`,
			passwordHash: 'a hash',
			role: 'counsellor',
			sites: [pau],
			now: NOW
		});
		if (!account.ok) throw new Error('no account');
		const tablet = new Tablet(server, { ...person(), user: account.id });
		const ids = Array.from({ length: 1203 }, (_, i) =>
			tablet.create('youth', { lastName: `${awkward} ${i}` })
		);
		await tablet.sync();
		tablet.act({ do: 'delete', kind: 'youth', id: ids[0]!, seen: 0 });
		tablet.act({ do: 'set', kind: 'youth', id: newId(), seen: 0, fields: { lastName: 'nobody' } });
		await tablet.sync();
		await base.db
			.insertInto('audit')
			.values({ id: newId(), organisation: id, at: NOW, user: null, action: 'a', subject: 's', detail: '{}' })
			.execute();
		const date = new Date(NOW).toISOString();
		await sql`insert into session (id, token, account, expires_at, created_at, updated_at)
			values (${newId()}, ${newId()}, ${account.id}, ${date}, ${date}, ${date})`.execute(base.db);
	}
	return { server, ours, theirs };
}

const putBack = async (base: OpenDatabase, file: string, replace = false) =>
	restoreBackup(base, await checkBackup(file, key), replace);

const opens = { SQLite: openSqlite, PostgreSQL: openPostgres };

describe.each(bases)('[P8] a backup of $base', ({ open }) => {
	let source: TestBase;
	let file: string;
	let world: Awaited<ReturnType<typeof inhabited>>;
	beforeAll(async () => {
		source = await open();
		world = await inhabited(source);
		file = join(source.folder, 'nightly.backup');
		await writeBackup(source, { file, key, now: NOW, version: '1' });
	});
	afterAll(() => source.close());

	it('has every table, or it is known why not', async () => {
		const shape = await shapeOf(source.db, source.dialect);
		const own = [...shape.keys()].filter((table) => !table.startsWith('kysely_'));
		expect(own.sort()).toEqual([...keptTables.map((table) => table.name), ...passingTables].sort());
		for (const table of keptTables)
			expect(await count(source.db as never, table.name), table.name).toBeGreaterThan(0);
	});

	it.each(['SQLite', 'PostgreSQL'] as const)('comes back whole in %s, in another epoch', async (other) => {
		const target = await opens[other]();
		try {
			const { counts } = await checkBackup(file, key);
			await putBack(target, file);
			expect(counts).toMatchObject({ organisation: 2, account: 2, operation: 2410 });
			expect(await rowsOf(target)).toEqual(await rowsOf(source));
			for (const table of passingTables) expect(await count(target.db as never, table)).toBe(0);
			const before = await source.db.selectFrom('organisation').select('epoch').execute();
			const after = await target.db.selectFrom('organisation').select('epoch').execute();
			expect(new Set([...before, ...after].map(({ epoch }) => epoch)).size).toBe(4);
			// The base is one that goes on: its constraints are there, and it takes operations.
			const { id, pau } = world.ours;
			const device = { id: newId(), user: newId(), organisation: newId() };
			const values = { ...device, last_n: 0, created_at: 0, last_seen: 0, clock_offset: 0 };
			await expect(
				target.db
					.insertInto('device')
					.values({ ...values, app_version: null, upload_key: null, waiting_since: null, revoked_at: null })
					.execute()
			).rejects.toThrow();
			const server = serverOn(target);
			const tablet = new Tablet(server, {
				organisation: id,
				user: newId(),
				role: 'counsellor',
				sites: [pau]
			});
			tablet.create('youth', { lastName: 'after' });
			await tablet.sync();
			expect(tablet.held.filter((row) => row.kind === 'youth')).toHaveLength(1203);
		} finally {
			await target.close();
		}
	});

	it('is of one moment, while tablets go on sending', async () => {
		const { server, ours } = world;
		const tablet = new Tablet(server, ours.person());
		// A connection of its own, as the command line has; between any two of its statements something new is committed.
		const another = again(source);
		const during = join(source.folder, 'during.backup');
		const meanwhile: KyselyPlugin = {
			transformQuery: ({ node }) => node,
			transformResult: async ({ result }) => {
				tablet.create('youth', { lastName: 'meanwhile' });
				await tablet.exchange();
				return result;
			}
		};
		const busy = { ...another, db: another.db.withPlugin(meanwhile) };
		await writeBackup(busy, { file: during, key, now: NOW, version: '1' });
		expect(tablet.n).toBeGreaterThan(10);
		await another.db.destroy();
		const target = await open();
		try {
			await putBack(target, during);
			for (const { id, rev } of await target.db.selectFrom('organisation').select(['id', 'rev']).execute()) {
				const given = await target.db
					.selectFrom('operation')
					.select((eb) => eb.fn.max('rev').as('rev'))
					.where('organisation', '=', id)
					.executeTakeFirstOrThrow();
				expect(given.rev).toBe(rev);
				const written = await target.db
					.selectFrom('record')
					.select((eb) => eb.fn.max('rev').as('rev'))
					.where('organisation', '=', id)
					.executeTakeFirstOrThrow();
				expect(written.rev).toBe(rev);
			}
		} finally {
			await target.close();
		}
	});

	it('does not replace a base unless told to, and then all of it or nothing', async () => {
		const target = await open();
		try {
			await organisationOn(serverOn(target), 'Already there');
			const before = await rowsOf(target);
			await expect(putBack(target, file)).rejects.toThrow('base not empty');
			await expect(putBack(target, cut(file), true)).rejects.toThrow('truncated');
			const failing = breakingAt(target, 9);
			await expect(putBack(failing, file, true)).rejects.toThrow('the disk is full');
			expect(await rowsOf(target)).toEqual(before);
			await putBack(target, file, true);
			expect(await count(target.db as never, 'organisation')).toBe(2);
		} finally {
			await target.close();
		}
	});

	it('of an older version is brought up to date', async () => {
		const [old, target] = [await open(migrateLongAgo), await open()];
		try {
			const [organisation, site] = [newId(), newId()];
			await sql`insert into organisation (id, name, time_zone, epoch, rev, created_at)
				values (${organisation}, 'Essai', 'Europe/Paris', 'e', 7, 1)`.execute(old.db);
			await sql`insert into device (organisation, "user", id, last_n, created_at, last_seen, clock_offset)
				values (${organisation}, 'u', 'd', 3, 1, 2, 0)`.execute(old.db);
			await sql`insert into tombstone (organisation, site, id, kind, rev)
				values (${organisation}, ${site}, 'r', 'youth', 5)`.execute(old.db);
			const first = { rev: 4, at: 1, device: 'd', n: 1, user: 'u' };
			const data = JSON.stringify({ fields: { languages: 'arabe' }, first, born: 'digest' });
			await sql`insert into record (organisation, id, kind, site, rev, "by", at, deleted, data)
				values (${organisation}, 'r', 'youth', ${site}, 4, 'u', 1, 0, ${data})`.execute(old.db);
			const dump = join(old.folder, 'old.backup');
			await writeBackup(old, { file: dump, key, now: NOW, version: '1' });
			await putBack(target, dump);
			expect(await rowsOf(target)).toMatchObject({
				organisation: [{ rev: 7, floor: 0 }],
				device: [{ last_n: 3, waiting: 0, waiting_since: null }],
				tombstone: [{ rev: 5, at: 0 }],
				// What a migration does to values is done, too.
				record: [{ rev: 4, data: expect.stringContaining('"languages":["ar"]') }]
			});
		} finally {
			await old.close();
			await target.close();
		}
	});

	it('of a newer version, or of nothing, is refused', async () => {
		const target = await open();
		try {
			await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')`.execute(
				target.db
			);
			const later = join(target.folder, 'later.backup');
			await expect(writeBackup(target, { file: later, key, now: NOW, version: '9' })).rejects.toThrow(
				'newer base'
			);
			const names: Record<string, unknown> = migrations;
			names['9999-later'] = {};
			await writeBackup(target, { file: later, key, now: NOW, version: '9' });
			delete names['9999-later'];
			await expect(putBack(target, later, true)).rejects.toThrow('newer backup');
			await sql`drop table kysely_migration`.execute(target.db);
			const nothing = join(target.folder, 'nothing.backup');
			await expect(writeBackup(target, { file: nothing, key, now: NOW, version: '1' })).rejects.toThrow(
				'no base'
			);
		} finally {
			await target.close();
		}
	});

	it('is for this account alone, never written over, and leaves no draft', async () => {
		expect(statSync(file).mode & 0o077).toBe(0);
		await expect(writeBackup(source, { file, key, now: NOW, version: '1' })).rejects.toThrow('file exists');
		expect(readdirSync(source.folder).filter((entry) => entry.startsWith('nightly'))).toEqual([
			'nightly.backup'
		]);
	});
});

const cut = (file: string): string => {
	const other = join(dirname(file), 'cut.backup');
	const bytes = readFileSync(file);
	writeFileSync(other, bytes.subarray(0, bytes.length - 100));
	return other;
};

/** The same base through a connection of its own. */
function again(base: TestBase): OpenDatabase {
	if (base.dialect === 'sqlite') return openDatabase({ file: join(base.folder, 'escale.sqlite') });
	return openDatabase({ url: inject('postgres'), ...(base.schema && { schema: base.schema }) });
}

/** The same base, until so many rows have been written. */
function breakingAt(base: TestBase, inserts: number): OpenDatabase {
	let left = inserts;
	const plugin: KyselyPlugin = {
		transformQuery: ({ node }) => {
			const isInsert = node.kind === 'RawNode' && node.sqlFragments[0]?.startsWith('insert');
			if (isInsert && --left === 0) throw new Error('the disk is full');
			return node;
		},
		transformResult: async ({ result }) => result
	};
	return { ...base, db: base.db.withPlugin(plugin) };
}

/** As the versions before the third migration made it. */
async function migrateLongAgo(db: OpenDatabase['db'], schema?: string): Promise<void> {
	const migrator = new Migrator({
		db,
		provider: { getMigrations: async () => migrations },
		...(schema && { migrationTableSchema: schema })
	});
	const { error } = await migrator.migrateTo('0002-accounts');
	if (error) throw error;
}
