import { promisify } from 'node:util';
import { brotliCompress, constants, gunzip, gzip, type BrotliOptions } from 'node:zlib';
import { hasCode } from './config.ts';

/*
 * Compression both ways, always in zlib's own threads: a page of 2,000 rows takes milliseconds that others would wait for.
 * Measured in docs/decisions.md.
 */

/** Bytes below which compressing costs more than it saves. */
const WORTH = 1_024;

const brotli = promisify<Uint8Array, BrotliOptions, Buffer>(brotliCompress);
const codecs = {
	br: (plain: Buffer) =>
		brotli(plain, {
			params: {
				[constants.BROTLI_PARAM_QUALITY]: 5,
				[constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
				[constants.BROTLI_PARAM_SIZE_HINT]: plain.length
			}
		}),
	gzip: promisify<Buffer, Buffer>(gzip)
};
type Encoding = keyof typeof codecs;

/**
 * JSON as small as the browser of `request` can read it.
 *
 * BREACH needs a secret, a stranger's text and a length that can be asked for again and again in one body. Here a foreign
 * page can't make a browser ask (Origin, our header, SameSite=Strict), no body holds a token that opens anything, and a
 * colleague's text travels once per change. So: for answers of `/api/sync` only, never for pages or accounts.
 */
export async function compressedJson(request: Request, body: unknown, status: number): Promise<Response> {
	const plain = Buffer.from(JSON.stringify(body));
	const headers = new Headers({
		'content-type': 'application/json',
		'cache-control': 'no-store',
		vary: 'accept-encoding'
	});
	const encoding = plain.length < WORTH ? undefined : encodingFor(request.headers.get('accept-encoding'));
	const sent = encoding ? await codecs[encoding](plain) : plain;
	if (encoding) headers.set('content-encoding', encoding);
	headers.set('content-length', String(sent.length));
	return new Response(new Uint8Array(sent), { status, headers });
}

/** The smallest that the client names and doesn't rule out by `q=0`. */
function encodingFor(accepted: string | null): Encoding | undefined {
	const named = (accepted ?? '').toLowerCase().split(',').map(readChoice);
	return (['br', 'gzip'] as const).find((encoding) => named.some((n) => n.name === encoding && n.q > 0));
}

function readChoice(choice: string): { name: string; q: number } {
	const [name = '', ...parameters] = choice.split(';').map((part) => part.trim());
	const q = parameters.find((parameter) => parameter.startsWith('q='));
	return { name, q: q === undefined ? 1 : Number(q.slice(2)) };
}

const unzip = promisify(gunzip);

/** Stops inflating as soon as there is more than `limit` bytes: a bomb costs no more than an honest body. */
export async function inflated(
	zipped: Uint8Array,
	limit: number
): Promise<Uint8Array | 'too_large' | 'damaged'> {
	try {
		return await unzip(zipped, { maxOutputLength: limit });
	} catch (error) {
		return hasCode(error, 'ERR_BUFFER_TOO_LARGE') ? 'too_large' : 'damaged';
	}
}
