import { uuidv7 } from '#lib/domain/identifier.ts';
import { kinds, type Row } from '#lib/domain/records.ts';
import type { SyncRequest } from '#lib/protocol/sync.ts';
import type { Caller } from '#lib/server/sync/handler.ts';
import type { Identity } from '#lib/store/seal.ts';
import { TabletStore } from '#lib/store/tablet-store.ts';
import { createVault, type Keys } from '#lib/store/vault.ts';
import type { Clock, Exchange, Failure, Transport } from '#lib/sync/ports.ts';
import { Sync } from '#lib/sync/runner.ts';
import { fetchTransport } from '#lib/sync/transport.ts';
import { Disk } from './disk.ts';
import type { SimulatedServer } from './server.ts';
import type { Fault } from './story.ts';

const YEAR = 365.25 * 24 * 3600 * 1000;

/** A passphrase costs nothing here: Argon2id has its own tests. */
const cheap = { stretch: async () => crypto.getRandomValues(new Uint8Array(32)) };

export type Delivery = { caller: Caller; request: SyncRequest };

/** What the tablets share: the server, the time, and everything that was ever sent. */
export type Surroundings = {
	server: SimulatedServer;
	random: (bytes: number) => Uint8Array;
	/** The caller as the membership says now. */
	caller: (user: string) => Caller;
	sent: Delivery[];
};

/** The real store on a disk of its own, the real engine, and a network that does what the story says. */
export class SimulatedTablet {
	readonly name: string;
	readonly user: string;
	yearsOff = 0;
	/** What the store threw at the engine though nobody had killed it. */
	readonly troubles: unknown[] = [];
	store!: TabletStore;
	sync!: Sync;
	#around: Surroundings;
	#disk: Disk;
	#vault: string;
	#identity: Identity;
	#keys: Keys;
	#timer: (() => void) | undefined;
	#timerAt = 0;
	#connected = false;
	#fault: Fault = 'none';
	#onTheWay: (() => Promise<void>) | undefined;

	private constructor(
		around: Surroundings,
		name: string,
		vault: string,
		identity: Identity,
		keys: Keys,
		disk: Disk
	) {
		this.#around = around;
		this.name = name;
		this.user = identity.user;
		this.#vault = vault;
		this.#identity = identity;
		this.#keys = keys;
		this.#disk = disk;
	}

	static async setUp(around: Surroundings, name: string, user: string): Promise<SimulatedTablet> {
		const id = () => uuidv7(around.server.now, around.random(10));
		const identity = { organisation: around.server.organisation, user, device: id() };
		const { keys } = await createVault(identity, 'un deux trois', cheap);
		const tablet = new SimulatedTablet(around, name, id(), identity, keys, new Disk());
		tablet.#disk.boot();
		const session = await around.server.session(around.caller(user));
		tablet.store = await TabletStore.create(tablet.#vault, identity, keys, session, tablet.#device);
		await tablet.#start();
		return tablet;
	}

	/** Another tablet with the same bytes on its disk: same vault, same device id, same queue. */
	async clone(name: string): Promise<SimulatedTablet> {
		const disk = await this.#disk.copy();
		const twin = new SimulatedTablet(this.#around, name, this.#vault, this.#identity, this.#keys, disk);
		twin.yearsOff = this.yearsOff;
		await twin.reopen();
		return twin;
	}

	get now(): number {
		return Math.max(0, Math.round(this.#around.server.now + this.yearsOff * YEAR));
	}

	rows(): Row[] {
		return kinds.flatMap((kind): Row[] => [...this.store.all(kind).values()]);
	}

	/** The process ends here and now, whatever it was doing. */
	kill(): void {
		this.sync.stop();
		this.#disk.kill();
		this.store.lock();
		this.#timer = undefined;
	}

	/** The process will die in the middle of what it writes next. */
	killIn(transaction: number, turns: number): void {
		this.#disk.killIn(transaction, turns);
	}

	get isRunning(): boolean {
		return this.#disk.isRunning;
	}

	async reopen(): Promise<void> {
		this.#disk.boot();
		const store = await TabletStore.open(this.#vault, this.#identity, this.#keys, { device: this.#device });
		if (!store) throw new Error(`${this.name}: the disk is empty`);
		this.store = store;
		await this.#start();
	}

	/** One time in contact, until the engine rests again. `onTheWay` happens between request and answer. */
	async contact(fault: Fault, onTheWay?: () => Promise<void>): Promise<void> {
		this.#around.server.now += 2000;
		this.#fault = fault;
		this.#onTheWay = onTheWay;
		this.#connected = true;
		this.sync.tell({ type: 'asked' });
		await this.#resting();
		this.#connected = false;
	}

	/** In contact for as long as it takes, driven by nothing but its own timer. Gives how often it fired. */
	async drain(): Promise<number> {
		this.#fault = 'none';
		this.#connected = true;
		for (let fired = 1; fired <= 12; fired++) {
			this.#around.server.now += Math.max(0, this.#timerAt);
			const timer = this.#timer;
			if (!timer) throw new Error(`${this.name}: has ${this.store.pendingCount()} pending and no timer`);
			this.#timer = undefined;
			timer();
			await this.#resting();
			if (this.sync.status.phase === 'idle' && this.store.pendingCount() === 0) {
				this.#connected = false;
				return fired;
			}
		}
		const { phase, why } = this.sync.status;
		throw new Error(
			`${this.name}: does not come to rest: ${phase} ${why ?? ''}, ${this.store.pendingCount()} pending`
		);
	}

	get #device() {
		return { now: () => this.now, random: this.#around.random };
	}

	async #start(): Promise<void> {
		const clock: Clock = {
			now: () => this.now,
			after: (ms, run) => {
				this.#timer = run;
				this.#timerAt = ms;
				return () => {
					if (this.#timer === run) this.#timer = undefined;
				};
			}
		};
		this.sync = new Sync({
			store: this.store,
			transport: this.#transport,
			clock,
			random: () => 0.5,
			newDevice: () => this.store.newId(),
			report: (error) => {
				if (this.isRunning) this.troubles.push(error);
			}
		});
		this.sync.start({ online: true, visible: true });
		await this.#resting();
	}

	#resting(): Promise<void> {
		const { sync } = this;
		return new Promise((resolve) => {
			if (sync.status.phase !== 'syncing') return resolve();
			const stop = sync.subscribe(({ phase }) => {
				if (phase === 'syncing') return;
				stop();
				resolve();
			});
		});
	}

	get #transport(): Transport {
		return { exchange: (request) => this.#exchange(request) };
	}

	/** Answers are old when the world has gone on meanwhile; the engine and the store must see that by themselves. */
	async #exchange(request: SyncRequest): Promise<Exchange> {
		const fault = this.#fault;
		const onTheWay = this.#onTheWay;
		this.#fault = 'none';
		this.#onTheWay = undefined;
		const failed = (failure: Failure): Exchange => ({ ok: false, failure });
		if (!this.#connected) return failed({ kind: 'offline' });
		if (fault === 'signed out') return failed({ kind: 'unauthenticated' });
		if (fault === 'too large' && request.ops.length > 1) {
			this.#fault = request.ops.length > 3 ? 'too large' : 'none';
			return failed({ kind: 'too_large' });
		}
		const { server, sent } = this.#around;
		const caller = this.#around.caller(this.user);
		const copy: SyncRequest = JSON.parse(JSON.stringify(request));
		sent.push({ caller, request: copy });
		if (fault === 'lost request') {
			await onTheWay?.();
			return failed({ kind: 'timeout' });
		}
		const answer = await server.exchange(caller, copy, typeof fault === 'object' ? fault.crashAt : undefined);
		if (fault === 'doubled') await server.exchange(caller, copy);
		await onTheWay?.();
		if (fault === 'lost answer') return failed({ kind: 'timeout' });
		// Read by the real transport, as it would come over the wire.
		const response = new Response(JSON.stringify(answer.body), { status: answer.status });
		return fetchTransport(async () => response).exchange(request, new AbortController().signal);
	}
}
