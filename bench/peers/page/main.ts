import type { TabletSystem } from '../../sync/system.ts';

/** One page for the three; only the one named in the address is loaded. */
const systems: Record<string, () => Promise<TabletSystem>> = {
	pouchdb: async () => (await import('./pouchdb.ts')).pouchdb,
	rxdb: async () => (await import('./rxdb.ts')).rxdb,
	tinybase: async () => (await import('./tinybase.ts')).tinybase
};

const wanted = systems[new URL(location.href).searchParams.get('system') ?? ''];
if (!wanted) throw new Error('no such system');
window.system = await wanted();
