type Listener = (...values: unknown[]) => void;

const heard = new WeakMap<object, Map<string, Listener[]>>();
const listeners = (emitter: object, name: string) => heard.get(emitter)?.get(name) ?? [];
function keep(emitter: object, name: string, list: Listener[]) {
	const names = heard.get(emitter) ?? new Map<string, Listener[]>();
	heard.set(emitter, names.set(name, list));
	return emitter;
}

/** Node's `events`, as much of it as PouchDB needs in a browser. It copies the methods one by one: they are enumerable. */
const methods = {
	on(name: string, listener: Listener): object {
		return keep(this, name, [...listeners(this, name), listener]);
	},
	once(name: string, listener: Listener): object {
		const once: Listener = (...values) => {
			methods.removeListener.call(this, name, once);
			listener.apply(this, values);
		};
		return methods.on.call(this, name, once);
	},
	removeListener(name: string, listener: Listener): object {
		return keep(
			this,
			name,
			listeners(this, name).filter((l) => l !== listener)
		);
	},
	removeAllListeners(name?: string): object {
		if (name === undefined) heard.delete(this);
		else keep(this, name, []);
		return this;
	},
	emit(name: string, ...values: unknown[]): boolean {
		const list = listeners(this, name);
		for (const listener of list) listener.apply(this, values);
		return list.length > 0;
	},
	listeners(name: string): Listener[] {
		return listeners(this, name);
	},
	listenerCount(name: string): number {
		return listeners(this, name).length;
	},
	setMaxListeners(): object {
		return this;
	}
};

export default class EventEmitter {
	static listenerCount(emitter: object, name: string): number {
		return listeners(emitter, name).length;
	}
}
Object.assign(EventEmitter.prototype, methods, { addListener: methods.on, off: methods.removeListener });
