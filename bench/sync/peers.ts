import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../peers/', import.meta.url));

/** The peers are installed by the first run that needs them, so that a clone and its tests don't download them. */
export function installPeers(): void {
	const installed = `${folder}node_modules/.package-lock.json`;
	if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${folder}package-lock.json`).mtimeMs)
		return;
	console.error('Installing the peers of the bench (npm ci in bench/peers)…');
	const npm = process.env.npm_execpath;
	const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
	const { status } = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 2, 2] });
	if (status !== 0) throw new Error('the peers could not be installed: see npm’s message above');
}
