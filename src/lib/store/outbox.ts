import type { Operation } from '#lib/protocol/operation.ts';
import { upToDate } from '#lib/protocol/upgrade.ts';
import type { Refusal, RefusalReason } from '#lib/protocol/sync.ts';
import type { QueueRow, QueueState } from './database.ts';
import type { QueueEntry } from './port.ts';
import { IntegrityError, type Place, type Sealer } from './seal.ts';

/** How long operations with a durable outcome stay, for the case that the server is restored from a backup [P8]. */
export const KEPT_AFTER = 30 * 24 * 3600 * 1000;
/** Bytes of operations in one request: below the body limit that servers commonly have. */
export const REQUEST_BYTES = 400_000;

/**
 * What lies sealed in `local`: the operation as it travels, in the shape of the app that wrote it [P7], and why it was
 * refused. Who shows it or sends it anew brings it up to date. `known`: it was acknowledged once and goes again to make
 * sure [P8], so it is not laid over rows that have it already.
 */
export type LocalCopy = {
	operation: Operation;
	refusal?: { reason: RefusalReason; detail: string };
	known?: boolean;
};

/** One queued operation, opened. Without `copy` its local half is damaged: its envelope still delivers it. */
export type Entry = { n: number; id: string; state: QueueState; copy: LocalCopy | undefined; bytes: number };

export const placeOf = (row: { n: number; id: string }): Place => ({
	table: 'queue',
	id: row.id,
	seq: row.n
});

export async function openEntry(sealer: Sealer, row: QueueRow): Promise<Entry> {
	const { n, id, state } = row;
	try {
		const copy = (await sealer.open(placeOf(row), row.local)) as LocalCopy;
		return { n, id, state, copy, bytes: row.local.length };
	} catch (error) {
		if (!(error instanceof IntegrityError)) throw error;
		return { n, id, state, copy: undefined, bytes: row.envelope.sealed.length };
	}
}

/** The queue as it is kept in memory: what waits, what was refused, and what is acknowledged but not yet in the rows. */
export class Outbox {
	#entries = new Map<number, Entry>();
	#pending = 0;

	get(n: number): Entry | undefined {
		return this.#entries.get(n);
	}

	put(entry: Entry): void {
		this.remove(entry.n);
		this.#entries.set(entry.n, entry);
		if (entry.state === 'pending') this.#pending++;
	}

	remove(n: number): void {
		if (this.#entries.get(n)?.state === 'pending') this.#pending--;
		this.#entries.delete(n);
	}

	clear(): void {
		this.#entries.clear();
		this.#pending = 0;
	}

	get pending(): number {
		return this.#pending;
	}

	get refused(): number {
		return this.all('refused').length;
	}

	/** The last operation that left in a parcel and waits for its outcome. */
	get delivered(): number {
		return Math.max(0, ...this.all('delivered').map(({ n }) => n));
	}

	/** In the order of their numbers. */
	all(state: QueueState): Entry[] {
		return [...this.#entries.values()].filter((entry) => entry.state === state).sort((a, b) => a.n - b.n);
	}

	/** Oldest first: what waits and what was refused. */
	forScreens(): QueueEntry[] {
		return [...this.all('refused'), ...this.all('pending')]
			.sort((a, b) => a.n - b.n)
			.flatMap(({ n, id, state, copy }) => {
				if (!copy || (state !== 'pending' && state !== 'refused')) return [];
				const { at, changes } = upToDate(copy.operation);
				return [{ n, id, at, changes, state, ...(copy.refusal && { refusal: copy.refusal }) }];
			});
	}

	/** [P1] The operations that follow `acked` and what was delivered without a gap; `undefined` when there is one. */
	following(acked: number, limit: number): Entry[] | undefined {
		const taken: Entry[] = [];
		let next = Math.max(acked, this.delivered) + 1;
		let bytes = 0;
		for (const entry of this.all('pending')) {
			if (entry.n !== next++) return undefined;
			bytes += entry.bytes;
			if (taken.length >= limit || (taken.length > 0 && bytes > REQUEST_BYTES)) break;
			taken.push(entry);
		}
		return taken;
	}
}

/** The next state of each queued or delivered operation that an answer says something about. */
export function outcomes(
	unsettled: Entry[],
	acked: number,
	refusals: Refusal[]
): { entry: Entry; state: 'acked' | 'refused'; refusal: Refusal | undefined }[] {
	const byNumber = new Map(refusals.map((refusal) => [refusal.n, refusal]));
	return unsettled
		.filter(({ n }) => n <= acked)
		.map((entry) => {
			const refusal = byNumber.get(entry.n);
			return { entry, state: refusal ? 'refused' : 'acked', refusal };
		});
}
