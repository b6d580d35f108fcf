import type { TabletSeen } from '#lib/protocol/tablets.ts';
import type { Store } from './port.ts';

/*
 * What the server last told of the organisation's tablets, kept sealed so that the screens which say « sauf 2 tablettes »
 * also do without network.
 */
export type TabletsKnown = { at: number; tablets: TabletSeen[] };

const KEY = 'tablets-seen';
const DAY = 24 * 3600 * 1000;
/** A tablet silent for longer is out of use: it is listed, and no figure waits for it. */
const IN_USE = 60 * DAY;
/** Days without contact after which a tablet is worth a word. */
const SILENT = 3;

export async function rememberTablets(store: Store, tablets: TabletSeen[]): Promise<TabletsKnown> {
	const known = { at: store.now(), tablets };
	await store.writeDraft(KEY, known);
	return known;
}

export async function knownTablets(store: Store): Promise<TabletsKnown | undefined> {
	const kept = await store.readDraft(KEY);
	return isKnown(kept) ? kept : undefined;
}

const isKnown = (value: unknown): value is TabletsKnown =>
	typeof value === 'object' && value !== null && 'tablets' in value && Array.isArray(value.tablets);

export type TabletState = 'waiting' | 'silent' | 'fine';

/** `waiting`: has changes that the server lacks, as far as it knows; `silent`: no contact for days, so nobody knows. */
export function stateOf({ waiting, lastSeen }: TabletSeen, now: number): TabletState {
	if (waiting > 0) return 'waiting';
	return now - lastSeen > SILENT * DAY ? 'silent' : 'fine';
}

/** Those that need a look first, then by last contact. */
export function inOrderOfCare(tablets: TabletSeen[], now: number): TabletSeen[] {
	const rank: Record<TabletState, number> = { waiting: 0, silent: 1, fine: 2 };
	return tablets.toSorted((a, b) => rank[stateOf(a, now)] - rank[stateOf(b, now)] || b.lastSeen - a.lastSeen);
}

/**
 * The tablets whose work may be missing from figures that go up to `until` (ms UTC): they hold changes back, or have not been
 * heard since. Those out of use are left out.
 * @param users whose work the figures count; everybody's when undefined
 * @param but this tablet, which shows its own work anyway
 */
export function missingFrom(
	{ at, tablets }: TabletsKnown,
	until: number,
	{ users, but }: { users?: ReadonlySet<string>; but?: string } = {}
): TabletSeen[] {
	return tablets.filter(
		({ device, user, waiting, lastSeen }) =>
			device !== but &&
			(!users || users.has(user)) &&
			at - lastSeen < IN_USE &&
			(waiting > 0 || lastSeen < until)
	);
}
