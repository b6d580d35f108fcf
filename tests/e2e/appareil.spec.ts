import { expect, openAs, Tablet, test } from './harness.ts';
import { createYouth, title, unlock } from './screens.ts';

test.use({ start: 'demo' });

test('the queue in plain words; unsent work holds the door; lock, theme, leave when clean', async ({
	server
}) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await server.kill();
	await createYouth(page, 'Eusèbe', 'Montaut');
	await page.getByRole('link', { name: /État de la tablette : 1 en attente/ }).click();
	await expect(page.getByText('Fiche jeune : Eusèbe Montaut')).toBeVisible();
	await expect(page.getByText(/1 saisie est sur la tablette/)).toBeVisible();
	await page.getByRole('button', { name: 'Quitter cette tablette' }).click();
	await expect(page.getByText(/Impossible pour le moment : 1 en attente/)).toBeVisible();

	await page.getByRole('button', { name: 'Plein soleil' }).click();
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'sun');
	await page.getByRole('button', { name: 'Verrouiller' }).click();
	await expect(title(page, 'Ouvrir la tablette')).toBeVisible();
	await expect(page.getByText('Eusèbe')).toBeHidden();
	await page.reload();
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'sun');
	await unlock(page, passphrase);

	await server.resume();
	await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
	await expect(page.getByText('Rien à envoyer')).toBeVisible({ timeout: 30_000 });
	await page.getByRole('button', { name: 'Quitter cette tablette' }).click();
	await page.getByRole('button', { name: 'Retirer mes données' }).click();
	await expect(title(page, 'Se connecter')).toBeVisible();
	expect(
		await page.evaluate(
			async () => (await indexedDB.databases()).filter(({ name }) => name?.startsWith('escale-')).length
		)
	).toBe(0);
});
