import type { Kind, Row } from '#lib/domain/records.ts';
import type { Store } from './port.ts';

const kinds = ['visit', 'encounter', 'note', 'attempt', 'appointment', 'consent', 'followUp'] as const satisfies readonly Kind[];
export type TimelineRow = { [K in (typeof kinds)[number]]: { row: Row<K>; at: number; day?: string } }[(typeof kinds)[number]];

/**
 * Everything that happened with a youth, newest first. `at` is ms UTC; `day` stands for it where only a calendar day is
 * known (an appointment, an agreement).
 */
export function timelineOf(store: Store, youth: string): TimelineRow[] {
	const rows: TimelineRow[] = [];
	for (const kind of kinds)
		for (const row of store.linked(kind, youth)) {
			if (row.kind === 'appointment' || row.kind === 'consent') {
				const day = row.kind === 'appointment' ? row.fields.date : row.fields.on;
				const time = row.kind === 'appointment' ? (row.fields.time ?? '12:00') : '12:00';
				const at = row.kind === 'consent' ? row.at : day ? Date.parse(`${day}T${time}:00Z`) : row.at;
				rows.push({ row, at, ...(day && { day }) } as TimelineRow);
			} else if (row.kind === 'followUp') {
				if (row.fields.status === 'done') rows.push({ row, at: row.fields.doneAt ?? row.at });
			} else rows.push({ row, at: row.fields.at ?? row.at } as TimelineRow);
		}
	return rows.sort((a, b) => b.at - a.at);
}

/** The latest moment at which a youth was met (ms UTC), to sort lists by. */
export function lastMet(store: Store, youth: Row<'youth'>): number {
	let last = youth.at;
	for (const kind of ['visit', 'encounter'] as const)
		for (const { fields, at } of store.linked(kind, youth.id)) if (!fields.voided) last = Math.max(last, fields.at ?? at);
	return last;
}
