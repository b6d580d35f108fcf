import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
export const types: Record<string, string> = {
	'.html': 'text/html',
	'.js': 'text/javascript',
	'.wasm': 'application/wasm'
};

export type Answer = { status: number; body: unknown };
export type Site = { url: string; close: () => Promise<void> };

/** A page, built like the product, in a folder that whoever asked takes away. */
export async function buildPage(root: string): Promise<string> {
	const outDir = mkdtempSync(join(tmpdir(), 'escale-bench-page-'));
	await build({
		configFile: false,
		logLevel: 'error',
		root,
		define: { global: 'globalThis' },
		resolve: { alias: { events: join(here, 'page/events.ts') } },
		worker: { format: 'es' },
		build: { outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 5000 }
	});
	return outDir;
}

/** The bench page and `POST /api/sync` on the same origin. */
export async function serveBench(sync: (request: unknown) => Promise<Answer>): Promise<Site> {
	const outDir = await buildPage(join(here, 'page'));
	const server = createServer((request, response) => {
		answer(request, response).catch((error: unknown) => {
			console.error(error);
			response.writeHead(500).end();
		});
	});
	async function answer(request: IncomingMessage, response: ServerResponse) {
		const path = new URL(request.url ?? '/', 'http://bench').pathname;
		if (request.method === 'POST' && path === '/api/sync') {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk);
			const { status, body } = await sync(JSON.parse(Buffer.concat(chunks).toString('utf8')));
			response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
			return;
		}
		const file = path === '/' ? '/index.html' : path;
		try {
			const content = readFileSync(join(outDir, file.replaceAll('..', '')));
			response
				.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' })
				.end(content);
		} catch {
			response.writeHead(404).end();
		}
	}
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('the bench server has no port');
	return {
		url: `http://localhost:${address.port}/`,
		async close() {
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
			rmSync(outDir, { recursive: true, force: true });
		}
	};
}
