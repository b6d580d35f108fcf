import express from 'express';
import expressPouch from 'express-pouchdb';
import PouchDB from 'pouchdb-node';
import { join } from 'node:path';
import { serve } from '../../sync/child.ts';
import { COUNTED, type Command, type Held } from '../../sync/system.ts';
import { docOf, type Doc } from '../doc.ts';

/** express-pouchdb over PouchDB's LevelDB on the disk, in the mode it has for replicating; no log of requests. */
const Stored = PouchDB.defaults({ prefix: join(process.argv[2] ?? '.', 'pouch-') });
const app = express();
app.use('/sync', expressPouch(Stored, { mode: 'minimumForPouchDB' }));
// After the line above: express-pouchdb knows only of bases that were created since.
const db = new Stored<Doc>('records');
// Filtered replication as documented: a function of a design document, given the sites in scope.
await db.put({
	_id: '_design/scope',
	filters: {
		sites: 'function (doc, req) { return req.query.sites.split(",").indexOf(doc.site) >= 0; }'
	}
});

async function obey(command: Command): Promise<Held | undefined> {
	switch (command.do) {
		case 'add':
			await add(command.records.map((record) => ({ ...docOf(record), _id: record.id })));
			return undefined;
		case 'count':
			for (let i = 0; i < command.by; i++) await count();
			return undefined;
		case 'lose':
			// The filter is the client's to send: the application tells it which sites it still has.
			return undefined;
		case 'held':
			return held();
	}
}

async function add(docs: (Doc & { _id: string })[]): Promise<void> {
	for (let i = 0; i < docs.length; i += 2000) await db.bulkDocs(docs.slice(i, i + 2000));
}

async function count(): Promise<void> {
	const doc = await db.get(COUNTED.id);
	doc.fields[COUNTED.field] = Number(doc.fields[COUNTED.field] ?? 0) + 1;
	await db.put(doc);
}

async function held(): Promise<Held> {
	const result: Held = { ids: [], sites: {}, counter: undefined };
	const { rows } = await db.allDocs({ include_docs: true });
	for (const { id, doc } of rows) {
		if (!doc || id.startsWith('_design/')) continue;
		if (id === COUNTED.id) result.counter = Number(doc.fields[COUNTED.field] ?? 0);
		else {
			result.ids.push(id);
			result.sites[doc.site] = (result.sites[doc.site] ?? 0) + 1;
		}
	}
	return result;
}

const http = app.listen(0, '127.0.0.1', () => {
	const address = http.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	serve({ port: address.port, session: undefined }, obey);
});
