/** While others are served, a page leaves them at least so many times what it took itself. */
const SHARE = 2;
/** ms for which a process counts as busy after it was asked for anything but a page. */
const BUSY = 1000;

/**
 * [P10] Whoever fetches a whole site must not hold up those who send. In one process pages of first syncs are read one at a
 * time; while other exchanges are under way they begin only when twice the time of the last page has gone by, so that both
 * go on. Between two pages the process looks at what has come in.
 */
export class Turns {
	#others = 0;
	#lastShort = -Infinity;
	#isReading = false;
	readonly #waiting: (() => void)[] = [];
	#notBefore = 0;
	#timer: NodeJS.Timeout | undefined;

	/** An exchange: counted until it turns out to be a page, and after. */
	async exchange<T>(work: () => Promise<T>): Promise<T> {
		this.#others++;
		try {
			return await work();
		} finally {
			this.#leave();
		}
	}

	/** The answer of an exchange that is no page: at once. */
	short<T>(read: () => Promise<T>): Promise<T> {
		this.#lastShort = performance.now();
		return read();
	}

	/**
	 * A page of a first sync, within its exchange, when its turn has come.
	 * @param read is told whether others are being served, and should be short then
	 */
	async page<T>(read: (isBusy: boolean) => Promise<T>): Promise<T> {
		this.#leave();
		await new Promise<void>((start) => {
			this.#waiting.push(start);
			this.#next();
		});
		const from = performance.now();
		try {
			return await read(from - this.#lastShort < BUSY);
		} finally {
			const now = performance.now();
			this.#notBefore = now + SHARE * (now - from);
			this.#isReading = false;
			this.#others++;
			setImmediate(() => this.#next());
		}
	}

	#leave(): void {
		this.#others--;
		if (this.#others === 0) setImmediate(() => this.#next());
	}

	#next(): void {
		if (this.#isReading) return;
		clearTimeout(this.#timer);
		const rest = this.#others > 0 ? this.#notBefore - performance.now() : 0;
		if (rest > 0) {
			this.#timer = setTimeout(() => this.#next(), rest);
			return;
		}
		const next = this.#waiting.shift();
		if (!next) return;
		this.#isReading = true;
		next();
	}
}
