import { createRxDatabase, type RxCollection } from 'rxdb/plugins/core';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { COUNTED, type Held, type TabletSystem } from '../../sync/system.ts';
import { docOf, FOUND, SEARCHED, type Doc } from '../doc.ts';

/**
 * RxDB with the Dexie storage that comes free, without the development plugin, one tab. One collection for all kinds
 * (the free version allows 16): one replication, one checkpoint. Batches of 1,000 both ways; its default of 100 asks
 * ten times as often.
 */
const BATCH = 1000;
let records: RxCollection<Doc> | undefined;

async function opened(): Promise<RxCollection<Doc>> {
	if (records) return records;
	const database = await createRxDatabase({
		name: 'bench',
		storage: getRxStorageDexie(),
		multiInstance: false
	});
	const collections = await database.addCollections<{ records: RxCollection<Doc> }>({
		records: { schema }
	});
	return (records = collections.records);
}

const text = (maxLength: number) => ({ type: 'string', maxLength });
const schema = {
	version: 0,
	primaryKey: 'id',
	type: 'object',
	properties: {
		id: text(40),
		kind: text(20),
		site: text(40),
		name: text(60),
		fields: { type: 'object', additionalProperties: true }
	},
	required: ['id', 'kind', 'site', 'name', 'fields'],
	indexes: [['kind', 'name']]
};

type Checkpoint = { updatedAt: number; id: string };

async function answered(response: Response) {
	if (!response.ok) throw new Error(`the server answered ${response.status}`);
	return response.json();
}

export const rxdb: TabletSystem = {
	async open() {
		await opened();
	},

	async sync(newest = []) {
		const collection = await opened();
		const from = performance.now();
		const missing = new Set(newest);
		let newestAt: number | undefined;
		const running = replicateRxCollection<Doc, Checkpoint>({
			collection,
			replicationIdentifier: 'bench-http',
			live: false,
			waitForLeadership: false,
			retryTime: 1000,
			pull: {
				batchSize: BATCH,
				async handler(checkpoint, limit) {
					const { updatedAt, id } = checkpoint ?? { updatedAt: 0, id: '' };
					return answered(await fetch(`/sync/pull?updatedAt=${updatedAt}&id=${id}&limit=${limit}`));
				}
			},
			push: {
				batchSize: BATCH,
				async handler(rows) {
					return answered(
						await fetch('/sync/push', {
							method: 'POST',
							headers: { 'content-type': 'application/json' },
							body: JSON.stringify(rows)
						})
					);
				}
			}
		});
		running.received$.subscribe(({ id }) => {
			missing.delete(id);
			if (missing.size === 0) newestAt ??= performance.now() - from;
		});
		await running.awaitInitialReplication();
		const ms = performance.now() - from;
		await running.cancel();
		return { ms, newest: newestAt };
	},

	async queue(made) {
		const { error } = await (await opened()).bulkInsert(made.map(docOf));
		if (error.length) throw new Error('not all were queued');
	},

	async increment(times) {
		for (let i = 0; i < times; i++) {
			const doc = await (await opened()).findOne(COUNTED.id).exec(true);
			await doc.incrementalModify((data) => {
				const count = Number(data.fields[COUNTED.field] ?? 0) + 1;
				return { ...data, fields: { ...data.fields, [COUNTED.field]: count } };
			});
		}
	},

	async cold() {
		const from = performance.now();
		const collection = await opened();
		const opening = performance.now() - from;
		const found = await collection
			.find({
				selector: { kind: 'youth', name: { $gte: SEARCHED, $lt: `${SEARCHED}\uffff` } },
				sort: [{ kind: 'asc' }, { name: 'asc' }],
				limit: FOUND
			})
			.exec();
		const search = performance.now() - from;
		const again = performance.now();
		const all = await collection.find().exec();
		const whole = opening + performance.now() - again;
		return { search, found: found.length, whole, count: all.length };
	},

	async prepare() {
		// The index of the schema is kept by every write.
	},

	async held() {
		const result: Held = { ids: [], sites: {}, counter: undefined };
		for (const { id, site, fields } of await (await opened()).find().exec())
			if (id === COUNTED.id) result.counter = Number(fields[COUNTED.field] ?? 0);
			else {
				result.ids.push(id);
				result.sites[site] = (result.sites[site] ?? 0) + 1;
			}
		return result;
	},

	messages: () => ({ count: 0, up: 0, down: 0 })
};
