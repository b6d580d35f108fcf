import * as z from 'zod/mini';
import { flag, recordId, scalar, set, text } from './field.ts';
import { role, siteKinds } from './vocabulary.ts';

/** A place. Its own id is the unit of sharing of everything that happens there. */
export const siteFields = {
	name: scalar(text(160)),
	shortName: scalar(text(60)),
	kind: scalar(z.enum(siteKinds)),
	commune: scalar(text(80)),
	insee: scalar(text(5)),
	epci: scalar(text(120)),
	address: scalar(text(200)),
	phone: scalar(text(60)),
	/** IANA zone; Europe/Paris when missing. */
	timeZone: scalar(text(60)),
	/** A place whose name says something of the people met there (prison): shown discreetly. */
	sensitive: scalar(flag),
	closed: scalar(flag)
};

export const partnerFields = {
	name: scalar(text(200)),
	domains: set(text(60)),
	purposes: scalar(z.array(text(300)).check(z.maxLength(20))),
	commune: scalar(text(80)),
	phone: scalar(text(60)),
	email: scalar(text(160)),
	note: scalar(text(600))
};

/** A colleague as the others see them; the record's id is the account's id. */
export const staffFields = {
	name: scalar(text(120)),
	role: scalar(role),
	sites: set(recordId),
	left: scalar(flag)
};
