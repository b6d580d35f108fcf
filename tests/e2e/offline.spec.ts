import { demoEmail, demoPassword, expect, openAs, Tablet, test } from './harness.ts';
import { go, logEncounter, openSite, savedToast, sealedDrafts, startOuting, unlock } from './screens.ts';

test.use({ start: 'demo' });

test('days without the server: what said « enregistré » survives a dead browser and arrives once', async ({
	server
}) => {
	await using tablet = new Tablet();
	let page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await server.kill();

	await startOuting(page, 'Hameau perdu');
	await logEncounter(page, 'Cunégonde');
	await expect(savedToast(page)).toBeVisible();
	await tablet.kill();

	page = await tablet.open();
	await page.goto(`${server.origin}/terrain`);
	await unlock(page, passphrase);
	await page.getByRole('link', { name: 'Continuer : Hameau perdu' }).click();
	await expect(page.getByRole('link', { name: /^Cunégonde/ })).toHaveCount(1);
	await openSite(page);
	await page.getByRole('link', { name: '+ Visite' }).click();
	await page.getByLabel('Prénom et nom (facultatif)').fill('Hildegarde');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByRole('link', { name: 'Hildegarde' })).toBeVisible();
	await expect(page.getByRole('link', { name: /en attente/ })).toBeVisible();

	await server.resume();
	// A browser that is killed may have forgotten its cookies: then the tablet says so, keeps everything, and one signs in again.
	await page.getByRole('link', { name: /État de la tablette/ }).click();
	await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
	const forgotten = page.getByText('Votre session au serveur est finie');
	await expect(page.getByText('Rien à envoyer').or(forgotten).first()).toBeVisible({ timeout: 30_000 });
	if (await forgotten.isVisible()) {
		await page.getByLabel('E-mail').fill(demoEmail('conseillere'));
		await page.getByLabel('Mot de passe').fill(demoPassword);
		await page.getByRole('button', { name: 'Se connecter' }).click();
	}
	await expect(page.getByText('Rien à envoyer')).toBeVisible({ timeout: 30_000 });

	await using headquarters = new Tablet();
	const desk = await headquarters.open({ viewport: { width: 1180, height: 820 } });
	await openAs(desk, server, 'direction');
	await go(desk, 'Jeunes');
	for (const name of ['Cunégonde', 'Hildegarde']) {
		await desk.getByRole('searchbox').fill(name);
		await expect(desk.getByRole('link', { name: new RegExp(`^${name}`) })).toHaveCount(1);
	}
});

test('a half-filled form is found again after the battery died, and can be thrown away', async ({
	server
}) => {
	await using tablet = new Tablet();
	let page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await startOuting(page, 'Place');
	const form = `${page.url()}/rencontre`;
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.getByLabel('Prénom ou surnom (facultatif)').fill('Théophraste');
	await expect.poll(() => sealedDrafts(page)).not.toBe('');
	const before = await sealedDrafts(page);
	await page.getByRole('button', { name: '22–25' }).click();
	await expect.poll(() => sealedDrafts(page)).not.toBe(before);
	await tablet.kill();

	page = await tablet.open();
	await page.goto(form);
	await unlock(page, passphrase);
	await expect(page.getByText('Brouillon retrouvé')).toBeVisible();
	await expect(page.getByLabel('Prénom ou surnom (facultatif)')).toHaveValue('Théophraste');
	await expect(page.getByRole('button', { name: '22–25' })).toHaveAttribute('aria-pressed', 'true');
	await page.getByRole('button', { name: 'Recommencer' }).click();
	await expect(page.getByLabel('Prénom ou surnom (facultatif)')).toHaveValue('');
});

test('[F27] killed in the middle of saves: each one is there whole or not at all', async ({ server }) => {
	await using tablet = new Tablet();
	let page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await server.kill();
	await startOuting(page, 'Digue');
	const address = page.url();
	const add = page.getByRole('button', { name: /^Approchés \d+, en ajouter/ });
	for (let i = 0; i < 5; i++) await add.click();
	await expect(add).toHaveAccessibleName(/^Approchés 5,/);
	await add.click({ noWaitAfter: true });
	await tablet.kill();

	page = await tablet.open();
	await page.goto(address);
	await unlock(page, passphrase);
	await expect(page.getByRole('button', { name: /^Approchés [56],/ })).toBeVisible();
});
