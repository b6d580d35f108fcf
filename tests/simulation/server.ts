import type { Scope, Row } from '#lib/domain/records.ts';
import { recordKinds } from '#lib/domain/records.ts';
import { mayRead } from '#lib/domain/permissions.ts';
import { canonical } from '#lib/protocol/digest.ts';
import { generateKeys, importPrivateKey } from '#lib/protocol/seal.ts';
import type { Parcel } from '#lib/protocol/parcel.ts';
import type { Session } from '#lib/protocol/session.ts';
import type { SyncRequest, SyncResponse } from '#lib/protocol/sync.ts';
import { clearTombstones } from '#lib/server/housekeeping.ts';
import type { Keys } from '#lib/server/keys.ts';
import { createOrganisation, newEpoch } from '#lib/server/organisation.ts';
import { recordColumns, rowOf, storedOf } from '#lib/server/records.ts';
import { scopesOf, type Caller } from '#lib/server/sync/apply.ts';
import { deliverOnce, type Delivered } from '#lib/server/sync/delivery.ts';
import { syncOnce, type SyncAnswer } from '#lib/server/sync/handler.ts';
import type { Death, Image, MortalBase } from './base.ts';
import type { Count } from './count.ts';
import type { Person } from './tablet.ts';

/** The two organisations of every world, by the letter that begins each text written in them. */
export const LETTERS = ['a', 'b'] as const;

/** Cursors given out: what counted below each then must be all that ever counts below it [P3.3]. */
type Witness = { organisation: string; rev: number; revisions: number };
/** [P8] One life of a base; revisions up to `common` mean the same in the life that goes on now. */
type Life = { epoch: string; common: number };

/** The real handler on a real base: two organisations, answers of a few rows so that every pull has pages. */
export class SimulatedServer {
	now: number;
	readonly organisations: string[];
	/** Answers that must never have been given, and other things seen on the way; any of them fails the world. */
	readonly breaches: string[] = [];
	/** Values over which this build of the server stumbles [P6]. */
	readonly stumbles = stumbles;
	restored = false;
	#base: MortalBase;
	#backup: Image = new Map();
	#keys: Keys;
	#pageRows: number;
	#count: Count;
	#lives = new Map<string, Life[]>();
	#witnesses: Witness[] = [];

	private constructor(
		base: MortalBase,
		keys: Keys,
		organisations: string[],
		now: number,
		pageRows: number,
		count: Count
	) {
		this.#base = base;
		this.#keys = keys;
		this.organisations = organisations;
		this.now = now;
		this.#pageRows = pageRows;
		this.#count = count;
	}

	static async open(
		base: MortalBase,
		settings: { now: number; organisations: string[]; pageRows: number; count: Count }
	): Promise<SimulatedServer> {
		const { now, organisations, pageRows, count } = settings;
		base.arm();
		await base.clear();
		stumbles.clear();
		const keys = await sharedKeys();
		for (const id of organisations)
			await createOrganisation(base.db, keys, { name: 'Essai', timeZone: 'Europe/Paris', now, id });
		const server = new SimulatedServer(base, keys, organisations, now, pageRows, count);
		await server.backUp();
		for (const id of organisations)
			server.#lives.set(id, [{ epoch: await server.#epochOf(id), common: Infinity }]);
		return server;
	}

	async backUp(): Promise<void> {
		this.#backup = await this.#base.image();
	}

	/** [P8] The last backup is put back: the server has forgotten what came after it, and says so by a new epoch. */
	async restore(): Promise<void> {
		await this.#base.restore(this.#backup);
		this.#witnesses = [];
		this.restored = true;
		for (const id of this.organisations) {
			const epoch = newEpoch();
			await this.#base.db.updateTable('organisation').set({ epoch }).where('id', '=', id).execute();
			const { rev } = await this.#organisation(id);
			const lives = this.#lives.get(id) ?? [];
			const older = lives.map((life) => ({ ...life, common: Math.min(life.common, rev) }));
			this.#lives.set(id, [...older, { epoch, common: Infinity }]);
		}
	}

	/** Up to which revision what was seen in this life can be compared with what there is now; 0: not at all. */
	commonSince(organisation: string, epoch: string): number {
		return this.#lives.get(organisation)?.find((life) => life.epoch === epoch)?.common ?? 0;
	}

	async session(caller: Caller): Promise<Session> {
		return {
			user: { id: caller.user, name: 'Essai', email: 'essai@demo.escale.test' },
			organisation: { id: caller.organisation, name: 'Essai', timeZone: 'Europe/Paris' },
			role: caller.role,
			sites: caller.sites,
			publicKey: await this.#keys.publicKey(caller.organisation)
		};
	}

	/** Through JSON both ways, as over the wire. `undefined`: the server died, nobody was answered. */
	async exchange(caller: Caller, request: SyncRequest, death?: Death): Promise<SyncAnswer | undefined> {
		this.now += 1000;
		this.#base.arm(death);
		const answer = await syncOnce(this.#context, caller, JSON.parse(JSON.stringify(request)));
		const died = this.#base.isDead;
		await this.#base.revive();
		this.#count(`operations sent`, request.ops.length);
		if (died) {
			this.#count('server killed');
			return undefined;
		}
		const { body } = answer;
		this.#count(`answer ${'error' in body ? body.error.code : 'ok'}`);
		if (!('error' in body)) {
			this.#judgeAnswer(caller, body);
			await this.#witness(caller.organisation, body);
		}
		return JSON.parse(JSON.stringify(answer));
	}

	/** [P4] What the server does every day: departures of half a year ago are forgotten, and the floor rises. */
	async keepHouse(): Promise<void> {
		this.#count('tombstones cleared', await clearTombstones(this.#base.db, this.now));
	}

	/** [P12] A parcel, whoever brings it; nobody is named in the answer. `undefined`: the server died. */
	async take(
		parcel: Parcel,
		callerOf: (person: Person) => Caller,
		death?: Death
	): Promise<Delivered | undefined> {
		this.now += 1000;
		this.#base.arm(death);
		const author = async (organisation: string, user: string) => callerOf({ organisation, user });
		const delivered = await deliverOnce(this.#context, author, JSON.parse(JSON.stringify(parcel)));
		const died = this.#base.isDead;
		await this.#base.revive();
		this.#count('operations in parcels', parcel.ops.length);
		if (died) {
			this.#count('server killed');
			return undefined;
		}
		const { body } = delivered;
		this.#count(`parcel ${'error' in body ? body.error.code : 'ok'}`);
		if (JSON.stringify(body).includes('"rows"')) this.breaches.push('a delivery was answered with rows');
		return delivered;
	}

	get #context() {
		return {
			db: this.#base.db,
			dialect: this.#base.dialect,
			keys: this.#keys,
			now: () => this.now,
			report: (defect: unknown) => this.#reported(defect),
			pageRows: this.#pageRows
		};
	}

	/** [P4.7] Nothing of another place, of a kind not for this role, or of another organisation. */
	#judgeAnswer(caller: Caller, { sites, rejects }: SyncResponse): void {
		const scopes = new Set(scopesOf(caller));
		const judge = (row: Row, where: string) => {
			if (!scopes.has(row.site)) this.breaches.push(`an answer held a row of ${row.site} (${where})`);
			if (!mayRead(caller.role, row.kind)) this.breaches.push(`a ${caller.role} was sent a ${row.kind}`);
			const letter = LETTERS[this.organisations.indexOf(caller.organisation)];
			for (const [, other] of JSON.stringify(row).matchAll(WRITTEN))
				if (other !== letter) this.breaches.push(`an answer crossed from one organisation to another`);
		};
		for (const [site, { rows }] of Object.entries(sites)) {
			if (!scopes.has(site)) this.breaches.push(`an answer named ${site}, out of scope`);
			for (const row of rows) {
				judge(row, 'rows');
				if (row.site !== site) this.breaches.push(`a row of ${row.site} came under ${site}`);
			}
			this.#count('rows sent', rows.length);
		}
		for (const { reason, rows } of rejects) {
			this.#count(`refused ${reason}`);
			for (const row of rows) judge(row, 'refusal');
		}
	}

	async #witness(organisation: string, { sites }: SyncResponse): Promise<void> {
		const rev = Math.max(0, ...Object.values(sites).map((page) => page.rev));
		this.#witnesses.push({ organisation, rev, revisions: await this.#revisionsUpTo(organisation, rev) });
	}

	/** [P3] Throws when a revision appeared at or below a cursor that had been given out. */
	async judgeOrder(): Promise<void> {
		for (const { organisation, rev, revisions } of this.#witnesses) {
			const now = await this.#revisionsUpTo(organisation, rev);
			if (now !== revisions)
				throw new Error(`a cursor at ${rev} was given with ${revisions} revisions below it, now ${now}`);
		}
	}

	async #revisionsUpTo(organisation: string, rev: number): Promise<number> {
		const { count } = await this.#base.db
			.selectFrom('operation')
			.select((eb) => eb.fn.countAll<number>().as('count'))
			.where('organisation', '=', organisation)
			.where('rev', '<=', rev)
			.executeTakeFirstOrThrow();
		return count;
	}

	#reported(defect: unknown): void {
		if (this.#base.isDead || defect instanceof Stumbled) return;
		this.breaches.push(`the server reported ${String(defect)}`);
	}

	/** What this caller may see, read past the handler. */
	async rowsFor(caller: Caller): Promise<Row[]> {
		const stored = await this.#base.db
			.selectFrom('record')
			.select(recordColumns)
			.where('organisation', '=', caller.organisation)
			.where('deleted', '=', 0)
			.where('site', 'in', scopesOf(caller))
			.execute();
		return stored.map((row) => rowOf(storedOf(row))).filter((row) => mayRead(caller.role, row.kind));
	}

	async records(organisation: string) {
		const rows = await this.#base.db
			.selectFrom('record')
			.select(recordColumns)
			.where('organisation', '=', organisation)
			.orderBy('id')
			.execute();
		return rows.map(storedOf);
	}

	async recordIds(organisation: string): Promise<string[]> {
		return (await this.records(organisation)).map(({ id }) => id);
	}

	/** Where a record is now; `undefined` when it is deleted or unknown. */
	async siteOf(organisation: string, id: string): Promise<Scope | undefined> {
		const row = await this.#base.db
			.selectFrom('record')
			.select(['site', 'deleted'])
			.where('organisation', '=', organisation)
			.where('id', '=', id)
			.executeTakeFirst();
		return row && !row.deleted ? row.site : undefined;
	}

	journal() {
		return this.#base.db.selectFrom('operation').selectAll().orderBy('rev').orderBy('n').execute();
	}

	rejects() {
		return this.#base.db.selectFrom('reject').selectAll().execute();
	}

	/**
	 * Everything that a replayed request must not change. A repeated operation is noted and changes nothing; so does one
	 * that is refused once more, under a number that a restored server had forgotten.
	 */
	async fingerprint(organisation?: string): Promise<string> {
		const all = await this.#base.image();
		const of = (table: 'organisation' | 'record' | 'tombstone' | 'operation') =>
			(all.get(table) ?? []).filter(
				(row) => !organisation || [row.organisation, row.id].includes(organisation)
			);
		const applied = of('operation').filter(({ outcome }) => outcome === 'applied');
		const refused = of('operation').filter(({ outcome }) => outcome === 'refused');
		const rows = [of('organisation'), of('record'), of('tombstone'), applied].map((table) =>
			table.map(canonical).sort()
		);
		return canonical([...rows, [...new Set(refused.map(({ id }) => id))].sort()]);
	}

	async #epochOf(id: string): Promise<string> {
		return (await this.#organisation(id)).epoch;
	}

	#organisation(id: string) {
		return this.#base.db
			.selectFrom('organisation')
			.select(['epoch', 'rev'])
			.where('id', '=', id)
			.executeTakeFirstOrThrow();
	}
}

/** Texts of the stories: the organisation's letter and a number. */
const WRITTEN = /"(a|b)\d+"/g;

let pair: ReturnType<typeof generateKeys> | undefined;

/** One key pair for every world and organisation of this process: which key it is matters to no invariant. */
async function sharedKeys(): Promise<Keys> {
	pair ??= generateKeys();
	const { publicKey, privateKey } = await pair;
	const imported = importPrivateKey(privateKey);
	const known = { id: 'k1', key: publicKey };
	return {
		publicKey: async () => known,
		privateKey: async (_, id) => (id === known.id ? imported : undefined),
		create: async () => known
	};
}

class Stumbled extends Error {}
const stumbles = new Set<string>();
/** A defect of the server for some values only: reading them throws where the handler reads an operation's fields. */
const nickname = recordKinds.youth.nickname.schema;
const honest = nickname.safeParse;
nickname.safeParse = (value, ...rest) => {
	if (typeof value === 'string' && stumbles.has(value)) throw new Stumbled('a defect of the server');
	return honest(value, ...rest);
};
