/** `npm run check`: every static check, all of them even when one fails, and one line for each at the end. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => `node_modules/${name}`;

/** In order: what generates types first, what is slowest last. */
const steps: Record<string, string[]> = {
	'svelte-kit sync': [bin('@sveltejs/kit/svelte-kit.js'), 'sync'],
	'types (svelte-check)': [bin('svelte-check/bin/svelte-check'), '--fail-on-warnings', '--output', 'human'],
	'rules (eslint)': [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0'],
	'format (prettier)': [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
	'import directions': [bin('vitest/vitest.mjs'), 'run', 'tests/unit/architecture.test.ts', '--reporter=dot'],
	'unused code (knip)': [bin('knip/bin/knip.js')],
	build: ['scripts/build.ts', '--if-needed'],
	'size of the first screen': [bin('size-limit/bin.js')]
};

const failed = Object.entries(steps).filter(([name, args]) => {
	console.log(`\n— ${name}`);
	return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status !== 0;
});

console.log('');
for (const name of Object.keys(steps))
	console.log(`${failed.some(([failedName]) => failedName === name) ? 'failed' : 'passed'}  ${name}`);
process.exitCode = failed.length > 0 ? 1 : 0;
