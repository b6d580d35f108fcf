import { Dexie } from 'dexie';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { newUploadKey } from '#lib/protocol/parcel.ts';
import type { Session } from '#lib/protocol/session.ts';
import type { ArgonParameters } from './argon.ts';
import type { Stretch } from './argon-thread.ts';
import { Registry, reopening, storageFailure, vaultDatabaseName, type VaultEntry } from './database.ts';
import { problemOfPassphrase, type PassphraseProblem } from './phrase.ts';
import { StoreError } from './port.ts';
import { IntegrityError, type Identity } from './seal.ts';
import { TabletStore, thisDevice, type Device, type Progress } from './tablet-store.ts';
import { changePassphrase, createVault, openWithPassphrase, waitBeforeTry } from './vault.ts';

/**
 * The vaults of this tablet: one per person and organisation that uses it (or two, when a passphrase was forgotten and
 * the old vault still holds work). They share nothing; opening, signing out or losing one leaves the others alone.
 */
export type VaultCard = {
	id: string;
	alias: string;
	user: string;
	createdAt: number;
	/** ms before a passphrase may be tried again. */
	wait: number;
	failures: number;
};

export type Environment = {
	device: Device;
	/** For tests; the vault's own otherwise. */
	stretch?: Stretch;
	argon?: ArgonParameters;
	/** A second place that remembers which vaults there were (`localStorage`): tells a browser that emptied the first. */
	marker?: Pick<Storage, 'getItem' | 'setItem'> | undefined;
};

type StorageTrouble = { ok: false; reason: 'storage-full' | 'storage-failed'; detail: string };
export type Created =
	{ ok: true; store: TabletStore } | { ok: false; reason: PassphraseProblem } | StorageTrouble;
export type OpenedTablet =
	| { ok: true; store: TabletStore }
	| { ok: false; reason: 'wrong-passphrase' | 'too-soon'; wait: number; failures: number }
	/** `emptied`: the browser took the data; sign in and fetch it again. `damaged`: it does not open; nothing was deleted. */
	| { ok: false; reason: 'unknown' | 'weak-parameters' | 'emptied' | 'damaged' }
	| StorageTrouble;
/** Where an opening has come to: the passphrase is being stretched, or sealed values are being opened. */
export type OpeningProgress = (
	step: { stage: 'key' } | { stage: 'data'; done: number; total: number }
) => void;

type Counted = { entry: VaultEntry } | { wait: number; failures: number };

const MARKER = 'escale.vaults';

export class Tablets {
	#registry = new Registry();
	#environment: Environment;

	constructor(environment: Environment = { device: thisDevice, marker: globalThis.localStorage }) {
		this.#environment = environment;
	}

	/** Oldest first. Throws `StoreError` when the browser gives no database. */
	async list(): Promise<{
		vaults: VaultCard[];
		/** Vaults that the browser has taken away whole. */ lost: number;
	}> {
		const entries = await this.#read(() => this.#registry.vaults.toArray());
		const now = this.#environment.device.now();
		const vaults = entries
			.sort((a, b) => a.createdAt - b.createdAt)
			.map(({ id, alias, user, createdAt, tries }) => {
				return { id, alias, user, createdAt, wait: waitBeforeTry(tries, now), failures: tries.failures };
			});
		const remembered = this.#remembered();
		const ids = vaults.map(({ id }) => id);
		// A browser that is killed forgets what it was told last: a vault that is there is marked again at each start.
		this.#remember([...new Set([...remembered, ...ids])]);
		return { vaults, lost: remembered.filter((id) => !ids.includes(id)).length };
	}

	/** The person has been told that something was lost. */
	async forgetLost(): Promise<void> {
		this.#remember((await this.list()).vaults.map(({ id }) => id));
	}

	/**
	 * A new vault for who is signed in, on a new device id. Slot and data are written before it is listed.
	 * @param alias shown on the lock screen in clear
	 */
	async create(session: Session, passphrase: string, alias: string): Promise<Created> {
		const problem = problemOfPassphrase(passphrase, [
			session.user.name,
			session.user.email,
			session.organisation.name
		]);
		if (problem) return { ok: false, reason: problem };
		const { device, ...costs } = this.#environment;
		const id = this.#newId();
		const identity: Identity = {
			organisation: session.organisation.id,
			user: session.user.id,
			device: this.#newId()
		};
		const { slot, keys } = await createVault(identity, passphrase, costs);
		const upload = newUploadKey(device.random);
		try {
			const store = await TabletStore.create(id, identity, keys, session, { ...device, upload });
			const entry: VaultEntry = {
				id,
				...identity,
				alias,
				createdAt: device.now(),
				slots: [slot],
				tries: { failures: 0, lastAt: 0 },
				upload
			};
			await this.#read(() =>
				this.#registry.transaction('rw', this.#registry.vaults, () => this.#registry.vaults.add(entry))
			);
			this.#remember([...this.#remembered(), id]);
			return { ok: true, store };
		} catch (error) {
			return trouble(error);
		}
	}

	/** A try is counted, on disk, before it is made. A wrong passphrase never deletes anything. */
	async open(id: string, passphrase: string, onProgress?: OpeningProgress): Promise<OpenedTablet> {
		try {
			const counted = await this.#countTry(id);
			if (!counted) return { ok: false, reason: 'unknown' };
			if ('wait' in counted) return { ok: false, reason: 'too-soon', ...counted };
			const { entry } = counted;
			const slot = entry.slots.find(({ kind }) => kind === 'passphrase');
			if (!slot) return { ok: false, reason: 'unknown' };
			onProgress?.({ stage: 'key' });
			const opened = await openWithPassphrase(entry, slot, passphrase, this.#environment.stretch);
			if (!opened.ok && opened.reason === 'weak-parameters') return { ok: false, reason: opened.reason };
			if (!opened.ok) return { ok: false, reason: 'wrong-passphrase', ...this.#waiting(entry) };
			const { device } = this.#environment;
			const upload = entry.upload ?? newUploadKey(device.random);
			await this.#update(id, { tries: { failures: 0, lastAt: 0 }, upload });
			const progress: Progress = (done, total) => onProgress?.({ stage: 'data', done, total });
			const store = await TabletStore.open(id, identityOf(entry), opened.keys, {
				device: { ...device, upload },
				onProgress: progress
			});
			return store ? { ok: true, store } : { ok: false, reason: 'emptied' };
		} catch (error) {
			if (error instanceof IntegrityError) return { ok: false, reason: 'damaged' };
			return trouble(error);
		}
	}

	/** The data key stays, so nothing is sealed anew. */
	async changePassphrase(
		id: string,
		passphrase: string,
		next: string
	): Promise<
		| { ok: true }
		| {
				ok: false;
				reason: PassphraseProblem | 'unknown' | 'wrong-passphrase' | 'weak-parameters' | 'too-soon';
		  }
	> {
		const problem = problemOfPassphrase(next);
		if (problem) return { ok: false, reason: problem };
		const counted = await this.#countTry(id);
		if (!counted) return { ok: false, reason: 'unknown' };
		if ('wait' in counted) return { ok: false, reason: 'too-soon' };
		const { entry } = counted;
		const slot = entry.slots.find(({ kind }) => kind === 'passphrase');
		if (!slot) return { ok: false, reason: 'unknown' };
		const changed = await changePassphrase(entry, slot, passphrase, next, this.#environment);
		if (!changed.ok) return changed;
		const slots = entry.slots.map((old) => (old === slot ? changed.slot : old));
		await this.#update(id, { slots, tries: { failures: 0, lastAt: 0 } });
		return { ok: true };
	}

	async rename(id: string, alias: string): Promise<void> {
		await this.#update(id, { alias });
	}

	/**
	 * Signs out for good: the vault's database goes, but never with work that the server has not taken.
	 * @param exported the queue was written to a file that the person has: that work is safe elsewhere
	 */
	async closeForGood(
		store: TabletStore,
		{ exported = false }: { exported?: boolean } = {}
	): Promise<
		{ ok: true } | { ok: false; reason: 'unsent'; pending: number; refused: number } | StorageTrouble
	> {
		const { pending, refused } = store.facts();
		if (!store.isOpen) return { ok: false, reason: 'storage-failed', detail: 'locked' };
		if (pending + refused > 0 && !exported) return { ok: false, reason: 'unsent', pending, refused };
		store.lock();
		await store.closed();
		try {
			await this.#read(() => this.#registry.vaults.delete(store.vault));
			await Dexie.delete(vaultDatabaseName(store.vault));
			this.#remember(this.#remembered().filter((id) => id !== store.vault));
			return { ok: true };
		} catch (error) {
			return trouble(error);
		}
	}

	/** Counts in one transaction: two tabs don't share a try. */
	#countTry(id: string): Promise<Counted | undefined> {
		const now = this.#environment.device.now();
		return this.#read(() =>
			this.#registry.transaction('rw', this.#registry.vaults, async () => {
				const entry = await this.#registry.vaults.get(id);
				if (!entry) return undefined;
				const wait = waitBeforeTry(entry.tries, now);
				if (wait > 0) return { wait, failures: entry.tries.failures };
				entry.tries = { failures: entry.tries.failures + 1, lastAt: now };
				await this.#registry.vaults.put(entry);
				return { entry };
			})
		);
	}

	#waiting({ tries }: VaultEntry) {
		return { wait: waitBeforeTry(tries, this.#environment.device.now()), failures: tries.failures };
	}

	async #update(
		id: string,
		changes: Partial<Pick<VaultEntry, 'alias' | 'slots' | 'tries' | 'upload'>>
	): Promise<void> {
		await this.#read(() =>
			this.#registry.transaction('rw', this.#registry.vaults, () => this.#registry.vaults.update(id, changes))
		);
	}

	async #read<T>(run: () => PromiseLike<T>): Promise<T> {
		try {
			return await reopening(this.#registry, async () => run());
		} catch (error) {
			const { reason, detail } = storageFailure(error);
			throw new StoreError(reason, detail);
		}
	}

	#newId(): string {
		const { device } = this.#environment;
		return uuidv7(device.now(), device.random(10));
	}

	#remembered(): string[] {
		try {
			return this.#environment.marker?.getItem(MARKER)?.split(' ').filter(Boolean) ?? [];
		} catch {
			return [];
		}
	}

	#remember(ids: string[]): void {
		try {
			this.#environment.marker?.setItem(MARKER, ids.join(' '));
		} catch {
			// A browser without localStorage loses the warning, nothing else.
		}
	}
}

const identityOf = ({ organisation, user, device }: VaultEntry): Identity => ({ organisation, user, device });

function trouble(error: unknown): StorageTrouble {
	if (error instanceof StoreError && error.reason !== 'locked')
		return { ok: false, reason: error.reason, detail: error.message };
	return { ok: false, ...storageFailure(error) };
}
