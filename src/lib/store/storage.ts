import { Dexie } from 'dexie';

/** Whether this browser can be a tablet, said before anything is asked of anybody. */
export type Support =
	| { ok: true; /** Two tabs can be kept apart for sure. */ locks: boolean }
	| { ok: false; reason: 'insecure' | 'no-crypto' | 'no-database' | 'database-refused' | 'old-browser' };

const PROBE = 'escale-probe';

/**
 * `database-refused` is what some browsers answer in a private window or with site data forbidden: the database is
 * there by name and does not open.
 */
export async function checkSupport(): Promise<Support> {
	if (globalThis.isSecureContext === false) return { ok: false, reason: 'insecure' };
	if (!globalThis.crypto?.subtle) return { ok: false, reason: 'no-crypto' };
	if (typeof indexedDB === 'undefined' || indexedDB === null) return { ok: false, reason: 'no-database' };
	if (!hasLanguage()) return { ok: false, reason: 'old-browser' };
	try {
		const probe = new Dexie(PROBE, { autoOpen: true });
		probe.version(1).stores({ probe: 'key' });
		await probe.table('probe').put({ key: 1, bytes: new Uint8Array(1) });
		probe.close();
		await Dexie.delete(PROBE);
	} catch {
		return { ok: false, reason: 'database-refused' };
	}
	return { ok: true, locks: Boolean(globalThis.navigator?.locks) };
}

const hasLanguage = () =>
	typeof structuredClone === 'function' &&
	typeof Map.groupBy === 'function' &&
	typeof Array.prototype.at === 'function';

export type StorageFacts = {
	/** Bytes; undefined where the browser does not say. */
	used: number | undefined;
	quota: number | undefined;
	/** `granted`: the browser won't empty it by itself; `refused`: it may when space is short; `unknown`: it does not say. */
	persistence: 'granted' | 'refused' | 'unknown';
	/** A quota as small as browsers give to private windows: what is written may go when the window closes. */
	perhapsPrivate: boolean;
};

const SMALL_QUOTA = 200 * 1024 * 1024;

export async function storageFacts(): Promise<StorageFacts> {
	const storage = globalThis.navigator?.storage;
	const estimate = await quietly(() => storage?.estimate?.());
	const persisted = await quietly(() => storage?.persisted?.());
	const quota = estimate?.quota;
	return {
		used: estimate?.usage,
		quota,
		persistence: persisted === undefined ? 'unknown' : persisted ? 'granted' : 'refused',
		perhapsPrivate: quota !== undefined && quota < SMALL_QUOTA && persisted !== true
	};
}

/** Asks the browser not to empty this tablet by itself. Some ask the person, some decide alone. */
export async function askPersistence(): Promise<StorageFacts['persistence']> {
	const granted = await quietly(() => globalThis.navigator?.storage?.persist?.());
	return granted === undefined ? 'unknown' : granted ? 'granted' : 'refused';
}

async function quietly<T>(run: () => Promise<T> | undefined): Promise<T | undefined> {
	try {
		return await run();
	} catch {
		return undefined;
	}
}
