import { gunzipSync } from 'node:zlib';
import type { Change } from '#lib/domain/change.ts';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { kinds, type Row } from '#lib/domain/records.ts';
import { canonical } from '#lib/protocol/digest.ts';
import { newUploadKey, type QueueFile } from '#lib/protocol/parcel.ts';
import { sealOperation } from '#lib/protocol/seal.ts';
import type { SyncRequest, SyncResponse } from '#lib/protocol/sync.ts';
import { scopesOf, type Caller } from '#lib/server/sync/apply.ts';
import type { TabletState } from '#lib/store/answer.ts';
import {
	Registry,
	vaultDatabaseName,
	type PageEntry,
	type QueueRow,
	type SealedEntry
} from '#lib/store/database.ts';
import { deliverAll, exportQueue, type Post } from '#lib/store/delivery.ts';
import { unpack, type Page } from '#lib/store/pages.ts';
import type { QueueEntry, SyncStore } from '#lib/store/port.ts';
import { sealer, type Identity } from '#lib/store/seal.ts';
import { TabletStore } from '#lib/store/tablet-store.ts';
import { createVault, type Keys } from '#lib/store/vault.ts';
import type { Clock } from '#lib/sync/ports.ts';
import { Sync } from '#lib/sync/runner.ts';
import { fetchTransport } from '#lib/sync/transport.ts';
import type { Count } from './count.ts';
import { Disk } from './disk.ts';
import type { SimulatedServer } from './server.ts';
import type { Fault } from './story.ts';

const YEAR = 365.25 * 24 * 3600 * 1000;
/** Answers with an operation in their request after which that operation must be settled [F19]. */
const ROUNDS = 3;

/** A passphrase costs nothing here: Argon2id has its own tests. */
const cheap = { stretch: async () => crypto.getRandomValues(new Uint8Array(32)) };

/** A member of one organisation. The same human may be a member of both. */
export type Person = { organisation: string; user: string };
export type Delivery = { person: Person; request: SyncRequest };

/** What the tablets share: the server, the network's memory, and chance. */
export type Surroundings = {
	server: SimulatedServer;
	random: (bytes: number) => Uint8Array;
	/** The caller as the membership says now. */
	caller: (person: Person) => Caller;
	/** Everything that was ever sent. */
	sent: Delivery[];
	/** What was thrown in the middle of an exchange. */
	failures: unknown[];
	count: Count;
};

/** The request as the server would read it, compressed or not. */
async function textOf(init: RequestInit | undefined): Promise<string> {
	const body = new Response(init?.body ?? '');
	if (!new Headers(init?.headers).has('content-encoding')) return body.text();
	return gunzipSync(await body.arrayBuffer()).toString();
}

/** One tablet: a disk, a clock, and the vaults of the people who share it. One of them is open at a time. */
export class Machine {
	readonly name: string;
	readonly disk: Disk;
	readonly vaults: Vault[] = [];
	yearsOff: number;
	/** [P7] Runs an app that reads the shapes of before: it is served no rows. */
	isOld = false;

	constructor(name: string, yearsOff: number, disk = new Disk()) {
		this.name = name;
		this.yearsOff = yearsOff;
		this.disk = disk;
	}

	/** The service worker sends what waits in every vault, locked or not. A killed one has sent what it has sent. */
	async deliver(post: Post): Promise<void> {
		this.disk.use();
		await this.disk.untilDeath(deliverAll(post).catch(() => undefined));
	}

	nextName(): string {
		return this.vaults.length ? `${this.name}${this.vaults.length + 1}` : this.name;
	}

	/** The other person locks; this one unlocks. */
	async hand(to: Vault): Promise<void> {
		if (to.isOpen) return;
		await this.lock();
		await to.reopen();
	}

	/** Whoever has it open; a process that died had it open too. */
	async lock(): Promise<void> {
		for (const vault of this.vaults) await vault.putAway();
	}

	/** Another tablet with the same bytes on its disk: same vaults, same device ids, same queues. */
	async clone(name: string): Promise<Machine> {
		const twin = new Machine(name, this.yearsOff, await this.disk.copy());
		for (const vault of this.vaults) twin.vaults.push(vault.onto(twin));
		return twin;
	}
}

/** What happens to the exchange of that number in a contact (0 is the first). */
export type Mishap = { fault: Fault; exchange: number };

/** One person's vault on one tablet: the real store, the real engine, and a network that does what the story says. */
export class Vault {
	readonly name: string;
	readonly person: Person;
	readonly machine: Machine;
	/** What the store threw at the engine though nobody had killed it. */
	readonly troubles: unknown[] = [];
	/** Answers that this vault was given, with what had been asked: they may come a second time, late. */
	readonly heard: { request: SyncRequest; answer: SyncResponse }[] = [];
	/** The epoch that was told last; empty where it is not sure that the store took it. */
	epoch = '';
	store!: TabletStore;
	sync!: Sync;
	#around: Surroundings;
	#id: string;
	#identity: Identity;
	#keys: Keys;
	#upload: string;
	#open = false;
	#timer: (() => void) | undefined;
	#timerAt = 0;
	#connected = false;
	#mishap: Mishap = { fault: 'none', exchange: 0 };
	#exchanges = 0;
	#onTheWay: (() => Promise<void>) | undefined;
	/** What is under way between a request and its answer. */
	readonly #held = new Set<Promise<void>>();
	/** Sites that an old answer may have taken away or brought back since the last true one. */
	readonly #unsure = new Set<string>();
	#rounds = new Map<string, number>();

	private constructor(
		around: Surroundings,
		machine: Machine,
		person: Person,
		of: { name: string; id: string; identity: Identity; keys: Keys; upload: string }
	) {
		this.#around = around;
		this.machine = machine;
		this.person = person;
		this.name = of.name;
		this.#id = of.id;
		this.#identity = of.identity;
		this.#keys = of.keys;
		this.#upload = of.upload;
	}

	static async setUp(around: Surroundings, machine: Machine, person: Person): Promise<Vault> {
		const id = () => uuidv7(around.server.now, around.random(10));
		const identity = { ...person, device: id() };
		const { keys } = await createVault(identity, 'un deux trois', cheap);
		const name = machine.nextName();
		const upload = newUploadKey(around.random);
		const vault = new Vault(around, machine, person, { name, id: id(), identity, keys, upload });
		await machine.lock();
		machine.disk.use();
		const session = await around.server.session(around.caller(person));
		vault.store = await TabletStore.create(vault.#id, identity, keys, session, vault.#device);
		await vault.#register();
		machine.vaults.push(vault);
		await vault.#start();
		return vault;
	}

	onto(machine: Machine): Vault {
		const of = { id: this.#id, identity: this.#identity, keys: this.#keys, upload: this.#upload };
		return new Vault(this.#around, machine, this.person, { ...of, name: machine.nextName() });
	}

	/** In the list of the tablet's vaults, which is all that the service worker knows. */
	async #register(): Promise<void> {
		const registry = new Registry();
		const tries = { failures: 0, lastAt: 0 };
		const entry = {
			id: this.#id,
			...this.#identity,
			alias: this.name,
			createdAt: this.now,
			slots: [],
			tries
		};
		await registry.vaults.add({ ...entry, upload: this.#upload });
		registry.close();
	}

	get now(): number {
		return Math.max(0, Math.round(this.#around.server.now + this.machine.yearsOff * YEAR));
	}

	get isOpen(): boolean {
		return this.#open && this.machine.disk.isRunning;
	}

	get disk(): Disk {
		return this.machine.disk;
	}

	rows(): Row[] {
		return kinds.flatMap((kind): Row[] => [...this.store.all(kind).values()]);
	}

	queue(): QueueEntry[] {
		return this.store.queue();
	}

	/** Locked in good order. */
	async putAway(): Promise<void> {
		if (!this.#open) return;
		this.#leave();
		await this.store.closed();
	}

	/** The power goes: whatever it was doing ends here and now. */
	kill(): void {
		this.#leave();
		this.disk.kill();
		this.#around.count('tablet killed');
	}

	#leave(): void {
		this.#open = false;
		this.#connected = false;
		this.#timer = undefined;
		this.sync?.stop();
		this.store?.lock();
		this.epoch = '';
	}

	/** @param kill the power goes so far into the opening, the first time */
	async reopen(kill?: { transaction: number; turns: number }): Promise<void> {
		if (kill) {
			this.disk.boot();
			this.disk.killIn(kill.transaction, kill.turns);
			await this.disk.untilDeath(this.#read().catch(() => undefined));
			this.disk.kill();
		}
		this.disk.use();
		const store = await this.#read();
		if (!store) throw new Error(`${this.name}: the disk is empty`);
		this.store = store;
		await this.#start();
	}

	#read(): Promise<TabletStore | undefined> {
		return TabletStore.open(this.#id, this.#identity, this.#keys, { device: this.#device });
	}

	/** One time in contact, until the engine rests again. `onTheWay` happens between request and answer. */
	async contact(mishap: Mishap, onTheWay?: () => Promise<void>): Promise<void> {
		// In the middle of a contact there is no other one.
		if (this.#held.size) return;
		// What a save had started ends without network first.
		await this.#resting();
		this.#around.server.now += 2000;
		this.#mishap = mishap;
		this.#exchanges = 0;
		this.#onTheWay = onTheWay;
		this.#connected = true;
		this.sync.tell({ type: 'asked' });
		await this.#resting();
		for (const work of this.#held) {
			await work;
			await this.#resting();
		}
		this.#connected = false;
		this.#mishap = { fault: 'none', exchange: 0 };
		await this.#onTheWay?.();
		this.#onTheWay = undefined;
	}

	/** In contact for as long as it takes, driven by nothing but its own timer. Gives how often it fired. */
	async drain(): Promise<number> {
		this.#connected = true;
		for (let fired = 1; fired <= 12; fired++) {
			this.#around.server.now += Math.max(0, this.#timerAt);
			this.#fire();
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

	/** [F18] Something waits and nothing is going to send it. */
	judgeWatchdog(): void {
		if (!this.isOpen || this.#timer) return;
		throw new Error(
			`${this.name}: ${this.sync.status.phase}, ${this.store.pendingCount()} pending, and no timer`
		);
	}

	/** An answer of before comes a second time, as from a tab that froze with it. */
	async hearAgain(index: number): Promise<boolean> {
		const old = this.heard[index % Math.max(1, this.heard.length)];
		if (!old) return false;
		// A site that it takes away again comes again with the next answer.
		for (const site of old.answer.drop) this.#unsure.add(site);
		const rows = () => this.rows().filter(({ site }) => !this.#unsure.has(site));
		// What left in a parcel may wait again: it counts once all the same.
		const refused = () => this.queue().filter(({ state }) => state === 'refused');
		const held = () => canonical([rows(), refused()]);
		const before = held();
		await this.store.applyAnswer(old.request, old.answer);
		if (held() !== before)
			this.#around.server.breaches.push(`an answer that ${this.name} had heard before changed it again`);
		return true;
	}

	/** « Exporter la file » */
	async exported(): Promise<QueueFile | undefined> {
		this.disk.use();
		return exportQueue(this.#id, this.now);
	}

	/**
	 * [P7] An operation as the app of before wrote it: it lies in the queue, with that app's version and shapes, when today's
	 * app opens the tablet. Gives its id.
	 */
	async queueAsBefore(changes: Change[]): Promise<string> {
		await this.putAway();
		const name = vaultDatabaseName(this.#id);
		const { open, seal } = sealer(this.#keys.record, this.#identity);
		const rows = (await this.disk.read(name, 'queue')) as QueueRow[];
		const [entry] = ((await this.disk.read(name, 'meta')) as SealedEntry[]).filter(
			({ key }) => key === 'state'
		);
		if (!entry) throw new Error(`${this.name}: no state`);
		const { key, version, sealed } = entry;
		const { acked, device } = (await open({ table: 'meta', id: key, seq: version }, sealed)) as TabletState;
		const n = Math.max(0, acked, ...rows.map((row) => row.n)) + 1;
		const operation = { n, id: uuidv7(this.now, this.#around.random(10)), v: 1, at: this.now, changes };
		const { publicKey } = await this.#around.server.session(this.#around.caller(this.person));
		const local = await seal({ table: 'queue', id: operation.id, seq: n }, { operation });
		const envelope = await sealOperation(operation, { ...this.person, device }, publicKey);
		const row: QueueRow = { n, id: operation.id, state: 'pending', at: this.now, device, envelope, local };
		await this.disk.write(name, 'queue', row);
		await this.reopen();
		return operation.id;
	}

	/** The ids of operations that lie on the disk, in whatever state but let go. */
	async operationsOnDisk(): Promise<Set<string>> {
		const rows = (await this.disk.read(vaultDatabaseName(this.#id), 'queue')) as QueueRow[];
		return new Set(rows.filter(({ state }) => state !== 'dropped').map(({ id }) => id));
	}

	/** Every row of every sealed page on the disk, superseded ones too. */
	async rowsOnDisk(): Promise<Row[]> {
		const entries = (await this.disk.read(vaultDatabaseName(this.#id), 'pages')) as PageEntry[];
		const { open } = sealer(this.#keys.record, this.#identity);
		const pages = await Promise.all(
			entries.map(async ({ seq, site, sealed }) => {
				const page = (await open({ table: 'pages', id: site, seq }, sealed)) as Page;
				return page.rows.map((row) => unpack(site, row));
			})
		);
		return pages.flat();
	}

	get scopes(): string[] {
		return scopesOf(this.#around.caller(this.person));
	}

	get #device() {
		return { now: () => this.now, random: this.#around.random, upload: this.#upload };
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
		this.#open = true;
		this.sync = new Sync({
			store: this.#listening(this.store),
			transport: fetchTransport(async (_, init) => this.#fetch(await textOf(init))),
			clock,
			random: () => 0.5,
			newDevice: () => this.store.newId(),
			report: (error) => {
				if (this.isOpen) this.troubles.push(error);
			}
		});
		this.sync.start({ online: true, visible: true });
		await this.#resting();
	}

	/** The same store, with a note of every answer that it took. */
	#listening(store: TabletStore): SyncStore {
		return {
			facts: () => store.facts(),
			nextRequest: (limit) => store.nextRequest(limit),
			pendingCount: () => store.pendingCount(),
			onQueued: (listener) => store.onQueued(listener),
			adoptDevice: (device) => store.adoptDevice(device),
			refreshSession: (session) => store.refreshSession(session),
			applyAnswer: async (request, answer) => {
				const applied = await store.applyAnswer(request, answer);
				if (this.isOpen && store === this.store) {
					this.heard.push(JSON.parse(JSON.stringify({ request, answer })));
					this.epoch = answer.epoch;
					this.#unsure.clear();
				}
				return applied;
			}
		};
	}

	#fire(): void {
		const timer = this.#timer;
		if (!timer) throw new Error(`${this.name}: has ${this.store.pendingCount()} pending and no timer`);
		this.#timer = undefined;
		timer();
	}

	#resting(): Promise<void> {
		const { sync } = this;
		const rested = new Promise<void>((resolve) => {
			if (sync.status.phase !== 'syncing') return resolve();
			const stop = sync.subscribe(({ phase }) => {
				if (phase === 'syncing') return;
				queueMicrotask(() => stop());
				resolve();
			});
		});
		return this.disk.untilDeath(rested);
	}

	/** The network. What it throws is what `fetch` throws: the real transport reads the rest. */
	async #fetch(body: string): Promise<Response> {
		if (!this.#connected) throw new TypeError('no network');
		const request: SyncRequest = { ...JSON.parse(body), ...(this.machine.isOld && { schema: 1 }) };
		this.#judgeRounds();
		const isNow = this.#exchanges++ === this.#mishap.exchange;
		const fault = isNow ? this.#mishap.fault : 'none';
		const meanwhile = isNow ? this.#onTheWay : undefined;
		const onTheWay = meanwhile && (() => this.#holding(meanwhile()));
		if (isNow) this.#onTheWay = undefined;
		if (fault !== 'none') this.#around.count(`fault ${typeof fault === 'object' ? 'crash' : fault}`);

		const refused = this.#refusedOnTheWay(fault, request);
		if (refused) return refused;
		const { server, sent } = this.#around;
		const caller = () => this.#around.caller(this.person);
		sent.push({ person: this.person, request });
		if (fault === 'lost request') {
			await onTheWay?.();
			throw new TypeError('the request was lost');
		}
		const death = typeof fault === 'object' ? { at: fault.crashAt, after: fault.after } : undefined;
		const [answer] = await Promise.all([
			server.exchange(caller(), request, death),
			fault === 'doubled at once' ? server.exchange(caller(), request) : undefined
		]);
		if (fault === 'doubled') await server.exchange(caller(), request);
		await onTheWay?.();
		if (!answer || fault === 'lost answer') throw new TypeError('the answer was lost');
		const text = JSON.stringify(answer.body);
		if (fault === 'cut answer')
			return new Response(text.slice(0, text.length * 0.7), { status: answer.status });
		if (fault === 'slow') await this.#holding(this.#askAgain());
		if (!('error' in answer.body) && this.isOpen && fault !== 'slow')
			for (const { id } of request.ops) this.#rounds.set(id, (this.#rounds.get(id) ?? 0) + 1);
		return new Response(text, { status: answer.status });
	}

	#refusedOnTheWay(fault: Fault, request: SyncRequest): Response | undefined {
		const error = (status: number, code: string, headers?: Record<string, string>) =>
			new Response(JSON.stringify({ error: { code, detail: '' } }), { status, ...(headers && { headers }) });
		switch (fault) {
			case 'signed out':
				return error(401, 'unauthenticated');
			case 'too many':
				return error(429, 'too_many', { 'retry-after': '7' });
			case 'unavailable':
				return new Response('<h1>Bad gateway</h1>', { status: 502 });
			case 'portal':
				return new Response('<!doctype html><title>Wifi du café</title>', { status: 200 });
			case 'too large':
				if (request.ops.length < 2) return undefined;
				if (request.ops.length > 3) this.#mishap = { fault, exchange: this.#exchanges };
				return error(413, 'too_large');
			default:
				return undefined;
		}
	}

	/** The answer is so slow that the engine gives up, asks again and is answered; then the first one arrives. */
	async #askAgain(): Promise<void> {
		for (let i = 0; i < 2 && this.isOpen && this.#timer; i++) {
			this.#fire();
			await this.#resting();
		}
	}

	/** The contact does not end before what happens in the middle of it, even when the engine has stopped. */
	async #holding(work: Promise<void>): Promise<void> {
		this.#held.add(work);
		try {
			await work;
		} catch (error) {
			// The transport takes whatever is thrown here for the network's fault.
			this.#around.failures.push(error);
		} finally {
			this.#held.delete(work);
		}
	}

	/** [F19] What was sent and answered several times is settled, whatever stands before it. */
	#judgeRounds(): void {
		for (const { id, state, n } of this.store.queue()) {
			if (state !== 'pending') this.#rounds.delete(id);
			else if ((this.#rounds.get(id) ?? 0) > ROUNDS)
				this.#around.server.breaches.push(
					`${this.name}: operation ${n} waits although ${ROUNDS} answers came`
				);
		}
	}

	/** A restored server may ask for everything again. */
	forgetRounds(): void {
		this.#rounds.clear();
	}
}
