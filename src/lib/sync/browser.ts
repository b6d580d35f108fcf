import { Sync } from './runner.ts';
import type { Clock, SyncStore, Transport } from './ports.ts';
import { fetchTransport } from './transport.ts';

export type BrowserSync = { sync: Sync; stop: () => void };

const clock: Clock = {
	now: () => Date.now(),
	after(ms, run) {
		const timer = setTimeout(run, ms);
		return () => clearTimeout(timer);
	}
};

const report = (error: unknown) =>
	console.error('sync: the tablet could not read or write its own base', error);

/**
 * Sync of an open store in a page: starts at once, tries again on `online` and on becoming visible [P9]. `stop` when
 * the store locks.
 */
export function startSync(
	store: SyncStore,
	newDevice: () => string,
	transport: Transport = fetchTransport()
): BrowserSync {
	const sync = new Sync({ store, transport, clock, random: Math.random, newDevice, report });
	const off = new AbortController();
	const { signal } = off;
	const isVisible = () => document.visibilityState === 'visible';
	addEventListener('online', () => sync.tell({ type: 'online' }), { signal });
	addEventListener('offline', () => sync.tell({ type: 'offline' }), { signal });
	document.addEventListener('visibilitychange', () => sync.tell({ type: 'visible', visible: isVisible() }), {
		signal
	});
	// A page that comes back frozen from the back-forward cache has slept through its timer.
	addEventListener('pageshow', () => sync.tell({ type: 'visible', visible: isVisible() }), { signal });
	sync.start({ online: navigator.onLine, visible: isVisible() });
	return {
		sync,
		stop() {
			off.abort();
			sync.stop();
		}
	};
}
