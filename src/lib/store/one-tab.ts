/**
 * One tab at a time holds the open tablet: two would each keep a memory of their own. Opening a second one takes over;
 * the first is told, locks and says so. Web Locks where they are, a channel where they are not; if both failed, the
 * queue's numbers still can't be given twice (a number is a primary key).
 */
export type Tab = { release(): void };
const NAME = 'escale-tablet';

export async function claimTab(onLost: () => void): Promise<Tab> {
	const ending = new AbortController();
	let held = true;
	const lose = () => {
		if (!held) return;
		held = false;
		ending.abort();
		onLost();
	};
	overChannel(ending.signal, lose);
	if (navigator.locks) await holdLock(ending.signal, lose);
	return {
		release: () => {
			held = false;
			ending.abort();
		}
	};
}

/** Resolves when the lock is held, then holds it until the signal. */
function holdLock(signal: AbortSignal, lose: () => void): Promise<void> {
	return new Promise((granted) => {
		navigator.locks
			.request(NAME, { steal: true }, () => {
				granted();
				return new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
			})
			.catch(() => {
				granted();
				lose();
			});
	});
}

function overChannel(signal: AbortSignal, lose: () => void): void {
	if (typeof BroadcastChannel === 'undefined') return;
	const channel = new BroadcastChannel(NAME);
	channel.postMessage('taken');
	channel.onmessage = (event) => {
		if (event.data === 'taken' || event.data === 'lock') lose();
	};
	signal.addEventListener('abort', () => channel.close(), { once: true });
}

/** Locks the tablet wherever it is open. */
export function lockEveryTab(): void {
	if (typeof BroadcastChannel === 'undefined') return;
	const channel = new BroadcastChannel(NAME);
	channel.postMessage('lock');
	channel.close();
}
