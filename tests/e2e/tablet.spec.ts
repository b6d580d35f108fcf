import { demoEmail, demoPassword, expect, openAs, Tablet, test } from './harness.ts';
import { go, title, unlock } from './screens.ts';

test.use({ start: 'demo' });

test('opened once with network, a tablet opens without: the server is dead and everything is there', async ({
	server
}) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await go(page, 'Jeunes');
	const count = await page.getByRole('status').filter({ hasText: 'fiches' }).innerText();
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await server.kill();
	await tablet.close();

	const again = await tablet.open();
	await again.goto(`${server.origin}/jeunes`);
	await again.getByLabel(/^Phrase de/).fill('ce n’est pas la phrase');
	await again.getByRole('button', { name: 'Ouvrir', exact: true }).click();
	await expect(again.getByRole('alert')).toContainText('Ce n’est pas la bonne phrase');
	await unlock(again, passphrase);
	await expect(title(again, 'Jeunes')).toBeVisible();
	await expect(again.getByRole('status').filter({ hasText: count })).toBeVisible();
});

test('a wrong password is said, then a phrase of one’s own is checked before it counts', async ({
	page,
	server
}) => {
	await page.goto(server.origin);
	await page.getByLabel('E-mail').fill(demoEmail('conseillere'));
	await page.getByLabel('Mot de passe').fill('pas le bon mot de passe');
	await page.getByRole('button', { name: 'Se connecter' }).click();
	await expect(page.getByRole('alert')).toContainText('inconnu');
	await page.getByLabel('Mot de passe').fill(demoPassword);
	await page.getByRole('button', { name: 'Se connecter' }).click();
	await page.getByRole('button', { name: 'Choisir la mienne' }).click();
	const phrase = page.getByLabel('Votre phrase');
	const again = page.getByLabel('La même phrase');
	const choose = page.getByRole('button', { name: 'Chiffrer et continuer' });
	await phrase.fill('court');
	await again.fill('court');
	await choose.click();
	await expect(page.getByRole('alert')).toContainText('Trop courte');
	await phrase.fill('le vent du soir sur la digue');
	await again.fill('le vent du matin');
	await choose.click();
	await expect(page.getByRole('alert')).toContainText('pas les mêmes');
	await again.fill('le vent du soir sur la digue');
	await choose.click();
	await expect(page.getByRole('navigation', { name: 'Principale' })).toBeVisible({ timeout: 60_000 });
});

test('[F15] a second tab takes over; the first locks and says so', async ({ page, context, server }) => {
	const passphrase = await openAs(page, server, 'conseillere');
	const second = await context.newPage();
	await second.goto(server.origin);
	await unlock(second, passphrase);
	await expect(page.getByText('ouverte dans un autre onglet')).toBeVisible();
	await expect(page.getByRole('navigation', { name: 'Principale' })).toBeHidden();
});
