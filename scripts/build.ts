/**
 * Builds the application, or with `--if-needed` only when a source differs from what the last build was made of.
 * `npm start` and `npm test` use the latter, so that a second start is immediate.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'build/sources.sha256');
const sources = ['src', 'static', 'package.json', 'package-lock.json', 'svelte.config.js', 'vite.config.ts'];

/** Exits the process with the builder's code when the build fails. */
export function build({ ifNeeded }: { ifNeeded: boolean }): void {
	const digest = digestOf(sources);
	if (ifNeeded && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
	console.log('Building the application…');
	const vite = join(root, 'node_modules/vite/bin/vite.js');
	const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'error'], {
		cwd: root,
		stdio: 'inherit'
	});
	if (status !== 0) process.exit(status ?? 1);
	writeFileSync(stamp, digest);
}

function digestOf(paths: string[]): string {
	const hash = createHash('sha256');
	for (const path of paths.flatMap(filesIn))
		hash
			.update(path)
			.update('\0')
			.update(readFileSync(join(root, path)));
	return hash.digest('hex');
}

function filesIn(path: string): string[] {
	if (statSync(join(root, path)).isFile()) return [path];
	const entries = readdirSync(join(root, path), { withFileTypes: true, recursive: true });
	return entries
		.filter((e) => e.isFile())
		.map((e) => join(e.parentPath, e.name).slice(root.length))
		.sort();
}

if (import.meta.main) build({ ifNeeded: process.argv.includes('--if-needed') });
