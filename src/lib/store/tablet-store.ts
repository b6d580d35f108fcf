import { change as changeShape, problemOf, type Change } from '#lib/domain/change.ts';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { SCHEMA_VERSION, type Kind, type Row, type Scope } from '#lib/domain/records.ts';
import type { Envelope, Operation } from '#lib/protocol/operation.ts';
import { sealOperation } from '#lib/protocol/seal.ts';
import type { Session } from '#lib/protocol/session.ts';
import { upToDate } from '#lib/protocol/upgrade.ts';
import { PROTOCOL_VERSION, type SyncRequest, type SyncResponse } from '#lib/protocol/sync.ts';
import { heard, isStale, pagesOf, stateAfter, unsynced, withOwnRows, type TabletState } from './answer.ts';
import {
	reopening,
	storageFailure,
	VaultDatabase,
	type PageEntry,
	type QueueRow,
	type SealedEntry
} from './database.ts';
import { Drafts } from './drafts.ts';
import { foldedContent, foldPlans, type PageFacts } from './fold.ts';
import { Memory } from './memory.ts';
import { KEPT_AFTER, openEntry, outcomes, Outbox, placeOf, type Entry, type LocalCopy } from './outbox.ts';
import { paginate, unpack, upToDatePage, type Page } from './pages.ts';
import {
	StoreError,
	type FoundYouth,
	type Holder,
	type QueueEntry,
	type Saved,
	type Store,
	type SyncStore,
	type TabletFacts
} from './port.ts';
import { YouthIndex } from './search.ts';
import { IntegrityError, sealer as sealerOf, type Identity, type Place, type Sealer } from './seal.ts';
import type { Keys } from './vault.ts';

/**
 * The open tablet. Memory answers every read; the disk is its durable, sealed image. Writes pass one after the other:
 * seal, then ONE strict transaction, then memory, then screens. Sealing never happens inside a transaction: an awaited
 * WebCrypto promise would end it. What is written of an own change is its queued operation alone, sealed twice (to the
 * server, and to this vault): a record's view is the server's row with those operations on top (`project.ts`), so the
 * record and its queued change can't disagree.
 */
export type Device = {
	/** ms UTC, as wrong as the device's clock is. */
	now(): number;
	random(bytes: number): Uint8Array;
	/** The application's version, told to the server. */
	app?: string;
	/** Proves the parcels of this vault [P12]. */
	upload?: string;
};

export const thisDevice: Device = {
	now: () => Date.now(),
	random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes))
};

type PublicKey = Session['publicKey'];
type SealedHolder = { holder: Holder; publicKey: PublicKey };
export type Progress = (done: number, total: number) => void;

/** What is there only while the tablet is open; dropped as one by `lock`. */
type Opened = { sealer: Sealer; drafts: Drafts; holder: Holder; publicKey: PublicKey; state: TabletState };

export class TabletStore implements Store, SyncStore {
	readonly vault: string;
	/** Sealed values that did not open at the unlock. They stay on the disk; their sites are pulled again. */
	readonly damaged: Place[] = [];
	#identity: Identity;
	#db: VaultDatabase;
	#device: Device;
	#opened: Opened | undefined;
	#memory: Memory;
	#youths = new YouthIndex();
	#outbox = new Outbox();
	#pages = new Map<number, PageFacts>();
	#lastNumber = 0;
	#version = 0;
	#tail: Promise<unknown> = Promise.resolve();
	#listeners = new Set<(kinds: ReadonlySet<Kind>) => void>();
	#queuedListeners = new Set<() => void>();
	#announced: Set<Kind> | undefined;

	private constructor(vault: string, identity: Identity, device: Device) {
		this.vault = vault;
		this.#identity = identity;
		this.#device = device;
		this.#db = new VaultDatabase(vault);
		this.#memory = new Memory(identity.user, (before, after) => this.#youths.change(before, after));
	}

	/** Writes a new vault's database: who holds it, and that nothing was synced yet. */
	static async create(
		vault: string,
		identity: Identity,
		keys: Keys,
		session: Session,
		device: Device
	): Promise<TabletStore> {
		const store = new TabletStore(vault, identity, device);
		const sealer = sealerOf(keys.record, identity);
		const state = unsynced(identity.device);
		const sealed = sealedHolder(session, state.device);
		const rows = [
			await store.#sealMeta(sealer, 'holder', sealed),
			await store.#sealMeta(sealer, 'state', state)
		];
		await store.#db.transaction('rw', store.#db.meta, () => store.#db.meta.bulkAdd(rows));
		store.#opened = { sealer, drafts: new Drafts(store.#db, sealer, keys), ...sealed, state };
		return store;
	}

	/**
	 * Reads and opens everything. Throws `IntegrityError` when the holder or the state does not open, `StoreError` when
	 * the database can't be read; gives `undefined` when the browser has emptied it.
	 */
	static async open(
		vault: string,
		identity: Identity,
		keys: Keys,
		{ device, onProgress }: { device: Device; onProgress?: Progress | undefined }
	): Promise<TabletStore | undefined> {
		const store = new TabletStore(vault, identity, device);
		const found = await store.#load(keys, onProgress ?? (() => undefined));
		if (!found) store.#db.close();
		return found ? store : undefined;
	}

	get isOpen(): boolean {
		return this.#opened !== undefined;
	}

	get holder(): Holder {
		return this.#need().holder;
	}

	now(): number {
		return this.#device.now();
	}

	newId(): string {
		return uuidv7(this.#device.now(), this.#device.random(10));
	}

	homeSite(): Scope {
		const { sites, user } = this.holder;
		return sites[0] ?? `user:${user}`;
	}

	get<K extends Kind>(kind: K, id: string): Row<K> | undefined {
		return this.#memory.get(kind, id);
	}

	all<K extends Kind>(kind: K): ReadonlyMap<string, Row<K>> {
		return this.#memory.all(kind);
	}

	linked<K extends Kind>(kind: K, to: string): Row<K>[] {
		return this.#memory.linked(kind, to);
	}

	searchYouths(query: string, limit: number): FoundYouth[] {
		return this.#youths.search(query, limit).flatMap(({ id, score }) => {
			const row = this.#memory.get('youth', id);
			return row ? [{ row, score }] : [];
		});
	}

	queue(): QueueEntry[] {
		return this.#outbox.forScreens();
	}

	pendingCount(): number {
		return this.#outbox.pending;
	}

	facts(): TabletFacts {
		const state = this.#opened?.state;
		return {
			pending: this.#outbox.pending,
			refused: this.#outbox.refused,
			oldestPending: this.#outbox.all('pending')[0]?.copy?.operation.at,
			lastContact: state?.lastContact,
			skew: state?.skew ?? 0,
			usable: state?.usable ?? state?.complete ?? false,
			complete: state?.complete ?? false
		};
	}

	commit(changes: Change[]): Promise<Saved> {
		return this.#saving((opened) => this.#save(opened, changes));
	}

	/** A refused change goes again as a new operation, in knowledge of what is there now. */
	resend(n: number, changes?: Change[]): Promise<Saved> {
		return this.#saving(async (opened) => {
			const entry = this.#outbox.get(n);
			if (entry?.state !== 'refused' || !entry.copy) return invalid('nothing refused has this number');
			const again = changes ?? this.#again(entry.copy);
			return this.#save(opened, again, entry);
		});
	}

	/** Lets a refused change go: it leaves the screens and stays 30 days in the queue's table. */
	async discard(n: number): Promise<void> {
		await this.#exclusive(async () => {
			const entry = this.#outbox.get(n);
			if (entry?.state !== 'refused') return;
			await this.#write(() =>
				this.#db.transaction('rw', this.#db.queue, () =>
					this.#db.queue.update(n, { state: 'dropped', at: this.now() })
				)
			);
			this.#outbox.remove(n);
			this.#announce([]);
		});
	}

	readDraft(key: string): Promise<unknown> {
		return this.#exclusive(async () => this.#need().drafts.read(key));
	}

	/** Throws `StoreError`: a draft that can't be kept is said, and stops nobody from typing. */
	writeDraft(key: string, value: unknown): Promise<void> {
		return this.#exclusive(async () => {
			const { drafts } = this.#need();
			await this.#write(() => drafts.write(key, value, this.now()));
		});
	}

	clearDraft(key: string): Promise<void> {
		return this.#exclusive(async () => {
			const { drafts } = this.#need();
			await this.#write(() => drafts.clear(key));
		});
	}

	subscribe(listener: (kinds: ReadonlySet<Kind>) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	onQueued(listener: () => void): () => void {
		this.#queuedListeners.add(listener);
		return () => this.#queuedListeners.delete(listener);
	}

	/** [P1] An operation whose local half is damaged travels in its envelope. A gap that a restored server leaves is numbered away. */
	async nextRequest(limit: number): Promise<SyncRequest> {
		return this.#exclusive(async () => {
			if (this.#need().state.restored) await this.#renumber(this.#need(), this.newId());
			let entries = this.#outbox.following(this.#need().state.acked, limit);
			if (!entries) {
				await this.#renumber(this.#need(), this.newId());
				entries = this.#outbox.following(0, limit) ?? [];
			}
			const { state } = this.#need();
			const sites = Object.entries(state.sites);
			const { pending, oldestPending } = this.facts();
			return {
				device: state.device,
				v: PROTOCOL_VERSION,
				schema: SCHEMA_VERSION,
				...(this.#device.app !== undefined && { app: this.#device.app }),
				...(this.#device.upload !== undefined && { upload: this.#device.upload }),
				echo: true as const,
				waiting: { count: pending, ...(oldestPending !== undefined && { oldest: oldestPending }) },
				now: this.now(),
				epoch: state.epoch,
				scope: state.scope,
				after: state.acked,
				ops: await Promise.all(entries.map((entry) => this.#travelling(entry))),
				cursors: Object.fromEntries(sites.map(([site, { rev }]) => [site, rev])),
				below: Object.fromEntries(
					sites.flatMap(([site, { below }]) => (below === undefined ? [] : [[site, below]]))
				)
			};
		});
	}

	async applyAnswer(request: SyncRequest, answer: SyncResponse): Promise<{ more: boolean }> {
		return this.#exclusive(async () => {
			const opened = this.#need();
			if (isStale(opened.state, request, answer)) return { more: answer.more };
			const told = heard(request, answer, this.#outbox.delivered);
			const refused = new Set(told.rejects.map(({ n }) => n));
			const whole = withOwnRows(told, (id) => this.#memory.made(id, told.acked, refused));
			await this.#apply(opened, whole);
			return { more: whole.more || opened.state.restored === true };
		});
	}

	/** [P2] A cloned profile goes on under a device id of its own. */
	async adoptDevice(device: string): Promise<void> {
		await this.#exclusive(() => this.#renumber(this.#need(), device));
	}

	async refreshSession(session: Session): Promise<void> {
		await this.#exclusive(async () => {
			const opened = this.#need();
			const { organisation, user } = this.#identity;
			if (session.organisation.id !== organisation || session.user.id !== user)
				throw new Error('this vault is another person’s');
			const sealed = sealedHolder(session, opened.state.device);
			const row = await this.#sealMeta(opened.sealer, 'holder', sealed);
			await this.#write(() => this.#db.transaction('rw', this.#db.meta, () => this.#db.meta.put(row)));
			Object.assign(opened, sealed);
			this.#announce([]);
		});
	}

	/**
	 * When the tablet is idle: merges small pages, writes anew what is mostly superseded, forgets what was acknowledged
	 * 30 days ago. Each site is one transaction; killed anywhere, nothing is lost.
	 */
	async fold(): Promise<void> {
		await this.#exclusive(async () => {
			const opened = this.#need();
			await this.#forgetOld();
			if (opened.state.more) return;
			const repulled = this.damaged.filter(({ table, id }) => table === 'pages' && opened.state.sites[id]);
			for (const site of new Set(repulled.map(({ id }) => id))) await this.#foldSite(opened, site, [], true);
			for (const plan of foldPlans(this.#pages.values(), (site) => this.#memory.servedAt(site).length))
				await this.#foldSite(opened, plan.site, plan.seqs, plan.whole);
		});
	}

	/** Keys and working set leave memory at once; a write under way still ends well or not at all. */
	lock(): void {
		this.#opened = undefined;
		this.#memory.clear();
		this.#youths.clear();
		this.#outbox.clear();
		this.#pages.clear();
		this.#listeners.clear();
		this.#queuedListeners.clear();
		this.#tail = this.#tail.then(() => this.#db.close());
	}

	/** Resolves when what was being written is written and the database is closed. */
	async closed(): Promise<void> {
		await this.#tail;
	}

	#need(): Opened {
		if (!this.#opened) throw new StoreError('locked', 'the tablet is locked');
		return this.#opened;
	}

	/** One write after the other: a save and an answer never interleave, and numbers have no gap. */
	#exclusive<T>(run: () => Promise<T>): Promise<T> {
		const result = this.#tail.then(run);
		this.#tail = result.catch(() => undefined);
		return result;
	}

	async #saving(run: (opened: Opened) => Promise<Saved>): Promise<Saved> {
		if (!this.#opened) return locked;
		return this.#exclusive(async () => {
			if (!this.#opened) return locked;
			try {
				return await run(this.#opened);
			} catch (error) {
				if (error instanceof StoreError) return { ok: false, reason: error.reason, detail: error.message };
				throw error;
			}
		});
	}

	/** Runs one durable write; the promise of a transaction resolves when it is complete, not before. */
	async #write<T>(run: () => PromiseLike<T>): Promise<T> {
		try {
			return await reopening(this.#db, async () => run());
		} catch (error) {
			if (error instanceof StoreError) throw error;
			const { reason, detail } = storageFailure(error);
			throw new StoreError(reason, detail);
		}
	}

	async #save(opened: Opened, given: Change[], replaces?: Entry): Promise<Saved> {
		const changes = JSON.parse(JSON.stringify(given)) as Change[];
		const problem = this.#problemOf(changes);
		if (problem) return invalid(problem);
		const n = this.#lastNumber + 1;
		const operation: Operation = {
			n,
			id: this.newId(),
			v: SCHEMA_VERSION,
			at: Math.max(0, this.now()),
			changes
		};
		const row = await this.#sealOperation(opened, { operation }, opened.state.device);
		await this.#write(() =>
			this.#db.transaction('rw', this.#db.queue, async () => {
				const same = await this.#db.queue.get(n);
				if (same?.id === row.id) return;
				await this.#db.queue.add(row);
				if (replaces) await this.#db.queue.update(replaces.n, { state: 'dropped', at: this.now() });
			})
		);
		this.#lastNumber = n;
		if (!this.#opened) return { ok: true, n, rows: [] };
		if (replaces) this.#outbox.remove(replaces.n);
		this.#outbox.put({ n, id: row.id, state: 'pending', copy: { operation }, bytes: row.local.length });
		const ids = this.#memory.addOperation(operation);
		this.#announce(this.#memory.refresh(ids));
		for (const listener of this.#queuedListeners) listener();
		return { ok: true, n, rows: this.#rowsOf(changes) };
	}

	#problemOf(changes: Change[]): string | undefined {
		if (changes.length === 0 || changes.length > 50) return `${changes.length} changes in one operation`;
		const created = new Set<string>();
		for (const change of changes) {
			if (!changeShape.safeParse(change).success) return `${change.kind}: shape`;
			const problem = problemOf(change);
			if (problem) return problem;
			if (change.do === 'create') created.add(change.id);
			else if (!created.has(change.id) && !this.#memory.get(change.kind, change.id))
				return `${change.kind}: unknown record`;
		}
		return undefined;
	}

	#rowsOf(changes: Change[]): Row[] {
		const rows = new Map<string, Row>();
		for (const { kind, id } of changes) {
			const row = this.#memory.get(kind, id);
			if (row) rows.set(id, row);
		}
		return [...rows.values()];
	}

	/** The refused body with today's revisions; a record whose id was taken gets another one. */
	#again({ operation: refused, refusal }: LocalCopy): Change[] {
		const operation = upToDate(refused);
		const ids = new Map<string, string>();
		if (refusal?.reason === 'id_clash')
			for (const change of operation.changes) if (change.do === 'create') ids.set(change.id, this.newId());
		let body = JSON.stringify(operation.changes);
		for (const [taken, fresh] of ids) body = body.replaceAll(taken, fresh);
		const changes = JSON.parse(body) as Change[];
		return changes.map((change) =>
			'seen' in change
				? { ...change, seen: this.#memory.get(change.kind, change.id)?.rev ?? change.seen }
				: change
		);
	}

	async #sealOperation(
		{ sealer, holder, publicKey }: Opened,
		copy: LocalCopy,
		device: string
	): Promise<QueueRow> {
		const { operation } = copy;
		const author = { organisation: holder.organisation, user: holder.user, device };
		const [local, envelope] = await Promise.all([
			sealer.seal(placeOf(operation), copy),
			sealOperation(operation, author, publicKey)
		]);
		const { n, id } = operation;
		return { n, id, state: 'pending', at: this.now(), device, envelope, local };
	}

	async #travelling({ n, copy }: Entry): Promise<Operation | Envelope> {
		if (copy) return copy.operation;
		const row = await this.#db.queue.get(n);
		if (!row) throw new StoreError('storage-failed', 'a queued operation is gone');
		return row.envelope;
	}

	async #apply(opened: Opened, answer: SyncResponse): Promise<void> {
		const { sealer, state } = opened;
		const now = this.now();
		const next = stateAfter(state, answer, now);
		const dropped = [
			...answer.drop,
			...Object.keys(answer.sites).filter((site) => answer.sites[site]?.reset)
		];
		const contents = pagesOf(answer, (id) => this.#memory.served(id)?.site);
		const pages = await Promise.all(
			contents.map(({ site, page }) => this.#sealPage(sealer, next, site, page))
		);
		const settledRows = await this.#settledRows(sealer, answer, now);
		const again =
			answer.acked < Math.max(state.acked, this.#outbox.delivered)
				? await this.#lostByServer(sealer, answer.acked)
				: [];
		const meta = await this.#sealMeta(sealer, 'state', next);

		await this.#write(() =>
			this.#db.transaction('rw', this.#db.pages, this.#db.queue, this.#db.meta, async () => {
				if (dropped.length) await this.#db.pages.where('site').anyOf(dropped).delete();
				await this.#db.pages.bulkPut(pages);
				await this.#db.queue.bulkUpdate(settledRows.map(({ entry, changes }) => ({ key: entry.n, changes })));
				await this.#db.queue.bulkUpdate(
					again.map(({ n }) => ({ key: n, changes: { state: 'pending', at: now } }))
				);
				await this.#db.meta.put(meta);
			})
		);

		if (!this.#opened) return;
		opened.state = next;
		this.#lastNumber = Math.max(this.#lastNumber, next.acked);
		this.#forgetPages(dropped);
		pages.forEach(({ seq, site }, i) => {
			const { gone, rows } = contents[i]!.page;
			this.#pages.set(seq, { seq, site, records: gone.length + rows.length, gone: gone.length });
		});
		const touched = dropped.flatMap((site) => this.#memory.leave(site));
		for (const { site, page } of contents)
			touched.push(
				...this.#memory.take(
					site,
					page.rows.map((row) => unpack(site, row)),
					page.gone,
					page.through
				)
			);
		this.#memory.settle(next.sites, next.settled, next.more);
		for (const { entry } of settledRows) this.#outbox.put(entry);
		for (const entry of again) this.#outbox.put(entry);
		touched.push(...this.#overlay([...settledRows.map(({ entry }) => entry), ...again], next));
		this.#announce(this.#memory.refresh(touched));
	}

	/** Operations whose outcome an answer brings, with what changes in their rows. */
	async #settledRows(sealer: Sealer, answer: SyncResponse, now: number) {
		return Promise.all(
			outcomes(
				[...this.#outbox.all('delivered'), ...this.#outbox.all('pending')],
				answer.acked,
				answer.rejects
			).map(async ({ entry, state, refusal }) => {
				if (!refusal || !entry.copy) return { entry: { ...entry, state }, changes: { state, at: now } };
				const copy = { ...entry.copy, refusal: { reason: refusal.reason, detail: refusal.detail } };
				const local = await sealer.seal(placeOf(entry), copy);
				return { entry: { ...entry, state, copy }, changes: { state, at: now, local } };
			})
		);
	}

	/** [P8] A restored server knows less than it had acknowledged: what is still here waits again. */
	async #lostByServer(sealer: Sealer, acked: number): Promise<Entry[]> {
		const rows = await this.#read(() =>
			this.#db.queue
				.where('n')
				.above(acked)
				.filter(({ state }) => state === 'acked' || state === 'refused' || state === 'delivered')
				.toArray()
		);
		const entries = await Promise.all(rows.map((row) => openEntry(sealer, row)));
		return entries.map(({ copy, ...entry }) => ({
			...entry,
			state: 'pending',
			copy: copy && { operation: copy.operation }
		}));
	}

	/** Keeps on top of the rows exactly the operations that they don't contain yet. Gives the records concerned. */
	#overlay(changed: Entry[], { settled }: TabletState): string[] {
		const touched: string[] = [];
		for (const { state, copy } of changed) {
			if (!copy) continue;
			if (state === 'pending') touched.push(...this.#memory.addOperation(copy.operation));
			else if (state === 'refused') touched.push(...this.#memory.removeOperation(copy.operation));
		}
		for (const { n, copy } of this.#outbox.all('acked')) {
			if (n > settled) continue;
			if (copy) touched.push(...this.#memory.removeOperation(copy.operation));
			this.#outbox.remove(n);
		}
		return touched;
	}

	/**
	 * Numbers the queue from 1 under another device id: a clone's [P2], or after a restore [P8], where numbers of before may
	 * mean something else by now. What was acknowledged goes again too, since nobody can tell what a restored server has
	 * kept; an operation counts once whatever its number [P2.5]. So does what left in a parcel, and after a restore what
	 * had been refused.
	 */
	async #renumber(opened: Opened, device: string): Promise<void> {
		const { sealer, state } = opened;
		const refused = this.#outbox.all('refused');
		const unsettled = [...this.#outbox.all('delivered'), ...this.#outbox.all('pending')];
		const unreadable = [...unsettled, ...refused].some(({ copy }) => !copy);
		if (unreadable) throw new StoreError('storage-failed', 'a queued operation does not open');
		const known = await this.#acknowledged(sealer);
		const again = [...known, ...unsettled, ...(state.restored ? refused : [])].sort((a, b) => a.n - b.n);
		const moved = await Promise.all(
			again.map(({ n, copy, state: was }, i) => {
				const operation = { ...copy!.operation, n: i + 1 };
				// Acknowledged, but in no row that came since: it stays on the screens.
				const isKnown = copy!.known === true || (was === 'acked' && n <= state.settled);
				return this.#sealOperation(opened, { operation, ...(isKnown && { known: true }) }, device);
			})
		);
		const left = state.restored ? [] : refused;
		const parked = await Promise.all(left.map((entry, i) => this.#park(sealer, entry, i - left.length)));
		const sites = Object.fromEntries(
			Object.entries(state.sites).map(([site, held]) => [site, { ...held, settled: 0 }])
		);
		const next: TabletState = { ...state, device, acked: 0, settled: 0, sites, restored: false };
		const holder = { ...opened.holder, device };
		const meta = await Promise.all([
			this.#sealMeta(sealer, 'state', next),
			this.#sealMeta(sealer, 'holder', { holder, publicKey: opened.publicKey } satisfies SealedHolder)
		]);
		await this.#write(() =>
			this.#db.transaction('rw', this.#db.queue, this.#db.meta, async () => {
				await this.#db.queue.clear();
				await this.#db.queue.bulkAdd([...parked, ...moved]);
				await this.#db.meta.bulkPut(meta);
			})
		);
		if (!this.#opened) return;
		Object.assign(opened, { state: next, holder });
		const touched: string[] = [];
		for (const entry of [...unsettled, ...this.#outbox.all('acked')])
			if (entry.copy) touched.push(...this.#memory.removeOperation(entry.copy.operation));
		this.#outbox.clear();
		for (const row of [...parked, ...moved]) this.#outbox.put(await openEntry(sealer, row));
		this.#lastNumber = moved.length;
		for (const { copy } of this.#outbox.all('pending'))
			if (copy && !copy.known) touched.push(...this.#memory.addOperation(copy.operation));
		this.#memory.settle(next.sites, 0, false);
		this.#announce(this.#memory.refresh(touched));
	}

	/** Those that are still kept [P8] and open. */
	async #acknowledged(sealer: Sealer): Promise<Entry[]> {
		const rows = await this.#read(() => this.#db.queue.where('state').equals('acked').toArray());
		const entries = await Promise.all(rows.map((row) => openEntry(sealer, row)));
		return entries.filter(({ copy }) => copy);
	}

	/** A refusal under an old device id keeps a number of its own, below all that will be given. */
	async #park(sealer: Sealer, entry: Entry, n: number): Promise<QueueRow> {
		const row = await this.#db.queue.get(entry.n);
		if (!row) throw new StoreError('storage-failed', 'a refused operation is gone');
		return { ...row, n, local: await sealer.seal(placeOf({ n, id: row.id }), entry.copy) };
	}

	async #foldSite({ sealer, state }: Opened, site: string, seqs: number[], whole: boolean): Promise<void> {
		const entries = whole ? [] : await this.#db.pages.bulkGet(seqs);
		const old = await Promise.all(entries.map(async (entry) => entry && this.#openPage(sealer, entry)));
		if (!whole && old.some((page) => !page)) return;
		const content = whole
			? { rows: this.#memory.servedAt(site), gone: [] }
			: foldedContent(
					site,
					old.filter((page) => page !== undefined),
					(id) => this.#memory.served(id)
				);
		const contents = paginate(content.rows, content.gone, 0);
		const next = { ...state };
		const pages = await Promise.all(contents.map((page) => this.#sealPage(sealer, next, site, page)));
		const meta = await this.#sealMeta(sealer, 'state', next);
		await this.#write(() =>
			this.#db.transaction('rw', this.#db.pages, this.#db.meta, async () => {
				if (whole) await this.#db.pages.where('site').equals(site).delete();
				else await this.#db.pages.bulkDelete(seqs);
				await this.#db.pages.bulkPut(pages);
				await this.#db.meta.put(meta);
			})
		);
		if (!this.#opened) return;
		this.#opened.state = next;
		if (whole) {
			this.#forgetPages([site]);
			this.#repaired(site);
		} else for (const seq of seqs) this.#pages.delete(seq);
		pages.forEach(({ seq }, i) => {
			const { gone, rows } = contents[i]!;
			this.#pages.set(seq, { seq, site, records: gone.length + rows.length, gone: gone.length });
		});
	}

	async #forgetOld(): Promise<void> {
		const before = this.now() - KEPT_AFTER;
		await this.#write(() =>
			this.#db.transaction('rw', this.#db.queue, () =>
				this.#db.queue
					.where('state')
					.anyOf('acked', 'dropped')
					.filter(({ n, at }) => at < before && !this.#outbox.get(n))
					.delete()
			)
		);
	}

	#repaired(site: string): void {
		const left = this.damaged.filter(({ table, id }) => table !== 'pages' || id !== site);
		this.damaged.splice(0, this.damaged.length, ...left);
	}

	#forgetPages(sites: string[]): void {
		for (const { seq, site } of this.#pages.values()) if (sites.includes(site)) this.#pages.delete(seq);
	}

	/** Takes the next page number out of `next`, which is written in the same transaction. */
	async #sealPage(sealer: Sealer, next: TabletState, site: string, page: Page): Promise<PageEntry> {
		const seq = next.nextPage++;
		return { seq, site, sealed: await sealer.seal({ table: 'pages', id: site, seq }, page) };
	}

	async #openPage(sealer: Sealer, { seq, site, sealed }: PageEntry): Promise<Page | undefined> {
		const place: Place = { table: 'pages', id: site, seq };
		try {
			return upToDatePage((await sealer.open(place, sealed)) as Page);
		} catch (error) {
			if (!(error instanceof IntegrityError)) throw error;
			this.damaged.push(place);
			return undefined;
		}
	}

	async #sealMeta(
		sealer: Sealer,
		key: 'holder' | 'state',
		value: SealedHolder | TabletState
	): Promise<SealedEntry> {
		const version = ++this.#version;
		return { key, version, sealed: await sealer.seal({ table: 'meta', id: key, seq: version }, value) };
	}

	async #load(keys: Keys, onProgress: Progress): Promise<boolean> {
		const sealer = sealerOf(keys.record, this.#identity);
		const meta = await this.#readMeta(sealer);
		if (!meta) return false;
		const { who, state } = meta;
		const { pages, queue, last } = await this.#readAll(state.settled);
		let done = 0;
		const total = pages.length + queue.length;
		const counted = <T>(value: T): T => {
			onProgress(++done, total);
			return value;
		};
		const opened = await Promise.all(pages.map((entry) => this.#openPage(sealer, entry).then(counted)));
		const entries = await Promise.all(queue.map((row) => openEntry(sealer, row).then(counted)));
		pages.forEach(({ seq, site }, i) => {
			const page = opened[i];
			if (!page) {
				delete state.sites[site];
				return;
			}
			const { gone, rows } = page;
			this.#pages.set(seq, { seq, site, records: gone.length + rows.length, gone: gone.length });
			this.#memory.take(
				site,
				page.rows.map((row) => unpack(site, row)),
				page.gone,
				state.more ? page.through : 0
			);
		});
		for (const entry of entries) {
			if (entry.state === 'acked' && entry.n <= state.settled) continue;
			if (!entry.copy) this.damaged.push(placeOf(entry));
			this.#outbox.put(entry);
			if (entry.copy && !entry.copy.known && entry.state !== 'refused')
				this.#memory.addOperation(entry.copy.operation);
		}
		this.#lastNumber = Math.max(last, state.acked, 0);
		this.#memory.settle(state.sites, state.settled, state.more);
		this.#memory.fill();
		this.#memory.refresh(this.#memory.operationIds());
		this.#youths.fill(this.#memory.all('youth'));
		this.#opened = { sealer, drafts: new Drafts(this.#db, sealer, keys), ...who, state };
		return true;
	}

	async #readMeta(sealer: Sealer): Promise<{ who: SealedHolder; state: TabletState } | undefined> {
		const [holder, state] = await this.#read(() => this.#db.meta.bulkGet(['holder', 'state']));
		if (!holder || !state) return undefined;
		this.#version = Math.max(holder.version, state.version);
		const open = ({ key, version, sealed }: SealedEntry) =>
			sealer.open({ table: 'meta', id: key, seq: version }, sealed);
		return { who: (await open(holder)) as SealedHolder, state: (await open(state)) as TabletState };
	}

	/** Pages, and of the queue what is still to be shown, sent or laid over the rows. */
	#readAll(settled: number) {
		const { pages, queue } = this.#db;
		return this.#read(() =>
			this.#db.transaction('r', pages, queue, async () => {
				const waiting = await queue.where('state').anyOf('pending', 'delivered', 'refused').toArray();
				const unsettled = await queue
					.where('n')
					.above(settled)
					.filter(({ state }) => state === 'acked')
					.toArray();
				const last = await queue.orderBy('n').last();
				return { pages: await pages.toArray(), queue: [...waiting, ...unsettled], last: last?.n ?? 0 };
			})
		);
	}

	async #read<T>(run: () => PromiseLike<T>): Promise<T> {
		try {
			return await reopening(this.#db, async () => run());
		} catch (error) {
			const { reason, detail } = storageFailure(error);
			throw new StoreError(reason, detail);
		}
	}

	#announce(kinds: Iterable<Kind>): void {
		if (!this.#announced) {
			this.#announced = new Set();
			queueMicrotask(() => {
				const announced = this.#announced ?? new Set<Kind>();
				this.#announced = undefined;
				for (const listener of [...this.#listeners]) listener(announced);
			});
		}
		for (const kind of kinds) this.#announced.add(kind);
	}
}

const locked: Saved = { ok: false, reason: 'locked', detail: 'the tablet is locked' };
const invalid = (detail: string): Saved => ({ ok: false, reason: 'invalid', detail });

function sealedHolder({ user, organisation, role, sites, publicKey }: Session, device: string): SealedHolder {
	const holder: Holder = {
		user: user.id,
		name: user.name,
		organisation: organisation.id,
		organisationName: organisation.name,
		role,
		sites,
		timeZone: organisation.timeZone,
		device
	};
	return { holder, publicKey };
}
