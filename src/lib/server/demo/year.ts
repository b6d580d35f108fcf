import type { NewRecord } from '../records.ts';
import { writeAppointments, writeConfidentialNotes, writeDue } from './ahead.ts';
import { Book, type Member } from './book.ts';
import { writeDirectory } from './directory.ts';
import { planOutings, writeOutings, writePassersBy } from './outreach.ts';
import type { SiteKey } from './pau.ts';
import { writePermanences } from './permanences.ts';
import { writeReception } from './reception.ts';

export type Demonstration = { members: Member[]; siteIds: Record<SiteKey, string>; records: NewRecord[] };

/**
 * A year of the demonstration: what colleagues would have written from a year ago to yesterday, and what waits for them
 * from today on. Today's openings are left to be opened and today's appointments to be kept, at whatever hour one looks.
 * The same seed and day give the same records, oldest first.
 * @param now ms UTC
 */
export function inventYear({ seed, now }: { seed: number; now: number }): Demonstration {
	const book = new Book(seed, now);
	const directory = writeDirectory(book);
	const { held, coming } = writePermanences(book);
	const outings = planOutings(book);
	const people = writeReception(book, held, outings);
	writePassersBy(book, outings);
	writeOutings(book, outings, directory);
	writeAppointments(book, coming, people);
	writeDue(book, people);
	writeConfidentialNotes(book, people);
	const { members, siteIds, records } = book;
	return { members, siteIds, records: records.sort((a, b) => a.at - b.at) };
}
