import type { ApiError, SyncErrorCode } from '#lib/protocol/sync.ts';
import { inflated } from './compression.ts';

/*
 * What every endpoint shares: one error shape, no-store, JSON in and out, and the refusal of anything that another site
 * could make a browser send.
 */

const statusOf: Record<SyncErrorCode, number> = {
	malformed: 400,
	unauthenticated: 401,
	forbidden: 403,
	not_found: 404,
	conflict: 409,
	forked: 409,
	too_large: 413,
	newer_client: 426,
	too_many: 429,
	unavailable: 503
};

const apiHeaders = { 'cache-control': 'no-store' };

export const answer = (body: unknown, cookies: string[] = []): Response =>
	withCookies(Response.json(body, { headers: apiHeaders }), cookies);

/** `detail` is technical English for whoever reads the network's log: never personal data. */
export function refuse(
	code: SyncErrorCode,
	detail: string,
	{ status = statusOf[code], retryAfter = 0 } = {}
): Response {
	const body: ApiError = { error: { code, detail } };
	const response = Response.json(body, { status, headers: apiHeaders });
	if (retryAfter > 0) response.headers.set('retry-after', String(retryAfter));
	return response;
}

export function withCookies(response: Response, cookies: string[]): Response {
	for (const cookie of cookies) response.headers.append('set-cookie', cookie);
	return response;
}

/**
 * The origin that the pages of this server have. Without a configured one it is what the request's Host says, but only for
 * this machine's name or a bare address: a foreign name that was made to point here is nobody's own (DNS rebinding).
 */
export function ownOrigin(request: Request, configured: string | undefined): string | undefined {
	if (configured) return configured;
	const host = request.headers.get('host') ?? new URL(request.url).host;
	if (!URL.canParse(`http://${host}`)) return undefined;
	const { hostname } = new URL(`http://${host}`);
	const own = hostname === 'localhost' || hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
	if (!own) return undefined;
	const origin = request.headers.get('origin') ?? '';
	return URL.canParse(origin) && new URL(origin).host === host ? origin : `http://${host}`;
}

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);
const changesState = (request: Request): boolean => !harmless.has(request.method);

/** Why a state-changing request is refused, or undefined when it comes from our own pages. */
function crossSite(request: Request, configured: string | undefined): string | undefined {
	const origin = request.headers.get('origin');
	if (!origin || origin !== ownOrigin(request, configured))
		return 'Origin is not this server (is ORIGIN configured?)';
	if (request.headers.get('x-escale') !== '1') return 'header x-escale: 1 is missing';
	return undefined;
}

/** Parses a JSON body of at most `limit` bytes, gzip or not, whatever length the client announces. */
export async function readJson(
	request: Request,
	limit: number
): Promise<{ ok: true; body: unknown } | { ok: false; response: Response }> {
	const no = (response: Response) => ({ ok: false, response }) as const;
	const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
	if (type !== 'application/json')
		return no(refuse('malformed', 'content-type must be application/json', { status: 415 }));
	const encoding = request.headers.get('content-encoding')?.trim().toLowerCase();
	if (encoding !== undefined && encoding !== 'gzip')
		return no(refuse('malformed', 'content-encoding must be gzip or none', { status: 415 }));
	const sent = await readBytes(request, limit);
	const bytes = sent && encoding ? await inflated(sent, limit) : (sent ?? 'too_large');
	if (bytes === 'too_large') {
		const response = refuse('too_large', `the body exceeds ${limit} bytes`);
		response.headers.set('connection', 'close');
		return no(response);
	}
	if (bytes === 'damaged') return no(refuse('malformed', 'the body is not gzip'));
	try {
		return { ok: true, body: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
	} catch {
		return no(refuse('malformed', 'the body is not JSON'));
	}
}

/** undefined when there is more than `limit`. */
async function readBytes(request: Request, limit: number): Promise<Uint8Array | undefined> {
	if (Number(request.headers.get('content-length') ?? 0) > limit) return undefined;
	const chunks: Uint8Array[] = [];
	let size = 0;
	const reader = request.body?.getReader();
	try {
		for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
			size += part.value.length;
			// Not cancelled: that would cut the connection before the answer is out.
			if (size > limit) return undefined;
			chunks.push(part.value);
		}
	} catch (error) {
		// adapter-node counts too, and errors the stream.
		if (isTooLarge(error)) return undefined;
		throw error;
	}
	return Buffer.concat(chunks);
}

const isTooLarge = (error: unknown) =>
	typeof error === 'object' && error !== null && 'status' in error && error.status === 413;

/**
 * The frame around every request: refuses what another site could make a browser send, gives what is under `/api` its one
 * error shape whatever happens inside and keeps it out of caches, and adds the security headers. `failed` hears of defects.
 */
export async function guarded(
	request: Request,
	configured: string | undefined,
	resolve: () => Response | Promise<Response>,
	failed: (error: unknown) => void
): Promise<Response> {
	const reason = changesState(request) ? crossSite(request, configured) : undefined;
	const response = reason
		? refuse('forbidden', reason)
		: isApi(request)
			? await answerApi(resolve, failed)
			: await resolve();
	for (const [name, value] of Object.entries(securityHeaders(configured))) response.headers.set(name, value);
	return response;
}

async function answerApi(
	resolve: () => Response | Promise<Response>,
	failed: (error: unknown) => void
): Promise<Response> {
	try {
		const response = await resolve();
		if (!response.ok && !isApiError(response)) return inOneShape(response);
		if (!isKeptOut(response)) response.headers.set('cache-control', 'no-store');
		return response;
	} catch (error) {
		failed(error);
		return refuse('unavailable', 'internal error', { status: 500 });
	}
}

const isKeptOut = (response: Response): boolean =>
	response.headers.get('cache-control')?.startsWith('no-store') === true;

const isApi = (request: Request): boolean => /^\/api(\/|$)/.test(new URL(request.url).pathname);

/** `refuse` alone sets both. */
const isApiError = (response: Response) =>
	response.headers.get('content-type')?.startsWith('application/json') === true && isKeptOut(response);

const codeOf = new Map<number, SyncErrorCode>([
	[400, 'malformed'],
	[401, 'unauthenticated'],
	[403, 'forbidden'],
	[404, 'not_found'],
	[405, 'not_found'],
	[409, 'conflict'],
	[413, 'too_large'],
	[415, 'malformed'],
	[429, 'too_many']
]);

/** SvelteKit's and better-auth's refusals, told in our shape; their own words are not passed on. */
export function inOneShape(response: Response): Response {
	const code = codeOf.get(response.status) ?? (response.status < 500 ? 'malformed' : 'unavailable');
	const retryAfter = Number(
		response.headers.get('x-retry-after') ?? response.headers.get('retry-after') ?? 0
	);
	return withCookies(
		refuse(code, `status ${response.status}`, { status: response.status, retryAfter }),
		response.headers.getSetCookie()
	);
}

/**
 * Sent with every answer, static files included where start.ts serves them. The full content security policy is SvelteKit's
 * (svelte.config.js), which knows the hashes; what `<meta>` can't say is repeated here.
 */
export function securityHeaders(origin: string | undefined): Record<string, string> {
	return {
		'x-content-type-options': 'nosniff',
		'referrer-policy': 'no-referrer',
		'permissions-policy':
			'accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()',
		'cross-origin-opener-policy': 'same-origin',
		'cross-origin-resource-policy': 'same-origin',
		'x-frame-options': 'DENY',
		...(origin?.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000' })
	};
}
