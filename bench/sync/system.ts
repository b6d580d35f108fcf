/**
 * What every system measured here can do, ours and the peers: one interface in the page, one set of commands for its
 * server process. This file and `child.ts` import nothing of the product: the peers' folder is a package of its own.
 */
export type SystemName = 'escale' | 'pouchdb' | 'rxdb' | 'tinybase';

export type MadeRecord = { kind: string; id: string; site: string; fields: Record<string, unknown> };

/** The sites of the person measured; the second is the one that is lost. */
export const HOME = '01890000-0000-7000-8000-0000000000aa';
export const LOST = '01890000-0000-7000-8000-0000000000bb';

/** A counter of a record that exists before the measure: what increments are tried on. */
export const COUNTED = { kind: 'outing', id: '01890000-0000-7000-8000-00000000000a', field: 'flyers' };

export type Held = {
	/** Ids of the measured records on the device (or the server), as often as they are there; not the counted one. */
	ids: string[];
	/** Site → records held of it. */
	sites: Record<string, number>;
	counter: number | undefined;
};

/** `newest`: ms until the newest records could be read; missing when that was not asked. */
export type Synced = { ms: number; newest: number | undefined };

/** Result of a cold start: ms to a first search, answered; ms to the whole working set in memory. */
export type Cold = { search: number; found: number; whole: number; count: number };

export type TabletSystem = {
	/**
	 * Opens the local base, empty at first. `session`: what the server process told when it was ready; `sites`: those
	 * that the application asks for, where asking is the client's part. All of them when missing.
	 */
	open(session: unknown, sites?: string[]): Promise<void>;
	/**
	 * Everything up, everything down, until rest; rejects when the network or the server refuses.
	 * @param newest ids to watch for: when all of them can be read, that instant is told
	 */
	sync(newest?: string[]): Promise<Synced>;
	/** Creates these records on the tablet; nothing is sent yet. */
	queue(records: MadeRecord[]): Promise<void>;
	/** As many single increments of the counted record, each one a change of its own. */
	increment(times: number): Promise<void>;
	/** In a new page: opens what is there and answers a search for names that begin with "la". */
	cold(session: unknown): Promise<Cold>;
	/** Builds what the cold search needs beforehand, where that is the application's to do. Not measured. */
	prepare(): Promise<void>;
	held(): Promise<Held>;
	/** Messages that did not pass the front as HTTP (a WebSocket), and their bytes before compression, of this page. */
	messages(): { count: number; up: number; down: number };
};

export type Command =
	| { do: 'add'; records: MadeRecord[] }
	/** A colleague's increments of the counted record, applied on the server. */
	| { do: 'count'; by: number }
	/** The person measured has this site no more. */
	| { do: 'lose'; site: string }
	| { do: 'held' };

export type Ready = { port: number; session: unknown };
