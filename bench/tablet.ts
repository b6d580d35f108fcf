import type { Page } from '@playwright/test';
import type { Session } from '#lib/protocol/session.ts';
import { openTablet, slowPage } from './chromium.ts';
import { percentile, type Figure } from './figure.ts';
import { openBenchServer } from './server.ts';
import { serveBench } from './site.ts';

export const tabletBenchmarks = ['first-sync', 'unlock', 'search', 'save', 'push'];

const FIRST_SYNC = 10_000;
const HELD = 20_000;
const SAVES = 200;
const PUSHED = 1000;
const TYPED = [
	'lacaze',
	'mendes garcia',
	'théo',
	'etchevery',
	'chloe bord',
	'0612',
	'zoé sal',
	'saint-martin'
];
const keystrokes = TYPED.flatMap((word) => Array.from(word, (_, i) => word.slice(0, i + 1)));

/** Everything that happens on a tablet: one browser profile, its vaults on the disk, the real handler over HTTP. */
export async function measureTablet(
	wanted: (name: string) => boolean
): Promise<{ figures: Figure[]; chromium: string }> {
	const figures: Figure[] = [];
	const server = await openBenchServer();
	let session: Session | undefined;
	const site = await serveBench(async (request) => {
		if (!session) return { status: 401, body: { error: { code: 'unauthenticated', detail: '' } } };
		return server.sync(request, session);
	});
	try {
		if (wanted('first-sync')) {
			session = await server.person(FIRST_SYNC);
			figures.push(...(await measureFirstSync(site.url, session)));
		}
		session = await server.person(HELD);
		const { figures: rest, chromium } = await measureHeld(site.url, session, wanted);
		return { figures: [...figures, ...rest], chromium };
	} finally {
		await site.close();
		await server.close();
	}
}

async function measureFirstSync(url: string, session: Session): Promise<Figure[]> {
	const tablet = await openTablet(url);
	try {
		const { page } = tablet;
		const { ms, stored, youths } = await page.evaluate((s) => window.bench.tablet.firstSync(s), session);
		if (youths * 5 !== FIRST_SYNC) throw new Error('the first sync is not whole');
		const site = session.sites[0]!;
		const pouch = await page.evaluate(([n, s]) => window.bench.peers.pouch(n, s), [
			FIRST_SYNC,
			site
		] as const);
		const rows = await page.evaluate(([n, s]) => window.bench.peers.clearRows(n, s), [
			FIRST_SYNC,
			site
		] as const);
		const records = `${FIRST_SYNC.toLocaleString('en-US')} records`;
		const pouchPeer = { name: 'PouchDB, bulkDocs', value: pouch.write };
		const rowsPeer = { name: 'Dexie rows in clear, bulkPut', value: rows.write };
		return [
			{
				of: 'first-sync',
				what: `${records} received, sealed and stored`,
				value: stored,
				unit: 'ms',
				promise: { timesPeer: 8 },
				peer: pouchPeer
			},
			{ of: 'first-sync', what: 'the same', value: stored, unit: 'ms', peer: rowsPeer },
			{
				of: 'first-sync',
				what: `${records} from first request to rest, over HTTP`,
				value: ms,
				unit: 'ms',
				peer: pouchPeer
			},
			{ of: 'first-sync', what: 'the same', value: ms, unit: 'ms', peer: rowsPeer }
		];
	} finally {
		await tablet.close();
	}
}

async function measureHeld(url: string, session: Session, wanted: (name: string) => boolean) {
	const tablet = await openTablet(url);
	const figures: Figure[] = [];
	const site = session.sites[0]!;
	try {
		await tablet.page.evaluate((s) => window.bench.tablet.firstSync(s), session);
		const context = tablet.page.context();
		await tablet.page.close();
		const page = await slowPage(context, url);
		const unlocked = await page.evaluate((n) => window.bench.tablet.unlock(n), HELD);
		if (wanted('unlock')) {
			const peer = await page.evaluate(([n, s]) => window.bench.peers.clearRows(n, s), [HELD, site] as const);
			const pouch = await page.evaluate(([n, s]) => window.bench.peers.pouch(n, s), [HELD, site] as const);
			const usable = unlocked.open + unlocked.search;
			const name = `key to first answered search, ${HELD.toLocaleString('en-US')} records`;
			figures.push(
				{
					of: 'unlock',
					what: name,
					value: usable,
					unit: 'ms',
					promise: { atMost: 1200 },
					peer: { name: 'Dexie rows in clear, toArray', value: peer.read }
				},
				{
					of: 'unlock',
					what: 'the same',
					value: usable,
					unit: 'ms',
					promise: { timesPeer: 3 },
					peer: { name: 'PouchDB, allDocs', value: pouch.read }
				},
				{ of: 'unlock', what: 'Argon2id of the passphrase, apart', value: unlocked.argon, unit: 'ms' },
				{
					of: 'unlock',
					what: 'memory of the page, unlocked',
					value: await heapOf(page),
					unit: 'MB',
					promise: { atMost: 120 }
				}
			);
		}
		if (wanted('search')) {
			const peer = await page.evaluate(([n, s, q]) => window.bench.peers.linearScan(n, s, q), [
				HELD,
				site,
				keystrokes
			] as const);
			const times = await page.evaluate((queries) => window.bench.tablet.search(queries), keystrokes);
			for (const [name, p] of [
				['p50', 0.5],
				['p95', 0.95]
			] as const)
				figures.push({
					of: 'search',
					what: `a keystroke among ${HELD / 5} youths, ${name}`,
					value: percentile(times, p),
					unit: 'ms',
					...(name === 'p95' && { promise: { atMost: 30 } }),
					peer: { name: 'linear scan, no typos', value: percentile(peer, p) }
				});
		}
		if (wanted('save')) {
			const peer = await page.evaluate(([n, s]) => window.bench.peers.clearPuts(n, s), [
				SAVES,
				site
			] as const);
			const times = await page.evaluate((n) => window.bench.tablet.save(n), SAVES);
			for (const [name, p] of [
				['p50', 0.5],
				['p95', 0.95]
			] as const)
				figures.push({
					of: 'save',
					what: `one save, sealed twice, durable, ${name}`,
					value: percentile(times, p),
					unit: 'ms',
					...(name === 'p95' && { promise: { atMost: 50 } }),
					peer: { name: 'Dexie row in clear, strict put', value: percentile(peer, p) }
				});
		}
		if (wanted('push')) {
			await page.evaluate((n) => window.bench.tablet.save(n), PUSHED - (wanted('save') ? SAVES : 0));
			const { ms, operations } = await page.evaluate(() => window.bench.tablet.push());
			figures.push({
				of: 'push',
				what: `push of ${operations} queued operations`,
				value: ms,
				unit: 'ms',
				promise: { atMost: 1000 }
			});
		}
		return { figures, chromium: tablet.version };
	} finally {
		await tablet.close();
	}
}

async function heapOf(page: Page): Promise<number> {
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('HeapProfiler.enable');
	await devtools.send('HeapProfiler.collectGarbage');
	const { usedSize } = await devtools.send('Runtime.getHeapUsage');
	return usedSize / 1e6;
}
