import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findChromium } from './chromium.ts';

/** The engines that tablets and desks run on; `missing` says in one line why one can't be tried here. */
export type EngineName = 'chromium' | 'firefox' | 'webkit';
export type FoundEngine = { name: EngineName; executable: string } | { name: EngineName; missing: string };

/** Debian's packages: for WebKit the browser that comes with its library, and a screen to draw on. */
const packages: Record<EngineName, readonly string[]> = {
	chromium: ['chromium'],
	firefox: ['firefox-esr'],
	webkit: ['libwebkit2gtk-4.1-0', 'xvfb', 'xauth', 'dbus']
};
const webkitCommands = ['xvfb-run', 'dbus-run-session'];

export const findEngines = (): FoundEngine[] =>
	(Object.keys(packages) as EngineName[]).map((name) => finders[name]());

/** Installs the packages of the engines that are missing, where that is possible: Debian, as root. */
export function installEngines(): void {
	const wanted = findEngines().flatMap((engine) => ('missing' in engine ? packages[engine.name] : []));
	if (wanted.length === 0 || process.getuid?.() !== 0 || !onPath('apt-get')) return;
	console.log(`Installing the packages of this system: ${wanted.join(', ')}…`);
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	for (const args of [
		['update', '-q'],
		['install', '-y', '-q', ...wanted]
	])
		spawnSync('apt-get', args, { stdio: 'inherit', timeout: 5 * 60_000, env });
}

const finders: Record<EngineName, () => FoundEngine> = {
	chromium() {
		const executable = findChromium();
		return executable
			? { name: 'chromium', executable }
			: { name: 'chromium', missing: 'no Chromium on PATH that runs' };
	},
	firefox() {
		const executable = onPath('firefox-esr') ?? onPath('firefox');
		return executable
			? { name: 'firefox', executable }
			: { name: 'firefox', missing: 'no firefox-esr on PATH' };
	},
	webkit() {
		const absent = webkitCommands.filter((command) => !onPath(command));
		if (absent.length > 0) return { name: 'webkit', missing: `no ${absent.join(', no ')} on PATH` };
		const listed = spawnSync('dpkg', ['-L', 'libwebkit2gtk-4.1-0'], { encoding: 'utf8' }).stdout ?? '';
		const executable = listed.split('\n').find((file) => file.endsWith('/MiniBrowser') && isExecutable(file));
		return executable
			? { name: 'webkit', executable }
			: { name: 'webkit', missing: 'no MiniBrowser in the package libwebkit2gtk-4.1-0' };
	}
};

function onPath(command: string): string | undefined {
	const folders = (process.env.PATH ?? '').split(delimiter);
	return folders.map((folder) => join(folder, command)).find(isExecutable);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
