import { tablet } from './tablet.svelte.ts';

/**
 * Registers the service worker and tells when a new version waits. The new one takes over only when asked; the page
 * then reloads once, and what was being typed comes back from its draft.
 */
export async function registerWorker(): Promise<void> {
	if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
	const registration = await navigator.serviceWorker.register('/service-worker.js', {
		type: 'module',
		updateViaCache: 'none'
	});
	const offer = (worker: ServiceWorker | null) => {
		if (worker && navigator.serviceWorker.controller) tablet.update = worker;
	};
	offer(registration.waiting);
	registration.addEventListener('updatefound', () => {
		const worker = registration.installing;
		worker?.addEventListener('statechange', () => {
			if (worker.state === 'installed') offer(worker);
		});
	});
	document.addEventListener('visibilitychange', () => {
		if (document.visibilityState === 'visible') void registration.update().catch(() => undefined);
	});
}

/** Asks now instead of waiting for the next time the page comes into view; without network nothing happens. */
export async function lookForNewVersion(): Promise<void> {
	if (!('serviceWorker' in navigator)) return;
	const registration = await navigator.serviceWorker.getRegistration();
	await registration?.update().catch(() => undefined);
}

/** Lets the waiting version take over, then reloads. */
export function useNewVersion(worker: ServiceWorker): void {
	navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
	worker.postMessage('use-new-version');
}
