import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPage } from '../site.ts';
import { startServer, type ServerProcess } from './child.ts';
import { Device } from './device.ts';
import { openFront, type Front } from './front.ts';
import type { SystemName } from './system.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const servers: Record<SystemName, string> = {
	escale: at('./server.ts'),
	pouchdb: at('../peers/servers/pouchdb.ts'),
	rxdb: at('../peers/servers/rxdb.ts'),
	tinybase: at('../peers/servers/tinybase.ts')
};
/** Each client reads its own server's: PouchDB breaks on another. */
const expired: Record<SystemName, object> = {
	escale: { error: { code: 'unauthenticated', detail: 'session' } },
	pouchdb: { error: 'unauthorized', reason: 'You are not authorized to access this db.' },
	rxdb: {},
	tinybase: {}
};
export const systemNames: SystemName[] = ['escale', 'pouchdb', 'rxdb', 'tinybase'];

export type Pages = { of(name: SystemName): string; remove(): void };

/** The two pages, built once for the whole run. */
export async function buildPages(): Promise<Pages> {
	const ours = await buildPage(at('./page/'));
	const peers = await buildPage(at('../peers/page/'));
	return {
		of: (name) => (name === 'escale' ? ours : peers),
		remove() {
			for (const folder of [ours, peers]) rmSync(folder, { recursive: true, force: true });
		}
	};
}

/** One system with its server process on an empty base, the front before it, and tablets as asked. */
export type Bed = { name: SystemName; server: ServerProcess; front: Front; device(mobile?: boolean): Device };

export async function onBed<T>(
	name: SystemName,
	pages: Pages,
	measure: (bed: Bed) => Promise<T>
): Promise<T> {
	const folder = mkdtempSync(join(tmpdir(), 'escale-bench-server-'));
	const devices: Device[] = [];
	const server = await startServer(servers[name], folder);
	const front = await openFront(pages.of(name), server.ready.port, expired[name]);
	try {
		return await measure({
			name,
			server,
			front,
			device(mobile = false) {
				const device = new Device(`${front.url}?system=${name}`, { mobile });
				devices.push(device);
				return device;
			}
		});
	} finally {
		for (const device of devices) await device.close();
		await front.close();
		await server.close();
		rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	}
}
