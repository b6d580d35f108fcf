// Runs under whatever Node the machine has (20 and up), before any dependency is there: plain JavaScript, no imports
// but Node's. It installs what the lock file says when node_modules holds anything else; npm then finds the Node 24 of
// node_modules/.bin for every script that follows.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const oldest = 20;

if (Number(process.versions.node.split('.')[0]) < oldest) {
	console.error(
		`Escale needs Node ${oldest} or newer to install itself; this one is ${process.versions.node}.`
	);
	process.exit(1);
}
if (!isInstalled()) {
	console.log('Installing the dependencies of the lock file (npm ci)…');
	const npm = process.env.npm_execpath;
	const command = npm ? [process.execPath, npm, 'ci'] : ['npm', 'ci'];
	const { status } = spawnSync(command[0], command.slice(1), {
		cwd: root,
		stdio: 'inherit',
		shell: !npm && process.platform === 'win32'
	});
	if (status !== 0) {
		console.error('npm ci failed: see its message above. Nothing was started.');
		process.exit(status ?? 1);
	}
}

/** Compares contents rather than dates: a clone, a checkout and a copy all change dates. */
function isInstalled() {
	if (!existsSync(`${root}node_modules/.bin`)) return false;
	const wanted = packagesOf(`${root}package-lock.json`);
	const held = packagesOf(`${root}node_modules/.package-lock.json`);
	return Object.entries(wanted).every(
		([path, entry]) => path === '' || entry.optional || held[path]?.version === entry.version
	);
}

function packagesOf(file) {
	try {
		return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
	} catch {
		return {};
	}
}
