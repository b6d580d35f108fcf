import type { TabletSeen } from '#lib/protocol/tablets.ts';
import { knownTablets, rememberTablets, type TabletsKnown } from '#lib/store/tablets-seen.ts';
import { tablet } from './tablet.svelte.ts';

const FRESH = 60_000;

/** The team's tablets as last known: at once from this tablet, then from the server where it answers. */
class TeamTablets {
	known = $state.raw<TabletsKnown>();
	/** The server did not answer: what is shown is of `known.at`. */
	unreachable = $state(false);
	#holder: string | undefined;

	/** Those who lead see them; for others there is nothing to load. */
	get isShown(): boolean {
		return ['manager', 'director', 'administrator'].includes(tablet.store.holder.role);
	}

	async load(): Promise<void> {
		const { store } = tablet;
		if (!this.isShown) return;
		if (this.#holder !== store.holder.user) this.known = undefined;
		this.#holder = store.holder.user;
		this.known ??= await knownTablets(store);
		if (this.known && store.now() - this.known.at < FRESH) return;
		try {
			const response = await fetch('/api/tablets', { headers: { 'x-escale': '1' } });
			this.unreachable = !response.ok;
			if (response.ok) {
				const { tablets }: { tablets: TabletSeen[] } = await response.json();
				this.known = await rememberTablets(store, tablets);
			}
		} catch {
			this.unreachable = true;
		}
	}
}

export const team = new TeamTablets();
