import { plusDays } from '#lib/domain/calendar.ts';
import { MINUTE, type Book } from './book.ts';
import { instantAt } from './calendar.ts';
import { agreesToCall } from './follow.ts';
import { sites } from './pau.ts';
import type { HalfDay } from './permanences.ts';
import { peopleBySite, type Person } from './reception.ts';
import { appointmentReasons, confidentialNotes, followUpReasons } from './words.ts';

/** Who tries the demonstration finds something due on the day itself; a third each is due today, late, and to come. */
const due: Record<string, number> = { conseillere: 9, conseiller: 9, maraude: 9, accueil: 3, responsable: 3 };

/** Appointments made for today and the next days. */
export function writeAppointments(book: Book, coming: HalfDay[], people: Person[]): void {
	const { random, today } = book;
	const known = peopleBySite(people);
	for (const { site, date, start, end, staff } of coming) {
		const few = sites.find(({ key }) => key === site)?.kind === 'permanence';
		const invited = random
			.shuffled(known.get(site) ?? [])
			.slice(0, few ? random.between(1, 2) : random.between(2, 4));
		const opens = instantAt(date, start);
		const halfHours = (instantAt(date, end) - opens) / (30 * MINUTE);
		invited.forEach((person, i) => {
			const minutes = Math.floor((halfHours / invited.length) * i) * 30;
			const time = clock(Number(start.slice(0, 2)) * 60 + minutes);
			const by = staff[i % staff.length]!;
			const at = instantAt(plusDays(today, -random.between(1, 9)), '14:30') + random.between(0, 120) * MINUTE;
			const reason = random.pick(appointmentReasons);
			book.add('appointment', site, by, at, {
				youth: person.id,
				date,
				time,
				with: by,
				reason,
				status: 'planned'
			});
		});
	}
}

const clock = (minutes: number): string =>
	`${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Follow-ups around today for each account of the demonstration. */
export function writeDue(book: Book, people: Person[]): void {
	const { random, today } = book;
	const known = peopleBySite(people);
	for (const [account, count] of Object.entries(due)) {
		const member = book.named(account);
		const reachable = (known.get(member.sites[0]!) ?? []).filter(
			({ fields }) => typeof fields.phone === 'string'
		);
		random
			.shuffled(reachable)
			.slice(0, count)
			.forEach((person, i) => {
				const days = [0, -random.between(1, 4), random.between(1, 6)][i % 3]!;
				const at = instantAt(plusDays(today, -random.between(6, 14)), '11:40');
				const asked = { youth: person.id, site: person.site, by: member.id, at };
				book.add('followUp', person.site, member.id, at, {
					youth: person.id,
					due: plusDays(today, days),
					channel: agreesToCall(book, asked) ? random.pick(['call', 'call', 'sms'] as const) : 'visit',
					reason: random.pick(followUpReasons),
					assignee: member.id,
					status: 'open'
				});
			});
	}
}

/** Notes that only their author reads. */
export function writeConfidentialNotes(book: Book, people: Person[]): void {
	const { random, today } = book;
	for (const member of [book.named('conseillere'), book.named('conseiller')]) {
		const theirs = people.filter(({ referent }) => referent === member.id);
		for (const person of random.shuffled(theirs).slice(0, 12)) {
			const at = instantAt(plusDays(today, -random.between(2, 200)), '17:10');
			const text = random.pick(confidentialNotes);
			book.add('note', member, member.id, at, { youth: person.id, text, at, confidential: true });
		}
	}
}
