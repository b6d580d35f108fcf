import type { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import * as z from 'zod/mini';
import { hasCode, readConfig, type Config } from '#lib/server/config.ts';
import { securityHeaders } from '#lib/server/http.ts';
import { accountLines, isDemo, seed } from './demo.ts';
import { closing, failWith, openOrFail } from './terminal.ts';

/*
 * `npm start`, once everything is built: checks the settings, brings the base up to date, and serves. The base is closed
 * again before the build opens it: they are two module graphs that share the environment only.
 */

// On a large machine Node lets its heap grow far beyond what it uses. Collecting earlier halves the resident memory of a
// server under load and costs a tenth of its processor time (docs/benchmarks.md, Load).
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=20');

const settings = readConfig(process.env);
if (!settings.ok) failWith(settings.problem, 2);
const { config } = settings;

const lines = await closing(await openOrFail(config), async (server) => {
	if (!config.demo) return [];
	await seed(server);
	return (await isDemo(server)) ? accountLines : [];
});
const handler = await builtHandler(config);
const headers = Object.entries(securityHeaders(config.origin));

let stopping = false;
const server = createServer((request, response) => {
	for (const [name, value] of headers) response.setHeader(name, value);
	response.setHeader('content-security-policy', policyOf(request));
	request.headers['x-escale-protocol'] = 'http';
	response.once('close', () => stopping && setImmediate(() => server.closeIdleConnections()));
	handler(request, response, () => {
		response.statusCode = 404;
		response.end();
	});
});

server.on('error', (error) => {
	if (hasCode(error, 'EADDRINUSE'))
		failWith(
			`PORT : le port ${config.port} est déjà pris ; arrêtez l’autre programme ou donnez un autre PORT.`,
			1
		);
	if (hasCode(error, 'EACCES'))
		failWith(
			`PORT : le port ${config.port} est réservé à l’administrateur de la machine ; donnez un autre PORT.`,
			1
		);
	if (hasCode(error, 'EADDRNOTAVAIL') || hasCode(error, 'ENOTFOUND'))
		failWith(`HOST : « ${config.host} » n’est pas une adresse de cette machine.`, 1);
	throw error;
});

server.listen(config.port, config.host, () => {
	const address = server.address();
	const port = typeof address === 'object' && address ? address.port : config.port;
	console.log(`Escale écoute sur ${config.origin ?? `http://${shownHost(config.host)}:${port}`}`);
	for (const line of lines) console.log(line);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));

/** Lets the requests under way end, ten seconds at most. */
function stop(reason: string): void {
	stopping = true;
	const signals: EventEmitter = process;
	signals.emit('escale:stopping', reason);
	const limit = setTimeout(() => server.closeAllConnections(), 10_000);
	server.close(() => {
		clearTimeout(limit);
		signals.emit('sveltekit:shutdown', reason);
	});
	server.closeIdleConnections();
}

/**
 * Of files, which SvelteKit doesn't see: workers have the policy of their own script, and a prerendered page's `<meta>`
 * can't say who may frame it. SvelteKit replaces this by the whole policy where it renders.
 */
function policyOf({ url = '' }: IncomingMessage): string {
	const framing = "frame-ancestors 'none'";
	return /\.js(\?|$)/.test(url)
		? `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; ${framing}`
		: framing;
}

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** adapter-node's handler; it reads its own settings from the environment when it is imported. */
async function builtHandler({ bodyLimit, origin, data }: Config): Promise<Handler> {
	process.env.BODY_SIZE_LIMIT = String(bodyLimit);
	process.env.ESCALE_DATA = data;
	if (origin) process.env.ORIGIN = origin;
	else {
		delete process.env.ORIGIN;
		process.env.PROTOCOL_HEADER = 'x-escale-protocol';
	}
	const built = new URL('../../build/handler.js', import.meta.url).href;
	try {
		const module: unknown = await import(built);
		return z.object({ handler: z.custom<Handler>((value) => typeof value === 'function') }).parse(module)
			.handler;
	} catch (error) {
		if (hasCode(error, 'ERR_MODULE_NOT_FOUND'))
			failWith('L’application n’est pas construite ; lancez d’abord : npm run build', 1);
		throw error;
	}
}

/** An address that a browser can open: "every address" is none. */
function shownHost(host: string): string {
	if (['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host)) return 'localhost';
	return isIP(host) === 6 ? `[${host}]` : host;
}
