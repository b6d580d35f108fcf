import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { keptSecret, readConfig } from '#lib/server/config.ts';
import { openServer, type Server } from '#lib/server/context.ts';
import { createOrganisation } from '#lib/server/organisation.ts';
import { createPerson } from '#lib/server/people.ts';
import { createRecords } from '#lib/server/records.ts';
import { makeRecords } from '../records.ts';
import { startServer, type ServerProcess } from './servers.ts';
import type { Ledger, Seat } from './tablet.ts';

/** A base with its server processes, which come and go; the bench itself only fills it and looks at it afterwards. */
export class Base {
	readonly server: Server;
	readonly servers: ServerProcess[] = [];
	readonly data: string;
	readonly #url: string | undefined;
	readonly #flags: string[];

	private constructor(server: Server, data: string, url: string | undefined, flags: string[]) {
		this.server = server;
		this.data = data;
		this.#url = url;
		this.#flags = flags;
	}

	/** @param url of an empty PostgreSQL database; a SQLite file when missing */
	static async open(url?: string, flags: string[] = []): Promise<Base> {
		const data = mkdtempSync(join(tmpdir(), 'escale-load-'));
		const settings = readConfig({ ESCALE_DATA: data, ...(url && { DATABASE_URL: url }) });
		if (!settings.ok) throw new Error(settings.problem);
		return new Base(await openServer(settings.config), data, url, flags);
	}

	get ports(): number[] {
		return this.servers.map(({ port }) => port);
	}

	/** Starts processes until there are so many. */
	async serveWith(processes: number): Promise<void> {
		while (this.servers.length < processes)
			this.servers.push(await startServer({ data: this.data, url: this.#url }, this.#flags));
	}

	async close(): Promise<void> {
		await Promise.all(this.servers.map((server) => server.stop()));
		await this.server.db.destroy();
		rmSync(this.data, { recursive: true, force: true });
	}

	/**
	 * Organisations with people who each have a session and a site of their own, where an outing is under way. The seats
	 * come organisation by organisation in turn, so that the first few belong to different ones.
	 */
	async populate(organisations: number, people: number): Promise<Seat[]> {
		const seats: Seat[][] = [];
		for (let i = 0; i < organisations; i++) seats.push(await this.#found(people));
		return Array.from({ length: people }, (_, i) => seats.map((of) => of[i]!)).flat();
	}

	/** Invented files at a seat's site, written through the product. Returns the last revision given. */
	async fill({ organisation, user, site }: Seat, count: number, seed: number): Promise<number> {
		const made = makeRecords(count, site, seed);
		let rev = 0;
		for (let i = 0; i < made.length; i += 2000)
			rev = await createRecords(
				this.server.db,
				organisation,
				made.slice(i, i + 2000).map((record) => ({ ...record, by: user, at: Date.now() }))
			);
		return rev;
	}

	async #found(people: number): Promise<Seat[]> {
		const { db, keys, now } = this.server;
		const { id: organisation } = await createOrganisation(db, keys, {
			name: 'Mission Locale',
			timeZone: 'Europe/Paris',
			now: now()
		});
		return db.transaction().execute(async (trx) => {
			const seats: Seat[] = [];
			for (let i = 0; i < people; i++) {
				const [user, site, outing] = [newId(), newId(), newId()];
				const made = { by: user, at: now() };
				await createRecords(trx, organisation, [
					{
						kind: 'site',
						id: site,
						site: 'org',
						fields: { name: `Antenne ${i + 1}`, kind: 'branch' },
						...made
					},
					{ kind: 'outing', id: outing, site, fields: {}, ...made }
				]);
				await createPerson(trx, {
					id: user,
					organisation,
					name: `Personne ${i + 1}`,
					email: `${user}@charge.escale.test`,
					role: 'counsellor',
					sites: [site],
					now: now()
				});
				const token = randomBytes(24).toString('base64url');
				const [today, later] = [new Date(now()), new Date(now() + 7 * 86_400_000)].map((d) =>
					d.toISOString()
				);
				await sql`insert into session (id, token, account, expires_at, created_at, updated_at)
					values (${newId()}, ${token}, ${user}, ${later}, ${today}, ${today})`.execute(trx);
				seats.push({ cookie: this.#cookie(token), organisation, user, site, outing });
			}
			return seats;
		});
	}

	/** As a sign-in would set it. */
	#cookie(token: string): string {
		const secret = keptSecret(this.data, 'sessions.key');
		const signature = createHmac('sha256', secret).update(token).digest('base64');
		return `escale.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
	}

	/** What the journal, the records and the tallies say, beside what the tablets were told. */
	async audit(ledgers: Ledger[]): Promise<Audit> {
		const audit: Audit = {
			acknowledged: 0,
			missing: 0,
			doubled: 0,
			strange: 0,
			recordsMissing: 0,
			talliesOff: 0
		};
		const counted = new Map<string, { seat: Seat; count: number }>();
		for (const ledger of ledgers) {
			await this.#auditOne(ledger, audit);
			const { seat } = ledger;
			const sum = counted.get(seat.outing) ?? { seat, count: 0 };
			counted.set(seat.outing, { seat, count: sum.count + ledger.counted });
		}
		for (const { seat, count } of counted.values()) {
			if ((await this.#tally(seat)) !== count) audit.talliesOff++;
		}
		return audit;
	}

	async #auditOne({ seat, device, ids, created }: Ledger, audit: Audit): Promise<void> {
		const { db } = this.server;
		const rows = await db
			.selectFrom('operation')
			.select(['n', 'id', 'outcome'])
			.where('organisation', '=', seat.organisation)
			.where('user', '=', seat.user)
			.where('device', '=', device)
			.execute();
		const times = new Map<string, number>();
		for (const { id, outcome } of rows) if (outcome === 'applied') times.set(id, (times.get(id) ?? 0) + 1);
		audit.acknowledged += ids.length;
		for (const id of ids) {
			const found = times.get(id) ?? 0;
			if (found === 0) audit.missing++;
			if (found > 1) audit.doubled++;
		}
		const known = new Set(ids);
		audit.strange += rows.filter(({ id }) => !known.has(id)).length;
		for (let i = 0; i < created.length; i += 500) {
			const some = created.slice(i, i + 500);
			const found = await db
				.selectFrom('record')
				.select('id')
				.where('organisation', '=', seat.organisation)
				.where('id', 'in', some)
				.execute();
			audit.recordsMissing += some.length - found.length;
		}
	}

	async #tally({ organisation, outing }: Seat): Promise<number> {
		const row = await this.server.db
			.selectFrom('record')
			.select('data')
			.where('organisation', '=', organisation)
			.where('id', '=', outing)
			.executeTakeFirstOrThrow();
		const { fields }: { fields: { flyers?: number } } = JSON.parse(row.data);
		return fields.flyers ?? 0;
	}
}

/**
 * `missing`: acknowledged and not in the journal; `doubled`: applied twice; `strange`: in the journal beyond what was
 * acknowledged. All but the first number must be 0 once the tablets' queues are empty.
 */
export type Audit = {
	acknowledged: number;
	missing: number;
	doubled: number;
	strange: number;
	recordsMissing: number;
	talliesOff: number;
};

export const isWhole = ({ acknowledged, ...faults }: Audit): boolean =>
	acknowledged > 0 && Object.values(faults).every((count) => count === 0);

const newId = () => uuidv7(Date.now(), randomBytes(10));
