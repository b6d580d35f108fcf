import type { Page } from '@playwright/test';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { Proxy } from '../fixtures/proxy.ts';
import { demoEmail, demoPassword, expect, openAs, Tablet, test, type ServerProcess } from './harness.ts';
import {
	createYouth,
	go,
	logEncounter,
	openSite,
	savedToast,
	sealedDrafts,
	sent,
	startOuting,
	unlock
} from './screens.ts';

test.use({ start: 'demo' });

const atWork = (page: Page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

/** How many records of a kind hold a word, as the server's base says. */
function count(server: ServerProcess, kind: string, word: string): number {
	const db = new Database(join(server.data, 'escale.sqlite'), { readonly: true });
	const found = db
		.prepare<[string, string], { n: number }>(
			'select count(*) as n from record where kind = ? and instr(data, ?) > 0'
		)
		.get(kind, word);
	db.close();
	return found?.n ?? 0;
}

async function sendNow(page: Page) {
	await page.getByRole('link', { name: /État de la tablette/ }).click();
	await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
	await expect(page.getByText('Rien à envoyer')).toBeVisible({ timeout: 30_000 });
}

test('[F28] [F14] the server is killed between applying a push and answering: sent again, everything is there once', async ({
	server
}) => {
	await using proxy = await Proxy.to(server.port);
	await using tablet = new Tablet();
	const page = await tablet.open();
	await openAs(page, proxy, 'conseillere');
	await atWork(page);
	await startOuting(page, 'Passerelle coupée');
	await sent(page);

	/** Does something while answers are kept back, and kills the server once the push that carries it was dealt with. */
	const killedInFlight = async (act: () => Promise<void>, arrived: () => number) => {
		const held = proxy.hold();
		await act();
		await held;
		expect(arrived(), 'the push was applied').toBe(1);
		await server.kill();
		proxy.cut();
		await server.resume();
	};
	await killedInFlight(
		() => logEncounter(page, 'Cunégonde'),
		() => count(server, 'youth', 'Cunégonde')
	);
	const flyers = page.getByRole('button', { name: /^Dépliants \d+, en ajouter/ });
	await sendNow(page);
	await page.goBack();
	await killedInFlight(
		() => flyers.click(),
		() => count(server, 'outing', 'Passerelle coupée')
	);
	await flyers.click();
	await expect(flyers).toHaveAccessibleName(/^Dépliants 2,/);
	await sendNow(page);
	await openSite(page);
	await sent(page);
	await killedInFlight(
		async () => {
			await page.getByRole('link', { name: '+ Visite' }).click();
			await page.getByLabel('Prénom et nom (facultatif)').fill('Hildegarde');
			await page.getByRole('button', { name: 'Enregistrer' }).click();
			await expect(page.getByRole('link', { name: 'Hildegarde' })).toBeVisible();
		},
		() => count(server, 'youth', 'Hildegarde')
	);
	await sendNow(page);

	const db = new Database(join(server.data, 'escale.sqlite'), { readonly: true });
	const linked = db
		.prepare<[string], { kind: string; n: number }>(
			`select l.kind, count(*) as n from record l join record y on y.kind = 'youth' and instr(l.data, y.id) > 0 where instr(y.data, ?) > 0 group by l.kind order by l.kind`
		)
		.all('Cunégonde');
	const visits = db
		.prepare<[], { n: number }>(
			`select count(*) as n from record l join record y on y.kind = 'youth' and instr(l.data, y.id) > 0 where l.kind = 'visit' and instr(y.data, 'Hildegarde') > 0`
		)
		.get();
	db.close();
	expect(linked).toContainEqual({ kind: 'encounter', n: 1 });
	expect(visits?.n).toBe(1);
	for (const name of ['Cunégonde', 'Hildegarde']) expect(count(server, 'youth', name)).toBe(1);

	await using headquarters = new Tablet();
	const desk = await headquarters.open();
	await openAs(desk, server, 'direction');
	await desk.getByRole('link', { name: 'Passerelle coupée' }).click();
	await expect(desk.getByRole('button', { name: /^Dépliants 2,/ })).toBeVisible();
	await expect(desk.getByRole('link', { name: /^Cunégonde/ })).toHaveCount(1);
});

test('[F27] killed inside a save of four records: none of them is there and the form is; killed after it: all are', async ({
	server
}) => {
	await using tablet = new Tablet();
	let page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await atWork(page);
	await startOuting(page, 'Quai');
	await sent(page);
	await server.kill();
	const outing = page.url();
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.waitForURL(/\/rencontre$/);
	const form = page.url();
	await page.getByLabel('Prénom ou surnom (facultatif)').fill('Zélie Tramontane');
	await expect.poll(() => sealedDrafts(page)).not.toBe('');
	const before = await sealedDrafts(page);
	await page.getByLabel('Téléphone').fill('06 39 98 44 55');
	await page.getByRole('button', { name: 'Oui, dit de vive voix' }).click();
	await page.getByRole('button', { name: 'Demain' }).click();
	await expect.poll(() => sealedDrafts(page)).not.toBe(before);
	await page.evaluate(() => {
		const add = IDBObjectStore.prototype.add;
		IDBObjectStore.prototype.add = function (value: unknown, key?: IDBValidKey) {
			const request = add.call(this, value, key);
			if (this.name !== 'queue') return request;
			// A transaction that is always asked one thing more never completes.
			const ask = () => this.get(-1).addEventListener('success', ask);
			ask();
			document.documentElement.dataset['inside'] = 'yes';
			return request;
		};
	});
	await page.getByRole('button', { name: 'Enregistrer' }).click({ noWaitAfter: true });
	await expect(page.locator('html[data-inside=yes]')).toBeAttached();
	await tablet.kill();

	page = await tablet.open();
	await page.goto(outing);
	await unlock(page, passphrase);
	await expect(page.getByText('Aucune rencontre notée')).toBeVisible();
	await expect(page.getByRole('link', { name: /Rien à envoyer/ })).toBeVisible();
	await go(page, 'Jeunes');
	await page.getByRole('searchbox').fill('Tramontane');
	await expect(page.getByText('Personne ne correspond')).toBeVisible();
	await page.goto(form);
	await unlock(page, passphrase);
	await expect(page.getByLabel('Prénom ou surnom (facultatif)')).toHaveValue('Zélie Tramontane');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(savedToast(page)).toBeVisible();
	await tablet.kill();

	page = await tablet.open();
	await page.goto(outing);
	await unlock(page, passphrase);
	await expect(page.getByRole('link', { name: /^Zélie T/ })).toHaveCount(1);
	await expect(page.getByRole('link', { name: /1 en attente/ })).toBeVisible();
	await go(page, 'Jeunes');
	await page.getByRole('searchbox').fill('Tramontane');
	await page.getByRole('link', { name: /^Zélie Tramontane/ }).click();
	await expect(page.getByText('Appel pour demain')).toBeVisible();
	await expect(page.getByText('donné, dit, aujourd’hui')).toBeVisible();
});

const day = 86_400_000;
for (const [words, off, said] of [
	['three days ahead', 3 * day, /avance de 3 jours/],
	['five years ahead', 5 * 365 * day, /avance de 1825 jours/],
	['five years behind', -5 * 365 * day, /retarde de 1825 jours/]
] as const)
	test(`[F22] a clock ${words} is said; what is captured arrives, and nobody else is troubled`, async ({
		server
	}) => {
		await using tablet = new Tablet();
		const page = await tablet.open();
		await page.clock.setSystemTime(Date.now() + off);
		const passphrase = await openAs(page, server, 'conseillere');
		expect(passphrase).not.toBe('');
		await expect(page.getByText(said)).toBeVisible();
		await createYouth(page, 'Artémise', 'Peyrelongue');
		await sent(page);
		expect(count(server, 'youth', 'Peyrelongue')).toBe(1);

		await using headquarters = new Tablet();
		const desk = await headquarters.open();
		await openAs(desk, server, 'direction');
		await go(desk, 'Jeunes');
		await desk.getByRole('searchbox').fill('Peyrelongue');
		await desk.getByRole('link', { name: /^Artémise Peyrelongue/ }).click();
		await expect(desk.getByText(/L’horloge de cette tablette/)).toBeHidden();
		// An edit by the right clock is not undone by the wrong one.
		await desk.getByRole('link', { name: 'Modifier' }).click();
		await desk.getByLabel('Commune').fill('Gelos');
		await desk.getByRole('button', { name: 'Enregistrer' }).click();
		await sent(desk);
		await sendNow(page);
		await page.goBack();
		await expect(page.getByText('Gelos', { exact: true })).toBeVisible();
	});

test('the first sync says how many records have come of how many, and both are true', async ({
	server,
	page
}) => {
	await using proxy = await Proxy.to(server.port);
	const answers: { came: number; remaining: number }[] = [];
	page.on('response', async (response) => {
		if (!response.url().endsWith('/api/sync')) return;
		const { sites, remaining } = (await response.json()) as {
			sites: Record<string, { rows: unknown[] }>;
			remaining: number;
		};
		const came = Object.values(sites).reduce((sum, { rows }) => sum + rows.length, 0);
		answers.push({ came, remaining });
	});
	await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
	const first = proxy.hold();
	await page.goto(proxy.origin);
	await page.getByLabel('E-mail').fill(demoEmail('conseillere'));
	await page.getByLabel('Mot de passe').fill(demoPassword);
	await page.getByRole('button', { name: 'Se connecter' }).click();
	const phrase = await page.getByTestId('suggestion').innerText();
	await page.getByLabel('Retapez la phrase proposée').fill(phrase);
	await page.getByRole('button', { name: 'Chiffrer et continuer' }).click();
	await first;
	await expect(page.getByText('On compte les fiches…')).toBeVisible();
	// The second answer is kept back, so that what the first one says stays on the screen.
	await proxy.letThrough();
	const figure = (n: number) => n.toLocaleString('fr-FR').replace(/\s/g, '\\s');
	await expect.poll(() => answers.length).toBe(1);
	const { came = 0, remaining = 0 } = answers[0] ?? {};
	expect(remaining).toBeGreaterThan(0);
	await expect(
		page.getByText(new RegExp(`${figure(came)} fiches sur ${figure(came + remaining)}$`))
	).toBeVisible();
	await expect(page.getByRole('progressbar')).toHaveJSProperty('value', came);
	await expect(page.getByRole('progressbar')).toHaveJSProperty('max', came + remaining);
	proxy.release();
	await expect(page.getByRole('progressbar')).toBeHidden({ timeout: 30_000 });
	await expect.poll(() => answers.reduce((sum, answer) => sum + answer.came, 0)).toBe(came + remaining);
});
