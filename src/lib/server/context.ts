import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Session } from '#lib/protocol/session.ts';
import { role } from '#lib/domain/vocabulary.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { createAuth, type Auth } from './auth.ts';
import { keptSecret, type Config } from './config.ts';
import { openDatabase, type OpenDatabase } from './database/connect.ts';
import { migrate } from './database/migrate.ts';
import { postgresRelay } from './database/relay.ts';
import { ownOrigin } from './http.ts';
import { openKeys, type Keys } from './keys.ts';
import { Live } from './live.ts';
import { sitesInView } from './organisation.ts';
import type { Caller, SyncContext } from './sync/handler.ts';
import { WrongProofs } from './sync/proofs.ts';
import { Turns } from './sync/turns.ts';

export const version: string = manifest.version;

/** Everything that an endpoint or a command works with. */
export type Server = OpenDatabase & {
	config: Config;
	keys: Keys;
	auth: Auth;
	live: Live;
	wrongProofs: WrongProofs;
	turns: Turns;
	/** ms UTC */
	now: () => number;
	report: (defect: unknown) => void;
};

/** Opens the base that the settings name and brings its tables up to date. Throws what the driver throws. */
export async function openServer(
	config: Config,
	{ now = Date.now, schema }: { now?: () => number; schema?: string } = {}
): Promise<Server> {
	const base = openBase(config, schema);
	await migrate(base.db, schema);
	const auth = createAuth({
		...base,
		secret: config.secret ?? keptSecret(config.data, 'sessions.key'),
		origin: config.origin ?? `http://localhost:${config.port}`,
		ownOrigin: (request) => ownOrigin(request, config.origin)
	});
	const relay = config.databaseUrl ? postgresRelay(config.databaseUrl, base.db, report) : undefined;
	const live = new Live(relay);
	const wrongProofs = new WrongProofs();
	return {
		...base,
		config,
		keys: openKeys(join(config.data, 'keys')),
		auth,
		live,
		wrongProofs,
		turns: new Turns(),
		now,
		report
	};
}

/** After the last request: nothing of the server stays open. */
export async function closeServer({ db, live }: Server): Promise<void> {
	await live.close();
	await db.destroy();
}

/** The base as it is, without its tables being touched. */
export function openBase(config: Config, schema?: string): OpenDatabase {
	mkdirSync(config.data, { recursive: true, mode: 0o700 });
	return openDatabase(
		config.databaseUrl ? { url: config.databaseUrl, schema } : { file: join(config.data, 'escale.sqlite') }
	);
}

export const syncContext = ({ db, dialect, keys, live, turns, now, report }: Server): SyncContext => ({
	db,
	dialect,
	keys,
	turns,
	now,
	report,
	changed: (news) => live.publish(news)
});

/**
 * A defect goes to the journal as its kind and where it happened. Not its message: a driver's can quote the row it choked on.
 */
export function report(defect: unknown): void {
	if (!(defect instanceof Error)) return console.error('[escale] defect: something thrown that is no error');
	const code = 'code' in defect && typeof defect.code === 'string' ? ` ${defect.code}` : '';
	const frames = (defect.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
	console.error([`[escale] defect: ${defect.name}${code}`, ...frames].join('\n'));
}

export type Identity =
	| { ok: true; caller: Caller; session: Session; cookies: string[] }
	| { ok: false; code: 'unauthenticated' | 'forbidden'; detail: string };

const siteIds = z.array(z.string());

/**
 * Who sends this request, as session and membership say at this moment; nothing of it comes from the request itself.
 * `cookies` prolong the session and belong in the answer.
 */
export async function identify(server: Server, request: Request): Promise<Identity> {
	const { response, headers } = await server.auth.api.getSession({
		headers: request.headers,
		returnHeaders: true
	});
	if (!response) return { ok: false, code: 'unauthenticated', detail: 'no session' };
	const { user } = response;
	const member = await memberOf(server, user.id);
	if (!member) return { ok: false, code: 'forbidden', detail: 'no membership today' };
	const { organisation, caller } = member;
	return {
		ok: true,
		caller,
		session: {
			user: { id: user.id, name: user.name, email: user.email },
			organisation,
			role: caller.role,
			sites: caller.sites,
			publicKey: await server.keys.publicKey(organisation.id)
		},
		cookies: headers.getSetCookie()
	};
}

/** [P12] The author of a parcel as they may act today, or undefined when they no longer belong to the organisation. */
export const authorOf = async (
	server: Server,
	organisation: string,
	user: string
): Promise<Caller | undefined> => (await memberOf(server, user, organisation))?.caller;

/** @param of the organisation, or whichever the person belongs to today */
async function memberOf(server: Server, user: string, of?: string) {
	const membership = await membershipOf(server, user, of);
	if (!membership) return undefined;
	const { organisation, role } = membership;
	const sites = await sitesInView(server.db, organisation.id, role, membership.sites);
	const caller: Caller = { organisation: organisation.id, user, role, sites };
	return { organisation, caller };
}

/** The membership that counts today in its organisation's own time zone, or undefined. */
async function membershipOf({ db, now }: Server, user: string, of: string | undefined) {
	const rows = await db
		.selectFrom('membership')
		.innerJoin('organisation', 'organisation.id', 'membership.organisation')
		.select(['organisation.id', 'organisation.name', 'organisation.time_zone'])
		.select(['membership.role', 'membership.sites', 'membership.from_day', 'membership.until_day'])
		.where('membership.user', '=', user)
		.$if(of !== undefined, (q) => q.where('membership.organisation', '=', of ?? ''))
		.orderBy('membership.from_day')
		.orderBy('organisation.id')
		.execute();
	const row = rows.find((m) => {
		const today = dayIn(m.time_zone, now());
		return m.from_day <= today && (m.until_day === null || today <= m.until_day);
	});
	return (
		row && {
			organisation: { id: row.id, name: row.name, timeZone: row.time_zone },
			role: role.parse(row.role),
			sites: siteIds.parse(JSON.parse(row.sites))
		}
	);
}

/** The calendar day `YYYY-MM-DD` of an instant (ms UTC) in an IANA time zone. */
export function dayIn(timeZone: string, at: number): string {
	const format =
		calendars.get(timeZone) ??
		new Intl.DateTimeFormat('fr-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
	calendars.set(timeZone, format);
	return format.format(at);
}

/** Making one costs more than a query, and every request needs one. */
const calendars = new Map<string, Intl.DateTimeFormat>();

export const isTimeZone = (timeZone: string): boolean => {
	try {
		return Boolean(new Intl.DateTimeFormat('fr', { timeZone }));
	} catch {
		return false;
	}
};
