import { languagesInText } from './language-names.ts';
import { SCHEMA_VERSION, type Kind, type PastValue } from './records.ts';

/*
 * [P7] Records written under older shapes. A step goes from one version to the next one; it is pure and total: what it does
 * not know it gives back as it is, and nothing that somebody wrote gets lost. The server's migration, the tablet's sealed
 * pages and queued operations (`protocol/upgrade.ts`) all go through the same steps, so that they end equal, byte for
 * byte. A step is never changed once it has served, and kept for 180 days at least.
 */
type Fields = Record<string, unknown>;
type Step = {
	fields: (kind: Kind, fields: Fields) => Fields;
	past: (kind: Kind, value: PastValue) => PastValue;
};

/** By the version that a step starts from. */
const steps: Readonly<Record<number, Step>> = {
	1: { fields: languagesAsCodes, past: languagesAsText }
};

/** The fields of a record that was written under version `from`, as version `to` has them. Throws when a step is missing. */
export function upgradeFields(kind: Kind, fields: Fields, from: number, to: number = SCHEMA_VERSION): Fields {
	return stepsBetween(from, to).reduce((current, step) => step.fields(kind, current), fields);
}

/** Its replaced and lost values likewise: as many, in the same order. Throws when a step is missing. */
export function upgradePast(
	kind: Kind,
	past: PastValue[],
	from: number,
	to: number = SCHEMA_VERSION
): PastValue[] {
	return stepsBetween(from, to).reduce(
		(current, step) => current.map((value) => step.past(kind, value)),
		past
	);
}

function stepsBetween(from: number, to: number): Step[] {
	const needed: Step[] = [];
	for (let version = from; version < to; version++) {
		const step = steps[version];
		if (!step) throw new Error(`no upgrade of records from version ${version}`);
		needed.push(step);
	}
	return needed;
}

/**
 * 1 → 2: the languages of a youth were one text. What names a language becomes its code, the rest stays as text in
 * `otherLanguages`. A text that version 1 would have refused is given back, to be refused in its turn.
 */
function languagesAsCodes(kind: Kind, fields: Fields): Fields {
	const { languages, ...others } = fields;
	const found = kind === 'youth' ? languagesOfVersion1(languages) : undefined;
	if (!found) return fields;
	return {
		...others,
		...(found.codes.length > 0 && { languages: found.codes }),
		...(found.rest !== undefined && { otherLanguages: found.rest })
	};
}

/** A replaced value stays the text that it was, as a value of the field where texts are now. */
function languagesAsText(kind: Kind, value: PastValue): PastValue {
	const isText = kind === 'youth' && value.field === 'languages' && !Array.isArray(value.value);
	return isText ? { ...value, field: 'otherLanguages' } : value;
}

/** `undefined` for what is not a text of version 1. */
export function languagesOfVersion1(value: unknown): ReturnType<typeof languagesInText> | undefined {
	return typeof value === 'string' && value.length > 0 && value.length <= 120
		? languagesInText(value)
		: undefined;
}
