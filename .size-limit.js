import { firstScreen } from './scripts/first-screen.ts';

/** JavaScript of a first screen, gzip: where the icon and its two shortcuts lead. */
export default await Promise.all(
	['/', '/terrain', '/permanences'].map(async (address) => ({
		name: `first screen ${address}`,
		path: await firstScreen(address),
		gzip: true,
		limit: '150 kB'
	}))
);
