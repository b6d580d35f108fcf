import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../tests/fixtures/postgres.ts';

const entry = fileURLToPath(new URL('../../src/cli/start.ts', import.meta.url));

export type ServerProcess = {
	port: number;
	/** `kill -9`, then started again on the same port. Returns ms until it serves. */
	crash: () => Promise<number>;
	/** Resident memory, MB: now, and the most it has been (NaN where the system doesn't say). */
	memory: () => { now: number; most: number };
	/** What its processor time has been, ms (NaN where the system doesn't say). */
	cpu: () => number;
	/** How often it ended without being told to. */
	deaths: () => number;
	stop: () => Promise<void>;
};

export type Where = { data: string; url: string | undefined };

/** The built server as `npm start` runs it, on a port of its own. */
export async function startServer({ data, url }: Where, flags: string[] = []): Promise<ServerProcess> {
	const port = await freePort();
	let ended: Promise<void>;
	let wanted = false;
	let deaths = 0;
	const start = async (): Promise<ChildProcess> => {
		const child = spawn(process.execPath, [...flags, entry], {
			stdio: ['ignore', 'pipe', 'inherit'],
			env: {
				PATH: process.env.PATH,
				NODE_ENV: 'production',
				HOST: '127.0.0.1',
				PORT: String(port),
				ESCALE_DATA: data,
				...(url && { DATABASE_URL: url })
			}
		});
		ended = new Promise((resolve) => child.once('exit', () => resolve()));
		void ended.then(() => (deaths += wanted ? 0 : 1));
		wanted = false;
		await new Promise<void>((resolve, reject) => {
			child.stdout.on('data', (said: Buffer) => said.includes('Escale écoute') && resolve());
			child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
		});
		return child;
	};
	const end = async (signal: NodeJS.Signals) => {
		wanted = true;
		child.kill(signal);
		await ended;
	};
	let child = await start();
	process.once('exit', () => child.kill('SIGKILL'));
	return {
		port,
		async crash() {
			await end('SIGKILL');
			const from = performance.now();
			child = await start();
			return performance.now() - from;
		},
		memory: () => ({ now: statusOf(child.pid, 'VmRSS'), most: statusOf(child.pid, 'VmHWM') }),
		cpu: () => cpuOf(child.pid),
		deaths: () => deaths,
		stop: () => end('SIGTERM')
	};
}

function statusOf(pid: number | undefined, name: string): number {
	try {
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
	} catch {
		return NaN;
	}
}

/** Linux counts in hundredths of a second: user and system, fields 14 and 15 of its table. */
function cpuOf(pid: number | undefined): number {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return (Number(fields[11]) + Number(fields[12])) * 10;
	} catch {
		return NaN;
	}
}
