import Sqlite from 'better-sqlite3';
import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoEmail, demoPassword, expect, openAs, Tablet, test, type ServerProcess } from './harness.ts';
import { createYouth, go, sent, title, unlock } from './screens.ts';

test.use({ start: 'demo' });

/** How often the server has created a youth of this name: read past the application. */
function created(server: ServerProcess, firstName: string): number {
	const db = new Sqlite(join(server.data, 'escale.sqlite'), { readonly: true });
	try {
		const rows = db
			.prepare(`select body from operation where outcome = 'applied' and body like ?`)
			.all(`%"firstName":"${firstName}"%`);
		return rows.length;
	} finally {
		db.close();
	}
}

async function lock(page: Page) {
	await page.getByRole('link', { name: /État de la tablette/ }).click();
	await page.getByRole('button', { name: 'Verrouiller' }).click();
	await expect(title(page, 'Ouvrir la tablette')).toBeVisible();
}

/** Captures offline, then locks. */
async function captureAndLock(page: Page, server: ServerProcess, firstName: string) {
	await sent(page);
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await server.kill();
	await createYouth(page, firstName, 'Sentinelle');
	await lock(page);
}

test('[P12] what was captured offline leaves from the lock screen, without the passphrase', async ({
	server
}) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await captureAndLock(page, server, 'Aliénor');
	await expect(page.getByText(/1 saisie attend l’envoi/)).toBeVisible();
	await expect(page.getByText('Le serveur ne répond pas pour le moment', { exact: false })).toBeVisible();

	await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
	await expect(page.getByText(/1 saisie attend l’envoi/)).toBeVisible();

	await server.resume();
	await expect(page.getByText(/attend l’envoi/)).toBeHidden({ timeout: 60_000 });
	expect(created(server, 'Aliénor')).toBe(1);

	await unlock(page, passphrase);
	await go(page, 'Aujourd’hui');
	await sent(page);
	await go(page, 'Jeunes');
	await page.getByRole('searchbox').fill('Aliénor');
	await expect(page.getByRole('link', { name: /^Aliénor/ })).toHaveCount(1);
	expect(created(server, 'Aliénor')).toBe(1);
});

test('[P12] the service worker delivers when the browser wakes it, with no page of Escale open', async ({
	server
}) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await captureAndLock(page, server, 'Bérengère');
	await page.goto(`${server.origin}/icon.svg`);
	await server.resume();
	expect(created(server, 'Bérengère')).toBe(0);

	const devtools = await tablet.context.newCDPSession(page);
	const registration = new Promise<string>((found) =>
		devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
			const [own] = registrations.filter(({ isDeleted }) => !isDeleted);
			if (own) found(own.registrationId);
		})
	);
	await devtools.send('ServiceWorker.enable');
	const waking = { origin: server.origin, registrationId: await registration, tag: 'escale-queue' };
	await devtools.send('ServiceWorker.dispatchSyncEvent', { ...waking, lastChance: false });
	await expect.poll(() => created(server, 'Bérengère'), { timeout: 30_000 }).toBe(1);

	await page.goto(server.origin);
	await unlock(page, passphrase);
	await sent(page);
	expect(created(server, 'Bérengère')).toBe(1);
});

test('[P12] a queue goes by file through a colleague’s tablet, sealed, and counts once with the tablet’s own sending', async ({
	server
}) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await using colleague = new Tablet();
	const desk = await colleague.open({ viewport: { width: 1180, height: 820 } });
	await openAs(desk, server, 'responsable');
	await captureAndLock(page, server, 'Clotilde');
	const downloading = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Exporter la file' }).click();
	const download = await downloading;
	expect(download.suggestedFilename()).toMatch(/^escale-file-\d{4}-\d\d-\d\d\.json$/);
	await expect(page.getByText('1 saisie dans le fichier', { exact: false })).toBeVisible();
	const file = await download.path();
	const text = readFileSync(file, 'utf8');
	for (const word of ['Clotilde', 'Sentinelle', 'firstName']) expect(text).not.toContain(word);

	const choose = async (chosen: { name: string; mimeType: string; buffer: Buffer }) => {
		const choosing = desk.waitForEvent('filechooser');
		await desk.getByRole('button', { name: 'Remettre une file' }).click();
		await (await choosing).setFiles(chosen);
	};
	const queue = { name: 'file.json', mimeType: 'application/json', buffer: Buffer.from(text) };
	await desk.getByRole('link', { name: /État de la tablette/ }).click();
	await choose({ ...queue, buffer: Buffer.from(text.slice(0, -40)) });
	await expect(desk.getByText('Ce fichier n’est pas une file d’Escale', { exact: false })).toBeVisible();
	await choose(queue);
	await expect(desk.getByText('Le serveur ne répond plus : 0 sur 1 remises', { exact: false })).toBeVisible();
	await page.goto('about:blank');
	await server.resume();
	await choose({ ...queue, buffer: Buffer.from(text.replace(/"proof":"./, '"proof":"!')) });
	await expect(desk.getByText('Le serveur n’a pris que 0 saisies sur 1', { exact: false })).toBeVisible();
	await choose(queue);
	await expect(desk.getByText('1 saisie remise : elle est enregistrée.')).toBeVisible();
	expect(created(server, 'Clotilde')).toBe(1);

	await page.goto(server.origin);
	await unlock(page, passphrase);
	await sent(page);
	await choose(queue);
	await expect(desk.getByText('1 saisie remise : elle est enregistrée.')).toBeVisible();
	expect(created(server, 'Clotilde')).toBe(1);
});

test('a forgotten passphrase loses nothing that was saved', async ({ server }) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	await openAs(page, server, 'conseillere');
	await captureAndLock(page, server, 'Dioclétien');
	await server.resume();
	await expect(page.getByText(/attend l’envoi/)).toBeHidden({ timeout: 60_000 });
	await page.getByRole('button', { name: 'Quelqu’un d’autre, ou phrase oubliée' }).click();
	await page.locator('summary', { hasText: 'Remettre une file' }).click();
	await expect(page.getByRole('button', { name: 'Remettre une file' })).toBeVisible();
	await page.getByLabel('E-mail').fill(demoEmail('conseillere'));
	await page.getByLabel('Mot de passe').fill(demoPassword);
	await page.getByRole('button', { name: 'Se connecter' }).click();
	const fresh = (await page.getByTestId('suggestion').innerText()).trim();
	await page.getByLabel('Retapez la phrase proposée').fill(fresh);
	await page.getByRole('button', { name: 'Chiffrer et continuer' }).click();
	await page.getByRole('navigation', { name: 'Principale' }).waitFor({ timeout: 60_000 });
	await go(page, 'Jeunes');
	await page.getByRole('searchbox').fill('Dioclétien');
	await expect(page.getByRole('link', { name: /^Dioclétien/ })).toHaveCount(1);
});
