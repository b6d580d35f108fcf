import type { Change } from '#lib/domain/change.ts';
import type { Kind } from '#lib/domain/records.ts';
import { t } from '#lib/messages/current.ts';
import type { QueueEntry, Store } from '#lib/store/port.ts';

/** Whether a name is one of the counters of an outing. */
const isTally = (name: string): name is keyof typeof t.device.tally => Object.hasOwn(t.device.tally, name);

/** The record that a queued action is about: what it creates last stands for the whole. */
function main(changes: Change[]): Change | undefined {
	const weight: Partial<Record<Kind, number>> = {
		encounter: 5,
		visit: 5,
		opening: 4,
		outing: 4,
		note: 4,
		youth: 3,
		appointment: 2
	};
	return [...changes].sort((a, b) => (weight[b.kind] ?? 0) - (weight[a.kind] ?? 0))[0];
}

function text(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

/** How the person or the place concerned is called, as far as this tablet knows. */
function nameOf(store: Store, change: Change): string {
	const fields: Record<string, unknown> = {
		...store.get(change.kind, change.id)?.fields,
		...(change.do === 'create' && change.fields)
	};
	const youth = change.kind === 'youth' ? fields : store.get('youth', text(fields['youth']))?.fields;
	if (youth)
		return (
			[youth.firstName, youth.lastName].filter(Boolean).join(' ') ||
			text(youth.nickname) ||
			t.vocabulary.unnamed
		);
	const site = store.get('site', text(fields['spot']) || (store.get(change.kind, change.id)?.site ?? ''));
	return (
		text(fields['label']) ||
		text(fields['name']) ||
		text(fields['spotLabel']) ||
		(site?.fields.shortName ?? site?.fields.name ?? '')
	);
}

/** One line of plain words for one queued action. */
export function describe(store: Store, entry: QueueEntry): string {
	const change = main(entry.changes);
	if (!change) return '';
	const { line, tally } = t.device;
	if (change.do === 'count')
		return line.count(isTally(change.field) ? tally[change.field] : change.field, change.by);
	const kind = t.vocabulary.kind[change.kind];
	const name = nameOf(store, change);
	const words = change.do === 'create' ? line.create(kind, name) : line.edit(kind, name);
	return words + line.and(new Set(entry.changes.map(({ id }) => id)).size - 1);
}

/** Where a refused action can be looked at and corrected. */
export function addressOf(store: Store, entry: QueueEntry): string | undefined {
	const change = main(entry.changes);
	if (!change) return undefined;
	const row = store.get(change.kind, change.id);
	const youth =
		change.kind === 'youth' ? row?.id : row && 'youth' in row.fields ? text(row.fields.youth) : undefined;
	return youth ? `/jeunes/${youth}` : undefined;
}
