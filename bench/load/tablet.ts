import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gzip } from 'node:zlib';
import { SCHEMA_VERSION } from '#lib/domain/records.ts';
import type { Operation } from '#lib/protocol/operation.ts';
import { PROTOCOL_VERSION, type ApiError, type SyncResponse } from '#lib/protocol/sync.ts';

/** An account with a session, at a site of its own where an outing is under way. */
export type Seat = { cookie: string; organisation: string; user: string; site: string; outing: string };

/** What became of one request: `status` 0 when no answer came. */
export type Sent = { status: number; ms: number; bytes: number; answer: SyncResponse | undefined };

/** What a tablet believes to be done, to be compared with the journal: its operations' ids, in the order of their numbers. */
export type Ledger = { seat: Seat; device: string; ids: string[]; created: string[]; counted: number };

/** Longest wait for an answer, ms: beyond it a tablet asks again. */
const PATIENCE = 60_000;
/** Bytes from which a tablet compresses what it sends, as the real one does. */
const WORTH = 1024;
const zipped = promisify<Buffer, Buffer>(gzip);
const unpacked = promisify<Buffer, Buffer>(brotliDecompress);

/** One operation in so many counts on the site's outing; the others create an encounter. */
const COUNT_EVERY = 5;

/**
 * A tablet without a screen: a numbered queue, cursors, one connection that is kept. It sends what the real one sends, and
 * goes on to the next server when one doesn't answer, as a proxy does.
 */
export class LoadTablet {
	readonly seat: Seat;
	readonly device = timedId();
	acked = 0;
	/** Rows received, and still to come after the last answer. */
	rows = 0;
	remaining = 0;
	readonly #keepsLedger: boolean;
	readonly #ports: number[];
	readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
	readonly #ids: string[] = [];
	readonly #created: string[] = [];
	#counted = 0;
	#made = 0;
	#waiting: Operation[] = [];
	#turn: number;
	#epoch = '';
	#scope = '';
	#cursors: Record<string, number> = {};
	#below: Record<string, number> = {};

	/** @param turn chooses the server it starts with */
	constructor(seat: Seat, ports: number[], turn: number, keepsLedger: boolean) {
		this.seat = seat;
		this.#ports = ports;
		this.#turn = turn;
		this.#keepsLedger = keepsLedger;
	}

	get ledger(): Ledger {
		const { seat, device } = this;
		return {
			seat,
			device,
			ids: this.#ids.slice(0, this.acked),
			created: this.#created,
			counted: this.#counted
		};
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	/** Sends what waits, or `size` new operations when nothing does. */
	push(size: number): Promise<Sent> {
		if (this.#waiting.length === 0) this.#waiting = Array.from({ length: size }, () => this.#invent());
		return this.#exchange();
	}

	/** Asks for news only. */
	async pull(): Promise<Sent> {
		if (this.#waiting.length > 0) throw new Error('a tablet with a queue sends it first');
		return this.#exchange();
	}

	/** Pulls until nothing is left; throws where no answer comes three times in a row. */
	async rest(): Promise<void> {
		let failures = 0;
		do {
			const { status } = await this.pull();
			failures = status === 200 ? 0 : failures + 1;
			if (failures === 3) throw new Error(`a tablet could not come to rest: ${status}`);
		} while (failures > 0 || this.remaining > 0);
	}

	/** Takes what is missing as received: a probe asks for news of a site that is too large to be fetched. */
	skipPast(): void {
		this.#below = {};
		this.remaining = 0;
	}

	close(): void {
		this.#agent.destroy();
	}

	async #exchange(): Promise<Sent> {
		const sent = await this.#send({
			device: this.device,
			v: PROTOCOL_VERSION,
			schema: SCHEMA_VERSION,
			app: 'bench',
			now: Date.now(),
			epoch: this.#epoch,
			scope: this.#scope,
			after: this.acked,
			ops: this.#waiting,
			cursors: this.#cursors,
			below: this.#below,
			echo: true,
			waiting: { count: this.#waiting.length }
		});
		if (sent.answer) this.#take(sent.answer);
		return sent;
	}

	#take({ epoch, scope, acked, rejects, sites, remaining }: SyncResponse): void {
		if (rejects.length > 0) throw new Error(`refused: ${rejects[0]?.reason} ${rejects[0]?.detail}`);
		if (acked < this.acked) throw new Error(`the server forgot: ${acked} after ${this.acked}`);
		this.#epoch = epoch;
		this.#scope = scope;
		this.acked = acked;
		this.remaining = remaining;
		this.#waiting = this.#waiting.filter((op) => op.n > acked);
		for (const [site, page] of Object.entries(sites)) {
			this.rows += page.rows.length;
			this.#cursors[site] = page.rev;
			if (page.below) this.#below[site] = page.below;
			else delete this.#below[site];
		}
	}

	#invent(): Operation {
		const n = ++this.#made;
		const id = timedId();
		const { site, outing } = this.seat;
		if (this.#keepsLedger) this.#ids.push(id);
		if (n % COUNT_EVERY === 0) {
			this.#counted++;
			return operation(n, id, { do: 'count', kind: 'outing', id: outing, field: 'flyers', by: 1 });
		}
		const record = timedId();
		if (this.#keepsLedger) this.#created.push(record);
		return operation(n, id, {
			do: 'create',
			kind: 'encounter',
			id: record,
			site,
			fields: {
				outing,
				at: Date.now(),
				size: 1 + (n % 3),
				ageBand: '18-21',
				gender: n % 2 ? 'man' : 'woman',
				occupation: 'nothing',
				topics: ['employment', 'mobility'],
				given: ['flyer'],
				callback: n % 4 === 0,
				remarks: `Rencontre ${n} au marché, cherche une formation, n’a pas le permis, repassera jeudi.`
			}
		});
	}

	async #send(body: unknown): Promise<Sent> {
		const plain = Buffer.from(JSON.stringify(body));
		const isZipped = plain.length >= WORTH;
		const payload = isZipped ? await zipped(plain) : plain;
		const from = performance.now();
		const first = await this.#post(payload, isZipped, from);
		if (first !== 'closed meanwhile') return first;
		const again = await this.#post(payload, isZipped, from);
		return again === 'closed meanwhile' ? { status: 0, ms: 0, bytes: 0, answer: undefined } : again;
	}

	/** A kept connection may be closed at the moment it is used: browsers then take another without a word. */
	#post(payload: Buffer, isZipped: boolean, from: number): Promise<Sent | 'closed meanwhile'> {
		const port = this.#ports[this.#turn % this.#ports.length]!;
		return new Promise((resolve) => {
			const told = (status: number, bytes: number) =>
				resolve({ status, ms: performance.now() - from, bytes, answer: undefined });
			const failed = () => {
				if (call.reusedSocket) return resolve('closed meanwhile');
				this.#turn++;
				told(0, 0);
			};
			const call = request(
				{
					agent: this.#agent,
					host: '127.0.0.1',
					port,
					path: '/api/sync',
					method: 'POST',
					timeout: PATIENCE,
					headers: {
						host: `localhost:${port}`,
						origin: `http://localhost:${port}`,
						'x-escale': '1',
						'content-type': 'application/json',
						'content-length': payload.length,
						'accept-encoding': 'gzip, deflate, br',
						...(isZipped && { 'content-encoding': 'gzip' }),
						cookie: this.seat.cookie
					}
				},
				(response) => {
					const parts: Buffer[] = [];
					response.on('data', (part: Buffer) => parts.push(part));
					response.once('error', failed);
					response.once('end', () => {
						const status = response.statusCode ?? 0;
						const body = Buffer.concat(parts);
						if (status !== 200) return told(status, body.length);
						const ms = performance.now() - from;
						const isSmaller = response.headers['content-encoding'] === 'br';
						void (isSmaller ? unpacked(body) : Promise.resolve(body)).then((plain) => {
							const answer: SyncResponse | ApiError = JSON.parse(plain.toString());
							resolve({ status, ms, bytes: body.length, answer: 'error' in answer ? undefined : answer });
						});
					});
				}
			);
			call.once('timeout', () => call.destroy());
			call.once('error', failed);
			call.end(payload);
		});
	}
}

const operation = (n: number, id: string, change: Operation['changes'][number]): Operation => ({
	n,
	id,
	v: SCHEMA_VERSION,
	at: Date.now(),
	changes: [change]
});

/** As `uuidv7`, ten times cheaper: what the tablets cost is taken from the servers. */
function timedId(): string {
	const time = Date.now().toString(16).padStart(12, '0');
	return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
