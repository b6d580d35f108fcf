import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { demoData } from '../fixtures/server-process.ts';

/** Fills a base with the demonstration once, as of today; every test that wants it starts from a copy. */
export default function prepare(): void {
	rmSync(demoData, { recursive: true, force: true });
	const { DATABASE_URL: _unused, ...env } = process.env;
	const { status } = spawnSync(process.execPath, ['src/cli/escale.ts', 'demo'], {
		env: { ...env, ESCALE_DATA: demoData },
		stdio: ['ignore', 'ignore', 'inherit']
	});
	if (status !== 0) throw new Error('the demonstration could not be made');
}
