import * as peers from './peers.ts';
import * as tablet from './tablet.ts';

declare global {
	interface Window {
		bench: { peers: typeof peers; tablet: typeof tablet };
	}
}

window.bench = { peers, tablet };
