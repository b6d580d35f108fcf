import { readFileSync } from 'node:fs';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { extname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { types } from '../site.ts';

/**
 * What stands before a server in real life, the same for every system: it gives out the page, passes `/sync/…` on,
 * compresses answers (gzip) where the server has not, counts bytes, and loses things when told to.
 */
export type Traffic = { requests: number; up: Bytes; down: Bytes };
/** Bodies, without headers. `sent`: as they crossed the wire; `raw`: unpacked. */
export type Bytes = { raw: number; sent: number };

/**
 * `swallow`: the server gets the request and does its work, the answer is lost with the connection. `hold`: neither
 * refused nor answered. `expire`: 401, without asking the server.
 */
export type Verdict = 'pass' | 'swallow' | 'hold' | 'expire';
export type Asked = { method: string; path: string; body: Buffer };

export type Front = {
	url: string;
	traffic(): Traffic;
	reset(): void;
	/** Decides over each request to the server from now on. */
	judge(judge: (asked: Asked) => Verdict): void;
	close(): Promise<void>;
};

const nothing = (): Traffic => ({ requests: 0, up: { raw: 0, sent: 0 }, down: { raw: 0, sent: 0 } });

/** @param page folder of the built page; @param port of the server process; @param expired what its 401 says, in its own shape */
export async function openFront(page: string, port: number, expired: object): Promise<Front> {
	let traffic = nothing();
	let judge: (asked: Asked) => Verdict = () => 'pass';
	const sockets = new Set<Socket>();
	const server = createServer((request, response) => {
		answer(request, response).catch(() => response.destroy());
	});

	async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const path = request.url ?? '/';
		const body = await bodyOf(request);
		if (!path.startsWith('/sync/')) return file(path, response);
		// What the measure itself asks is no traffic.
		const counted = !path.startsWith('/sync/measure');
		if (counted) {
			traffic.requests++;
			count(traffic.up, body, request.headers['content-encoding']);
		}
		const verdict = counted ? judge({ method: request.method ?? 'GET', path, body }) : 'pass';
		if (verdict === 'hold') return;
		if (verdict === 'expire') {
			response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(expired));
			return;
		}
		const got = await forwarded(request, path, body, port);
		if (verdict === 'swallow') {
			response.destroy();
			return;
		}
		const accepts = String(request.headers['accept-encoding'] ?? '').includes('gzip');
		const packs = accepts && !got.headers['content-encoding'] && got.body.length > 1000;
		const sent = packs ? gzipSync(got.body, { level: 6 }) : got.body;
		const encoding = packs ? 'gzip' : got.headers['content-encoding'];
		if (counted) count(traffic.down, sent, encoding);
		const headers = Object.entries(got.headers).filter(
			([name]) => !['transfer-encoding', 'content-length', 'connection', 'content-encoding'].includes(name)
		);
		response
			.writeHead(got.status, {
				...Object.fromEntries(headers),
				...(encoding && { 'content-encoding': encoding }),
				'content-length': sent.length
			})
			.end(sent);
	}

	function file(path: string, response: ServerResponse): void {
		const { pathname } = new URL(path, 'http://bench');
		const name = pathname === '/' ? '/index.html' : pathname;
		try {
			const content = readFileSync(join(page, name));
			response
				.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' })
				.end(content);
		} catch {
			response.writeHead(404).end();
		}
	}

	/** A WebSocket: bytes are passed on and counted as they are; what they say, the page counts. */
	server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
		const path = request.url ?? '/';
		let verdict = judge({ method: 'SOCKET', path, body: Buffer.alloc(0) });
		if (verdict === 'expire') return socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
		traffic.requests++;
		const upstream = connect(port, '127.0.0.1', () => {
			const headers = request.rawHeaders.map((value, i) => (i % 2 ? `${value}\r\n` : `${value}: `)).join('');
			upstream.write(`${request.method} ${path} HTTP/1.1\r\n${headers}\r\n`);
			upstream.write(head);
		});
		for (const end of [socket, upstream]) {
			sockets.add(end);
			end.setNoDelay(true);
			end.on('error', () => end.destroy());
			end.on('close', () => {
				sockets.delete(end);
				socket.destroy();
				upstream.destroy();
			});
		}
		socket.on('data', (chunk: Buffer) => {
			traffic.up.sent += chunk.length;
			upstream.write(chunk);
		});
		upstream.on('data', (chunk: Buffer) => {
			if (verdict === 'pass') verdict = judge({ method: 'FRAME', path, body: chunk });
			if (verdict === 'swallow' || verdict === 'expire') return socket.destroy();
			if (verdict === 'hold') return;
			traffic.down.sent += chunk.length;
			socket.write(chunk);
		});
	});

	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('the front has no port');
	return {
		url: `http://localhost:${address.port}/`,
		traffic: () => structuredClone(traffic),
		reset: () => (traffic = nothing()),
		judge: (by) => (judge = by),
		async close() {
			for (const socket of sockets) socket.destroy();
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
		}
	};
}

function count(bytes: Bytes, body: Buffer, encoding: string | undefined): void {
	bytes.sent += body.length;
	bytes.raw += encoding === 'gzip' && body.length ? gunzipSync(body).length : body.length;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of message) chunks.push(chunk);
	return Buffer.concat(chunks);
}

type Got = { status: number; headers: IncomingMessage['headers']; body: Buffer };

function forwarded(request: IncomingMessage, path: string, body: Buffer, port: number): Promise<Got> {
	return new Promise((done, failed) => {
		// Compressed here, alike for all, and not by some servers in their own way.
		const headers = {
			...request.headers,
			'accept-encoding': 'identity',
			'content-length': String(body.length)
		};
		const { method } = request;
		const onward = ask({ host: '127.0.0.1', port, path, method, headers }, (response) => {
			bodyOf(response).then(
				(whole) => done({ status: response.statusCode ?? 502, headers: response.headers, body: whole }),
				failed
			);
		});
		onward.on('error', failed);
		onward.end(body);
	});
}
