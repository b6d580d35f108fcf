import * as z from 'zod/mini';
import { recordKinds, type Row } from '#lib/domain/records.ts';
import type { SyncErrorCode, SyncResponse } from '#lib/protocol/sync.ts';
import type { Exchange, Failure, Transport } from './ports.ts';

/** ms after which an exchange counts as lost. */
export const TIMEOUT = 30_000;
const TOO_MANY_DEFAULT = 30_000;

/**
 * The head is checked, by hand since there are thousands; the fields are the server's: a newer one may send some that
 * this tablet only keeps [P7].
 */
const row = z.custom<Row>(
	(value) =>
		isObject(value) &&
		typeof value.kind === 'string' &&
		Object.hasOwn(recordKinds, value.kind) &&
		typeof value.id === 'string' &&
		typeof value.site === 'string' &&
		typeof value.rev === 'number' &&
		typeof value.by === 'string' &&
		typeof value.at === 'number' &&
		isObject(value.fields)
);
const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null;

const answer: z.ZodMiniType<SyncResponse> = z.object({
	v: z.number(),
	epoch: z.string(),
	scope: z.string(),
	acked: z.number(),
	rejects: z.array(
		z.object({
			n: z.number(),
			reason: z.enum(['invalid', 'forbidden', 'id_clash', 'poison']),
			detail: z.string(),
			rows: z.array(row),
			gone: z.array(z.string())
		})
	),
	sites: z.record(
		z.string(),
		z.object({
			rows: z.array(row),
			own: z.optional(z.array(z.object({ id: z.string(), rev: z.number(), digest: z.string() }))),
			gone: z.array(z.string()),
			rev: z.number(),
			below: z.optional(z.number()),
			reset: z.optional(z.literal(true))
		})
	),
	drop: z.array(z.string()),
	more: z.boolean(),
	remaining: z.number(),
	update: z.optional(z.literal(true)),
	now: z.number()
});

const apiError = z.object({ error: z.object({ code: z.string() }) });

/** Characters below which compressing a request saves no packet. */
const WORTH = 1_024;

/** The transport of a page: same origin, the session's cookie, and a header that no foreign form can send. */
export function fetchTransport(
	fetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init),
	{ url = '/api/sync', timeoutAfter = TIMEOUT } = {}
): Transport {
	// Until a server, or something before it, doesn't read gzip: a queue must not wait for an administrator.
	let compresses = 'CompressionStream' in globalThis;
	const post = async (text: string, signal: AbortSignal): Promise<Response> => {
		const zipped = compresses && text.length >= WORTH;
		const response = await fetch(url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				'x-escale': '1',
				...(zipped && { 'content-encoding': 'gzip' })
			},
			credentials: 'same-origin',
			cache: 'no-store',
			redirect: 'error',
			body: zipped ? await gzipped(text) : text,
			signal
		});
		if (!zipped || response.status !== 415) return response;
		compresses = false;
		return post(text, signal);
	};
	return {
		async exchange(request, signal): Promise<Exchange> {
			const timeout = AbortSignal.timeout(timeoutAfter);
			try {
				const response = await post(JSON.stringify(request), AbortSignal.any([signal, timeout]));
				const body = await bodyOf(response);
				if (!response.ok) return failure(failureOf(response, body));
				const parsed = answer.safeParse(body);
				// A café's login page also says 200: no answer of ours means no contact.
				return parsed.success ? { ok: true, answer: parsed.data } : failure({ kind: 'offline' });
			} catch {
				return failure({ kind: timeout.aborted ? 'timeout' : 'offline' });
			}
		}
	};
}

/** Whole and not as a stream: a request of known length can be sent again by whoever lost the connection. */
const gzipped = (text: string): Promise<ArrayBuffer> =>
	new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();

const failure = (failure: Failure): Exchange => ({ ok: false, failure });

/** A body that is cut short throws: that is the network, not the server. One that is no JSON is nobody's answer. */
async function bodyOf(response: Response): Promise<unknown> {
	const text = await response.text();
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

const byCode: Record<SyncErrorCode, Failure['kind']> = {
	malformed: 'malformed',
	unauthenticated: 'unauthenticated',
	forbidden: 'forbidden',
	forked: 'forked',
	too_large: 'too_large',
	too_many: 'too_many',
	newer_client: 'newer_client',
	unavailable: 'server',
	not_found: 'server',
	conflict: 'server'
};

const byStatus: Record<number, Failure['kind']> = {
	400: 'malformed',
	401: 'unauthenticated',
	403: 'forbidden',
	413: 'too_large',
	429: 'too_many'
};

function failureOf(response: Response, body: unknown): Failure {
	const parsed = apiError.safeParse(body);
	const code = parsed.success ? parsed.data.error.code : undefined;
	const kind =
		(code !== undefined && isCode(code) ? byCode[code] : undefined) ?? byStatus[response.status] ?? 'server';
	return kind === 'too_many' ? { kind, retryAfter: retryAfter(response) } : { kind };
}

const isCode = (code: string): code is SyncErrorCode => Object.hasOwn(byCode, code);

/** `Retry-After` in seconds; a date is not what our server sends. Result in ms. */
function retryAfter(response: Response): number {
	const seconds = Number(response.headers.get('retry-after') ?? NaN);
	return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) * 1000 : TOO_MANY_DEFAULT;
}
