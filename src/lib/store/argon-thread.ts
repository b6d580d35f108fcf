import { argon2id, type StretchRequest } from './argon.ts';
import type { Bytes } from './seal.ts';

export type Stretch = (request: StretchRequest) => Promise<Bytes>;

/** Argon2id in a worker of its own, which ends with it (and gives its 64 MiB back); inline where none can be started. */
export const stretch: Stretch = async (request) => {
	if (typeof Worker === 'undefined') return argon2id(request);
	try {
		return await inWorker(request);
	} catch (error) {
		console.warn('argon2id: the worker failed, going on in the page', error);
		return argon2id(request);
	}
};

async function inWorker(request: StretchRequest): Promise<Bytes> {
	const worker = new Worker(new URL('./argon.worker.ts', import.meta.url), { type: 'module' });
	try {
		return await new Promise<Bytes>((resolve, reject) => {
			worker.onmessage = (event: MessageEvent<{ key?: Bytes; error?: string }>) =>
				event.data.key ? resolve(event.data.key) : reject(new Error(event.data.error));
			worker.onerror = (event) => reject(new Error(event.message || 'worker not loaded'));
			worker.onmessageerror = () => reject(new Error('worker answered nonsense'));
			worker.postMessage(request);
		});
	} finally {
		worker.terminate();
	}
}
