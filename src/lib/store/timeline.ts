import type { Row } from '#lib/domain/records.ts';
import type { Store } from './port.ts';

type Kinds = 'visit' | 'encounter' | 'note' | 'attempt' | 'appointment' | 'consent' | 'followUp';
/** `at` is ms UTC; `day` stands for it where only a calendar day is known (an appointment, an agreement). */
export type TimelineRow = { row: { [K in Kinds]: Row<K> }[Kinds]; at: number; day?: string | undefined };

/** Everything that happened with a youth, newest first. */
export function timelineOf(store: Store, youth: string): TimelineRow[] {
	const rows: TimelineRow[] = [
		...store.linked('visit', youth).map(dated),
		...store.linked('encounter', youth).map(dated),
		...store.linked('note', youth).map(dated),
		...store.linked('attempt', youth).map(dated),
		...store.linked('appointment', youth).map((row) => {
			const { date, time = '12:00' } = row.fields;
			return { row, at: date ? Date.parse(`${date}T${time}:00Z`) : row.at, day: date };
		}),
		...store.linked('consent', youth).map((row) => ({ row, at: row.at, day: row.fields.on })),
		...store
			.linked('followUp', youth)
			.filter(({ fields }) => fields.status === 'done')
			.map((row) => ({ row, at: row.fields.doneAt ?? row.at }))
	];
	return rows.sort((a, b) => b.at - a.at);
}

const dated = <R extends { at: number; fields: { at?: number } }>(row: R) => ({
	row,
	at: row.fields.at ?? row.at
});

/** The latest moment at which a youth was met (ms UTC), to sort lists by. */
export function lastMet(store: Store, youth: Row<'youth'>): number {
	let last = youth.at;
	for (const kind of ['visit', 'encounter'] as const)
		for (const { fields, at } of store.linked(kind, youth.id))
			if (!fields.voided) last = Math.max(last, fields.at ?? at);
	return last;
}
