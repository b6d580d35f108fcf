import { daysBetween, plusDays } from '#lib/domain/calendar.ts';
import type { Values } from '#lib/domain/records.ts';
import type { Channel } from '#lib/domain/vocabulary.ts';
import { MINUTE, type Book } from './book.ts';
import { dayAt, instantAt } from './calendar.ts';
import { partners, type SiteKey } from './pau.ts';
import { followUpReasons, followUpResults } from './words.ts';

const channels: readonly Channel[] = [
	'call',
	'call',
	'call',
	'call',
	'call',
	'sms',
	'sms',
	'sms',
	'mail',
	'social',
	'visit'
];

type Promised = { youth: string; site: SiteKey; assignee: string; by: string; at: number; due: string };

/** A follow-up and, where its day has passed, how it went: mostly kept, sometimes let go, sometimes late or asleep. */
export function promise(book: Book, { youth, site, assignee, by, at, due }: Promised): void {
	const { random, today } = book;
	const channel = agreesToCall(book, { youth, site, by, at }) ? random.pick(channels) : 'visit';
	const late = daysBetween(due, today);
	const asleep = late > 0 && random.chance(0.06);
	const settled = !asleep && (late > 12 || (late > 0 && random.chance(0.7)));
	const done = settled && random.chance(0.88);
	const doneAt =
		instantAt(plusDays(due, Math.min(random.between(0, 3), late - 1)), '10:00') +
		random.between(0, 400) * MINUTE;
	const followUp = book.add('followUp', site, by, at, {
		youth,
		due,
		channel,
		reason: random.pick(followUpReasons),
		assignee,
		status: done ? 'done' : settled ? 'cancelled' : 'open',
		...(asleep && { asleepUntil: plusDays(today, random.between(5, 60)) }),
		...(done && { doneAt, result: random.pick(followUpResults) })
	});
	const attempt = (at: number, outcome: Values<'attempt'>['outcome']) =>
		book.add('attempt', site, assignee, at, { followUp, youth, at, channel, outcome });
	if (late > 0 && random.chance(done ? 0.35 : 0.6))
		attempt(
			instantAt(due, '09:30'),
			random.pick(['no-answer', 'no-answer', 'message-left', 'wrong-number'] as const)
		);
	if (done) attempt(doneAt, 'reached');
}

type Asked = { youth: string; site: SiteKey; by: string; at: number };

/** Nobody is promised a call who has not said yes to it: whoever was not asked before is asked now. */
export function agreesToCall(book: Book, { youth, site, by, at }: Asked): boolean {
	if (!book.callback.has(youth)) {
		const fields = { youth, about: 'callback', answer: 'given', on: dayAt(at), manner: 'spoken' } as const;
		book.add('consent', site, by, at - MINUTE, fields);
		book.callback.set(youth, 'given');
	}
	return book.callback.get(youth) === 'given';
}

/** What the youth agreed to at first contact; a few take it back later. */
export function writeConsents(book: Book, { youth, site, by, at }: Asked): void {
	const { random } = book;
	const on = dayAt(at);
	const manner = random.pick(['spoken', 'spoken', 'spoken', 'signed', 'signed', 'written'] as const);
	const say = (fields: Values<'consent'>, day: string, when: number) => {
		book.add('consent', site, by, when, { youth, on: day, manner, ...fields });
		if (fields.about === 'callback' && fields.answer) book.callback.set(youth, fields.answer);
	};
	say({ about: 'information', answer: 'given' }, on, at + MINUTE);
	if (random.chance(0.08)) {
		const answer = random.chance(0.9) ? 'given' : 'refused';
		say({ about: 'transfer', answer, to: random.pick(partners).name }, on, at + MINUTE);
	}
	if (!random.chance(0.5)) return;
	const callback = random.chance(0.92) ? 'given' : 'refused';
	say({ about: 'callback', answer: callback }, on, at + MINUTE);
	const later = plusDays(on, random.between(20, 90));
	if (callback === 'given' && later < book.today && random.chance(0.04))
		say({ about: 'callback', answer: 'withdrawn' }, later, instantAt(later, '11:00'));
}
