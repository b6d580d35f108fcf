import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptSecret, readConfig, type Config } from '#lib/server/config.ts';

const defaults: Config = {
	port: 3000,
	host: '0.0.0.0',
	data: resolve('data'),
	databaseUrl: undefined,
	origin: undefined,
	demo: false,
	bodyLimit: 2_097_152,
	secret: undefined,
	backupKey: undefined
};

describe('settings', () => {
	it('have a default for everything', () => {
		expect(readConfig({})).toEqual({ ok: true, config: defaults });
	});

	it.each<[Record<string, string>, Partial<Config>]>([
		[{ PORT: '8080' }, { port: 8080 }],
		[{ PORT: '0' }, { port: 0 }],
		[{ PORT: ' 8080 ' }, { port: 8080 }],
		[{ PORT: '' }, {}],
		[{ HOST: '127.0.0.1' }, { host: '127.0.0.1' }],
		[{ HOST: '::1' }, { host: '::1' }],
		[{ ESCALE_DATA: '/srv/escale' }, { data: '/srv/escale' }],
		[{ ESCALE_DATA: 'elsewhere' }, { data: resolve('elsewhere') }],
		[{ DATABASE_URL: 'postgres://e:pw@db/escale' }, { databaseUrl: 'postgres://e:pw@db/escale' }],
		[
			{ DATABASE_URL: 'postgresql://db:5433/escale?ssl=true' },
			{ databaseUrl: 'postgresql://db:5433/escale?ssl=true' }
		],
		[{ ORIGIN: 'https://escale.test' }, { origin: 'https://escale.test' }],
		[{ ORIGIN: 'https://Escale.test:443/' }, { origin: 'https://escale.test' }],
		[{ ORIGIN: 'http://localhost:3000' }, { origin: 'http://localhost:3000' }],
		[{ ESCALE_DEMO: '1' }, { demo: true }],
		[{ ESCALE_DEMO: 'true' }, { demo: true }],
		[{ ESCALE_DEMO: '0' }, {}],
		[{ BODY_SIZE_LIMIT: '512K' }, { bodyLimit: 524_288 }],
		[{ BODY_SIZE_LIMIT: '3000000' }, { bodyLimit: 3_000_000 }],
		[{ ESCALE_SECRET: 'x'.repeat(32) }, { secret: 'x'.repeat(32) }],
		[{ ESCALE_BACKUP_KEY: 'apart/backup.key' }, { backupKey: resolve('apart/backup.key') }]
	])('%o is read', (env, changed) => {
		expect(readConfig(env)).toEqual({ ok: true, config: { ...defaults, ...changed } });
	});

	it.each([
		['PORT', 'abc'],
		['PORT', '-1'],
		['PORT', '70000'],
		['PORT', '3000.5'],
		['PORT', '0x50'],
		['HOST', 'not a host'],
		['HOST', 'http://localhost'],
		['ORIGIN', 'escale.test'],
		['ORIGIN', 'ftp://escale.test'],
		['ORIGIN', 'https://escale.test/app'],
		['ORIGIN', 'https://me:pw@escale.test'],
		['ORIGIN', 'https://escale.test?x=1'],
		['ESCALE_DEMO', 'yes'],
		['BODY_SIZE_LIMIT', '0'],
		['BODY_SIZE_LIMIT', '1K'],
		['BODY_SIZE_LIMIT', 'Infinity'],
		['ESCALE_DATA', 'a\0b'],
		['DATABASE_URL', 'mysql://db/escale'],
		['DATABASE_URL', 'postgres://db'],
		['DATABASE_URL', './escale.sqlite'],
		['ESCALE_SECRET', 'short']
	])('%s=%s is refused in one line that names it and what is expected', (name, value) => {
		const result = readConfig({ [name]: value });
		expect(result).toMatchObject({
			ok: false,
			problem: expect.stringMatching(/^[A-Z_]+ : .+ ; attendu : .+\.$/)
		});
		if (result.ok) return;
		expect(result.problem.startsWith(`${name} : `)).toBe(true);
		expect(result.problem).not.toMatch(/[\n\r\0]/);
	});

	it.each([
		['DATABASE_URL', 'mysql://escale:s3same@db/escale'],
		['ESCALE_SECRET', 's3same']
	])('%s is never shown', (name, value) => {
		expect(JSON.stringify(readConfig({ [name]: value }))).not.toContain('s3same');
	});
});

describe('a kept secret', () => {
	let data: string;
	beforeEach(() => {
		data = mkdtempSync(join(tmpdir(), 'escale-config-'));
	});
	afterEach(() => rmSync(data, { recursive: true }));

	it('is made once, whole, readable by its owner only, and without left-overs', () => {
		const first = keptSecret(data, 'sessions.key');
		expect(Buffer.from(first, 'base64url')).toHaveLength(32);
		expect(keptSecret(data, 'sessions.key')).toBe(first);
		expect(statSync(join(data, 'sessions.key')).mode & 0o777).toBe(0o600);
		expect(readdirSync(data)).toEqual(['sessions.key']);
	});

	it('differs from one data folder to another, which is made when missing', () => {
		expect(keptSecret(join(data, 'a', 'b'), 'sessions.key')).not.toBe(keptSecret(data, 'sessions.key'));
	});

	it('is closed again when someone opened it', () => {
		const first = keptSecret(data, 'sessions.key');
		writeFileSync(join(data, 'other.key'), first, { mode: 0o644 });
		keptSecret(data, 'other.key');
		expect(statSync(join(data, 'other.key')).mode & 0o777).toBe(0o600);
	});

	it('that was truncated is refused, not replaced', () => {
		writeFileSync(join(data, 'sessions.key'), 'abc');
		expect(() => keptSecret(data, 'sessions.key')).toThrow(/sessions\.key/);
	});
});
