import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from '../scripts/build.ts';
import { firstScreen } from '../scripts/first-screen.ts';
import type { Figure } from './figure.ts';

/** Pages that a tablet may open first: from the icon, and from its shortcuts. */
const addresses = ['/', '/ouvrir', '/terrain', '/jeunes'];

/** JavaScript that a first screen loads, gzip, of the built application (built here when it is not current). */
export async function measureBundle(): Promise<Figure[]> {
	build({ ifNeeded: true });
	return Promise.all(
		addresses.map(async (address): Promise<Figure> => {
			const files = await firstScreen(address);
			const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
			return {
				of: 'bundle',
				what: `JavaScript of ${address}, gzip`,
				value: bytes / 1000,
				unit: 'kB',
				promise: { atMost: 150 }
			};
		})
	);
}
