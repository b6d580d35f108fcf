import { QUEUE_TAG } from '#lib/store/queue-tag.ts';

/** Asks the browser to send what waits once there is network, with no page open. Chromium only; elsewhere nothing happens. */
export async function askBackgroundDelivery(): Promise<void> {
	try {
		const registration = await navigator.serviceWorker?.getRegistration();
		if (registration && 'sync' in registration) await (registration.sync as SyncManager).register(QUEUE_TAG);
	} catch {
		// Refused by the browser's settings: the lock screen and the open tablet send as well.
	}
}

/** Background Sync is no standard, and TypeScript's library does not know it. */
type SyncManager = { register(tag: string): Promise<void> };
