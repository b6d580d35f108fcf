import { onMount } from 'svelte';
import { tablet } from './tablet.svelte.ts';

const PAUSE = 300;

/**
 * Keeps a half-filled form, sealed, while it is being typed: after each pause and at once when the page goes out of
 * sight. Call while a component is created; `form` is a `$state` object of plain values.
 */
export class Draft<T extends object> {
	/** Something was found and put back. */
	restored = $state(false);
	#key: string;
	#form: T;
	#empty: T;
	#ready = $state(false);
	#read: (found: object) => object;
	#done = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#kept = '';

	/** @param read brings what an older version of the form kept into today's shape */
	constructor(key: string, form: T, read: (found: object) => object = (found) => found) {
		this.#key = key;
		this.#form = form;
		this.#read = read;
		this.#empty = $state.snapshot(form) as T;
		this.#kept = JSON.stringify(this.#empty);
		onMount(() => {
			void this.#restore();
			const keep = () => this.#keep();
			document.addEventListener('visibilitychange', keep);
			addEventListener('pagehide', keep);
			return () => {
				document.removeEventListener('visibilitychange', keep);
				removeEventListener('pagehide', keep);
				this.#keep();
			};
		});
		$effect(() => {
			const text = JSON.stringify(this.#form);
			if (!this.#ready || text === this.#kept) return;
			clearTimeout(this.#timer);
			this.#timer = setTimeout(() => this.#keep(), PAUSE);
		});
	}

	/** The form was saved, or the person started over. */
	async clear({ again = false } = {}): Promise<void> {
		this.#done = !again;
		clearTimeout(this.#timer);
		if (again) {
			Object.assign(this.#form, structuredClone(this.#empty));
			this.#kept = JSON.stringify(this.#form);
			this.restored = false;
		}
		if (tablet.isOpen) await tablet.store.clearDraft(this.#key);
	}

	async #restore(): Promise<void> {
		const found = await tablet.store.readDraft(this.#key);
		if (typeof found === 'object' && found !== null && JSON.stringify(this.#form) === this.#kept) {
			Object.assign(this.#form, this.#read(found));
			this.#kept = JSON.stringify(this.#form);
			this.restored = true;
		}
		this.#ready = true;
	}

	#keep(): void {
		const text = JSON.stringify(this.#form);
		if (this.#done || !this.#ready || text === this.#kept || !tablet.isOpen) return;
		clearTimeout(this.#timer);
		this.#kept = text;
		tablet.store.writeDraft(this.#key, JSON.parse(text)).catch((error: unknown) => {
			this.#kept = '';
			console.error('a draft could not be kept', error);
		});
	}
}
