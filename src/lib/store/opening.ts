import { assign, create, type Change } from '#lib/domain/change.ts';
import type { Row } from '#lib/domain/records.ts';
import type { Saved, Store } from './port.ts';

type Opening = Row<'opening'>;

/** A slot of today with the opening that it became, if it did. */
export type ProposedSlot = { slot: Row<'slot'>; opening: Opening | undefined };

/** @param weekday ISO, 1 = Monday */
export function slotsOn(store: Store, day: string, weekday: number): ProposedSlot[] {
	const openings = openingsOn(store, day);
	const mine = new Set(store.holder.sites);
	return [...store.all('slot').values()]
		.filter(({ fields, site }) => {
			const { from, until } = fields;
			return (
				fields.weekday === weekday && mine.has(site) && (!from || from <= day) && (!until || day <= until)
			);
		})
		.map((slot) => ({ slot, opening: openings.find(({ fields }) => fields.slot === slot.id) }))
		.sort(
			(a, b) =>
				nearness(store, b.slot) - nearness(store, a.slot) ||
				(a.slot.fields.start ?? '').localeCompare(b.slot.fields.start ?? '')
		);
}

/** A slot that names the holder comes first, then their home site. */
const nearness = ({ holder }: Store, { fields, site }: Row<'slot'>) =>
	(fields.staff?.includes(holder.user) ? 2 : 0) + (site === holder.sites[0] ? 1 : 0);

export const openingsOn = (store: Store, day: string): Opening[] =>
	[...store.all('opening').values()]
		.filter(({ fields }) => fields.date === day && !fields.voided)
		.sort((a, b) => (a.fields.openedAt ?? 0) - (b.fields.openedAt ?? 0));

/** The opening that the holder holds today. */
export const myOpening = (store: Store, day: string): Opening | undefined =>
	openingsOn(store, day).find(
		({ fields, by }) =>
			fields.openedAt !== undefined &&
			fields.closedAt === undefined &&
			(by === store.holder.user || fields.staff?.includes(store.holder.user))
	);

/** Opened before `day` and never closed. */
export const forgottenOpenings = (store: Store, day: string): Opening[] =>
	[...store.all('opening').values()].filter(
		({ fields, by }) =>
			by === store.holder.user &&
			(fields.date ?? day) < day &&
			fields.openedAt !== undefined &&
			fields.closedAt === undefined &&
			!fields.voided
	);

export const pastOpenings = (store: Store, day: string, most: number): Opening[] =>
	[...store.all('opening').values()]
		.filter(({ fields }) => fields.closedAt !== undefined && !fields.voided && (fields.date ?? '') <= day)
		.sort(
			(a, b) =>
				(b.fields.date ?? '').localeCompare(a.fields.date ?? '') ||
				(b.fields.openedAt ?? 0) - (a.fields.openedAt ?? 0)
		)
		.slice(0, most);

/** Opens a slot, an opening that was planned, or a site out of the calendar. */
export async function openSite(
	store: Store,
	where: { slot: Row<'slot'> } | { site: string },
	date: string
): Promise<{ saved: Saved; id: string }> {
	const { user } = store.holder;
	const openedAt = store.now();
	const slot = 'slot' in where ? where.slot : undefined;
	const planned = slot && openingsOn(store, date).find(({ fields }) => fields.slot === slot.id);
	if (planned) {
		const changes: Change[] = [assign(planned, { openedAt, closedAt: null })];
		changes.push({ do: 'add', kind: 'opening', id: planned.id, field: 'staff', values: [user] });
		return { saved: await store.commit(changes), id: planned.id };
	}
	const id = store.newId();
	const fields = {
		slot: slot?.id,
		date,
		plannedStart: slot?.fields.start,
		plannedEnd: slot?.fields.end,
		openedAt,
		staff: [user]
	};
	return {
		saved: await store.commit([
			create('opening', id, slot?.site ?? ('site' in where ? where.site : store.homeSite()), fields)
		]),
		id
	};
}

export const closeOpening = (store: Store, row: Opening) =>
	store.commit([assign(row, { closedAt: store.now() })]);
export const reopen = (store: Store, row: Opening) => store.commit([assign(row, { closedAt: null })]);

export function siteName(store: Store, site: string): string {
	const fields = store.get('site', site)?.fields;
	return fields?.shortName ?? fields?.name ?? '';
}

export type DaySheet = {
	received: number;
	walkIns: number;
	byAppointment: number;
	absent: number;
	postponed: number;
	firstVisits: number;
	minutes: number;
	motives: [motive: string, count: number][];
};

/** What an opening comes to; voided visits don't count, and neither do those who still wait. */
export function daySheetOf(store: Store, opening: Opening): DaySheet {
	const sheet = {
		received: 0,
		walkIns: 0,
		byAppointment: 0,
		absent: 0,
		postponed: 0,
		firstVisits: 0,
		minutes: 0
	};
	const motives = new Map<string, number>();
	for (const { fields } of store.linked('visit', opening.id)) {
		if (fields.voided) continue;
		if (fields.status === 'absent') sheet.absent++;
		if (fields.status === 'postponed') sheet.postponed++;
		if (fields.status !== 'present') continue;
		sheet.received++;
		if (fields.mode === 'appointment') sheet.byAppointment++;
		else sheet.walkIns++;
		sheet.minutes += fields.duration ?? 0;
		if (fields.youth && store.get('youth', fields.youth)?.fields.firstContactOn === opening.fields.date)
			sheet.firstVisits++;
		for (const motive of fields.motives ?? []) motives.set(motive, (motives.get(motive) ?? 0) + 1);
	}
	return { ...sheet, motives: [...motives].sort((a, b) => b[1] - a[1]) };
}
