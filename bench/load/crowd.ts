import { LoadTablet, type Ledger, type Seat, type Sent } from './tablet.ts';

/*
 * Many tablets in a process of their own (crowd-process.ts), so that they share no event loop with a server or with the
 * bench. Times are ms; every call measures from its own start.
 */

export type Opening = { seats: Seat[]; ports: number[]; count: number; keepsLedger?: boolean };

/** `pushes`: how long each took that was answered. `statuses`: how often each status came, 0 for no answer. */
export type Measured = {
	ms: number;
	operations: number;
	pushes: number[];
	statuses: Record<string, number>;
	bytes: number;
	/** Most requests under way at one moment. */
	underWay: number;
};

/** The first syncs that went on beside the pushes: how long each took, and the rows they brought. */
export type Beside = Measured & { before: number[]; firsts: number[]; rows: number };

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export class Crowd {
	#tablets: LoadTablet[] = [];
	#goesOn = false;

	/** Tablets spread over the seats and the servers in turn. */
	open({ seats, ports, count, keepsLedger = false }: Opening): void {
		this.close();
		this.#tablets = Array.from(
			{ length: count },
			(_, i) => new LoadTablet(seats[i % seats.length]!, ports, i, keepsLedger)
		);
	}

	close(): void {
		for (const tablet of this.#tablets) tablet.close();
		this.#tablets = [];
	}

	/** Brings the first `count` tablets up to date, `at once` at a time. Returns ms. */
	async rest(count: number, atOnce = 16): Promise<number> {
		const from = performance.now();
		const waiting = this.#tablets.slice(0, count);
		await Promise.all(
			Array.from({ length: atOnce }, async () => {
				for (let next = waiting.pop(); next; next = waiting.pop()) await next.rest();
			})
		);
		return performance.now() - from;
	}

	/** `count` tablets push one batch after the other without a pause. */
	async push(count: number, batch: number, ms: number): Promise<Measured> {
		const log = new Log();
		await Promise.all(
			this.#tablets.slice(0, count).map(async (tablet) => {
				while (log.elapsed < ms) await persist(tablet, batch, log);
			})
		);
		return log.measured();
	}

	/**
	 * Every tablet pushes a batch each `every` ms; after `quiet` ms the newcomers start their first sync all at once, and
	 * when the last has finished everything ends.
	 */
	async pushBeside(
		batch: number,
		every: number,
		quiet: number,
		newcomers: Opening | undefined
	): Promise<Beside> {
		const before = new Log();
		const during = new Log();
		let log = before;
		let goesOn = true;
		const pushers = this.#tablets.map(async (tablet, i) => {
			await pause((i / this.#tablets.length) * every);
			while (goesOn) {
				const due = performance.now() + every * (0.8 + 0.4 * Math.random());
				await persist(tablet, batch, log);
				await pause(Math.max(0, due - performance.now()));
			}
		});
		await pause(quiet);
		log = during;
		const firsts: number[] = [];
		let rows = 0;
		if (newcomers) {
			const { seats, ports, count } = newcomers;
			const fresh = Array.from(
				{ length: count },
				(_, i) => new LoadTablet(seats[i % seats.length]!, ports, i, false)
			);
			await Promise.all(
				fresh.map(async (tablet) => {
					const from = performance.now();
					await tablet.rest();
					firsts.push(performance.now() - from);
					rows += tablet.rows;
					tablet.close();
				})
			);
		}
		goesOn = false;
		await Promise.all(pushers);
		return { ...during.measured(), before: before.measured().pushes, firsts, rows };
	}

	/** Every tablet comes once within the window and empties its queue. */
	async evening(operations: number, window: number): Promise<Measured> {
		const log = new Log();
		await Promise.all(
			this.#tablets.map(async (tablet) => {
				await pause(Math.random() * window);
				await persist(tablet, operations, log);
				tablet.close();
			})
		);
		return log.measured();
	}

	/** One after the other: `writer` makes `fresh` rows, `reader` pulls them; how long each pull took. */
	async probePulls(fresh: number, times: number): Promise<number[]> {
		const [writer, reader] = this.#pair();
		const pulls: number[] = [];
		for (const tablet of [writer, reader]) await current(tablet);
		for (let i = 0; i < times; i++) {
			const rows = reader.rows;
			// One operation in five only counts, on a row that they share.
			if (fresh > 0) await sure(writer.push(fresh === 1 ? 1 : Math.round(fresh * 1.24)));
			const { ms } = await sure(reader.pull());
			if (fresh > 0 && reader.rows === rows) throw new Error('a pull brought nothing');
			pulls.push(ms);
		}
		return pulls;
	}

	async probePushes(batch: number, times: number): Promise<number[]> {
		const [writer] = this.#pair();
		await current(writer);
		const pushes: number[] = [];
		for (let i = 0; i < times; i++) pushes.push((await sure(writer.push(batch))).ms);
		return pushes;
	}

	/** The first page of new tablets, one after the other. */
	async probeFirstPages({ seats, ports, count }: Opening): Promise<number[]> {
		const pages: number[] = [];
		for (let i = 0; i < count; i++) {
			const tablet = new LoadTablet(seats[i % seats.length]!, ports, i, false);
			pages.push((await sure(tablet.pull())).ms);
			tablet.close();
		}
		return pages;
	}

	/** Pushes until `stop`, then empties every queue: nothing is unsettled at the end. */
	async pushUntilStopped(batch: number): Promise<Measured & { ledgers: Ledger[] }> {
		this.#goesOn = true;
		const log = new Log();
		await Promise.all(
			this.#tablets.map(async (tablet) => {
				while (this.#goesOn) await persist(tablet, batch, log);
			})
		);
		return { ...log.measured(), ledgers: this.#tablets.map((tablet) => tablet.ledger) };
	}

	stop(): void {
		this.#goesOn = false;
	}

	ledgers(): Ledger[] {
		return this.#tablets.map((tablet) => tablet.ledger);
	}

	#pair(): [LoadTablet, LoadTablet] {
		const [writer, reader] = this.#tablets;
		if (!writer || !reader) throw new Error('two tablets are needed');
		return [writer, reader];
	}
}

async function current(tablet: LoadTablet): Promise<void> {
	do {
		await sure(tablet.pull());
		tablet.skipPast();
	} while ((await sure(tablet.pull())).answer?.more);
}

async function sure(sent: Promise<Sent>): Promise<Sent> {
	const done = await sent;
	if (done.status !== 200) throw new Error(`status ${done.status}`);
	return done;
}

/** The same batch again, with a growing pause and jitter, until it is settled. */
async function persist(tablet: LoadTablet, batch: number, log: Log): Promise<void> {
	for (let tries = 0; ; tries++) {
		const before = tablet.acked;
		log.start();
		const sent = await tablet.push(batch);
		log.end(sent, tablet.acked - before);
		if (sent.status === 200 && tablet.waiting === 0) return;
		if (![0, 200, 429, 500, 503].includes(sent.status) || tries > 60)
			throw new Error(`status ${sent.status}`);
		await pause(Math.min(5000, 100 * 2 ** tries) * (0.5 + Math.random()));
	}
}

class Log {
	readonly #from = performance.now();
	readonly #pushes: number[] = [];
	readonly #statuses: Record<string, number> = {};
	#operations = 0;
	#bytes = 0;
	#now = 0;
	#most = 0;

	get elapsed(): number {
		return performance.now() - this.#from;
	}

	start(): void {
		this.#most = Math.max(this.#most, ++this.#now);
	}

	end({ status, ms, bytes }: Sent, operations: number): void {
		this.#now--;
		this.#operations += operations;
		this.#bytes += bytes;
		this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
		if (status === 200) this.#pushes.push(ms);
	}

	measured(): Measured {
		return {
			ms: this.elapsed,
			operations: this.#operations,
			pushes: this.#pushes,
			statuses: this.#statuses,
			bytes: this.#bytes,
			underWay: this.#most
		};
	}
}
