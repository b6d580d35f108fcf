/** Wrong proofs under one device id within `WINDOW` before it rests. */
export const WRONG_PROOFS = 20;
/** ms */
export const WINDOW = 60_000;
const REMEMBERED = 10_000;

/**
 * [P12.4] Counts wrong proofs by device id, known here or not, so that the answer tells nobody which exist. In memory and
 * bounded: a proof can't be guessed, this only keeps somebody who tries from costing much. Whoever fills the memory
 * with ids makes the oldest forgotten.
 */
export class WrongProofs {
	readonly #counts = new Map<string, { count: number; since: number }>();

	/** @param now ms UTC */
	isResting(device: string, now: number): boolean {
		return this.#recent(device, now) >= WRONG_PROOFS;
	}

	/** @param now ms UTC */
	note(device: string, now: number): void {
		const count = this.#recent(device, now) + 1;
		const since = count === 1 ? now : (this.#counts.get(device)?.since ?? now);
		this.#counts.delete(device);
		this.#counts.set(device, { count, since });
		const [oldest] = this.#counts.keys();
		if (this.#counts.size > REMEMBERED && oldest !== undefined) this.#counts.delete(oldest);
	}

	#recent(device: string, now: number): number {
		const entry = this.#counts.get(device);
		return entry && now < entry.since + WINDOW ? entry.count : 0;
	}
}
