import { IDBFactory, IDBKeyRange, forceCloseDatabase } from 'fake-indexeddb';
import { Dexie } from 'dexie';

/** Dexie says aloud when it finds a killed process's connection closed. */
const say = console.warn;
console.warn = (...said) => {
	if (said[0] !== 'Dexie: Need to reopen db') say(...said);
};

/** fake-indexeddb types its parameter as the class where an instance is meant. */
const forceClose = forceCloseDatabase as unknown as (database: globalThis.IDBDatabase) => void;

/**
 * One tablet's disk, and the processes that use it. A killed process is dead at once: its transactions abort, and
 * whatever its leftover promises still try fails, as if the battery had been pulled.
 */
export class Disk {
	#factory = new IDBFactory();
	#process: Process | undefined;

	/** Everything that Dexie opens from now on, until another disk boots, belongs to this process. */
	boot(): void {
		this.kill();
		this.#process = new Process(this.#factory);
		this.use();
	}

	/** The process that runs goes on, or one begins. */
	use(): void {
		this.#process ??= new Process(this.#factory);
		Dexie.dependencies.indexedDB = this.#process.indexedDB;
		Dexie.dependencies.IDBKeyRange = IDBKeyRange;
	}

	kill(): void {
		this.#process?.kill();
		this.#process = undefined;
	}

	/**
	 * The process dies `turns` turns into its transaction number `transaction` from now (1 is the next one). Counted in
	 * transactions, since the time that WebCrypto takes is never the same twice.
	 */
	killIn(transaction: number, turns: number): void {
		if (this.#process) this.#process.fuse = { transaction, turns };
	}

	/** Lays a row there, while nobody has the database open. */
	async write(name: string, table: string, row: unknown): Promise<void> {
		const database = await done(this.#factory.open(name));
		await done(database.transaction(table, 'readwrite').objectStore(table).put(row));
		database.close();
	}

	/** Waits for the work or for the end of the process that does it: a dead one says nothing any more. */
	async untilDeath<T>(work: Promise<T>): Promise<T | undefined> {
		return Promise.race([work, this.#process?.death.then(() => undefined)]);
	}

	get isRunning(): boolean {
		return this.#process?.isAlive ?? false;
	}

	/** What lies in a table, read past whatever process runs; nothing where there is no such database. */
	async read(name: string, table: string): Promise<unknown[]> {
		const known = await this.#factory.databases();
		if (!known.some((database) => database.name === name)) return [];
		const database = await done(this.#factory.open(name));
		const values: unknown[] = await done(database.transaction(table).objectStore(table).getAll());
		database.close();
		return values;
	}

	/** A disk with the same bytes on it: a tablet's image put on another one. */
	async copy(): Promise<Disk> {
		const twin = new Disk();
		for (const { name, version } of await this.#factory.databases())
			if (name !== undefined && version !== undefined)
				await copyDatabase(this.#factory, twin.#factory, name, version);
		return twin;
	}
}

class Process {
	readonly indexedDB: globalThis.IDBFactory;
	fuse: { transaction: number; turns: number } | undefined;
	readonly death: Promise<void>;
	#died: () => void;
	#alive = true;
	#open = new Set<globalThis.IDBDatabase>();

	constructor(factory: globalThis.IDBFactory) {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.death = promise;
		this.#died = resolve;
		this.indexedDB = new Proxy(factory, {
			get: (target, name) => {
				if (!this.#alive) throw new DOMException('the process is dead', 'AbortError');
				if (name !== 'open') {
					const value: unknown = Reflect.get(target, name);
					return typeof value === 'function' ? value.bind(target) : value;
				}
				return (database: string, version?: number) => {
					const request = target.open(database, version);
					request.addEventListener('success', () => {
						if (!this.#alive) return request.result.close();
						this.#open.add(request.result);
						this.#watch(request.result);
					});
					return request;
				};
			}
		});
	}

	get isAlive(): boolean {
		return this.#alive;
	}

	#watch(database: globalThis.IDBDatabase): void {
		const begin = database.transaction.bind(database);
		database.transaction = (...details) => {
			if (this.fuse && --this.fuse.transaction === 0) this.#burn(this.fuse.turns);
			return begin(...details);
		};
	}

	#burn(turns: number): void {
		if (turns === 0) this.kill();
		else setImmediate(() => this.#burn(turns - 1));
	}

	kill(): void {
		this.#alive = false;
		this.#died();
		for (const database of this.#open) forceClose(database);
	}
}

const done = <T>(request: globalThis.IDBRequest<T>): Promise<T> =>
	new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
	});

async function copyDatabase(
	from: globalThis.IDBFactory,
	to: globalThis.IDBFactory,
	name: string,
	version: number
) {
	const source = await done(from.open(name));
	const opening = to.open(name, version);
	opening.onupgradeneeded = () => {
		for (const table of source.objectStoreNames) {
			const store = source.transaction(table).objectStore(table);
			const twin = opening.result.createObjectStore(table, {
				keyPath: store.keyPath,
				autoIncrement: store.autoIncrement
			});
			for (const index of store.indexNames) {
				const { keyPath, unique, multiEntry } = store.index(index);
				twin.createIndex(index, keyPath, { unique, multiEntry });
			}
		}
	};
	const target = await done(opening);
	for (const table of source.objectStoreNames) {
		const values: unknown[] = await done(source.transaction(table).objectStore(table).getAll());
		const store = target.transaction(table, 'readwrite').objectStore(table);
		await Promise.all(values.map((value) => done(store.put(value))));
	}
	source.close();
	target.close();
}
