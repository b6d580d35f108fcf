import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

/** `npm start` without the building, until it has said `until` or has ended. */
function start(env: Record<string, string>) {
	const child = spawn(process.execPath, ['src/cli/start.ts'], {
		env: { PATH: process.env.PATH, ESCALE_DATA: data, PORT: '0', HOST: '127.0.0.1', ...env },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	const said = { out: '', err: '' };
	child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
	const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
	const listening = new Promise<string | undefined>((resolve) => {
		child.stdout.on('data', (chunk: Buffer) => {
			said.out += chunk.toString();
			const address = /^Escale écoute sur (http:\S+)\n/m.exec(said.out)?.[1];
			if (address) resolve(address);
		});
		void ended.then(() => resolve(undefined));
	});
	return { child, said, ended, listening };
}

let data: string;
test.beforeEach(() => {
	data = mkdtempSync(join(tmpdir(), 'escale-start-'));
});
test.afterEach(() => rmSync(data, { recursive: true }));

for (const [name, value] of [
	['PORT', 'abc'],
	['ORIGIN', 'escale.test'],
	['DATABASE_URL', 'mysql://escale:s3same@db/escale'],
	['ESCALE_DEMO', 'maybe']
] as const)
	test(`${name}=${value} is told in one line`, async () => {
		const { ended, said } = start({ [name]: value });
		expect(await ended).toBe(2);
		expect(said.out).toBe('');
		expect(said.err).toMatch(new RegExp(`^${name} : [^\\n]+ ; attendu : [^\\n]+\\n$`));
		expect(said.err).not.toContain('s3same');
	});

test('a port that is taken, a base that does not answer: one line each', async () => {
	const taken = createServer();
	await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
	const address = taken.address();
	const port = typeof address === 'object' && address ? String(address.port) : '';
	const busy = start({ PORT: port });
	expect(await busy.ended).toBe(1);
	expect(busy.said.err).toMatch(new RegExp(`^PORT : le port ${port} est déjà pris [^\\n]+\\n$`));
	await new Promise((resolve) => taken.close(resolve));

	const lost = start({ DATABASE_URL: `postgres://escale:s3same@127.0.0.1:${port}/escale` });
	expect(await lost.ended).toBe(1);
	expect(lost.said.err).toBe(
		'DATABASE_URL : la base PostgreSQL ne répond pas ou nous refuse (ECONNREFUSED).\n'
	);
});

test('serves, says where, stops when asked and lets a request under way end', async () => {
	const { child, ended, listening, said } = start({});
	const origin = await listening;
	const health = await fetch(`${origin}/api/health`);
	expect(await health.json()).toMatchObject({ status: 'ok', database: 'sqlite' });
	const founding = request(`${origin}/api/setup`, {
		method: 'POST',
		headers: { origin, 'x-escale': '1', 'content-type': 'application/json' }
	});
	const answered = new Promise<number | undefined>((resolve, reject) =>
		founding.once('response', (response) => resolve(response.resume().statusCode)).once('error', reject)
	);
	const body = JSON.stringify({
		organisation: 'Essai',
		timeZone: 'Europe/Paris',
		name: 'Ada',
		email: 'ada@escale.test',
		password: 'correct horse battery'
	});
	await new Promise((resolve) => founding.write(body.slice(0, 20), resolve));
	// Answered on another connection after it: the server has seen the first one.
	await fetch(`${origin}/api/health`);
	child.kill('SIGTERM');
	await expect
		.poll(() =>
			fetch(`${origin}/api/health`).then(
				() => 'open',
				() => 'closed'
			)
		)
		.toBe('closed');
	founding.end(body.slice(20));
	expect(await answered).toBe(200);
	expect(await ended).toBe(0);
	expect(said).toEqual({ out: `Escale écoute sur ${origin}\n`, err: '' });
});

test('ESCALE_DEMO=1 fills an empty base once, and says who can sign in', async () => {
	const environment = { ESCALE_DEMO: '1' };
	for (const round of [1, 2]) {
		const { child, ended, listening, said } = start(environment);
		const origin = await listening;
		expect(await (await fetch(`${origin}/api/setup`)).json(), `start ${round}`).toMatchObject({
			empty: false
		});
		child.kill('SIGTERM');
		expect(await ended).toBe(0);
		expect(said.out).toContain('Escale-Demo-2026!');
		expect(said.out).toContain('conseillere@demo.escale.test');
	}
});
