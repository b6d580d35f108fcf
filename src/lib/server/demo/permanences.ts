import { plusDays, weekdayOf } from '#lib/domain/calendar.ts';
import { MINUTE, type Book } from './book.ts';
import { instantAt, isClosed } from './calendar.ts';
import { halfDays, sites, type SiteKey } from './pau.ts';
import { openingRemarks } from './words.ts';

/** One half-day: of the past, then `id` is the opening's; or of today and later, not opened yet. */
export type HalfDay = {
	id: string;
	site: SiteKey;
	date: string;
	start: string;
	end: string;
	staff: string[];
};
type Slot = Omit<HalfDay, 'date'> & { weekday: number; only?: string };

/** The weekly slots of every place, the openings that were held, and the half-days to come. */
export function writePermanences(book: Book): { held: HalfDay[]; coming: HalfDay[] } {
	const slots = sites.flatMap(({ key }) =>
		halfDays[key].map(([weekday, start, end]) => writeSlot(book, { site: key, weekday, start, end }))
	);
	// On a day when nobody works, somebody who tries the demonstration should still find a permanence to open.
	if (weekdayOf(book.today) > 5 || isClosed(book.today)) {
		const exceptional = { weekday: weekdayOf(book.today), start: '10:00', end: '12:00', only: book.today };
		for (const site of ['siege', 'nay'] as const) slots.push(writeSlot(book, { site, ...exceptional }));
	}
	const all = slots.flatMap((slot) => halfDaysOf(book, slot));
	return {
		held: all
			.filter(({ date }) => date < book.today)
			.map((half) => ({ ...half, id: writeOpening(book, half) })),
		coming: all.filter(({ date }) => date >= book.today)
	};
}

function writeSlot(book: Book, slot: Omit<Slot, 'id' | 'staff'>): Slot {
	const { site, weekday, start, end, only } = slot;
	const counsellors = book.random.shuffled(book.counsellorsOf(site)).slice(0, site === 'siege' ? 3 : 2);
	const reception = book.members.filter((m) => m.role === 'reception' && m.sites[0] === site).slice(0, 1);
	const staff = [...counsellors, ...reception].map((m) => m.id);
	const fields = { weekday, start, end, staff, from: only ?? plusDays(book.from, -30), until: only };
	return { ...slot, staff, id: book.add('slot', site, book.named('admin').id, book.start, fields) };
}

function halfDaysOf(book: Book, slot: Slot): HalfDay[] {
	const { id, site, weekday, start, end, only } = slot;
	const days: HalfDay[] = [];
	for (let date = only ?? book.from; date <= (only ?? book.ahead); date = plusDays(date, 1)) {
		if (weekdayOf(date) !== weekday || (!only && isShut(site, date))) continue;
		if (date < book.today && book.random.chance(0.03)) continue;
		const staff = book.random.shuffled(slot.staff).slice(0, site === 'siege' ? 3 : 2);
		days.push({ id, site, date, start, end, staff });
	}
	return days;
}

/** Holidays; and the small places rest in the first weeks of August. */
function isShut(site: SiteKey, date: string): boolean {
	const rests = sites.find(({ key }) => key === site)?.kind === 'permanence';
	return isClosed(date) || (rests && date.slice(5) >= '08-01' && date.slice(5) <= '08-21');
}

function writeOpening(book: Book, { id, site, date, start, end, staff }: HalfDay): string {
	const { random } = book;
	const openedAt = instantAt(date, start) + random.between(-10, 0) * MINUTE;
	return book.add('opening', site, staff[0]!, openedAt, {
		slot: id,
		date,
		plannedStart: start,
		plannedEnd: end,
		openedAt,
		closedAt: instantAt(date, end) + random.between(-5, 25) * MINUTE,
		staff,
		remarks: random.chance(0.06) ? random.pick(openingRemarks) : undefined
	});
}
