import { chromium, test as base, type BrowserContext, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromiumArgs, findChromium } from '../../scripts/chromium.ts';

/** What a server starts from: nothing, or the demonstration (prepared once per run by prepare.ts). */
export type Start = 'empty' | 'demo';

export const demoData = join(import.meta.dirname, '../../.cache/e2e-demo');
export const demoPassword = 'Escale-Demo-2026!';
export const demoEmail = (account: string): string => `${account}@demo.escale.test`;

/** The built server as `npm start` runs it, in a process and a folder of its own. */
export class ServerProcess {
	readonly data: string;
	readonly port: number;
	/** The checkout, or the copy of one, that it runs from. */
	readonly root: string;
	/** Everything it printed. */
	output = '';
	#child: ChildProcess | undefined;

	private constructor(data: string, port: number, root: string) {
		this.data = data;
		this.port = port;
		this.root = root;
	}

	/** Starts on a free port and answers once it is healthy. */
	static async start(from: Start, root = join(import.meta.dirname, '../..')): Promise<ServerProcess> {
		const data = mkdtempSync(join(tmpdir(), 'escale-e2e-'));
		if (from === 'demo') cpSync(demoData, data, { recursive: true });
		const server = new ServerProcess(data, await freePort(), root);
		await server.resume();
		return server;
	}

	get origin(): string {
		return `http://localhost:${this.port}`;
	}

	/** Starts again, on the same port and with the same data, after `stop` or `kill`. */
	async resume(env: Record<string, string> = {}): Promise<void> {
		if (this.#child) throw new Error('the server is running');
		const child = spawn(process.execPath, ['src/cli/start.ts'], {
			cwd: this.root,
			env: { ...process.env, PORT: String(this.port), ESCALE_DATA: this.data, ESCALE_DEMO: '0', ...env },
			stdio: ['ignore', 'pipe', 'pipe']
		});
		this.#child = child;
		running.add(child);
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
		const deadline = Date.now() + 60_000;
		while (!(await this.isHealthy())) {
			if (child.exitCode !== null || Date.now() > deadline)
				throw new Error(`the server did not start:\n${this.output}`);
			await pause(50);
		}
	}

	/** As an administrator stops it: requests under way end. */
	async stop(): Promise<void> {
		await this.#end('SIGTERM');
	}

	/** As a power cut: kill -9. */
	async kill(): Promise<void> {
		await this.#end('SIGKILL');
	}

	/** Ends the process and removes its data. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.kill();
		rmSync(this.data, { recursive: true, force: true, maxRetries: 5 });
	}

	async isHealthy(): Promise<boolean> {
		try {
			return (await fetch(`${this.origin}/api/health`)).ok;
		} catch {
			return false;
		}
	}

	async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
		const child = this.#child;
		this.#child = undefined;
		if (!child) return;
		if (child.exitCode === null && child.signalCode === null) {
			const ended = new Promise((resolve) => child.once('exit', resolve));
			child.kill(signal);
			await ended;
		}
		running.delete(child);
	}
}

/** A test runner that is stopped leaves no server behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

async function freePort(): Promise<number> {
	const probe = createServer();
	await new Promise<void>((resolve) => probe.listen(0, resolve));
	const address = probe.address();
	await new Promise((resolve) => probe.close(resolve));
	if (typeof address !== 'object' || !address) throw new Error('no free port');
	return address.port;
}

/**
 * A tablet with a profile of its own on disk, which outlives the browser: `open` again after `close` or `kill` finds it
 * as it was.
 */
export class Tablet {
	readonly profile = mkdtempSync(join(tmpdir(), 'escale-tablet-'));
	#context: BrowserContext | undefined;

	async open(options: { viewport?: { width: number; height: number } } = {}): Promise<Page> {
		this.#context = await chromium.launchPersistentContext(this.profile, {
			executablePath: findChromium(),
			args: chromiumArgs,
			locale: 'fr-FR',
			timezoneId: 'Europe/Paris',
			viewport: options.viewport ?? { width: 390, height: 844 }
		});
		return this.#context.pages()[0] ?? this.#context.newPage();
	}

	get context(): BrowserContext {
		if (!this.#context) throw new Error('the tablet is closed');
		return this.#context;
	}

	async close(): Promise<void> {
		await this.#context?.close();
		this.#context = undefined;
	}

	/** As an empty battery: the browser gets SIGKILL, so nothing that a clean exit would write is written. */
	async kill(): Promise<void> {
		const { context } = this;
		this.#context = undefined;
		const session = await context.browser()?.newBrowserCDPSession();
		const known = await session?.send('SystemInfo.getProcessInfo');
		const browser = known?.processInfo.find(({ type }) => type === 'browser');
		if (!browser) throw new Error('the browser does not tell its process');
		const closed = new Promise((resolve) => context.once('close', resolve));
		process.kill(browser.id, 'SIGKILL');
		await closed;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
		rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
	}
}

/**
 * Signs in with a demonstration account on a tablet that nobody has used yet, takes the passphrase that is offered and
 * waits until the first sync has ended. Returns the passphrase.
 */
export async function openAs(page: Page, server: ServerProcess, account: string): Promise<string> {
	await page.goto(server.origin);
	await page.getByLabel('E-mail').fill(demoEmail(account));
	await page.getByLabel('Mot de passe').fill(demoPassword);
	await page.getByRole('button', { name: 'Se connecter' }).click();
	const passphrase = (await page.getByTestId('suggestion').innerText()).trim();
	await page.getByLabel('Retapez la phrase proposée').fill(passphrase);
	await page.getByRole('button', { name: 'Chiffrer et continuer' }).click();
	await page.getByRole('navigation', { name: 'Principale' }).waitFor({ timeout: 60_000 });
	return passphrase;
}

/** `test` with a server of its own; `test.use({ start: 'demo' })` starts it from the demonstration. */
export const test = base.extend<{ start: Start; server: ServerProcess }>({
	start: ['empty', { option: true }],
	server: async ({ start }, use) => {
		await using server = await ServerProcess.start(start);
		await use(server);
	},
	baseURL: async ({ server }, use) => use(server.origin)
});
export { expect } from '@playwright/test';
