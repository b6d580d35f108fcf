import {
	deliverAll,
	exportQueue,
	handIn,
	postParcel,
	readQueueFile,
	waiting,
	type HandedIn,
	type Waiting
} from '#lib/store/delivery.ts';
import { backOff } from '#lib/sync/engine.ts';

/*
 * [P12] What leaves without opening the tablet: by the service worker where the browser wakes one up, from the lock screen
 * everywhere, by a file where there is no network at all.
 */
class Parcels {
	/** By vault; read from the disk, so it is true while locked. */
	waiting = $state.raw<Waiting[]>([]);
	busy = $state(false);
	/** The server said no, or did not answer, at the last try. */
	why = $state<'offline' | 'refused' | undefined>();
	/** When it tries again by itself, ms UTC. */
	nextAt = $state<number | undefined>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	#watching: AbortController | undefined;

	get total(): number {
		return this.waiting.reduce((sum, { count }) => sum + count, 0);
	}

	/** While the lock screen is shown. Returns how to stop. */
	watch(): () => void {
		this.#watching?.abort();
		const watching = new AbortController();
		this.#watching = watching;
		this.#failures = 0;
		addEventListener('online', () => void this.send(), { signal: watching.signal });
		void this.send();
		return () => {
			watching.abort();
			clearTimeout(this.#timer);
		};
	}

	async send(): Promise<void> {
		if (this.busy) return;
		clearTimeout(this.#timer);
		this.busy = true;
		try {
			this.waiting = await waiting();
			if (this.total === 0) return;
			const { why } = await deliverAll(postParcel);
			this.why = why;
			this.waiting = await waiting();
		} catch {
			// The browser's own base failed: opening the tablet says so, with what to do.
			this.why = undefined;
		} finally {
			this.busy = false;
		}
		if (this.total > 0) this.#again();
	}

	#again(): void {
		if (this.#watching?.signal.aborted) return;
		const delay = backOff(this.#failures++, Math.random());
		this.nextAt = Date.now() + delay;
		this.#timer = setTimeout(() => void this.send(), delay);
	}
}

export const parcels = new Parcels();

/** Downloads the sealed queue of a vault. The file's name says no more than the day. Gives how many operations it holds. */
export async function saveQueueFile(vault: string, day: string): Promise<number> {
	const file = await exportQueue(vault, Date.now());
	const operations = file?.parcels.reduce((sum, { ops }) => sum + ops.length, 0) ?? 0;
	if (operations === 0) return 0;
	const url = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: 'application/json' }));
	const link = document.createElement('a');
	link.href = url;
	link.download = `escale-file-${day}.json`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
	return operations;
}

/** Bytes: more than any queue, so that a film chosen by mistake is not read into memory. */
const LARGEST_FILE = 250_000_000;

/** @returns undefined when the chosen file is not a queue, or can no longer be read */
export async function handInFile(
	chosen: File,
	onProgress: (done: number, total: number) => void
): Promise<HandedIn | undefined> {
	if (chosen.size > LARGEST_FILE) return undefined;
	const text = await chosen.text().catch(() => '');
	const file = readQueueFile(text);
	return file && handIn(file, postParcel, onProgress);
}
