/** When a tablet that nobody touches locks itself. `hidden`: how long it may be out of sight; `idle`: untouched. ms. */
export type LockAfter = { idle: number; hidden: number };
export const LOCK_AFTER: LockAfter = { idle: 15 * 60_000, hidden: Infinity };

export type Activity = { touchedAt: number; hiddenAt: number | undefined };

/**
 * By wall clock, because timers stop while a tablet sleeps. A clock set back counts as activity in the future: that
 * locks too, rather than never.
 */
export function shouldLock({ touchedAt, hiddenAt }: Activity, now: number, after: LockAfter): boolean {
	if (now < touchedAt - after.idle) return true;
	if (now - touchedAt >= after.idle) return true;
	return hiddenAt !== undefined && now - hiddenAt >= after.hidden;
}

const LOOK_EVERY = 5_000;

/** Watches this page and calls `lock` once. Returns how to stop. */
export function watchActivity(
	lock: () => void,
	now: () => number,
	after: LockAfter = LOCK_AFTER
): () => void {
	const activity: Activity = { touchedAt: now(), hiddenAt: document.hidden ? now() : undefined };
	const stopping = new AbortController();
	const look = () => {
		if (!shouldLock(activity, now(), after)) return;
		stop();
		lock();
	};
	const touch = () => {
		look();
		activity.touchedAt = now();
	};
	const show = () => {
		look();
		activity.hiddenAt = document.hidden ? now() : undefined;
	};
	const { signal } = stopping;
	for (const type of ['pointerdown', 'keydown', 'wheel'])
		addEventListener(type, touch, { signal, passive: true });
	document.addEventListener('visibilitychange', show, { signal });
	addEventListener('pageshow', look, { signal });
	const timer = setInterval(look, LOOK_EVERY);
	function stop() {
		clearInterval(timer);
		stopping.abort();
	}
	return stop;
}
