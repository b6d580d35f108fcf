import { argon2id, type StretchRequest } from './argon.ts';

/** The one second of Argon2id happens here, so that the progress of an unlock can be shown meanwhile. */
self.onmessage = (event: MessageEvent<StretchRequest>) => {
	argon2id(event.data).then(
		(key) => self.postMessage({ key }),
		(error: unknown) => self.postMessage({ error: String(error) })
	);
};
