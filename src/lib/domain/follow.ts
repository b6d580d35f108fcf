import * as z from 'zod/mini';
import { day, flag, instant, recordId, scalar, text } from './field.ts';
import { channel } from './vocabulary.ts';

/** A dated promise to contact; asleep until a day is normal (temporalité des jeunes), never a blame. */
export const followUpFields = {
	youth: scalar(recordId),
	due: scalar(day),
	channel: scalar(channel),
	reason: scalar(text(300)),
	assignee: scalar(recordId),
	status: scalar(z.enum(['open', 'done', 'cancelled'])),
	asleepUntil: scalar(day),
	doneAt: scalar(instant),
	result: scalar(text(300))
};

/** One try at keeping a follow-up. */
export const attemptFields = {
	followUp: scalar(recordId),
	youth: scalar(recordId),
	at: scalar(instant),
	channel: scalar(channel),
	outcome: scalar(z.enum(['reached', 'no-answer', 'message-left', 'wrong-number'])),
	remarks: scalar(text(300))
};

/** What the youth agreed to or refused; the latest record of an `about` (and `to`) counts. */
export const consentFields = {
	youth: scalar(recordId),
	about: scalar(z.enum(['callback', 'transfer', 'information'])),
	answer: scalar(z.enum(['given', 'refused', 'withdrawn'])),
	on: scalar(day),
	manner: scalar(z.enum(['spoken', 'signed', 'written'])),
	to: scalar(text(160))
};

/** Append-only. A confidential note lives in its author's own scope (`user:<id>`), not at a site. */
export const noteFields = {
	youth: scalar(recordId),
	text: scalar(text(4000)),
	at: scalar(instant),
	confidential: scalar(flag),
	/** The note that this one corrects. */
	amends: scalar(recordId)
};
