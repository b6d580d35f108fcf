import { inspect } from 'node:util';
import { create, type Change } from '#lib/domain/change.ts';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { seesEverySite } from '#lib/domain/permissions.ts';
import { SCHEMA_VERSION, type Kind, type Row } from '#lib/domain/records.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import type { Parcel, QueueFile } from '#lib/protocol/parcel.ts';
import { PROTOCOL_VERSION, type SyncRequest } from '#lib/protocol/sync.ts';
import { handIn, type Post } from '#lib/store/delivery.ts';
import type { QueueEntry, Saved } from '#lib/store/port.ts';
import type { Caller } from '#lib/server/sync/handler.ts';
import type { Death, MortalBase } from './base.ts';
import { Counts } from './count.ts';
import { judge } from './invariants.ts';
import { LETTERS, SimulatedServer } from './server.ts';
import {
	MOST_DEVICES,
	SITES,
	type Command,
	type Intrusion,
	type ParcelFault,
	type Story,
	type Write
} from './story.ts';
import { Machine, Vault, type Person, type Surroundings } from './tablet.ts';
import { changesOf } from './writing.ts';

/** An operation that a tablet called saved, and the life of the base in which its author had last heard of it [P8]. */
export type Committed = { vault: Vault; id: string; changes: Change[]; epoch: string };

/** What a vault held when everything had come to rest. */
export type Held = { rows: Row[]; queue: QueueEntry[] };

const START = Date.UTC(2026, 10, 20, 8);
const DAY = 24 * 3600 * 1000;

/** Plays one story to its end, lets everything come to rest and judges what is there. Throws with the story told. */
export async function play(story: Story, base: MortalBase): Promise<World> {
	const world = await World.begin(story, base);
	try {
		for (const command of story.commands) await world.perform(command);
		await world.rest();
		await judge(world);
		return world;
	} catch (error) {
		const reason = inspect(error);
		throw new Error(`${world.told()}\n\n✗ ${reason}`, { cause: error });
	} finally {
		world.end();
	}
}

type Membership = Person & { role: Role; sites: number[] };

export class World {
	readonly server: SimulatedServer;
	readonly machines: Machine[] = [];
	readonly committed = new Map<string, Committed>();
	/** Refused operations that their author sent again or let go: no longer on the tablet, by intent. */
	readonly released = new Set<string>();
	/** [P8] Operations that a restored server had forgotten when no tablet held them any more. */
	readonly forgotten = new Set<string>();
	/** Parcels that reached the server. */
	readonly parcels: Parcel[] = [];
	readonly #files: QueueFile[] = [];
	readonly counts = new Counts();
	readonly #members: Membership[] = [];
	readonly #around: Surroundings;
	readonly #sites: string[];
	readonly #lines: string[] = [];
	readonly #names = new Map<string, string>();
	#values = 0;
	#depth = 0;

	private constructor(
		server: SimulatedServer,
		random: (bytes: number) => Uint8Array,
		sites: string[],
		counts: Counts
	) {
		this.server = server;
		this.counts = counts;
		const { count } = counts;
		this.#around = { server, random, caller: (person) => this.caller(person), sent: [], failures: [], count };
		this.#sites = sites;
	}

	static async begin(story: Story, base: MortalBase): Promise<World> {
		const random = bytesFrom(42);
		const id = () => uuidv7(START, random(10));
		const counts = new Counts();
		const { pageRows } = story;
		const organisations = LETTERS.map(() => id());
		const server = await SimulatedServer.open(base, {
			now: START,
			organisations,
			pageRows,
			count: counts.count
		});
		const world = new World(
			server,
			random,
			Array.from({ length: SITES }, () => id()),
			counts
		);
		world.#join(story, id);
		for (const { people, yearsOff } of story.devices) await world.#setUp(people, yearsOff);
		return world;
	}

	#join({ members }: Story, id: () => string): void {
		for (const [i, { organisation, role, sites }] of members.entries()) {
			const before = this.#members[i - 1];
			const isSameHuman = before && before.organisation !== this.server.organisations[organisation];
			const user = isSameHuman ? before.user : id();
			this.#members.push({ organisation: this.server.organisations[organisation]!, user, role, sites });
		}
	}

	async #setUp(people: number[], yearsOff: number): Promise<void> {
		const machine = new Machine(this.#nextName(), yearsOff);
		const whose = new Set(people.map((person) => this.#members[person % this.#members.length]!));
		for (const member of whose) {
			const vault = await Vault.setUp(this.#around, machine, member);
			this.tell(`tablet ${vault.name}: ${this.#describe(member)}, clock ${yearsOff} years off`);
		}
		this.machines.push(machine);
	}

	#nextName(): string {
		return 'ABCDEFGH'[this.machines.length] ?? '?';
	}

	#describe({ organisation, role, sites, user }: Membership): string {
		const who = `${LETTERS[this.server.organisations.indexOf(organisation)]}-${this.#members.findIndex((m) => m.user === user)}`;
		return `${who}, ${role} at ${named(sites)}`;
	}

	get vaults(): Vault[] {
		return this.machines.flatMap(({ vaults }) => vaults);
	}

	get sent() {
		return this.#around.sent;
	}

	get around(): Surroundings {
		return this.#around;
	}

	caller({ organisation, user }: Person): Caller {
		const { role, sites } = this.#memberOf({ organisation, user });
		const seen = seesEverySite(role) ? this.#sites : sites.map((site) => this.#sites[site % SITES]!);
		return { organisation, user, role, sites: seen };
	}

	#memberOf({ organisation, user }: Person): Membership {
		const member = this.#members.find((m) => m.user === user && m.organisation === organisation);
		if (!member) throw new Error('no such member');
		return member;
	}

	/** Everybody who has a tablet, once. */
	get people(): Person[] {
		const people = this.vaults.map(({ person }) => this.#memberOf(person));
		return [...new Set(people)];
	}

	newDevice(): string {
		return uuidv7(this.server.now, this.#around.random(10));
	}

	tell(line: string): void {
		this.#lines.push(`${'  '.repeat(this.#depth)}${line}`);
	}

	told(): string {
		return this.#lines.join('\n');
	}

	nameOf(id: string): string {
		return this.#names.get(id) ?? id;
	}

	async perform(command: Command): Promise<void> {
		this.counts.count(`command ${command.do}`);
		await this.#perform(command);
		for (const vault of this.vaults) vault.judgeWatchdog();
		if (this.#around.failures.length) throw this.#around.failures[0];
		if (this.server.breaches.length) throw new Error(this.server.breaches[0]);
	}

	async #perform(command: Command): Promise<void> {
		switch (command.do) {
			case 'late':
				return this.#late(command.request);
			case 'together':
				return this.#together(command.tablets);
			case 'back up':
				this.tell('— the server is backed up —');
				return this.server.backUp();
			case 'restore':
				return this.#restore();
			case 'days':
				this.server.now += command.days * DAY;
				this.tell(`— ${command.days} days pass —`);
				return this.server.keepHouse();
			case 'hand in':
				return this.#handIn(command.file, command.fault);
			case 'new tablet':
				if (this.machines.length < MOST_DEVICES) await this.#setUp([command.person], 0);
				return;
			default: {
				const vault = this.vaults[command.tablet % this.vaults.length]!;
				await vault.machine.hand(vault);
				return this.#on(vault, command);
			}
		}
	}

	async #on(vault: Vault, command: Extract<Command, { tablet: number }>): Promise<void> {
		switch (command.do) {
			case 'sync':
				return this.#sync(vault, command);
			case 'kill':
				return this.#kill(vault, command);
			case 'clone':
				return this.#clone(vault.machine);
			case 'resend':
			case 'correct':
			case 'let go':
				return this.#answerRefusal(vault, command.do, command.entry);
			case 'fold':
				this.tell(`${vault.name} folds its pages`);
				return this.#folding(vault, () => vault.store.fold());
			case 'clock':
				vault.machine.yearsOff = command.years;
				return this.tell(`${vault.name}'s clock is now ${command.years} years off`);
			case 'sites':
			case 'role': {
				const member = this.#memberOf(vault.person);
				if (command.do === 'sites') member.sites = command.sites;
				else member.role = command.role;
				return this.tell(`${vault.name}'s user is now ${this.#describe(member)}`);
			}
			case 'session':
				this.tell(`${vault.name} reads its session anew`);
				return vault.store.refreshSession(await this.server.session(this.caller(vault.person)));
			case 'old answer':
				if (await vault.hearAgain(command.answer)) this.tell(`${vault.name} hears an old answer again`);
				return;
			case 'deliver':
				return this.#deliver(vault, command.locked, command.fault);
			case 'export': {
				const file = await vault.exported();
				if (file?.parcels.length) this.#files.push(file);
				return this.tell(`${vault.name} writes its queue to a file`);
			}
			case 'before': {
				const fields = { lastName: this.#newValue(vault), languages: command.languages };
				const id = this.#born(vault, 'youth');
				const change: Change = {
					do: 'create',
					kind: 'youth',
					id,
					site: this.#siteOf(vault, command.site),
					fields
				};
				this.tell(`${vault.name} opens with a youth «${fields.lastName}» that the app of before had queued`);
				const operation = await vault.queueAsBefore([change]);
				this.committed.set(operation, { vault, id: operation, changes: [change], epoch: '' });
				return;
			}
			case 'app':
				vault.machine.isOld = command.isOld;
				return this.tell(`${vault.name} runs ${command.isOld ? 'an app of before' : 'the app of today'}`);
			case 'intrude':
				return this.#intrude(vault, command.record, command.how);
			default:
				return this.#write(vault, command);
		}
	}

	/** Everybody in contact, until a round brings nothing: by their own timers only. */
	async rest(): Promise<void> {
		this.tell('— everybody comes into contact, with the app of today —');
		for (const machine of this.machines) machine.isOld = false;
		let before = '';
		for (let round = 0; round < 8; round++) {
			for (const vault of this.vaults) {
				await vault.machine.hand(vault);
				await vault.drain();
			}
			const after = await this.server.fingerprint();
			if (after === before) return;
			before = after;
		}
		throw new Error('the server keeps changing though nobody writes');
	}

	/** What each vault holds, opened one after the other. */
	async held(): Promise<Map<Vault, Held>> {
		const held = new Map<Vault, Held>();
		for (const vault of this.vaults) {
			await vault.machine.hand(vault);
			held.set(vault, { rows: vault.rows(), queue: vault.queue() });
		}
		return held;
	}

	end(): void {
		for (const vault of this.vaults) if (vault.isOpen) vault.kill();
	}

	async #write(vault: Vault, command: Write): Promise<void> {
		const value = this.#newValue(vault);
		const changes = await changesOf(command, {
			vault,
			value,
			siteOf: (site) => this.#siteOf(vault, site),
			born: (what) => this.#born(vault, what),
			taken: () => this.#foreignId(vault, this.#values),
			say: (what, row) =>
				this.tell(`${vault.name} ${what}${row ? ` ${this.nameOf(row.id)} (seen at ${row.rev})` : ''}`)
		});
		if (!changes) return;
		const saved = await vault.store.commit(changes);
		if (!saved.ok) throw new Error(`${vault.name} could not save: ${saved.reason} ${saved.detail}`);
		if (command.do === 'poison') this.server.stumbles.add(value);
		this.#note(vault, saved);
	}

	#newValue(vault: Vault): string {
		return `${LETTERS[this.server.organisations.indexOf(vault.person.organisation)]}${++this.#values}`;
	}

	#born(vault: Vault, what: string): string {
		const id = vault.store.newId();
		this.#names.set(id, `${what}-${this.#names.size + 1}`);
		return id;
	}

	/** A site that the tablet believes to have: it may have lost it meanwhile. */
	#siteOf(vault: Vault, site: number): string {
		const { sites } = vault.store.holder;
		return sites[site % sites.length] ?? this.#sites[0]!;
	}

	async #foreignId(vault: Vault, index: number): Promise<string | undefined> {
		const ours = new Set(await this.server.recordIds(vault.person.organisation));
		const theirs = this.server.organisations.filter((id) => id !== vault.person.organisation);
		const ids = (await Promise.all(theirs.map((id) => this.server.recordIds(id)))).flat();
		const foreign = ids.filter((id) => !ours.has(id));
		return foreign[index % foreign.length];
	}

	#note(vault: Vault, saved: Saved): void {
		if (!saved.ok) return;
		const entry = vault.queue().find(({ n }) => n === saved.n);
		if (!entry) throw new Error(`${vault.name}: what was saved as ${saved.n} is not in its queue`);
		const { id, changes } = entry;
		this.committed.set(id, { vault, id, changes, epoch: vault.epoch });
	}

	async #sync(vault: Vault, command: Extract<Command, { do: 'sync' }>): Promise<void> {
		const { fault, exchange, during } = command;
		const mishap = fault === 'none' ? '' : `: ${JSON.stringify(fault)} at exchange ${exchange + 1}`;
		this.tell(`${vault.name} syncs${mishap}`);
		const onTheWay = async () => {
			this.#depth++;
			for (const inner of during) await this.perform(inner);
			this.#depth--;
		};
		await vault.contact({ fault, exchange }, during.length ? onTheWay : undefined);
		this.#tellStatus(vault);
	}

	#tellStatus(vault: Vault): void {
		const { phase, why, pending } = vault.sync.status;
		this.tell(`  → ${phase}${why ? ` (${why})` : ''}, ${pending} pending`);
	}

	async #together(tablets: number[]): Promise<void> {
		const chosen = new Map<Machine, Vault>();
		for (const tablet of tablets) {
			const vault = this.vaults[tablet % this.vaults.length]!;
			if (!chosen.has(vault.machine)) chosen.set(vault.machine, vault);
		}
		const vaults = [...chosen.values()];
		this.tell(`${vaults.map(({ name }) => name).join(', ')} sync at the same time`);
		for (const vault of vaults) await vault.machine.hand(vault);
		await Promise.all(vaults.map((vault) => vault.contact({ fault: 'none', exchange: 0 })));
		for (const vault of vaults) this.#tellStatus(vault);
	}

	async #late(index: number): Promise<void> {
		const delivery = this.sent[index % this.sent.length];
		if (!delivery) return;
		const { request, person } = delivery;
		this.tell(`an old request arrives (again): ${request.ops.length} operations after ${request.after}`);
		await this.server.exchange(this.caller(person), request);
	}

	/** [P8] Restoring takes longer than a network keeps a request: what is under way is gone. */
	async #restore(): Promise<void> {
		this.tell('— the server is restored from its backup —');
		await this.server.restore();
		this.sent.length = 0;
		this.parcels.length = 0;
		for (const vault of this.vaults) vault.forgetRounds();
		await this.#noteForgotten();
	}

	/** [P8] What the server has not and no disk holds can't come back. */
	async #noteForgotten(): Promise<void> {
		const known = new Set((await this.server.journal()).map(({ id }) => id));
		const disks = await Promise.all(this.vaults.map((vault) => vault.operationsOnDisk()));
		for (const id of this.committed.keys())
			if (!known.has(id) && !disks.some((disk) => disk.has(id))) this.forgotten.add(id);
	}

	/** Killed between two things or in the middle of one; then started again. */
	async #kill(vault: Vault, command: Extract<Command, { do: 'kill' }>): Promise<void> {
		const { during, transaction, turns } = command;
		const when = during === 'rest' ? '' : `, ${turns} turns into transaction ${transaction}`;
		this.counts.count(`kill ${during}`);
		if (during !== 'rest' && during !== 'opening') vault.disk.killIn(transaction, turns);
		const promised = await this.#atWork(vault, during, turns);
		this.tell(
			`${vault.name} is killed at ${during}${when}${promised === undefined ? '' : `, after it said «enregistré» of ${promised}`}`
		);
		vault.kill();
		await vault.reopen(during === 'opening' ? { transaction, turns } : undefined);
		const queue = vault.queue();
		if (promised !== undefined && !queue.some(({ n }) => n === promised))
			throw new Error(`${vault.name}: «enregistré» was said of ${promised}, and it is lost`);
		for (const { id, changes, state } of queue)
			if (state === 'pending' && !this.committed.has(id))
				this.committed.set(id, { vault, id, changes, epoch: '' });
	}

	/** Something that writes. Gives the number of what was called saved. */
	async #atWork(vault: Vault, during: string, turns: number): Promise<number | undefined> {
		const { store } = vault;
		if (during === 'save') {
			const fields = { lastName: this.#newValue(vault) };
			const saved = await store.commit([create('youth', store.newId(), this.#siteOf(vault, turns), fields)]);
			if (saved.ok) return saved.n;
		}
		if (during === 'delivery') await vault.machine.deliver(this.#post('none'));
		if (during === 'sync') await vault.contact({ fault: 'none', exchange: 0 });
		if (during === 'fold')
			await this.#folding(vault, () => vault.disk.untilDeath(store.fold().catch(() => undefined)));
		if (during === 'adoption') {
			const adopted = store.adoptDevice(store.newId()).catch(() => undefined);
			await vault.disk.untilDeath(adopted);
		}
		return undefined;
	}

	/** Folding forgets operations that were acknowledged long ago, which a restored server might have asked for. */
	async #folding(vault: Vault, fold: () => Promise<unknown>): Promise<void> {
		const before = await vault.operationsOnDisk();
		await fold();
		if (!this.server.restored) return;
		const after = await vault.operationsOnDisk();
		if ([...before].some((id) => !after.has(id))) await this.#noteForgotten();
	}

	/** What the tablet's network does to a parcel; every one that reached the server may come again. */
	#post(fault: ParcelFault): Post {
		let left = fault;
		return async (parcel) => {
			const now = left;
			left = 'none';
			const take = (death?: Death) => this.server.take(parcel, (person) => this.caller(person), death);
			if (now !== 'none') this.counts.count(`fault parcel ${typeof now === 'object' ? 'crash' : now}`);
			if (now === 'lost request') return { ok: false, why: 'offline' };
			this.parcels.push(parcel);
			const delivered = await take(
				typeof now === 'object' ? { at: now.crashAt, after: now.after } : undefined
			);
			if (now === 'doubled') await take();
			if (!delivered || now === 'lost answer' || delivered.status >= 500)
				return { ok: false, why: 'offline' };
			return 'error' in delivered.body
				? { ok: false, why: 'refused' }
				: { ok: true, answer: JSON.parse(JSON.stringify(delivered.body)) };
		};
	}

	async #deliver(vault: Vault, locked: boolean, fault: ParcelFault): Promise<void> {
		const how = fault === 'none' ? '' : `: ${JSON.stringify(fault)}`;
		this.tell(`${vault.name} sends parcels${locked ? ' while locked' : ' in the background'}${how}`);
		if (locked) await vault.machine.lock();
		await vault.machine.deliver(this.#post(fault));
	}

	async #handIn(index: number, fault: ParcelFault): Promise<void> {
		const file = this.#files[index % this.#files.length];
		if (!file) return;
		const { kept, total, why } = await handIn(file, this.#post(fault));
		this.tell(`a queue file is handed in: ${kept} of ${total}${why ? ` (${why})` : ''}`);
	}

	async #clone(machine: Machine): Promise<void> {
		if (this.machines.length >= MOST_DEVICES) return;
		const current = machine.vaults.findIndex((vault) => vault.isOpen);
		const twin = await machine.clone(this.#nextName());
		this.machines.push(twin);
		this.tell(`${machine.name}'s disk is copied to ${twin.name}`);
		await twin.hand(twin.vaults[Math.max(0, current)]!);
	}

	async #answerRefusal(vault: Vault, how: 'resend' | 'correct' | 'let go', index: number): Promise<void> {
		const refused = vault.queue().filter(({ state }) => state === 'refused');
		const entry = refused[index % refused.length];
		if (!entry) return;
		if (how === 'let go') {
			this.tell(`${vault.name} lets its refused ${entry.n} go`);
			await vault.store.discard(entry.n);
			this.released.add(entry.id);
			return;
		}
		this.tell(`${vault.name} ${how === 'correct' ? 'corrects' : 'sends'} its refused ${entry.n} again`);
		if (how === 'resend') this.#mend(entry.changes);
		const saved = await vault.store.resend(
			entry.n,
			how === 'correct' ? this.#corrected(vault, entry) : undefined
		);
		if (!saved.ok) return this.tell(`  → not possible: ${saved.detail}`);
		this.released.add(entry.id);
		this.#note(vault, saved);
	}

	/** A release of the server takes what the one before stumbled over. */
	#mend(changes: Change[]): void {
		for (const change of changes)
			if ('fields' in change)
				for (const value of Object.values(change.fields))
					if (typeof value === 'string') this.server.stumbles.delete(value);
	}

	#corrected(vault: Vault, { changes }: QueueEntry): Change[] {
		return changes.map((change) => {
			if (change.do !== 'create' && change.do !== 'set') return change;
			const entries = Object.entries(change.fields).map(([name, value]) => [
				name,
				typeof value === 'string' && /^[ab]\d+$/.test(value) ? this.#newValue(vault) : value
			]);
			const fields = Object.fromEntries(entries);
			if (change.do === 'create') return { ...change, fields, site: this.#placeFor(vault, change.site) };
			return { ...change, fields, seen: vault.store.get(change.kind, change.id)?.rev ?? change.seen };
		});
	}

	#placeFor(vault: Vault, site: string): string {
		return site.startsWith('user:') ? site : this.#siteOf(vault, 0);
	}

	/** Isolation: an id of the other organisation is unknown here, and nothing of it comes back or changes. */
	async #intrude(vault: Vault, index: number, how: Intrusion): Promise<void> {
		const id = await this.#foreignId(vault, index);
		if (!id) return;
		this.tell(`a forged request of ${vault.name}'s user tries to ${how} ${this.nameOf(id)} of the others`);
		const other = this.server.organisations.find((one) => one !== vault.person.organisation)!;
		const before = await this.server.fingerprint(other);
		const answer = await this.server.exchange(this.caller(vault.person), this.#forged(vault, id, how));
		if (!answer || 'error' in answer.body) throw new Error(`the intruder was answered ${answer?.status}`);
		const [refusal] = answer.body.rejects;
		if (refusal?.rows.length !== 0 || !refusal.gone.includes(id))
			throw new Error('an id of the other organisation is not unknown here');
		if ((await this.server.fingerprint(other)) !== before)
			throw new Error('a request of one organisation changed the other');
	}

	#forged(vault: Vault, id: string, how: Intrusion): SyncRequest {
		const kind: Kind = how === 'count' ? 'outing' : 'youth';
		const seen = 1_000_000;
		const changes: Record<Intrusion, Change> = {
			set: { do: 'set', kind, id, seen, fields: { lastName: this.#newValue(vault) } },
			add: { do: 'add', kind, id, field: 'needs', values: ['housing'] },
			count: { do: 'count', kind, id, field: 'flyers', by: 1 },
			move: { do: 'move', kind, id, seen, site: this.caller(vault.person).sites[0]! },
			delete: { do: 'delete', kind, id, seen }
		};
		const { now } = this.server;
		const operation = { n: 1, id: this.newDevice(), v: SCHEMA_VERSION, at: now, changes: [changes[how]] };
		return {
			device: this.newDevice(),
			v: PROTOCOL_VERSION,
			schema: SCHEMA_VERSION,
			now,
			epoch: '',
			scope: '',
			after: 0,
			ops: [operation],
			cursors: {}
		};
	}
}

const named = (sites: number[]) => sites.map((site) => ['Pau', 'Nay', 'Orthez'][site] ?? '?').join('+');

/** Seeded bytes (xorshift32), so that ids are the same in every replay. */
function bytesFrom(seed: number): (bytes: number) => Uint8Array {
	let x = seed;
	return (bytes) =>
		Uint8Array.from({ length: bytes }, () => {
			x ^= x << 13;
			x ^= x >>> 17;
			x ^= x << 5;
			return x & 0xff;
		});
}
