import type { VaultDatabase } from './database.ts';
import type { Keys } from './vault.ts';
import type { Sealer } from './seal.ts';

/**
 * Half-filled forms. The key of a form may name a record, so it is stored as its HMAC. Written while someone types:
 * a draft that can't be written or read never stops them.
 */
export class Drafts {
	#db: VaultDatabase;
	#sealer: Sealer;
	#lookup: CryptoKey;

	constructor(db: VaultDatabase, sealer: Sealer, keys: Keys) {
		this.#db = db;
		this.#sealer = sealer;
		this.#lookup = keys.lookup;
	}

	async read(form: string): Promise<unknown> {
		const key = await this.#keyOf(form);
		const entry = await this.#db.drafts.get(key);
		if (!entry) return undefined;
		return this.#sealer.open({ table: 'drafts', id: key, seq: entry.version }, entry.sealed);
	}

	/** @param version a number that grows: device time will do */
	async write(form: string, value: unknown, version: number): Promise<void> {
		const key = await this.#keyOf(form);
		const sealed = await this.#sealer.seal({ table: 'drafts', id: key, seq: version }, value);
		await this.#db.drafts.put({ key, version, sealed });
	}

	async clear(form: string): Promise<void> {
		await this.#db.drafts.delete(await this.#keyOf(form));
	}

	async #keyOf(form: string): Promise<string> {
		const mac = await crypto.subtle.sign('HMAC', this.#lookup, new TextEncoder().encode(`draft|${form}`));
		return Array.from(new Uint8Array(mac).subarray(0, 16), (b) => b.toString(16).padStart(2, '0')).join('');
	}
}
