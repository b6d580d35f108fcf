import * as z from 'zod/mini';
import { clock, count, day, instant, recordId, scalar, set, text } from './field.ts';
import { ageBand, appointmentStatuses, dimension, gender } from './vocabulary.ts';

/** A recurring weekly opening of a site. `weekday` is ISO: 1 = Monday … 7 = Sunday. */
export const slotFields = {
	weekday: scalar(z.int().check(z.gte(1), z.lte(7))),
	start: scalar(clock),
	end: scalar(clock),
	staff: set(recordId),
	from: scalar(day),
	until: scalar(day)
};

/** One dated, staffed opening of a site. */
export const openingFields = {
	slot: scalar(recordId),
	date: scalar(day),
	plannedStart: scalar(clock),
	plannedEnd: scalar(clock),
	openedAt: scalar(instant),
	closedAt: scalar(instant),
	staff: set(recordId),
	remarks: scalar(text(2000)),
	voided: scalar(text(200))
};

/** One youth received at an opening; without `youth` the visit is anonymous and `label` may say what to call them. */
export const visitFields = {
	opening: scalar(recordId),
	youth: scalar(recordId),
	label: scalar(text(80)),
	ageBand: scalar(ageBand),
	gender: scalar(gender),
	at: scalar(instant),
	mode: scalar(z.enum(['walk-in', 'appointment'])),
	appointment: scalar(recordId),
	status: scalar(z.enum(['waiting', 'present', 'absent', 'postponed'])),
	motives: set(dimension),
	/** Minutes. */
	duration: scalar(count),
	decided: scalar(text(1000)),
	nextStep: scalar(text(300)),
	nextOn: scalar(day),
	voided: scalar(text(200))
};

export const appointmentFields = {
	youth: scalar(recordId),
	date: scalar(day),
	time: scalar(clock),
	with: scalar(recordId),
	reason: scalar(text(300)),
	status: scalar(z.enum(appointmentStatuses)),
	voided: scalar(text(200))
};
