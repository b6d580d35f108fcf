import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Result = { code: number | null; out: string; err: string };

let folder: string;
const at = (...path: string[]) => join(folder, ...path);

/** The command line as its own process. */
function escale(args: string[], data: string, env: Record<string, string> = {}): Promise<Result> {
	const child = spawn(process.execPath, [resolve('src/cli/escale.ts'), ...args], {
		env: { PATH: process.env.PATH, TZ: 'Europe/Paris', ESCALE_DATA: data, ...env }
	});
	const result: Result = { code: null, out: '', err: '' };
	child.stdout.on('data', (chunk: Buffer) => (result.out += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (result.err += chunk.toString()));
	child.stdin.end();
	return new Promise((done) => child.once('close', (code) => done({ ...result, code })));
}

const admin = (name: string) => [
	...['create-admin', '--organisation', name, '--name', 'Ada'],
	...['--email', `${name.toLowerCase()}@escale.test`]
];

describe('backup and restore on the command line', () => {
	let made: Result;
	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), 'escale-backup-'));
		await escale(admin('Essai'), at('data'), { ESCALE_ADMIN_PASSWORD: 'correct horse battery' });
		made = await escale(['backup', '--to', at('one.backup')], at('data'));
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	it('writes a file, and the first time a key that it tells to keep elsewhere', async () => {
		expect(made).toMatchObject({ code: 0, err: '' });
		expect(made.out).toContain(at('data', 'backup.key'));
		expect(made.out).toContain('Gardez-en une copie ailleurs');
		expect(made.out).toContain('1 organisation');
		expect(statSync(at('data', 'backup.key')).mode & 0o077).toBe(0);
		expect(statSync(at('one.backup')).mode & 0o077).toBe(0);
		const again = await escale(['backup', '--to', at('two.backup')], at('data'));
		expect(again).toMatchObject({ code: 0, err: '' });
		expect(again.out.trim().split('\n')).toHaveLength(1);
	});

	it('puts it back where there is nothing, and says which keys are missing', async () => {
		const args = ['restore', '--from', at('one.backup')];
		const env = { ESCALE_BACKUP_KEY: at('data', 'backup.key') };
		const done = await escale(args, at('other'), env);
		expect(done).toMatchObject({ code: 0, err: '' });
		expect(done.out).toContain('Base restaurée');
		expect(done.out).toContain('clé privée de « Essai » manque');
		expect(await escale(args, at('other'), env)).toMatchObject({
			code: 2,
			err: expect.stringContaining('--replace')
		});
		// Lost for good: a new key, or nobody could sign in.
		const renewed = await escale(['renew-key', '--organisation', 'Essai'], at('other'));
		expect(renewed).toMatchObject({ code: 0, err: '' });
		expect((await escale([...args, '--replace'], at('other'), env)).out).not.toContain('ATTENTION');
		rmSync(at('other', 'keys'), { recursive: true });
		cpSync(at('data', 'keys'), at('other', 'keys'), { recursive: true });
		const replaced = await escale([...args, '--replace'], at('other'), env);
		expect(replaced).toMatchObject({ code: 0, err: '' });
		expect(replaced.out).not.toContain('ATTENTION');
	});

	it('says what is wrong in one line, and touches nothing', async () => {
		const good = readFileSync(at('one.backup'));
		const altered = Buffer.from(good);
		altered[100]! ^= 1;
		writeFileSync(at('altered.backup'), altered);
		writeFileSync(at('cut.backup'), good.subarray(0, good.length - 1));
		writeFileSync(at('text.backup'), 'SQLite format 3, or something else that is long enough to be read');
		writeFileSync(at('other.key'), Buffer.alloc(32, 7).toString('base64url'));
		writeFileSync(at('short.key'), 'abc');
		const key = { ESCALE_BACKUP_KEY: at('data', 'backup.key') };
		const from = (name: string) => ['restore', '--from', at(name)];
		const cases: [number, string, string[], Record<string, string>?][] = [
			[2, '--to manque', ['backup']],
			[2, '--from manque', ['restore', '--replace']],
			[2, 'existe déjà', ['backup', '--to', at('one.backup')], { ESCALE_DATA: at('data') }],
			[2, 'il n’y a pas de base ici', ['backup', '--to', at('new.backup')]],
			[1, 'ENOENT', ['backup', '--to', at('nowhere', 'new.backup')], { ...key, ESCALE_DATA: at('data') }],
			[2, 'n’existe pas', from('nothing.backup'), key],
			[1, 'EISDIR', ['restore', '--from', folder], key],
			[2, 'n’est pas une sauvegarde', from('text.backup'), key],
			[1, 'n’est pas complet', from('cut.backup'), key],
			[1, 'modifié ou abîmé', from('altered.backup'), key],
			[2, 'pas la clé de cette sauvegarde', from('one.backup'), { ESCALE_BACKUP_KEY: at('other.key') }],
			[2, 'n’est pas une clé', from('one.backup'), { ESCALE_BACKUP_KEY: at('short.key') }],
			[2, 'La clé des sauvegardes manque', from('one.backup')],
			[
				2,
				'La clé des sauvegardes manque',
				['backup', '--to', at('new.backup')],
				{ ESCALE_DATA: at('data'), ESCALE_BACKUP_KEY: at('unmounted', 'backup.key') }
			]
		];
		for (const [code, words, args, env] of cases) {
			const result = await escale(args, at('untouched'), env);
			expect(result, words).toMatchObject({ code, out: '', err: expect.stringContaining(words) });
			expect(result.err.trimEnd()).not.toContain('\n');
		}
		for (const name of ['untouched', 'unmounted', 'new.backup'])
			expect(existsSync(at(name)), name).toBe(false);
	});

	it('tidies up', async () => {
		expect(await escale(['tidy'], at('data'))).toEqual({ code: 0, err: '', out: 'Rien à effacer.\n' });
	});
});
