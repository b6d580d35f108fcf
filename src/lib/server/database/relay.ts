import { randomBytes } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { Client } from 'pg';
import * as z from 'zod/mini';
import { scope } from '#lib/domain/records.ts';
import type { Relay } from '../live.ts';
import type { News } from '../sync/handler.ts';
import type { Database } from './schema.ts';

/** One per database: organisations' ids tell whom it concerns. */
const CHANNEL = 'escale_news';
/** PostgreSQL refuses 8,000 bytes. */
const LONGEST = 7_900;
const RETRY_FIRST = 500;
const LAST_WORDS = 1_000;
const RETRY_LONGEST = 30_000;
/** A connection that a firewall forgot says nothing of it. */
const ASK_AFTER = 30_000;

const message = z.object({
	from: z.string(),
	news: z.union([
		z.literal('anything'),
		z.object({
			organisation: z.string(),
			scopes: z.array(scope),
			by: z.object({ user: z.string(), device: z.string() })
		})
	])
});

/**
 * [P13] News between processes by LISTEN and NOTIFY. Sent after the commit and not inside the push: a transaction that
 * notifies holds one lock of the whole PostgreSQL until its commit is on disk, and organisations would wait for each other.
 * What a process that dies in between has not said, polling finds.
 */
export function postgresRelay(url: string, db: Kysely<Database>, report: (defect: unknown) => void): Relay {
	const from = randomBytes(9).toString('base64url');
	const sender = new Sender(db, from, report);
	const receiver = new Receiver(url, from, report);
	return {
		send: (news) => sender.send(news),
		listen: (hear) => receiver.listen(hear),
		close: async () => {
			await Promise.all([sender.close(), receiver.close()]);
		}
	};
}

/** One NOTIFY at a time; what comes meanwhile goes together with the next. */
class Sender {
	#db: Kysely<Database>;
	#from: string;
	#report: (defect: unknown) => void;
	#due: (News | 'anything')[] = [];
	#sending: Promise<void> | undefined;
	#closed = false;

	constructor(db: Kysely<Database>, from: string, report: (defect: unknown) => void) {
		this.#db = db;
		this.#from = from;
		this.#report = report;
	}

	send(news: News): void {
		this.#due.push(news);
		this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
	}

	/** Waits for what is under way, not for a base that is away. */
	async close(): Promise<void> {
		this.#closed = true;
		await Promise.race([this.#sending, pause(LAST_WORDS)]);
	}

	async #sendAll(): Promise<void> {
		for (let failures = 0; this.#due.length > 0;) {
			const texts = this.#due.map((news) => this.#written(news));
			this.#due = [];
			try {
				await sql`select pg_notify(${CHANNEL}, text) from unnest(${texts}::text[]) as text`.execute(this.#db);
				failures = 0;
			} catch (error) {
				if (failures++ === 0) this.#report(error);
				if (this.#closed) return;
				await pause(backOff(failures));
				this.#due = ['anything'];
			}
		}
	}

	#written(news: News | 'anything'): string {
		const text = JSON.stringify({ from: this.#from, news });
		return Buffer.byteLength(text) <= LONGEST ? text : JSON.stringify({ from: this.#from, news: 'anything' });
	}
}

class Receiver {
	#url: string;
	#from: string;
	#report: (defect: unknown) => void;
	#hear: (news: News | 'anything') => void = () => undefined;
	#client: Client | undefined;
	#timer: NodeJS.Timeout | undefined;
	/** Attempts since the last one that listened. */
	#failures = 0;
	#missed = false;
	#closed = false;

	constructor(url: string, from: string, report: (defect: unknown) => void) {
		this.#url = url;
		this.#from = from;
		this.#report = report;
	}

	async listen(hear: (news: News | 'anything') => void): Promise<void> {
		this.#hear = hear;
		await this.#connect();
	}

	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#timer);
		const client = this.#client;
		this.#client = undefined;
		await client?.end().catch(() => undefined);
	}

	async #connect(): Promise<void> {
		const client = new Client({
			connectionString: this.#url,
			connectionTimeoutMillis: 10_000,
			query_timeout: 10_000,
			keepAlive: true,
			application_name: 'escale news'
		});
		this.#client = client;
		client.on('error', (error) => this.#lost(client, error));
		client.on('end', () => this.#lost(client));
		client.on('notification', ({ payload }) => this.#received(payload));
		try {
			await client.connect();
			await client.query(`listen ${CHANNEL}`);
		} catch (error) {
			return this.#lost(client, error);
		}
		if (this.#client !== client) return;
		this.#failures = 0;
		if (this.#missed) this.#hear('anything');
		this.#missed = false;
		this.#askLater(client);
	}

	#askLater(client: Client): void {
		this.#timer = setTimeout(() => {
			client.query('select 1').then(
				() => this.#client === client && this.#askLater(client),
				(error: unknown) => this.#lost(client, error)
			);
		}, ASK_AFTER).unref();
	}

	/** Of the present connection, once. */
	#lost(client: Client, error?: unknown): void {
		if (this.#client !== client) return;
		this.#client = undefined;
		client.end().catch(() => undefined);
		clearTimeout(this.#timer);
		if (this.#closed) return;
		if (this.#failures++ === 0 && error !== undefined) this.#report(error);
		this.#missed = true;
		this.#timer = setTimeout(() => void this.#connect(), backOff(this.#failures)).unref();
	}

	#received(payload: string | undefined): void {
		const parsed = message.safeParse(parsedJson(payload ?? ''));
		if (parsed.success && parsed.data.from !== this.#from) this.#hear(parsed.data.news);
	}
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

function parsedJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** ms before attempt number `failures` + 1: doubling from half a second, between half and all of it. */
const backOff = (failures: number): number =>
	Math.min(RETRY_LONGEST, RETRY_FIRST * 2 ** Math.min(failures - 1, 10)) * (0.5 + Math.random() / 2);
