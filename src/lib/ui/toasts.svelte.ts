/** Short answers at the foot of the screen. A screen says what was done and, better than asking before, how to undo it. */
export type Toast = {
	id: number;
	text: string;
	kind: 'success' | 'danger';
	action?: { label: string; run: () => void } | undefined;
};

const LIFETIME = 7000;

class Toasts {
	list = $state<Toast[]>([]);
	#next = 1;

	show(text: string, options: { kind?: Toast['kind']; action?: Toast['action'] } = {}): void {
		const toast: Toast = { id: this.#next++, text, kind: options.kind ?? 'success', action: options.action };
		this.list = [toast];
		setTimeout(() => this.close(toast.id), LIFETIME);
	}

	/** Somebody goes on to another form: what was said before must not lie over its main button. */
	clear(): void {
		this.list = [];
	}

	close(id: number): void {
		this.list = this.list.filter((toast) => toast.id !== id);
	}
}

export const toasts = new Toasts();
