import { installPeers } from './peers.ts';
import { buildPages, onBed, systemNames } from './bed.ts';
import { makeRecords } from '../records.ts';
import { COUNTED, HOME } from './system.ts';
installPeers();
const N = Number(process.env.N ?? 1000);
const pages = await buildPages();
for (const name of systemNames.filter((n) => !process.argv[2] || n === process.argv[2])) {
	console.log('==', name);
	try {
		await onBed(name, pages, async ({ server, front, device }) => {
			const made = makeRecords(N, HOME, 7);
			await server.command({ do: 'add', records: [{ ...COUNTED, site: HOME, fields: { flyers: 0 } }, ...made].map(({kind,id,site,fields})=>({kind,id,site,fields})) });
			const d = device(process.env.MOBILE === '1');
			await d.start();
			await d.open(server.ready.session);
			const show = async (what: string, x: unknown) => { console.log(what, JSON.stringify(x), JSON.stringify(front.traffic()), JSON.stringify(await d.messages())); front.reset(); };
			front.reset();
			await show('pull', await d.sync(made.slice(-50).map((r) => r.id)));
			await show('noop', await d.sync());
			await server.command({ do: 'add', records: makeRecords(100, HOME, 8) });
			await show('pull100', await d.sync());
			await d.queue(makeRecords(1000, HOME, 9));
			await show('push', await d.sync());
			await d.increment(5);
			await show('inc', await d.sync());
			await d.prepare();
			await d.start();
			await show('cold', await d.cold(server.ready.session));
			const h = await d.held();
			const s = await server.command({ do: 'held' });
			console.log('device', h.ids.length, h.counter, 'server', s?.ids.length, s?.counter);
		});
	} catch (e) { console.log('FAILED', e); }
}
pages.remove();
process.exit(0);
