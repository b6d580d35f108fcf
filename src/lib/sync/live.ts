import { backOff, type Event } from './engine.ts';
import type { Clock } from './ports.ts';

/** What the server's stream says [P13]. `beat`: nothing new, but still here. */
export type LiveEvent = 'hello' | 'news' | 'beat';

/** One stream of `/api/live`. `ended` at most once, however it came to its end; the result closes it without a word. */
export type OpenStream = (
	device: string,
	on: { said: (event: LiveEvent) => void; ended: () => void }
) => () => void;

export type LiveParts = {
	open: OpenStream;
	clock: Clock;
	/** From 0 to 1. */
	random: () => number;
	/** The tablet's id as the last request gave it. */
	device: () => string;
	/** To the sync engine. */
	tell: (event: Extract<Event, { type: 'live' | 'news' }>) => void;
};

/** ms without a word after which a stream counts as dead: three beats of the server. */
export const SILENCE = 60_000;

/**
 * Holds the live stream open while it is wanted: opens it again when it ended or fell silent, later each time until one has
 * lasted. It only tells the engine to ask; whatever goes wrong here, polling goes on as if there were no stream.
 */
export class LiveStream {
	#parts: LiveParts;
	#wanted = false;
	#close: (() => void) | undefined;
	#connected = false;
	#heardAt = 0;
	/** Streams in a row that did not last until a beat. */
	#failures = 0;
	#cancelTimer: () => void = () => undefined;

	constructor(parts: LiveParts) {
		this.#parts = parts;
	}

	/** Wanted while somebody looks and sync itself gets through. */
	want(wanted: boolean): void {
		const isChange = wanted !== this.#wanted;
		this.#wanted = wanted;
		if (isChange && wanted) this.#open();
		else if (isChange) this.#stop();
		// The timer of a device that slept is late; its clock is not.
		else if (this.#close && this.#parts.clock.now() - this.#heardAt > SILENCE) this.#lost();
	}

	#open(): void {
		this.#listen();
		let current = true;
		const close = this.#parts.open(this.#parts.device(), {
			said: (event) => current && this.#said(event),
			ended: () => current && this.#lost()
		});
		this.#close = () => {
			current = false;
			close();
		};
	}

	/** Anew from each word on. */
	#listen(): void {
		this.#heardAt = this.#parts.clock.now();
		this.#cancelTimer();
		this.#cancelTimer = this.#parts.clock.after(SILENCE, () => this.#lost());
	}

	#said(event: LiveEvent): void {
		this.#listen();
		if (event === 'beat') this.#failures = 0;
		if (event === 'hello') this.#connect(true);
		if (event === 'news') this.#parts.tell({ type: 'news' });
	}

	#lost(): void {
		this.#drop();
		this.#openLater();
	}

	#openLater(): void {
		this.#cancelTimer = this.#parts.clock.after(backOff(this.#failures++, this.#parts.random()), () =>
			this.#open()
		);
	}

	#stop(): void {
		this.#drop();
		this.#failures = 0;
	}

	#drop(): void {
		this.#cancelTimer();
		this.#close?.();
		this.#close = undefined;
		this.#connect(false);
	}

	#connect(connected: boolean): void {
		if (connected === this.#connected && !connected) return;
		this.#connected = connected;
		this.#parts.tell({ type: 'live', connected });
	}
}

/** The browser's own way of opening it again is not used: it knows neither jitter nor a stream that hangs. */
export const eventSource: OpenStream = (device, on) => {
	const source = new EventSource(`/api/live?device=${encodeURIComponent(device)}`);
	for (const event of ['hello', 'news', 'beat'] as const)
		source.addEventListener(event, () => on.said(event));
	source.addEventListener('error', () => {
		source.close();
		on.ended();
	});
	return () => source.close();
};
