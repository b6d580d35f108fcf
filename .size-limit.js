import { firstScreen } from './scripts/first-screen.ts';

/** JavaScript of a first screen, gzip (DESIGN: at most 150 kB). */
export default await Promise.all(
	['/', '/ouvrir', '/terrain', '/jeunes'].map(async (address) => ({
		name: `first screen ${address}`,
		path: await firstScreen(address),
		gzip: true,
		limit: '150 kB'
	}))
);
