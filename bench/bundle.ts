import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { firstScreen } from '../scripts/first-screen.ts';
import type { Figure } from './figure.ts';

const builder = fileURLToPath(new URL('../scripts/build.ts', import.meta.url));

/** Where the icon and its two shortcuts lead: what is promised of. */
const first = ['/', '/terrain', '/permanences'];
const addresses = [...first, '/jeunes'];

/** JavaScript that a first screen loads, gzip, of the built application (built here when it is not current). */
export async function measureBundle(): Promise<Figure[]> {
	// What the builder says goes to stderr: stdout is for figures.
	const { status } = spawnSync(process.execPath, [builder, '--if-needed'], { stdio: ['ignore', 2, 2] });
	if (status !== 0) throw new Error('the application does not build');
	return Promise.all(
		addresses.map(async (address): Promise<Figure> => {
			const files = await firstScreen(address);
			const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
			return {
				of: 'bundle',
				what: `JavaScript of ${address}, gzip`,
				value: bytes / 1000,
				unit: 'kB',
				...(first.includes(address) && { promise: { atMost: 150 } })
			};
		})
	);
}
