import { launch } from 'puppeteer-core';
import { chromiumArgs } from '../../scripts/chromium.ts';
import type { Browser } from './browser.ts';

/** Chromium and Firefox, by puppeteer. */
export async function openPuppet(
	browser: 'chrome' | 'firefox',
	executablePath: string,
	profile: string,
	address: string
): Promise<Browser> {
	const opened = await launch({
		browser,
		executablePath,
		headless: true,
		userDataDir: profile,
		defaultViewport: { width: 1180, height: 820 },
		args: browser === 'chrome' ? chromiumArgs : []
	});
	const page = (await opened.pages())[0] ?? (await opened.newPage());
	await page.goto(address);
	const child = opened.process();
	if (!child?.pid) throw new Error('the browser does not tell its process');
	const group = -child.pid;
	return {
		run: (expression) => page.evaluate(expression),
		close: () => opened.close(),
		async kill() {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const ended = new Promise((resolve) => child.once('exit', resolve));
			process.kill(group, 'SIGKILL');
			await ended;
		}
	};
}
