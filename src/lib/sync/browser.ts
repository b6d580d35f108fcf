import { eventSource, LiveStream, type OpenStream } from './live.ts';
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
 * Sync of an open store in a page: starts at once, tries again on `online` and on becoming visible [P9], and listens to
 * the server's live stream [P13] while the page is looked at and sync gets through. `stop` when the store locks.
 */
export function startSync(
	store: SyncStore,
	newDevice: () => string,
	transport: Transport = fetchTransport(),
	openStream: OpenStream = eventSource
): BrowserSync {
	let device = '';
	const noting: Transport = {
		exchange(request, signal) {
			device = request.device;
			return transport.exchange(request, signal);
		}
	};
	const sync = new Sync({ store, transport: noting, clock, random: Math.random, newDevice, report });
	const live = new LiveStream({
		open: openStream,
		clock,
		random: Math.random,
		device: () => device,
		tell: (event) => sync.tell(event)
	});
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
	const stopFollowing = sync.subscribe(({ failure, lastContactAt }) =>
		live.want(isVisible() && lastContactAt !== undefined && failure === undefined)
	);
	return {
		sync,
		stop() {
			off.abort();
			stopFollowing();
			live.want(false);
			sync.stop();
		}
	};
}
