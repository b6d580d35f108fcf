import type { Kysely } from 'kysely';
import * as z from 'zod/mini';
import { seesEverySite } from '#lib/domain/permissions.ts';
import type { TabletSeen } from '#lib/protocol/tablets.ts';
import type { Database } from './database/schema.ts';
import { loadRecords } from './records.ts';
import type { Caller } from './sync/handler.ts';

const YEAR = 365 * 24 * 3600 * 1000;
const siteIds = z.array(z.string());
const staffName = z.object({ name: z.optional(z.string()) });

export const maySeeTablets = (caller: Caller): boolean =>
	caller.role === 'manager' || seesEverySite(caller.role);

/**
 * The tablets of the organisation that the caller leads, newest contact first: of everybody for those who see every site, of
 * whoever shares one of their sites for the others. Silent for a year: left out.
 * @param now ms UTC
 */
export async function tabletsSeen(db: Kysely<Database>, caller: Caller, now: number): Promise<TabletSeen[]> {
	const rows = await db
		.selectFrom('device')
		.innerJoin('account', 'account.id', 'device.user')
		.leftJoin('membership', (join) =>
			join
				.onRef('membership.user', '=', 'device.user')
				.onRef('membership.organisation', '=', 'device.organisation')
		)
		.select(['device.id', 'device.user', 'device.created_at', 'device.last_seen', 'device.clock_offset'])
		.select(['device.app_version', 'device.waiting', 'device.waiting_since'])
		.select(['account.name', 'membership.sites'])
		.where('device.organisation', '=', caller.organisation)
		.where('device.revoked_at', 'is', null)
		.where('device.last_seen', '>', now - YEAR)
		.orderBy('device.last_seen', 'desc')
		.execute();
	const led = rows.filter(({ sites }) => seesEverySite(caller.role) || shares(caller.sites, sites));
	const staff = await loadRecords(
		db,
		caller.organisation,
		led.map(({ user }) => user)
	);
	return led.map((row) => ({
		device: row.id,
		user: row.user,
		name: staffName.parse(staff.get(row.user)?.data.fields ?? {}).name ?? row.name,
		lastSeen: row.last_seen,
		firstSeen: row.created_at,
		waiting: row.waiting,
		waitingSince: row.waiting_since ?? undefined,
		clockOffset: row.clock_offset,
		app: row.app_version ?? undefined
	}));
}

const shares = (mine: string[], theirs: string | null): boolean =>
	theirs !== null && siteIds.parse(JSON.parse(theirs)).some((site) => mine.includes(site));
