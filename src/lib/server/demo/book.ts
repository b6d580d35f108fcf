import { plusDays } from '#lib/domain/calendar.ts';
import type { Kind, Scope, Values } from '#lib/domain/records.ts';
import type { NewRecord } from '../records.ts';
import { dayAt, instantAt } from './calendar.ts';
import { sites, type SiteKey } from './pau.ts';
import { randomOf, type Random } from './random.ts';
import { colleagues, type Colleague } from './staff.ts';

export type Member = Colleague & { id: string };

export const MINUTE = 60_000;
/** How far back the demonstration goes, and how far ahead appointments are made. */
const DAYS_BACK = 365;
const DAYS_AHEAD = 10;

/** What the demonstration is written into: who is there, what day it is, and the records so far. */
export class Book {
	readonly records: NewRecord[] = [];
	/** What youths last said about being called back. */
	readonly callback = new Map<string, 'given' | 'refused' | 'withdrawn'>();
	readonly random: Random;
	readonly today: string;
	/** First day of the year that is told, and last day that is planned. */
	readonly from: string;
	readonly ahead: string;
	/** When the directory was written, ms UTC. */
	readonly start: number;
	readonly members: Member[];
	readonly siteIds: Record<SiteKey, string>;

	/** @param now ms UTC; only its day in France counts */
	constructor(seed: number, now: number) {
		this.random = randomOf(seed);
		this.today = dayAt(now);
		this.from = plusDays(this.today, -DAYS_BACK);
		this.ahead = plusDays(this.today, DAYS_AHEAD);
		this.start = instantAt(plusDays(this.from, -400), '09:00');
		this.members = colleagues.map((colleague) => ({ ...colleague, id: this.random.id(this.start) }));
		this.siteIds = Object.fromEntries(sites.map(({ key }) => [key, this.random.id(this.start)])) as Record<
			SiteKey,
			string
		>;
	}

	/**
	 * Writes a record and returns its id. A value `undefined` is left out.
	 * @param at ms UTC, when it was written
	 */
	add<K extends Kind>(
		kind: K,
		where: SiteKey | 'org' | Member,
		by: string,
		at: number,
		fields: Values<K>,
		id = this.random.id(at)
	): string {
		const site: Scope =
			typeof where === 'object' ? `user:${where.id}` : where === 'org' ? 'org' : this.siteIds[where];
		const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
		this.records.push({ kind, id, site, by, at, fields: known });
		return id;
	}

	counsellorsOf(site: SiteKey): Member[] {
		return this.members.filter((m) => m.role === 'counsellor' && m.sites.includes(site));
	}

	named(account: string): Member {
		const member = this.members.find((m) => m.account === account);
		if (!member) throw new Error(`nobody has the account ${account}`);
		return member;
	}
}
