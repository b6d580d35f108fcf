import { SCHEMA_VERSION } from '#lib/domain/records.ts';

/*
 * [P7] Operations queued by an older app. Each step is a pure function from one version's shape to the next one's and is
 * kept for 180 days at least: a tablet may come back after a summer with a full queue.
 */

/** An operation as JSON, before it is checked against today's shapes. */
export type RawOperation = Record<string, unknown>;
type Steps = Readonly<Record<number, (operation: RawOperation) => RawOperation>>;

/** By the version that a step starts from. Empty: the shapes have had one version so far. */
export const upgrades: Steps = {};

/** Throws when a step is missing: that is a defect of this build, not of the operation. */
export function upgradeOperation(
	operation: RawOperation,
	from: number,
	to: number = SCHEMA_VERSION,
	steps: Steps = upgrades
): RawOperation {
	let current = operation;
	for (let version = from; version < to; version++) {
		const step = steps[version];
		if (!step) throw new Error(`no upgrade of operations from version ${version}`);
		current = { ...step(current), v: version + 1 };
	}
	return current;
}
