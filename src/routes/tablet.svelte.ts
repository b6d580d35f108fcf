import { createSubscriber } from 'svelte/reactivity';
import type { Session, SetupState } from '#lib/protocol/session.ts';
import { watchActivity } from '#lib/store/auto-lock.ts';
import { foldWhenIdle } from '#lib/store/idle-fold.ts';
import { claimTab, lockEveryTab, type Tab } from '#lib/store/one-tab.ts';
import type { Store } from '#lib/store/port.ts';
import { askPersistence, checkSupport, type Support } from '#lib/store/storage.ts';
import { thisDevice, type TabletStore } from '#lib/store/tablet-store.ts';
import { Tablets, type Created, type OpenedTablet, type VaultCard } from '#lib/store/tablets.ts';
import type { BrowserSync } from '#lib/sync/browser.ts';
import type { SyncStatus } from '#lib/sync/runner.ts';
import { askBackgroundDelivery } from './background.ts';

/*
 * The tablet as pages see it: which phase it is in, the open store, the state of sync. Everything durable is in the
 * store; this is the thin reactive face of it and holds nothing that a reload would lose.
 */
export type Phase =
	| { is: 'starting' }
	/** `unreadable`: the base that is there does not open. */
	| { is: 'unsupported'; reason: Extract<Support, { ok: false }>['reason'] | 'unreadable' }
	/** The base of the server is empty: somebody founds the organisation or tries the demonstration. */
	| { is: 'setup' }
	| { is: 'sign-in'; reach: 'server' | 'unreachable' }
	| { is: 'choose-passphrase'; session: Session }
	| {
			is: 'locked';
			vaults: VaultCard[];
			/** why it is locked, when it is news */ because?: 'idle' | 'other-tab';
	  }
	| { is: 'first-sync' }
	| { is: 'open' };

export type SignInResult = 'ok' | 'wrong' | 'too-many' | 'no-organisation' | 'unreachable' | 'failed';

const json = { 'content-type': 'application/json', 'x-escale': '1' };

class Tablet {
	phase = $state.raw<Phase>({ is: 'starting' });
	sync = $state.raw<SyncStatus | undefined>();
	/** Progress of an unlock: the passphrase is stretched, then the data is opened. */
	opening = $state.raw<{ stage: 'key' } | { stage: 'data'; done: number; total: number } | undefined>();
	/** Vaults that the browser took away whole. */
	lost = $state(0);
	/** A new version of the application waits. */
	update = $state.raw<ServiceWorker | undefined>();
	/** The minute that pages show: advances while the page is open, past midnight too. */
	now = $state(Date.now());

	#tablets: Tablets | undefined;
	#store = $state.raw<TabletStore | undefined>();
	#sync: BrowserSync | undefined;
	#tab: Tab | undefined;
	#stopWatching: () => void = () => undefined;
	#stopFolding: () => void = () => undefined;
	#leaving: AbortController | undefined;
	#started: Promise<void> | undefined;

	start(): Promise<void> {
		return (this.#started ??= this.#start());
	}

	get isOpen(): boolean {
		return this.phase.is === 'open' && this.#store !== undefined;
	}

	/** Throws when the tablet is locked: pages of the group `(tablette)` are only shown while it is open. */
	get store(): Store {
		return this.opened;
	}

	get opened(): TabletStore {
		if (!this.#store) throw new Error('the tablet is locked');
		return this.#store;
	}

	async signIn(email: string, password: string): Promise<SignInResult> {
		const signed = await ask('/api/auth/sign-in/email', { email, password });
		if (!signed.ok)
			return signed.status === 0
				? 'unreachable'
				: signed.status === 429
					? 'too-many'
					: signed.status < 500
						? 'wrong'
						: 'failed';
		const session = await this.#session();
		if (session === 'forbidden') return 'no-organisation';
		if (!session) return 'failed';
		const open = this.#store;
		if (open?.isOpen && open.holder.user === session.user.id) {
			await open.refreshSession(session);
			this.#sync?.sync.tell({ type: 'signedIn' });
			return 'ok';
		}
		this.phase = { is: 'choose-passphrase', session };
		return 'ok';
	}

	async createOrganisation(founder: {
		organisation: string;
		timeZone: string;
		name: string;
		email: string;
		password: string;
	}): Promise<'ok' | 'taken' | 'malformed' | 'unreachable'> {
		const done = await ask('/api/setup', founder);
		if (!done.ok) return done.status === 0 ? 'unreachable' : done.status === 409 ? 'taken' : 'malformed';
		await this.signIn(founder.email, founder.password);
		return 'ok';
	}

	async loadDemo(): Promise<boolean> {
		const done = await ask('/api/setup', { demo: true });
		if (done.ok || done.status === 409) this.phase = { is: 'sign-in', reach: 'server' };
		return done.ok;
	}

	async choosePassphrase(session: Session, passphrase: string, alias: string): Promise<Created> {
		const created = await this.#need().create(session, passphrase, alias);
		if (created.ok) {
			void askPersistence();
			await this.#open(created.store);
		}
		return created;
	}

	async unlock(vault: string, passphrase: string): Promise<OpenedTablet> {
		this.opening = { stage: 'key' };
		try {
			const opened = await this.#need().open(vault, passphrase, (step) => (this.opening = step));
			if (opened.ok) {
				await this.#open(opened.store);
				if (opened.store.holder.role) void this.#refresh(opened.store);
			}
			return opened;
		} finally {
			this.opening = undefined;
		}
	}

	/** Drops keys, memory and what screens show. Nothing is lost: all of it is on the disk, sealed. */
	async lock(because?: 'idle' | 'other-tab'): Promise<void> {
		const store = this.#close();
		await store?.closed();
		await this.#showVaults(because);
	}

	syncNow(): void {
		this.#sync?.sync.tell({ type: 'asked' });
	}

	/** Leaves this tablet for good; refuses while work is unsent. */
	async signOut(): Promise<Awaited<ReturnType<Tablets['closeForGood']>>> {
		const store = this.opened;
		const { pending, refused } = store.facts();
		if (pending + refused > 0) return { ok: false, reason: 'unsent', pending, refused };
		this.#sync?.stop();
		const closed = await this.#need().closeForGood(store);
		if (!closed.ok) {
			await this.#startSync(store);
			return closed;
		}
		this.#close();
		await ask('/api/auth/sign-out', {});
		await this.#showVaults();
		return closed;
	}

	/** To another person's account, or one more vault on this tablet. */
	askSignIn(): void {
		this.phase = { is: 'sign-in', reach: 'server' };
	}

	async showVaults(): Promise<void> {
		await this.#showVaults();
	}

	async forgetLost(): Promise<void> {
		await this.#need().forgetLost();
		this.lost = 0;
	}

	async #start(): Promise<void> {
		setInterval(() => (this.now = Date.now()), 20_000);
		try {
			const support = await answered(checkSupport());
			if (!support.ok) {
				this.phase = { is: 'unsupported', reason: support.reason };
				return;
			}
			const device = { ...thisDevice, app: __APP_VERSION__ };
			this.#tablets = new Tablets({ device, marker: globalThis.localStorage });
			await this.#showVaults();
		} catch (error) {
			console.error('the tablet’s base does not open', error);
			this.phase = { is: 'unsupported', reason: 'unreadable' };
		}
	}

	async #showVaults(because?: 'idle' | 'other-tab'): Promise<void> {
		const { vaults, lost } = await answered(this.#need().list());
		this.lost = lost;
		if (vaults.length > 0) {
			this.phase = { is: 'locked', vaults, ...(because && { because }) };
			return;
		}
		const state = await get<SetupState>('/api/setup');
		if (!state) this.phase = { is: 'sign-in', reach: 'unreachable' };
		else if (state.empty) this.phase = { is: 'setup' };
		else {
			const session = await this.#session();
			this.phase =
				session && session !== 'forbidden'
					? { is: 'choose-passphrase', session }
					: { is: 'sign-in', reach: 'server' };
		}
	}

	async #open(store: TabletStore): Promise<void> {
		this.#tab = await claimTab(() => void this.lock('other-tab'));
		this.#store = store;
		await this.#startSync(store);
		if (this.#store !== store) return;
		this.#stopFolding = foldWhenIdle(store, (error) =>
			console.error('the tablet’s pages were not folded', error)
		);
		this.#leaving?.abort();
		this.#leaving = new AbortController();
		const { signal } = this.#leaving;
		// A page that goes out of sight may never come back: what waits is then the service worker's.
		document.addEventListener(
			'visibilitychange',
			() => {
				if (document.visibilityState === 'hidden' && store.pendingCount() > 0) void askBackgroundDelivery();
			},
			{ signal }
		);
		this.#stopWatching = watchActivity(
			() => {
				lockEveryTab();
				void this.lock('idle');
			},
			() => Date.now()
		);
		this.phase = store.facts().usable ? { is: 'open' } : { is: 'first-sync' };
	}

	async #startSync(store: TabletStore): Promise<void> {
		// Not part of the first screen: a tablet opens before it syncs.
		const { startSync } = await import('#lib/sync/browser.ts');
		if (this.#store !== store || !store.isOpen) return;
		this.#sync = startSync(store, () => store.newId());
		this.#sync.sync.subscribe((status) => {
			this.sync = status;
			if (this.phase.is === 'first-sync' && store.isOpen && store.facts().usable) this.phase = { is: 'open' };
		});
	}

	/** Rights and sites as they are today; offline, what was known stays. */
	async #refresh(store: TabletStore): Promise<void> {
		const session = await this.#session();
		if (!session || session === 'forbidden' || !store.isOpen || session.user.id !== store.holder.user) return;
		await store.refreshSession(session);
	}

	#close(): TabletStore | undefined {
		const store = this.#store;
		if (store?.isOpen && store.pendingCount() > 0) void askBackgroundDelivery();
		this.#leaving?.abort();
		this.#stopWatching();
		this.#stopFolding();
		this.#sync?.stop();
		this.#sync = undefined;
		this.sync = undefined;
		this.#tab?.release();
		this.#tab = undefined;
		this.phase = { is: 'starting' };
		this.#store = undefined;
		store?.lock();
		return store;
	}

	async #session(): Promise<Session | 'forbidden' | undefined> {
		try {
			const response = await fetch('/api/session', { headers: { 'x-escale': '1' } });
			if (response.status === 403) return 'forbidden';
			return response.ok ? ((await response.json()) as Session) : undefined;
		} catch {
			return undefined;
		}
	}

	#need(): Tablets {
		if (!this.#tablets) throw new Error('start() comes first');
		return this.#tablets;
	}
}

/** ms after which a base that says nothing at all is told like one that refuses. */
const PATIENCE = 20_000;

/** Some browsers neither open a damaged base nor say so: nobody may be left before « Escale s’ouvre… ». */
async function answered<T>(asked: Promise<T>): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const silence = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error('the browser’s base does not answer')), PATIENCE);
	});
	try {
		return await Promise.race([asked, silence]);
	} finally {
		clearTimeout(timer);
	}
}

/** `status` 0: the server did not answer at all. */
async function ask(url: string, body: unknown): Promise<{ ok: boolean; status: number }> {
	try {
		const { ok, status } = await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(body) });
		return { ok, status };
	} catch {
		return { ok: false, status: 0 };
	}
}

async function get<T>(url: string): Promise<T | undefined> {
	try {
		const response = await fetch(url, { headers: { 'x-escale': '1' } });
		return response.ok ? ((await response.json()) as T) : undefined;
	} catch {
		return undefined;
	}
}

export const tablet = new Tablet();

/** What `read` finds in the open store, found again after every change of it. */
export function live<T>(read: (store: Store) => T): { readonly current: T } {
	const follow = createSubscriber((update) => tablet.store.subscribe(update));
	const current = $derived.by(() => {
		follow();
		return read(tablet.store);
	});
	return {
		get current() {
			return current;
		}
	};
}
