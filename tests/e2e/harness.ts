import { chromium, test as base, type BrowserContext, type Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumArgs, findChromium } from '../../scripts/chromium.ts';
import { demoEmail, demoPassword, ServerProcess, type Start } from '../fixtures/server-process.ts';

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
export async function openAs(
	page: Page,
	server: Pick<ServerProcess, 'origin'>,
	account: string
): Promise<string> {
	await page.goto(server.origin);
	await page.getByLabel('E-mail').fill(demoEmail(account));
	await page.getByLabel('Mot de passe').fill(demoPassword);
	await page.getByRole('button', { name: 'Se connecter' }).click();
	const passphrase = (await page.getByTestId('suggestion').innerText()).trim();
	await page.getByLabel('Retapez la phrase proposée').fill(passphrase);
	await page.getByRole('button', { name: 'Chiffrer et continuer' }).click();
	await page.getByRole('navigation', { name: 'Principale' }).waitFor({ timeout: 60_000 });
	// The tablet opens after the first answer; a test begins when all of them have come.
	await page.getByText('Premier chargement en cours').waitFor({ state: 'hidden', timeout: 60_000 });
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
export { demoEmail, demoPassword, ServerProcess };
