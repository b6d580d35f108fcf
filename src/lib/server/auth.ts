import { createHash, randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { sql, type Kysely } from 'kysely';
import { uuidv7 } from '#lib/domain/identifier.ts';
import type { DialectName } from './database/connect.ts';
import type { Database } from './database/schema.ts';

/*
 * Accounts, passwords and sessions are better-auth's. Accounts are made by people.ts only, never over HTTP; who may do what
 * comes from the membership (context.ts), never from the account.
 */

const DAY = 24 * 3600;

/** Characters. */
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 128;

/** better-auth's words for what 0002-accounts.ts calls otherwise. */
const accountTables = {
	user: {
		modelName: 'account',
		fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' }
	},
	session: {
		modelName: 'session',
		fields: {
			userId: 'account',
			expiresAt: 'expires_at',
			ipAddress: 'address',
			userAgent: 'browser',
			createdAt: 'created_at',
			updatedAt: 'updated_at'
		}
	},
	account: {
		modelName: 'credential',
		fields: {
			userId: 'account',
			providerId: 'provider',
			accountId: 'provider_account',
			accessToken: 'access_token',
			refreshToken: 'refresh_token',
			idToken: 'id_token',
			accessTokenExpiresAt: 'access_token_expires_at',
			refreshTokenExpiresAt: 'refresh_token_expires_at',
			createdAt: 'created_at',
			updatedAt: 'updated_at'
		}
	},
	verification: {
		modelName: 'verification',
		fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' }
	}
} as const;

/** Set by `authRequest` from the connection itself: whatever a client sends under this name is overwritten. */
export const ADDRESS_HEADER = 'x-escale-address';

export type AuthSettings = {
	db: Kysely<Database>;
	dialect: DialectName;
	secret: string;
	/** Where the server is reached; https makes cookies Secure and `__Host-`. */
	origin: string;
	/** Says which Origin a request may come from, as http.ts decides it. */
	ownOrigin: (request: Request) => string | undefined;
};

export type Auth = ReturnType<typeof createAuth>;

export function createAuth({ db, dialect, secret, origin, ownOrigin }: AuthSettings) {
	const secure = origin.startsWith('https:');
	return betterAuth({
		appName: 'Escale',
		baseURL: origin,
		basePath: '/api/auth',
		secret,
		database: { db, type: dialect },
		...accountTables,
		session: {
			...accountTables.session,
			expiresIn: 14 * DAY,
			updateAge: DAY,
			// Rights are read at every request: nothing of a session is believed from a cookie.
			cookieCache: { enabled: false }
		},
		emailAndPassword: {
			enabled: true,
			disableSignUp: true,
			autoSignIn: false,
			minPasswordLength: MIN_PASSWORD,
			maxPasswordLength: MAX_PASSWORD,
			revokeSessionsOnPasswordReset: true
		},
		trustedOrigins: (request) => {
			const own = request && ownOrigin(request);
			return own ? [own] : [];
		},
		rateLimit: {
			enabled: true,
			storage: 'database',
			modelName: 'throttle',
			fields: { lastRequest: 'last_at' },
			window: 60,
			max: 120,
			// A whole Mission Locale signs in from one address in the morning; guesses at one account are counted apart.
			customRules: { '/sign-in/email': { window: 60, max: 40 }, '/change-password': { window: 60, max: 10 } }
		},
		advanced: {
			useSecureCookies: false,
			cookiePrefix: secure ? '__Host-escale' : 'escale',
			defaultCookieAttributes: { secure, httpOnly: true, sameSite: 'strict', path: '/' },
			// better-auth switches its own checks off where NODE_ENV is `test`: not here.
			disableCSRFCheck: false,
			disableOriginCheck: false,
			ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
			// The tables are our migrations', and tested on both dialects.
			database: { generateId: () => uuidv7(Date.now(), randomBytes(10)), validateSchema: false }
		},
		telemetry: { enabled: false },
		// The message alone: what comes with it can hold an address or a whole row.
		logger: { level: 'error', log: (level, message) => console.error(`[accounts] ${level}: ${message}`) }
	});
}

/** The only paths of better-auth that are reachable; everything else it offers stays shut. */
const openPaths = new Map([
	['/api/auth/sign-in/email', 'POST'],
	['/api/auth/sign-out', 'POST'],
	['/api/auth/change-password', 'POST']
]);
export const isOpen = (method: string, path: string): boolean => openPaths.get(path) === method;

/** What better-auth's handler is given: our own copy of the body, and the address of the connection. */
export function authRequest(request: Request, body: unknown, address: string): Request {
	const headers = new Headers(request.headers);
	headers.set(ADDRESS_HEADER, address);
	headers.delete('content-length');
	headers.delete('transfer-encoding');
	return new Request(request.url, { method: request.method, headers, body: JSON.stringify(body) });
}

/** Wrong passwords in a row for one account before it must rest, and for how long (ms). */
export const GUESSES = 10;
export const REST = 15 * 60_000;

/**
 * Counts a try at an account's password and says whether it may be made: every try counts, from any address, until one
 * succeeds (`forgetTries`) or the account has rested. The address is kept as a hash.
 * @param now ms UTC
 * @returns seconds to wait, 0 when the try may be made
 */
export async function countTry(db: Kysely<Database>, email: string, now: number): Promise<number> {
	const { rows } = await sql<{ count: number; last_at: number }>`
		insert into throttle (id, key, count, last_at) values (${uuidv7(now, randomBytes(10))}, ${tryKey(email)}, 1, ${now})
		on conflict (key) do update set
			count = case when throttle.last_at <= ${now - REST} then 1 else throttle.count + 1 end,
			last_at = case when throttle.last_at > ${now - REST} and throttle.count >= ${GUESSES} then throttle.last_at else ${now} end
		returning count, last_at`.execute(db);
	const row = rows[0];
	if (!row || Number(row.count) <= GUESSES) return 0;
	return Math.max(1, Math.ceil((Number(row.last_at) + REST - now) / 1000));
}

export async function forgetTries(db: Kysely<Database>, email: string): Promise<void> {
	await sql`delete from throttle where key = ${tryKey(email)}`.execute(db);
}

const tryKey = (email: string) =>
	`account:${createHash('sha256').update(email.trim().toLowerCase()).digest('base64url')}`;
