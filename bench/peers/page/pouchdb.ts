import PouchDB from 'pouchdb-browser';
import { COUNTED, type Held, type TabletSystem } from '../../sync/system.ts';
import { docOf, FOUND, SEARCHED, type Doc } from '../doc.ts';

/**
 * PouchDB with its idb adapter and its own replication, one-shot both ways at once (`sync`), in batches of 1,000: with
 * its default of 100 it takes longer and asks more often. Records are searched by a persisted view.
 */
const BATCH = 1000;
let db: PouchDB<Doc> | undefined;
let filter: { filter: string; query_params: { sites: string } } | undefined;

const opened = (): PouchDB<Doc> =>
	(db ??= new PouchDB<Doc>('bench', { adapter: 'idb', auto_compaction: false }));

const view = {
	_id: '_design/names',
	views: { byName: { map: "function (doc) { if (doc.kind === 'youth') emit(doc.name); }" } }
};

export const pouchdb: TabletSystem = {
	async open(_, sites) {
		await opened().info();
		filter = sites && { filter: 'scope/sites', query_params: { sites: sites.join(',') } };
	},

	async sync(newest = []) {
		const from = performance.now();
		const missing = new Set(newest);
		let newestAt: number | undefined;
		const remote = new PouchDB<Doc>(`${location.origin}/sync/records`, { skip_setup: true });
		const options = { batch_size: BATCH, batches_limit: 10 };
		const notOurs = { filter: (doc: { _id: string }) => !doc._id.startsWith('_design/') };
		const running = opened().sync(remote, { ...options, pull: { ...filter }, push: notOurs });
		running.on('change', ({ direction, change }) => {
			if (direction !== 'pull') return;
			for (const doc of change.docs) missing.delete(doc._id);
			if (missing.size === 0) newestAt ??= performance.now() - from;
		});
		await running;
		return { ms: performance.now() - from, newest: newestAt };
	},

	async queue(records) {
		const results = await opened().bulkDocs(records.map((record) => ({ ...docOf(record), _id: record.id })));
		if (results.some((result) => 'error' in result)) throw new Error('not all were queued');
	},

	async increment(times) {
		for (let i = 0; i < times; i++) {
			const doc = await opened().get(COUNTED.id);
			doc.fields[COUNTED.field] = Number(doc.fields[COUNTED.field] ?? 0) + 1;
			await opened().put(doc);
		}
	},

	async cold() {
		const from = performance.now();
		const result = await opened().query('names/byName', {
			startkey: SEARCHED,
			endkey: `${SEARCHED}\uffff`,
			limit: FOUND,
			include_docs: true
		});
		const search = performance.now() - from;
		// The second question to a base that is open already: its opening is counted once.
		const again = performance.now();
		const all = await opened().allDocs({ include_docs: true });
		return {
			search,
			found: result.rows.length,
			whole: performance.now() - again,
			count: all.rows.filter(({ id }) => !id.startsWith('_design/')).length
		};
	},

	async prepare() {
		await opened()
			.put(view)
			.catch(() => undefined);
		await opened().query('names/byName', { limit: 0 });
	},

	async held() {
		const result: Held = { ids: [], sites: {}, counter: undefined };
		const { rows } = await opened().allDocs({ include_docs: true });
		for (const { id, doc } of rows) {
			if (!doc || id.startsWith('_design/')) continue;
			if (id === COUNTED.id) result.counter = Number(doc.fields[COUNTED.field] ?? 0);
			else {
				result.ids.push(id);
				result.sites[doc.site] = (result.sites[doc.site] ?? 0) + 1;
			}
		}
		return result;
	},

	messages: () => ({ count: 0, up: 0, down: 0 })
};
