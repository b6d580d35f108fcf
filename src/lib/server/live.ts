import type { Scope } from '#lib/domain/records.ts';
import { scopesOf, type Caller } from './sync/apply.ts';
import type { News } from './sync/handler.ts';

/** Carries news between the processes that serve one base. `anything`: something may have been missed. */
export type Relay = {
	/** To the other processes, some time soon. Never throws. */
	send(news: News): void;
	/** Resolves when the first attempt to listen has ended, well or not; further ones follow by themselves. */
	listen(hear: (news: News | 'anything') => void): Promise<void>;
	/** After what was given to `send` has gone out. */
	close(): Promise<void>;
};

/** `hello`: from here on nothing is missed; `news`: ask for it, this stream tells nothing about it; `beat`: still here. */
export type LiveEvent = 'hello' | 'news' | 'beat';

/** ms between two beats. */
export const BEAT = 20_000;
/** ms, give or take a tenth. Then the tablet comes again, and its rights are looked at again. */
export const LIFETIME = 300_000;
/** Per account: more than anyone's tablets, fewer than would hurt. */
export const MOST_STREAMS = 32;
/** Events that nobody has read: whoever is behind that far is gone, or will come again. */
const MOST_UNREAD = 16;

type Listener = {
	user: string;
	device: string;
	scopes: ReadonlySet<Scope>;
	say: (event: LiveEvent) => void;
	end: () => void;
};

export type Opened =
	{ ok: true; stream: ReadableStream<Uint8Array> } | { ok: false; code: 'too_many' | 'unavailable' };

/**
 * [P13] The open streams of this process: who hears that something is new in a place. What is new is never told here, so a
 * right that was lost a minute ago shows nothing.
 */
export class Live {
	#listeners = new Map<string, Set<Listener>>();
	#relay: Relay | undefined;
	#random: () => number;
	#listening: Promise<void> | undefined;
	#beating: NodeJS.Timeout | undefined;
	#ended = false;

	/** @param relay none: this process is the only one; @param random from 0 to 1 */
	constructor(relay?: Relay, random: () => number = Math.random) {
		this.#relay = relay;
		this.#random = random;
	}

	/** After the commit of a push: this process' listeners at once, those of others through the relay. */
	publish(news: News): void {
		this.#tell(news);
		this.#relay?.send(news);
	}

	/** A stream of server-sent events for one tablet, with the rights of this moment. */
	async open(caller: Caller, device: string): Promise<Opened> {
		this.#listening ??= this.#relay?.listen((news) => this.#tell(news));
		await this.#listening;
		if (this.#ended) return { ok: false, code: 'unavailable' };
		const { organisation, user } = caller;
		const own = [...(this.#listeners.get(organisation) ?? [])].filter((l) => l.user === user);
		if (own.length >= MOST_STREAMS) return { ok: false, code: 'too_many' };
		return {
			ok: true,
			stream: this.#stream(organisation, { user, device, scopes: new Set(scopesOf(caller)) })
		};
	}

	/** Streams open in this process. */
	get size(): number {
		let size = 0;
		for (const { size: some } of this.#listeners.values()) size += some;
		return size;
	}

	/** The server is stopping: every stream ends, no new one is opened. What is still pushed is told to other processes. */
	end(): void {
		this.#ended = true;
		for (const listener of this.#everybody()) listener.end();
	}

	async close(): Promise<void> {
		this.end();
		await this.#relay?.close();
	}

	#tell(news: News | 'anything'): void {
		if (news === 'anything') {
			for (const listener of this.#everybody()) listener.say('news');
			return;
		}
		const { organisation, scopes, by } = news;
		for (const listener of [...(this.#listeners.get(organisation) ?? [])]) {
			const isOwn = listener.user === by.user && listener.device === by.device;
			if (!isOwn && scopes.some((scope) => listener.scopes.has(scope))) listener.say('news');
		}
	}

	#everybody = (): Listener[] => [...this.#listeners.values()].flatMap((some) => [...some]);

	#stream(
		organisation: string,
		who: Pick<Listener, 'user' | 'device' | 'scopes'>
	): ReadableStream<Uint8Array> {
		let leave: () => void = () => undefined;
		const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
			const end = () => {
				leave();
				controller.close();
			};
			const say = (event: LiveEvent) => {
				if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoded[event]);
				else end();
			};
			const listener = { ...who, say, end };
			const expiry = setTimeout(end, LIFETIME * (0.9 + 0.2 * this.#random())).unref();
			leave = () => {
				clearTimeout(expiry);
				this.#leave(organisation, listener);
			};
			this.#join(organisation, listener);
			say('hello');
		};
		return new ReadableStream({ start, cancel: () => leave() }, { highWaterMark: MOST_UNREAD });
	}

	#join(organisation: string, listener: Listener): void {
		const some = this.#listeners.get(organisation) ?? new Set();
		this.#listeners.set(organisation, some.add(listener));
		this.#beating ??= setInterval(() => {
			for (const each of this.#everybody()) each.say('beat');
		}, BEAT).unref();
	}

	#leave(organisation: string, listener: Listener): void {
		const some = this.#listeners.get(organisation);
		some?.delete(listener);
		if (some?.size === 0) this.#listeners.delete(organisation);
		if (this.#listeners.size > 0) return;
		clearInterval(this.#beating);
		this.#beating = undefined;
	}
}

/** A browser hands on no event without data: all have the same. */
const written = (event: LiveEvent) => new TextEncoder().encode(`event: ${event}\ndata: 1\n\n`);
const encoded: Record<LiveEvent, Uint8Array> = {
	hello: written('hello'),
	news: written('news'),
	beat: written('beat')
};
