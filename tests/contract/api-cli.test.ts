import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '#lib/server/config.ts';
import { openServer, type Server } from '#lib/server/context.ts';

type Result = { code: number | null; out: string; err: string };

/** The command line as its own process. `input` is its standard input. */
function escale(args: string[], env: Record<string, string> = {}, input = ''): Promise<Result> {
	const child = spawn(process.execPath, [resolve('src/cli/escale.ts'), ...args], {
		env: { PATH: process.env.PATH, ESCALE_DATA: data, ...env }
	});
	const result: Result = { code: null, out: '', err: '' };
	child.stdout.on('data', (chunk: Buffer) => (result.out += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (result.err += chunk.toString()));
	child.stdin.end(input);
	return new Promise((done) => child.once('close', (code) => done({ ...result, code })));
}

let data: string;
beforeAll(() => {
	data = mkdtempSync(join(tmpdir(), 'escale-cli-'));
});
afterAll(() => rmSync(data, { recursive: true }));

const ada = ['--organisation', 'Essai', '--name', 'Ada', '--email', 'ada@escale.test'];
const password = { ESCALE_ADMIN_PASSWORD: 'correct horse battery' };

describe('the command line', () => {
	it('explains itself', async () => {
		const { code, out, err } = await escale(['--help']);
		expect({ code, err }).toEqual({ code: 0, err: '' });
		for (const command of ['migrate', 'create-admin', 'demo']) expect(out).toContain(`escale.ts ${command}`);
	});

	it.each<[string, string[], Record<string, string>]>([
		['Quelle commande', [], {}],
		['« nothing »', ['nothing'], {}],
		['« constructor »', ['constructor'], {}],
		['--organisation manque', ['create-admin'], {}],
		['--email', ['create-admin', ...ada.slice(0, 4), '--email', 'nobody'], password],
		['--time-zone', ['create-admin', ...ada, '--time-zone', 'Mars/Olympus'], password],
		['Option inconnue : « --password »', ['create-admin', ...ada, '--password', 'x'], {}],
		['Argument en trop : « surplus »', ['migrate', 'surplus'], {}],
		['12 à 128', ['create-admin', ...ada], { ESCALE_ADMIN_PASSWORD: 'short' }],
		['12 à 128', ['create-admin', ...ada], {}],
		['DATABASE_URL', ['migrate'], { DATABASE_URL: 'mysql://db/x' }]
	])('says %s in one line and ends with 2', async (words, args, env) => {
		const { code, out, err } = await escale(args, env);
		expect(code).toBe(2);
		expect(out).toBe('');
		expect(err).toContain(words);
		expect(err.trimEnd()).not.toContain('\n');
	});

	it('creates the places, slots and colleagues that a new organisation needs', async () => {
		const own = { ESCALE_DATA: join(data, 'own') };
		await escale(['create-admin', ...ada], { ...password, ...own });
		const place = [
			'create-site',
			'--organisation',
			'Essai',
			'--name',
			'Permanence de Gan',
			'--kind',
			'permanence'
		];
		const made = await escale([...place, '--slot', '2 09:00-12:00', '--slot', '4 14:00-17:00'], own);
		expect(made).toMatchObject({ code: 0, err: '' });
		expect(await escale(place, own)).toMatchObject({ code: 2, out: '' });
		const person = [
			'create-person',
			'--organisation',
			'Essai',
			'--name',
			'Lou',
			'--email',
			'lou@escale.test'
		];
		const wrong = await escale([...person, '--role', 'counsellor', '--sites', 'Ailleurs'], {
			...password,
			...own
		});
		expect(wrong).toMatchObject({ code: 2, out: '' });
		expect(wrong.err).toContain('Permanence de Gan');
		const lou = await escale([...person, '--role', 'counsellor', '--sites', 'Permanence de Gan'], {
			...password,
			...own
		});
		expect(lou).toMatchObject({ code: 0, err: '' });

		const settings = readConfig(own);
		if (!settings.ok) throw new Error(settings.problem);
		const server = await openServer(settings.config);
		const kinds = await server.db.selectFrom('record').select(['kind']).orderBy('kind').execute();
		const { sites, role } = await server.db
			.selectFrom('membership')
			.innerJoin('account', 'account.id', 'membership.user')
			.select(['sites', 'role'])
			.where('email', '=', 'lou@escale.test')
			.executeTakeFirstOrThrow();
		await server.db.destroy();
		expect(kinds.filter(({ kind }) => kind === 'slot')).toHaveLength(2);
		expect(role).toBe('counsellor');
		expect(JSON.parse(sites)).toHaveLength(1);
	});

	it.each([['2 12:00-09:00'], ['8 09:00-12:00'], ['mardi'], ['2 25:00-26:00']])(
		'refuses the slot %s',
		async (slot) => {
			const { code, err } = await escale(
				['create-site', '--organisation', 'Essai', '--name', 'X', '--kind', 'branch', '--slot', slot],
				{}
			);
			expect(code).toBe(2);
			expect(err).toContain(slot);
		}
	);

	it('creates administrators who can sign in, in a new organisation or the one of that name', async () => {
		const first = await escale(['create-admin', ...ada], password);
		expect(first).toMatchObject({ code: 0, err: '', out: expect.stringContaining('Organisation « Essai »') });
		const typed = await escale(
			['create-admin', '--organisation', 'Essai', '--name', 'Bea', '--email', 'BEA@escale.test'],
			{},
			'another twelve chars\n'
		);
		expect(typed).toMatchObject({ code: 0, out: expect.stringContaining('créé dans « Essai »') });
		const other = await escale(
			[
				'create-admin',
				'--organisation',
				'Ailleurs',
				'--name',
				'Cam',
				'--email',
				'cam@escale.test',
				'--time-zone',
				'Indian/Reunion'
			],
			password
		);
		expect(other).toMatchObject({ code: 0, out: expect.stringContaining('Organisation « Ailleurs »') });
		const taken = await escale(['create-admin', '--organisation', 'Encore', ...ada.slice(2)], password);
		expect(taken).toMatchObject({ code: 2, err: expect.stringContaining('ada@escale.test') });

		await onServer(async ({ db, auth }) => {
			const people = await db
				.selectFrom('membership')
				.innerJoin('organisation', 'organisation.id', 'membership.organisation')
				.innerJoin('account', 'account.id', 'membership.user')
				.select(['account.email', 'organisation.name', 'organisation.time_zone', 'role'])
				.orderBy('email')
				.execute();
			expect(people).toEqual([
				{ email: 'ada@escale.test', name: 'Essai', time_zone: 'Europe/Paris', role: 'administrator' },
				{ email: 'bea@escale.test', name: 'Essai', time_zone: 'Europe/Paris', role: 'administrator' },
				{ email: 'cam@escale.test', name: 'Ailleurs', time_zone: 'Indian/Reunion', role: 'administrator' }
			]);
			expect(await db.selectFrom('organisation').select('name').execute()).toHaveLength(2);
			const body = { email: 'bea@escale.test', password: 'another twelve chars' };
			expect((await auth.api.signInEmail({ body })).user.name).toBe('Bea');
		});
		expect(statSync(join(data, 'escale.sqlite')).mode & 0o077).toBe(0);
	});

	it('adds the demonstration to nothing, forced or not', async () => {
		for (const args of [['demo'], ['demo', '--force']])
			expect(await escale(args)).toMatchObject({ code: 2, err: expect.stringContaining('n’est pas vide') });
	});

	it('migrates once', async () => {
		const fresh = join(data, 'fresh');
		const first = await escale(['migrate'], { ESCALE_DATA: fresh });
		expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/0001-records, 0002-accounts/) });
		expect(await escale(['migrate'], { ESCALE_DATA: fresh })).toMatchObject({
			code: 0,
			out: 'La base est à jour.\n'
		});
	});
});

async function onServer(work: (server: Server) => Promise<void>): Promise<void> {
	const settings = readConfig({ ESCALE_DATA: data });
	if (!settings.ok) throw new Error(settings.problem);
	const server = await openServer(settings.config);
	try {
		await work(server);
	} finally {
		await server.db.destroy();
	}
}
