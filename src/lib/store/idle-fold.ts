import { StoreError, type Store } from './port.ts';

const QUIET = 20_000;

/**
 * Folds the store's pages once nothing has changed for a while. Returns how to stop, at the latest when it locks.
 * @param report gets what the disk refused; nothing is lost by it and the next quiet moment tries again
 */
export function foldWhenIdle(
	store: Pick<Store, 'subscribe'> & { fold(): Promise<void> },
	report: (error: unknown) => void,
	quiet: number = QUIET
): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const fold = () =>
		store.fold().catch((error: unknown) => {
			if (!(error instanceof StoreError && error.reason === 'locked')) report(error);
		});
	const wait = () => {
		clearTimeout(timer);
		timer = setTimeout(() => void fold(), quiet);
	};
	const unsubscribe = store.subscribe(wait);
	wait();
	return () => {
		clearTimeout(timer);
		unsubscribe();
	};
}
