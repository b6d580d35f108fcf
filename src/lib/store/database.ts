import { Dexie, type Table } from 'dexie';
import type { Envelope } from '#lib/protocol/operation.ts';
import type { Bytes, Identity } from './seal.ts';
import type { Slot, Tries } from './vault.ts';

/**
 * What lies on the disk. In clear stand random ids, numbers, the state of the queue and the alias that its holder
 * chose for the lock screen; everything else is sealed. One database per vault, so that two people on one tablet share
 * nothing, and one registry (`escale`) that knows which vaults there are.
 */
export type VaultEntry = Identity & {
	id: string;
	/** Shown on the lock screen: chosen by the holder, told to be no name. */
	alias: string;
	createdAt: number;
	slots: Slot[];
	tries: Tries;
	/**
	 * [P12] Proves the parcels of this vault. In clear, because it is used while the tablet is locked: who finds it can hand in
	 * under this name what only the server can read, and can read nothing.
	 */
	upload?: string;
};

/** Rows of one site as one value: a few hundred after a bulk pull, one after a single change. A later `seq` wins. */
export type PageEntry = { seq: number; site: string; sealed: Bytes };

/**
 * - `pending`: waits for the server. Nothing ever deletes it.
 * - `delivered`: left in a parcel while the tablet was locked and is durable on the server; the next answer says its outcome.
 * - `acked`: has a durable outcome there; kept 30 days for the case that the server loses it [P8].
 * - `refused`: kept until its author corrects it or lets it go [P6].
 * - `dropped`: let go by its author; kept 30 days.
 */
export type QueueState = 'pending' | 'delivered' | 'acked' | 'refused' | 'dropped';
export type QueueRow = {
	n: number;
	id: string;
	state: QueueState;
	/** Device time of the last change of state, ms UTC. */
	at: number;
	/** The id that it travels under, in clear for whoever delivers it; the vault's own when missing. */
	device?: string;
	envelope: Envelope;
	local: Bytes;
};

export type SealedEntry = { key: string; version: number; sealed: Bytes };

export class VaultDatabase extends Dexie {
	pages!: Table<PageEntry, number>;
	queue!: Table<QueueRow, number>;
	drafts!: Table<SealedEntry, string>;
	meta!: Table<SealedEntry, string>;

	constructor(vault: string) {
		super(vaultDatabaseName(vault), { chromeTransactionDurability: 'strict' });
		this.version(1).stores({ pages: 'seq, site', queue: 'n, state', drafts: 'key', meta: 'key' });
	}
}

export class Registry extends Dexie {
	vaults!: Table<VaultEntry, string>;

	constructor() {
		super('escale', { chromeTransactionDurability: 'strict' });
		this.version(1).stores({ vaults: 'id' });
	}
}

export const vaultDatabaseName = (vault: string): string => `escale-${vault}`;

const names = (error: unknown): string[] => {
	const found: string[] = [];
	for (
		let e: unknown = error;
		e instanceof Object && found.length < 5;
		e = 'inner' in e ? e.inner : undefined
	)
		if ('name' in e && typeof e.name === 'string') found.push(e.name);
	return found;
};

/** Quota errors surface on the transaction's abort, wrapped: the whole chain is read. */
export function storageFailure(error: unknown): {
	reason: 'storage-full' | 'storage-failed';
	detail: string;
} {
	const full = names(error).includes('QuotaExceededError');
	return { reason: full ? 'storage-full' : 'storage-failed', detail: names(error)[0] ?? 'unknown' };
}

const lost = ['InvalidStateError', 'DatabaseClosedError', 'UnknownError', 'TransactionInactiveError'];

/** Browsers, iOS first, lose the connection to the database of a page that slept: open again and try once more. */
export async function reopening<T>(db: Dexie, run: () => Promise<T>): Promise<T> {
	try {
		return await run();
	} catch (error) {
		if (!names(error).some((name) => lost.includes(name))) throw error;
		db.close({ disableAutoOpen: false });
		await db.open();
		return run();
	}
}
