import { expect, openAs, Tablet, test } from './harness.ts';
import { go, savedToast, startOuting, title, unlock } from './screens.ts';

test.use({ start: 'demo' });

test.beforeEach(async ({ page, server }) => {
	await openAs(page, server, 'maraude');
});

test('an anonymous encounter takes four taps from Terrain', async ({ page }) => {
	await startOuting(page, 'Foire de printemps');
	await go(page, 'Terrain');
	let taps = 0;
	const tap = async (name: string, role: 'link' | 'button' = 'button') => {
		await page.getByRole(role, { name, exact: true }).click();
		taps++;
	};
	await tap('+ Rencontre', 'link');
	await tap('18–21');
	await tap('Femme');
	await tap('Enregistrer');
	await expect(page.getByRole('link', { name: 'Femme, 18–21 ans' })).toBeVisible();
	expect(taps).toBeLessThanOrEqual(4);
});

test('a named encounter makes the file, the agreement and the follow-up in one go', async ({ page }) => {
	await startOuting(page, 'Marché du jeudi');
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.getByRole('button', { name: '16–17' }).click();
	await page.getByRole('button', { name: 'Logement' }).click();
	await page.getByLabel('Prénom ou surnom (facultatif)').fill('Zélie Tramontane');
	await page.getByLabel('Téléphone').fill('06 39 98 44 55');
	await page.getByRole('button', { name: 'Oui, dit de vive voix' }).click();
	await page.getByRole('button', { name: 'Demain' }).click();
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(savedToast(page)).toBeVisible();
	await expect(page.getByRole('link', { name: 'Zélie T., 16–17 ans' })).toBeVisible();

	await go(page, 'Jeunes');
	await page.getByRole('searchbox').fill('zelie tramontan');
	await page.getByRole('link', { name: /^Zélie Tramontane/ }).click();
	await expect(page.getByRole('link', { name: 'Appeler' })).toHaveAttribute('href', 'tel:+33639984455');
	await expect(page.getByText('Appel pour demain')).toBeVisible();
	await expect(page.getByText('donné, dit, aujourd’hui')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Logement' })).toHaveAttribute('aria-pressed', 'true');
});

test('a number that can’t exist is pointed at, kept as typed, and stops nothing', async ({ page }) => {
	await startOuting(page, 'Gare');
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.getByLabel('Prénom ou surnom (facultatif)').fill('Ombeline');
	await page.getByLabel('Téléphone').fill('06 12');
	await expect(page.getByText('Ce numéro ne peut pas exister')).toBeVisible();
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await page.getByRole('link', { name: /^Ombeline/ }).click();
	await page.getByRole('link', { name: 'Fiche jeune' }).click();
	await expect(page.getByText('à vérifier : 06 12')).toBeVisible();
});

test('a group counts as many; tallies count and are taken back; the summary says it', async ({ page }) => {
	await startOuting(page, 'Parc');
	const approached = page.getByRole('button', { name: /^Approchés \d+, en ajouter/ });
	await approached.click();
	await approached.click();
	await approached.click();
	await page.getByRole('button', { name: 'Approchés : en retirer un' }).click();
	await expect(approached).toHaveAccessibleName(/^Approchés 2,/);
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.getByRole('button', { name: 'Un groupe' }).click();
	await page.getByRole('button', { name: 'Un de plus' }).click();
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByRole('link', { name: 'Groupe de 3' })).toBeVisible();
	await page.getByRole('button', { name: 'Finir la sortie' }).click();
	await expect(page.getByText('3 jeunes rencontrés en 1 rencontre')).toBeVisible();
	await page.getByRole('button', { name: 'Reprendre la sortie' }).click();
	await expect(page.getByRole('button', { name: 'Finir la sortie' })).toBeVisible();
});

test('one’s own entry is corrected, voided and restored; what was there stays readable', async ({ page }) => {
	await startOuting(page, 'Skatepark');
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.getByRole('button', { name: '16–17' }).click();
	await page.getByLabel('Quelques mots').fill('cherche un stage');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await page.getByRole('link', { name: /16–17 ans/ }).click();
	await page.getByRole('button', { name: '18–21' }).click();
	await page.getByLabel('Quelques mots').fill('cherche une alternance');
	await page.getByRole('button', { name: 'Enregistrer la correction' }).click();
	await page.getByRole('link', { name: /18–21 ans/ }).click();
	await expect(page.getByText('cherche un stage')).toBeVisible();
	await page.getByRole('button', { name: 'Annuler cette rencontre' }).click();
	await page.getByRole('button', { name: 'Rétablir cette rencontre' }).click();
	await expect(title(page, 'Corriger la rencontre')).toBeVisible();
});

test('the shortcut « + Rencontre » leads to the form of the running outing', async ({ server }) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	const passphrase = await openAs(page, server, 'maraude');
	await startOuting(page, 'Centre');
	const outing = new URL(page.url()).pathname;
	await page.goto(`${server.origin}/terrain?action=rencontre`);
	await unlock(page, passphrase);
	await expect(page).toHaveURL(`${server.origin}${outing}/rencontre`);
	await expect(title(page, 'Rencontre')).toBeVisible();
});
