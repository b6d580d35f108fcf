import { namedLanguages } from '#lib/domain/language-names.ts';
import { SCHEMA_VERSION } from '#lib/domain/records.ts';
import { languagesOfVersion1, upgradeFields } from '#lib/domain/upgrade.ts';
import { operation as operationShape, type Operation } from './operation.ts';

/*
 * [P7] Operations queued by an older app. Each step is a pure function from one version's shape to the next one's and is
 * kept for 180 days at least: a tablet may come back after a summer with a full queue. An operation travels and is
 * journalled as it was written; it is brought up to date by whoever applies it or shows it.
 */

/** An operation as JSON, before it is checked against today's shapes. */
export type RawOperation = Record<string, unknown>;
type Steps = Readonly<Record<number, (operation: RawOperation) => RawOperation>>;

/** By the version that a step starts from. */
export const upgrades: Steps = { 1: withLanguagesAsSet };

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

/**
 * A queued operation as today's screens and projections read it. One that was never valid is given back as it is: the
 * server will refuse it and say why.
 */
export function upToDate(queued: Operation): Operation {
	if (queued.v >= SCHEMA_VERSION) return queued;
	const parsed = operationShape.safeParse(upgradeOperation(queued, queued.v));
	return parsed.success ? parsed.data : queued;
}

/**
 * 1 → 2: a youth's languages become a set, what no code says goes to `otherLanguages`. To set the text meant to replace it,
 * so the other languages that its editor had in view leave the set; those that a colleague added meanwhile stay [P5.4].
 * To erase it (`null`) empties both.
 */
function withLanguagesAsSet(operation: RawOperation): RawOperation {
	const { changes } = operation;
	return Array.isArray(changes) ? { ...operation, changes: changes.flatMap(changeOfVersion2) } : operation;
}

function changeOfVersion2(change: unknown): unknown[] {
	if (!isObject(change) || change['kind'] !== 'youth' || !isObject(change['fields'])) return [change];
	const { fields } = change;
	if (change['do'] === 'create') return [{ ...change, fields: upgradeFields('youth', fields, 1, 2) }];
	return change['do'] === 'set' ? assignmentOfVersion2(change, fields) : [change];
}

function assignmentOfVersion2(change: RawOperation, given: RawOperation): unknown[] {
	const { languages, ...others } = given;
	const found = languages === null ? { codes: [], rest: undefined } : languagesOfVersion1(languages);
	if (!found) return [change];
	const { id, seen } = change;
	const inSet = { kind: 'youth', id, field: 'languages' };
	const left = namedLanguages.filter((code) => !found.codes.includes(code));
	return [
		{ do: 'remove', ...inSet, seen, values: left },
		...(found.codes.length > 0 ? [{ do: 'add', ...inSet, values: found.codes }] : []),
		{ ...change, fields: { ...others, otherLanguages: found.rest ?? null } }
	];
}

const isObject = (value: unknown): value is RawOperation =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
