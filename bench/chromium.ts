import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumArgs, findChromium, installChromium } from '../scripts/chromium.ts';

/** How much slower than this machine a tablet is taken to be. */
export const SLOW_DOWN = 4;

export type Tablet = { page: Page; version: string; close: () => Promise<void> };

/**
 * Chromium slowed down four times, on a profile that lies on the disk: in a private window IndexedDB would be held in
 * memory and every promise of durability would be free.
 */
export async function openTablet(url: string): Promise<Tablet> {
	const profile = mkdtempSync(join(tmpdir(), 'escale-bench-'));
	const context = await openProfile(profile);
	const close = async () => {
		await context.close();
		rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
	};
	try {
		return { page: await slowPage(context, url), version: context.browser()?.version() ?? 'unknown', close };
	} catch (error) {
		await close();
		throw error;
	}
}

export function openProfile(profile: string): Promise<BrowserContext> {
	const executablePath = findChromium() ?? installChromium();
	return chromium.launchPersistentContext(profile, {
		...(executablePath !== undefined && { executablePath }),
		args: chromiumArgs
	});
}

/** A page of the same profile, slowed down: what a tablet sees after a restart of the app. `ready`: the page's own name for what it offers. */
export async function slowPage(context: BrowserContext, url: string, ready = 'bench'): Promise<Page> {
	const page = await context.newPage();
	page.setDefaultTimeout(300_000);
	page.on('pageerror', (error) => console.error(`page: ${error.message}`));
	page.on('console', (message) => message.type() === 'error' && console.error(`page: ${message.text()}`));
	await page.goto(url);
	await page.waitForFunction((name) => name in window, ready, { timeout: 15_000 });
	const devtools = await context.newCDPSession(page);
	await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOW_DOWN });
	return page;
}
