/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/// <reference types="@sveltejs/kit" />
import { build, files, prerendered, version } from '$service-worker';
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { deliverAll, postParcel } from '#lib/store/delivery.ts';
import { QUEUE_TAG } from '#lib/store/queue-tag.ts';

/*
 * Keeps the application itself, never data: answers of `/api/` are neither cached nor looked at. Every page is the same
 * shell, so a deep link opens without network. A new version waits until the person says so: replacing files under a
 * half-filled form is how others lost forms.
 */
const worker = globalThis as unknown as ServiceWorkerGlobalScope;

/** Kit's build names hold a digest already; the other files are as new as the version. */
precacheAndRoute([
	...build.map((url) => ({ url, revision: null })),
	...[...files, ...prerendered].map((url) => ({ url, revision: version }))
]);
cleanupOutdatedCaches();

registerRoute(new NavigationRoute(createHandlerBoundToURL('/shell'), { denylist: [/^\/api\//] }));

worker.addEventListener('message', ({ data }) => {
	if (data === 'use-new-version') void worker.skipWaiting();
});

/** [P12] The browser says that the network is back, though no page is open: sealed operations leave, nothing is read. */
worker.addEventListener('sync', (event) => {
	if (isWakeUp(event) && event.tag === QUEUE_TAG) event.waitUntil(deliver());
});

/** Background Sync is Chromium's alone, and TypeScript's library does not know it. */
type WakeUp = ExtendableEvent & { readonly tag: string };
const isWakeUp = (event: Event): event is WakeUp => 'tag' in event && 'waitUntil' in event;

/** Throws while something is left that the network may still take: the browser then tries again, later and later. */
async function deliver(): Promise<void> {
	const { why } = await deliverAll(postParcel);
	if (why === 'offline') throw new Error('the server did not answer');
}

/** The first installation serves the page that is open at once, so that losing the network a second later is harmless. */
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
