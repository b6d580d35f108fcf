import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '#lib/server/database/migrate.ts';
import { loadRecords } from '#lib/server/records.ts';
import { bases, type TestBase } from '../fixtures/bases.ts';
import { organisationOn, serverOn, Tablet } from '../fixtures/exchange.ts';
import { migrateAsVersion1, underVersion1 } from '../fixtures/version1.ts';

const before = await underVersion1(() => import('../fixtures/exchange.ts'));

describe.each(bases)('[P7] a base of version 1 becomes one of version 2: $base', ({ open }) => {
	let base: TestBase;
	beforeEach(async () => {
		base = await open(migrateAsVersion1);
	});
	afterEach(() => base.close());

	it('works', async () => {
		const server = before.serverOn(base);
		const home = await before.organisationOn(server);
		const tablet = new before.Tablet(server, home.person());
		const id = tablet.create('youth', { firstName: 'Kenza', languages: 'arabe, tchoutche' });
		await tablet.sync();
		expect(tablet.fieldsOf(id)).toEqual({ firstName: 'Kenza', languages: 'arabe, tchoutche' });
		expect(await migrate(base.db, base.schema)).toEqual(['0004-languages']);
		console.log((await loadRecords(base.db, home.id, [id])).get(id)?.data);
	});
});
