import * as z from 'zod/mini';
import { day, flag, known, recordId, scalar, set, text } from './field.ts';
import { ageBand, dimension, gender, housing, language, occupation, qualification } from './vocabulary.ts';

/** A person's file. Every field is optional: a nickname heard at a market is already a file (accueil inconditionnel). */
export const youthFields = {
	firstName: scalar(text(80)),
	lastName: scalar(text(80)),
	nickname: scalar(text(80)),
	birthDate: scalar(known(day)),
	ageBand: scalar(ageBand),
	gender: scalar(known(gender)),
	/** E.164 (`+33612345678`). */
	phone: scalar(known(text(20))),
	email: scalar(known(text(160))),
	social: scalar(known(text(120))),
	commune: scalar(known(text(80))),
	address: scalar(known(text(200))),
	housing: scalar(known(housing)),
	qualification: scalar(known(qualification)),
	occupation: scalar(known(occupation)),
	/** Recognised disabled worker: the age limit moves to 29. */
	rqth: scalar(known(flag)),
	languages: set(language),
	/** What no code of `language` says: a dialect, "un peu de français". */
	otherLanguages: scalar(text(120)),
	needs: set(dimension),
	referent: scalar(recordId),
	firstContactOn: scalar(day),
	metThrough: scalar(z.enum(['outing', 'opening', 'other'])),
	/** What was typed and can't be true (a phone too short, a birth in the future), by field name: kept to be checked, never thrown away. */
	toCheck: scalar(z.record(text(40), text(200))),
	voided: scalar(text(200))
};
