import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort, postgresBinaries, ready, unprivileged } from '../../tests/fixtures/postgres.ts';

const run = promisify(execFile);

export type LoadPostgres = {
	version: string;
	/** A new empty database; returns its URL. */
	create: (name: string) => Promise<string>;
	/** `kill -9` of the postmaster, then started again on what the disk holds. Returns ms until it takes connections. */
	crash: () => Promise<number>;
	stop: () => Promise<void>;
};

/**
 * A PostgreSQL that waits for the disk at every commit (unlike the tests'), with its settings as they come.
 */
export async function startLoadPostgres(): Promise<LoadPostgres> {
	const binaries = await postgresBinaries();
	const folder = mkdtempSync(join(tmpdir(), 'escale-load-pg-'));
	const account = unprivileged();
	if (account) chownSync(folder, account.uid, account.gid);
	const data = join(folder, 'data');
	const as = { ...account, cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
	await run(binaries.initdb, ['-D', data, '-U', 'escale', '--auth=trust', '--no-sync', '-E', 'UTF8'], as);
	const { stdout } = await run(binaries.postgres, ['--version'], as);
	const port = await freePort();
	const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder };
	const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
	const url = (name: string) => `postgres://escale@127.0.0.1:${port}/${name}`;

	const start = async (): Promise<ChildProcess> => {
		const server = spawn(binaries.postgres, ['-D', data, ...given], {
			...as,
			stdio: ['ignore', 'ignore', 'pipe']
		});
		await ready(server);
		server.stderr.resume();
		return server;
	};
	const kill = async (signal: NodeJS.Signals) => {
		const ended = new Promise((resolve) => server.once('exit', resolve));
		server.kill(signal);
		await ended;
	};
	let server = await start();
	process.once('exit', () => server.kill('SIGQUIT'));
	return {
		version: /\d+(\.\d+)?/.exec(stdout)?.[0] ?? 'unknown',
		async create(name) {
			const client = new Client({ connectionString: url('postgres') });
			await client.connect();
			await client.query(`create database ${name}`);
			await client.end();
			return url(name);
		},
		async crash() {
			await kill('SIGKILL');
			const from = performance.now();
			// Until the orphans have noticed, a new postmaster refuses the folder.
			for (;;) {
				try {
					server = await start();
					return performance.now() - from;
				} catch {
					if (performance.now() - from > 30_000) throw new Error('PostgreSQL did not come back');
					await new Promise((resolve) => setTimeout(resolve, 100));
				}
			}
		},
		async stop() {
			await kill('SIGINT');
			rmSync(folder, { recursive: true, force: true });
		}
	};
}
