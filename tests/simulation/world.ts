import { inspect } from 'node:util';
import { assign, create, type Change } from '#lib/domain/change.ts';
import { uuidv7 } from '#lib/domain/identifier.ts';
import type { Row } from '#lib/domain/records.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import type { Saved } from '#lib/store/port.ts';
import type { Caller } from '#lib/server/sync/handler.ts';
import { judge } from './invariants.ts';
import { SimulatedServer } from './server.ts';
import { SITES, type Command, type Story, type Write } from './story.ts';
import { SimulatedTablet, type Surroundings } from './tablet.ts';

/** An operation that a tablet called saved. */
export type Committed = { tablet: SimulatedTablet; id: string; changes: Change[] };

const START = Date.UTC(2026, 10, 20, 8);

/** Plays one story to its end, lets everything come to rest and judges what is there. Throws with the story told. */
export async function play(story: Story): Promise<World> {
	const world = await World.begin(story);
	try {
		for (const command of story.commands) await world.perform(command);
		await world.rest();
		await judge(world);
		return world;
	} catch (error) {
		const reason = inspect(error);
		throw new Error(`${world.told()}\n\n✗ ${reason}`, { cause: error });
	} finally {
		await world.end();
	}
}

export class World {
	readonly server: SimulatedServer;
	readonly tablets: SimulatedTablet[] = [];
	readonly committed = new Map<string, Committed>();
	/** Refused operations that their author sent again or let go: no longer on the tablet, by intent. */
	readonly released = new Set<string>();
	readonly #members = new Map<string, { role: Role; sites: number[] }>();
	readonly #around: Surroundings;
	readonly #sites: string[];
	readonly #lines: string[] = [];
	readonly #names = new Map<string, string>();
	#values = 0;
	#depth = 0;

	private constructor(server: SimulatedServer, random: (bytes: number) => Uint8Array) {
		this.server = server;
		this.#around = { server, random, caller: (user) => this.caller(user), sent: [] };
		this.#sites = Array.from({ length: SITES }, () => uuidv7(START, random(10)));
	}

	static async begin(story: Story): Promise<World> {
		const random = bytesFrom(42);
		const server = await SimulatedServer.open(START, uuidv7(START, random(10)));
		const world = new World(server, random);
		for (const [i, { role, sites, yearsOff }] of story.cast.entries()) {
			const user = uuidv7(START, random(10));
			world.#members.set(user, { role, sites });
			const tablet = await SimulatedTablet.setUp(world.#around, 'ABCDE'[i] ?? String(i), user);
			tablet.yearsOff = yearsOff;
			world.tablets.push(tablet);
			world.tell(`tablet ${tablet.name}: ${role} at ${named(sites)}, clock ${yearsOff} years off`);
		}
		return world;
	}

	get sent() {
		return this.#around.sent;
	}

	caller(user: string): Caller {
		const member = this.#members.get(user);
		if (!member) throw new Error('no such member');
		const sites = member.sites.map((site) => this.#sites[site % SITES]!);
		return { organisation: this.server.organisation, user, role: member.role, sites };
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
		if (command.do === 'late') return this.#late(command.request);
		if (command.do === 'back up' || command.do === 'restore') {
			this.tell(`— the server is ${command.do === 'back up' ? 'backed up' : 'restored from its backup'} —`);
			if (command.do === 'back up') return this.server.backUp();
			// Restoring takes longer than a network keeps a request.
			this.sent.length = 0;
			return this.server.restore();
		}
		const tablet = this.tablets[command.tablet % this.tablets.length]!;
		switch (command.do) {
			case 'sync':
				return this.#sync(tablet, command);
			case 'kill':
				return this.#kill(tablet, command);
			case 'clone':
				return this.#clone(tablet);
			case 'resend':
				return this.#resend(tablet, command.record);
			case 'fold':
				this.tell(`${tablet.name} folds its pages`);
				return tablet.store.fold();
			case 'clock':
				tablet.yearsOff = command.years;
				return this.tell(`${tablet.name}'s clock is now ${command.years} years off`);
			case 'sites': {
				this.#members.set(tablet.user, { ...this.#members.get(tablet.user)!, sites: command.sites });
				return this.tell(`${tablet.name}'s user is now at ${named(command.sites)}`);
			}
			default: {
				const changes = this.#changesOf(tablet, command);
				if (changes) await this.#commit(tablet, changes);
			}
		}
	}

	/** Everybody in contact, twice round without news: by their own timers only. */
	async rest(): Promise<void> {
		this.tell('— everybody comes into contact —');
		let before = '';
		for (let round = 0; round < 6; round++) {
			for (const tablet of this.tablets) await tablet.drain();
			const after = await this.server.fingerprint();
			if (after === before) return;
			before = after;
		}
		throw new Error('the server keeps changing though nobody writes');
	}

	async end(): Promise<void> {
		for (const tablet of this.tablets) tablet.kill();
		await this.server.close();
	}

	/** What the tablet shows, in an order that a replay finds again. */
	#rows(tablet: SimulatedTablet, ...kinds: Row['kind'][]): Row[] {
		return tablet
			.rows()
			.filter((row) => kinds.includes(row.kind))
			.sort((a, b) => (a.id < b.id ? -1 : 1));
	}

	#pick(tablet: SimulatedTablet, record: number, ...kinds: Row['kind'][]): Row | undefined {
		const rows = this.#rows(tablet, ...kinds);
		return rows[record % rows.length];
	}

	#changesOf(tablet: SimulatedTablet, command: Write): Change[] | undefined {
		const { store } = tablet;
		const value = `v${++this.#values}`;
		const say = (what: string, row?: Row) =>
			this.tell(`${tablet.name} ${what}${row ? ` (${this.nameOf(row.id)} seen at ${row.rev})` : ''}`);
		const born = (letter: string): string => {
			const id = store.newId();
			this.#names.set(id, `${letter}${this.#names.size + 1}`);
			return id;
		};
		switch (command.do) {
			case 'youth': {
				const id = born('youth-');
				say(`creates ${this.nameOf(id)} «${value}»`);
				const site = this.#siteOf(tablet, command.site);
				return [create('youth', id, site, { lastName: value, needs: command.needs })];
			}
			case 'outing': {
				const id = born('outing-');
				say(`creates ${this.nameOf(id)}`);
				return [
					create('outing', id, this.#siteOf(tablet, command.site), { spotLabel: value, approached: 2 })
				];
			}
			case 'encounter': {
				const outing = this.#pick(tablet, command.record, 'outing');
				if (!outing) return undefined;
				const id = born('encounter-');
				say(`logs ${this.nameOf(id)}`, outing);
				const count: Change = { do: 'count', kind: 'outing', id: outing.id, field: 'approached', by: 1 };
				return [create('encounter', id, outing.site, { outing: outing.id, remarks: value }), count];
			}
			case 'note': {
				const youth = this.#pick(tablet, command.record, 'youth');
				if (!youth) return undefined;
				const id = born('note-');
				say(`writes ${command.confidential ? 'confidential ' : ''}${this.nameOf(id)}`, youth);
				const site = command.confidential ? `user:${tablet.user}` : youth.site;
				return [create('note', id, site, { youth: youth.id, text: value })];
			}
			case 'set': {
				const row = this.#pick(tablet, command.record, 'youth', 'outing', 'encounter');
				if (!row) return undefined;
				const field =
					row.kind === 'youth' ? (command.field === 'remarks' ? 'nickname' : command.field) : 'remarks';
				say(`sets ${field} to «${value}»`, row);
				return [assign(row, { [field]: value })];
			}
			case 'void': {
				const row = this.#pick(tablet, command.record, 'youth', 'outing', 'encounter');
				if (!row) return undefined;
				say(`voids «${value}»`, row);
				return [assign(row, { voided: value })];
			}
			case 'need': {
				const row = this.#pick(tablet, command.record, 'youth');
				if (!row) return undefined;
				const { id, rev: seen } = row;
				say(`${command.add ? 'adds' : 'removes'} need ${command.value}`, row);
				const target = { kind: row.kind, id, field: 'needs', values: [command.value] };
				return [command.add ? { do: 'add', ...target } : { do: 'remove', seen, ...target }];
			}
			case 'tally': {
				const row = this.#pick(tablet, command.record, 'outing');
				if (!row) return undefined;
				say(`counts ${command.field} by ${command.by}`, row);
				return [{ do: 'count', kind: 'outing', id: row.id, field: command.field, by: command.by }];
			}
			case 'move': {
				const row = this.#pick(tablet, command.record, 'youth');
				if (!row) return undefined;
				const site = this.#siteOf(tablet, command.site);
				say(`moves to ${this.#siteName(site)}`, row);
				return [{ do: 'move', kind: 'youth', id: row.id, seen: row.rev, site }];
			}
			case 'delete': {
				const row = this.#pick(tablet, command.record, 'youth', 'encounter');
				if (!row) return undefined;
				say('deletes', row);
				return [{ do: 'delete', kind: row.kind, id: row.id, seen: row.rev }];
			}
		}
	}

	/** A site that the tablet believes to have: it may have lost it meanwhile. */
	#siteOf(tablet: SimulatedTablet, site: number): string {
		const { sites } = tablet.store.holder;
		return sites[site % sites.length] ?? this.#sites[0]!;
	}

	#siteName = (site: string) => named([this.#sites.indexOf(site)]);

	async #commit(tablet: SimulatedTablet, changes: Change[]): Promise<void> {
		const saved = await tablet.store.commit(changes);
		if (!saved.ok) throw new Error(`${tablet.name} could not save: ${saved.reason} ${saved.detail}`);
		this.#note(tablet, saved);
	}

	#note(tablet: SimulatedTablet, saved: Saved): void {
		if (!saved.ok) return;
		const entry = tablet.store.queue().find(({ n }) => n === saved.n);
		if (!entry) throw new Error(`${tablet.name}: what was saved as ${saved.n} is not in its queue`);
		this.committed.set(entry.id, { tablet, id: entry.id, changes: entry.changes });
	}

	async #sync(tablet: SimulatedTablet, { fault, during }: Extract<Command, { do: 'sync' }>): Promise<void> {
		this.tell(`${tablet.name} syncs${fault === 'none' ? '' : `: ${JSON.stringify(fault)}`}`);
		await tablet.contact(
			fault,
			during.length
				? async () => {
						this.#depth++;
						for (const command of during) await this.perform(command);
						this.#depth--;
					}
				: undefined
		);
		const { phase, why, pending } = tablet.sync.status;
		this.tell(`  → ${phase}${why ? ` (${why})` : ''}, ${pending} pending`);
	}

	async #late(index: number): Promise<void> {
		const delivery = this.sent[index % this.sent.length];
		if (!delivery) return;
		this.tell(
			`an old request arrives (again): ${delivery.request.ops.length} operations after ${delivery.request.after}`
		);
		await this.server.exchange(this.caller(delivery.caller.user), delivery.request);
	}

	/** Killed between two things, in the middle of a save or of a sync; then started again. */
	async #kill(tablet: SimulatedTablet, command: Extract<Command, { do: 'kill' }>): Promise<void> {
		const { during, transaction, turns } = command;
		const when =
			during === 'rest' ? 'at rest' : `in a ${during}, ${turns} turns into transaction ${transaction}`;
		let promised: number | undefined;
		if (during !== 'rest') tablet.killIn(transaction, turns);
		if (during === 'save') {
			const { store } = tablet;
			const youth = create('youth', store.newId(), this.#siteOf(tablet, turns), {
				lastName: `v${++this.#values}`
			});
			const saved = await store.commit([youth]);
			if (saved.ok) promised = saved.n;
		}
		if (during === 'sync') await tablet.contact('none');
		this.tell(
			`${tablet.name} is killed ${when}${promised === undefined ? '' : `, after it said «enregistré» of ${promised}`}`
		);
		tablet.kill();
		await tablet.reopen();
		const queue = tablet.store.queue();
		if (promised !== undefined && !queue.some(({ n }) => n === promised))
			throw new Error(`${tablet.name}: «enregistré» was said of ${promised}, and it is lost`);
		for (const { id, changes, state } of queue)
			if (state === 'pending' && !this.committed.has(id)) this.committed.set(id, { tablet, id, changes });
	}

	async #clone(tablet: SimulatedTablet): Promise<void> {
		if (this.tablets.length >= 6) return;
		const twin = await tablet.clone(`${tablet.name}'`);
		this.tell(`${tablet.name}'s disk is copied to ${twin.name}`);
		this.tablets.push(twin);
	}

	async #resend(tablet: SimulatedTablet, index: number): Promise<void> {
		const refused = tablet.store.queue().filter(({ state }) => state === 'refused');
		const entry = refused[index % refused.length];
		if (!entry) return;
		this.tell(`${tablet.name} sends its refused ${entry.n} again`);
		const saved = await tablet.store.resend(entry.n);
		if (!saved.ok) return this.tell(`  → not possible: ${saved.detail}`);
		this.released.add(entry.id);
		this.#note(tablet, saved);
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
