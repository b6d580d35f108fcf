import { sql } from 'kysely';
import * as z from 'zod/mini';
import { recordId } from '#lib/domain/field.ts';
import type { SetupState } from '#lib/protocol/session.ts';
import { authRequest, countTry, forgetTries, isOpen } from './auth.ts';
import { compressedJson } from './compression.ts';
import { authorOf, identify, syncContext, version, type Server } from './context.ts';
import { answer, inOneShape, readJson, refuse, withCookies } from './http.ts';
import { fillWithDemo, foundOrganisation, isEmpty, onEmptyBase, setupRequest } from './setup.ts';
import { deliverOnce } from './sync/delivery.ts';
import { syncOnce } from './sync/handler.ts';
import { isRevoked } from './sync/push.ts';
import { maySeeTablets, tabletsSeen } from './tablets.ts';

/*
 * The endpoints, one function each, so that tests call them as the routes do. http.ts' frame is around all of them.
 */

/** `GET /api/health` */
export async function health({ db, dialect }: Server): Promise<Response> {
	try {
		await sql`select 1`.execute(db);
	} catch {
		return refuse('unavailable', 'the database does not answer');
	}
	return answer({ status: 'ok', version, database: dialect });
}

/** `GET /api/session` */
export async function session(server: Server, request: Request): Promise<Response> {
	const identity = await identify(server, request);
	return identity.ok ? answer(identity.session, identity.cookies) : refuse(identity.code, identity.detail);
}

/** `POST /api/sync` [P1] */
export const sync = (server: Server, request: Request): Promise<Response> =>
	server.turns.exchange(() => exchange(server, request));

async function exchange(server: Server, request: Request): Promise<Response> {
	const identity = await identify(server, request);
	if (!identity.ok) return refuse(identity.code, identity.detail);
	const read = await readJson(request, server.config.bodyLimit);
	if (!read.ok) return read.response;
	const { status, body } = await syncOnce(syncContext(server), identity.caller, read.body);
	return withCookies(await compressedJson(request, body, status), identity.cookies);
}

/** `POST /api/deliveries` [P12]: no session, the parcel proves where it comes from. */
export async function deliveries(server: Server, request: Request): Promise<Response> {
	const read = await readJson(request, server.config.bodyLimit);
	if (!read.ok) return read.response;
	const callerOf = (organisation: string, user: string) => authorOf(server, organisation, user);
	const context = { ...syncContext(server), wrongProofs: server.wrongProofs };
	const { status, body } = await deliverOnce(context, callerOf, read.body);
	return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

/** `GET /api/tablets`: `{ tablets: TabletSeen[] }` */
export async function tablets(server: Server, request: Request): Promise<Response> {
	const identity = await identify(server, request);
	if (!identity.ok) return refuse(identity.code, identity.detail);
	if (!maySeeTablets(identity.caller)) return refuse('forbidden', 'not for your role');
	const found = await tabletsSeen(server.db, identity.caller, server.now());
	return answer({ tablets: found }, identity.cookies);
}

/** `GET /api/live?device=…` [P13]: server-sent events, until the server ends them after some minutes. */
export async function live(server: Server, request: Request): Promise<Response> {
	const identity = await identify(server, request);
	if (!identity.ok) return refuse(identity.code, identity.detail);
	const device = recordId.safeParse(new URL(request.url).searchParams.get('device'));
	if (!device.success) return refuse('malformed', 'device');
	if (await isRevoked(server.db, identity.caller, device.data)) return refuse('forbidden', 'revoked');
	const opened = await server.live.open(identity.caller, device.data);
	if (!opened.ok) return refuse(opened.code, 'no stream for now', { retryAfter: 60 });
	return withCookies(new Response(opened.stream, { headers: streamHeaders }), identity.cookies);
}

/** Proxies must neither keep events back nor compress them. */
const streamHeaders = {
	'content-type': 'text/event-stream',
	'cache-control': 'no-store, no-transform',
	'x-accel-buffering': 'no'
};

/** `GET /api/setup` */
export async function setupState({ db }: Server): Promise<Response> {
	const state: SetupState = { empty: await isEmpty(db), version };
	return answer(state);
}

/** `POST /api/setup`: while the base is empty, and once. The first person runs the house and works in it: director. */
export async function setup(server: Server, request: Request): Promise<Response> {
	const read = await readJson(request, SMALL);
	if (!read.ok) return read.response;
	const parsed = setupRequest.safeParse(read.body);
	if (!parsed.success) return refuse('malformed', fieldsOf(parsed.error));
	const wanted = parsed.data;
	if (!(await isEmpty(server.db))) return taken();
	const done = await onEmptyBase(server, async (trx) => {
		if ('demo' in wanted) await fillWithDemo(server, trx);
		else await foundOrganisation(server, trx, { ...wanted, role: 'director' });
		return true;
	});
	return done ? answer({ ok: true }) : taken();
}

const taken = () => refuse('conflict', 'this base already has an organisation');

const SMALL = 16_384;

const signIn = z.object({
	email: z.string().check(z.maxLength(160)),
	password: z.string().check(z.maxLength(256))
});
const signedIn = z.object({ user: z.object({ id: z.string(), name: z.string(), email: z.string() }) });

/**
 * `POST /api/auth/…`: the few paths of better-auth that are open (auth.ts).
 * @param address of the connection, for the count of tries
 */
export async function account(server: Server, request: Request, address: string): Promise<Response> {
	const { pathname } = new URL(request.url);
	if (!isOpen(request.method, pathname)) return refuse('not_found', 'no such endpoint');
	const read = await readJson(request, SMALL);
	if (!read.ok) return read.response;
	const signing = pathname === '/api/auth/sign-in/email';
	if (!signing) return told(await server.auth.handler(authRequest(request, read.body, address)));

	const parsed = signIn.safeParse(read.body);
	if (!parsed.success) return refuse('malformed', fieldsOf(parsed.error));
	const { email, password } = parsed.data;
	const wait = await countTry(server.db, email, server.now());
	if (wait > 0) return refuse('too_many', 'too many tries for this account', { retryAfter: wait });
	const response = await server.auth.handler(
		authRequest(request, { email: email.trim(), password }, address)
	);
	if (!response.ok) return inOneShape(response);
	await forgetTries(server.db, email);
	// Not the session's token: it belongs in the cookie that no script reads.
	return answer(signedIn.parse(await response.json()), response.headers.getSetCookie());
}

const told = (response: Response): Response =>
	response.ok ? answer({ ok: true }, response.headers.getSetCookie()) : inOneShape(response);

/** Names of the fields that don't fit, never their values. */
const fieldsOf = (error: z.core.$ZodError): string => {
	const issues = error.issues.flatMap((i) => (i.code === 'invalid_union' ? (i.errors[0] ?? []) : [i]));
	const names = issues.map((i) => String(i.path[0] ?? 'body'));
	return [...new Set(names)].join(', ');
};
