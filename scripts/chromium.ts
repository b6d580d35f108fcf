import { chromium } from '@playwright/test';
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

/** What every browser of ours is started with: no outside name resolves, so a test can't lean on the network. */
export const chromiumArgs = [
	'--no-sandbox',
	'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'
];

/** The Chromium to use: `CHROMIUM_PATH`, the machine's own, Playwright's download; `undefined` when there is none. */
export function findChromium(): string | undefined {
	const given = process.env.CHROMIUM_PATH;
	if (given) return runs(given) ? given : undefined;
	const folders = (process.env.PATH ?? '')
		.split(delimiter)
		.filter((folder) => !folder.includes('node_modules'));
	const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
	return [...candidates.filter(isExecutable), chromium.executablePath()].find(runs);
}

/** Tries the two ways to get one: Playwright's download, then Debian's package when this is root's machine. */
export function installChromium(): string | undefined {
	console.log('No Chromium here: asking Playwright for its own…');
	attempt(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium']);
	const downloaded = findChromium();
	if (downloaded || process.platform !== 'linux' || process.getuid?.() !== 0) return downloaded;
	console.log('That did not work: installing the package "chromium" of this system…');
	attempt('apt-get', ['update', '-q']);
	attempt('apt-get', ['install', '-y', '-q', 'chromium']);
	return findChromium();
}

function attempt(command: string, args: string[]): void {
	spawnSync(command, args, {
		stdio: 'inherit',
		timeout: 5 * 60_000,
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
	});
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** A download without its system libraries is there but can't run: only an answer counts. */
function runs(path: string): boolean {
	return isExecutable(path) && spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0;
}
