import { count, day, flag, instant, recordId, scalar, set, tally, text } from './field.ts';
import { ageBand, dimension, gender, given, occupation } from './vocabulary.ts';

/** A dated outreach action at a spot; the four tallies are anonymous. */
export const outingFields = {
	spot: scalar(recordId),
	/** What the place is called when it is not in the list. */
	spotLabel: scalar(text(120)),
	date: scalar(day),
	startedAt: scalar(instant),
	endedAt: scalar(instant),
	team: set(recordId),
	partners: set(recordId),
	partnerLabel: scalar(text(160)),
	remarks: scalar(text(2000)),
	approached: tally(),
	flyers: tally(),
	declined: tally(),
	oriented: tally(),
	voided: scalar(text(200))
};

/** One contact, of one youth or a small group, anonymous or (with `youth`) named. */
export const encounterFields = {
	outing: scalar(recordId),
	at: scalar(instant),
	size: scalar(count),
	ageBand: scalar(ageBand),
	gender: scalar(gender),
	occupation: scalar(occupation),
	topics: set(dimension),
	given: set(given),
	orientedTo: scalar(text(160)),
	youth: scalar(recordId),
	callback: scalar(flag),
	remarks: scalar(text(600)),
	voided: scalar(text(200))
};
