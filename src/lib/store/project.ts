import type { Change } from '#lib/domain/change.ts';
import { fieldSpec, type Kind, type PastValue, type Row, type Values } from '#lib/domain/records.ts';

/** An operation as far as projection reads it. */
export type Projected = { n: number; at: number; changes: Change[] };

const PAST_KEPT = 50;

/**
 * What the screens show of a record: the server's row with the changes on top that it doesn't contain yet. The server
 * decides in the end [P5]; until then the tablet shows its own holder's word. Nothing given is changed.
 */
export function project(
	base: Row | undefined,
	id: string,
	operations: Iterable<Projected>,
	by: string
): Row | undefined {
	let row = base;
	const own = new Map<string, number>();
	for (const { at, changes } of operations)
		for (const change of changes) if (change.id === id) row = applied(row, change, { at, by, own });
	return row;
}

/** `own`: when this tablet's own changes wrote a field, so that a value they replace is dated by what wrote it. */
type Hand = { at: number; by: string; own: Map<string, number> };

function applied(row: Row | undefined, change: Change, hand: Hand): Row | undefined {
	if (change.do === 'create') return row ?? created(change, hand);
	if (!row || row.kind !== change.kind) return row;
	const before: Record<string, unknown> = row.fields;
	switch (change.do) {
		case 'set':
			return assigned(row, change.fields, hand);
		case 'add':
			return withField(row, change.field, members([...membersOf(before[change.field]), ...change.values]));
		case 'remove': {
			const held = membersOf(before[change.field]);
			const kept = held.filter((value) => !change.values.includes(String(value)));
			// Taking away what is not there leaves the field as it is, unset too: so does the server.
			return kept.length === held.length ? row : withField(row, change.field, members(kept));
		}
		case 'count': {
			const old = before[change.field];
			return withField(row, change.field, (typeof old === 'number' ? old : 0) + change.by);
		}
		case 'move':
			return { ...row, site: change.site };
		case 'delete':
			return undefined;
	}
}

function created({ kind, id, site, fields }: Extract<Change, { do: 'create' }>, { at, by }: Hand): Row {
	const values = Object.entries(fields).map(([name, value]) => [name, asStored(kind, name, value)]);
	return { kind, id, site, rev: 0, by, at, fields: Object.fromEntries(values) };
}

function assigned(row: Row, given: Record<string, unknown>, { at, by, own }: Hand): Row {
	const fields: Record<string, unknown> = { ...row.fields };
	const past: PastValue[] = [];
	for (const [field, value] of Object.entries(given)) {
		const old = fields[field];
		if (same(old, value ?? undefined)) continue;
		const ownAt = own.get(field);
		if (old !== undefined)
			past.push({
				field,
				value: old,
				at: ownAt ?? row.at,
				by: ownAt === undefined ? row.by : by,
				why: 'edit'
			});
		if (value === null) delete fields[field];
		else fields[field] = value;
		own.set(field, at);
	}
	const next = { ...row, fields: fields as Values };
	return past.length ? { ...next, past: [...(row.past ?? []), ...past].slice(-PAST_KEPT) } : next;
}

const withField = (row: Row, field: string, value: unknown): Row => ({
	...row,
	fields: { ...row.fields, [field]: value }
});
const membersOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
/** Sets are kept as the server keeps them: sorted, each member once. */
const members = (values: unknown[]): unknown[] => [...new Set(values)].sort();
const asStored = (kind: Kind, name: string, value: unknown): unknown =>
	fieldSpec(kind, name)?.merge === 'set' ? members(membersOf(value)) : value;
const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
