import { demoEmail, demoPassword, expect, test } from './harness.ts';
import { go, openSite, sent, title } from './screens.ts';

test('from an empty base to the first visit, by clicks only', async ({ page, server }) => {
	await page.goto(server.origin);
	await page.getByRole('button', { name: 'Créer ma structure' }).click();
	await page.getByLabel('Nom de la structure').fill('Mission Locale du Haut-Vallon');
	await page.getByLabel('Votre nom').fill('Ada Lestrade');
	await page.getByLabel('Votre e-mail').fill('ada@vallon.test');
	await page.getByLabel('Mot de passe du compte').fill('correct horse battery');
	await page.getByRole('button', { name: 'Créer', exact: true }).click();
	const phrase = await page.getByTestId('suggestion').innerText();
	await page.getByLabel('Retapez la phrase proposée').fill(phrase);
	await page.getByRole('button', { name: 'Chiffrer et continuer' }).click();
	await expect(title(page, 'Aujourd’hui')).toBeVisible({ timeout: 60_000 });
	await openSite(page);
	await page.getByRole('link', { name: '+ Visite' }).click();
	await page.getByLabel('Prénom et nom (facultatif)').fill('Hildegarde Marchevire');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByRole('link', { name: /^Hildegarde/ })).toBeVisible();
	await sent(page);
	await go(page, 'Jeunes');
	await expect(page.getByRole('link', { name: /^Hildegarde Marchevire/ })).toBeVisible();
	expect(await (await fetch(`${server.origin}/api/setup`)).json()).toMatchObject({ empty: false });
});

test('the demonstration is one click from an empty base, and then one signs in', async ({ page, server }) => {
	await page.goto(server.origin);
	await page.getByRole('button', { name: 'Essayer avec des données de démonstration' }).click();
	await expect(title(page, 'Se connecter')).toBeVisible({ timeout: 60_000 });
	await page.getByLabel('E-mail').fill(demoEmail('conseillere'));
	await page.getByLabel('Mot de passe').fill(demoPassword);
	await page.getByRole('button', { name: 'Se connecter' }).click();
	await expect(title(page, 'La phrase de cette tablette')).toBeVisible();
});
