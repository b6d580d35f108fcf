import { expect, openAs, Tablet, test } from './harness.ts';
import { go, openSite, savedToast, title, unlock } from './screens.ts';

test.use({ start: 'demo' });

test.beforeEach(async ({ page, server }) => {
	await openAs(page, server, 'conseillere');
});

test('today’s slot proposes itself and opens with one tap', async ({ page }) => {
	await go(page, 'Permanence');
	const proposal = page.getByRole('button', { name: /^Ouvrir .+ – / }).first();
	await expect(proposal).toBeVisible();
	await proposal.click();
	await expect(page.getByRole('link', { name: '+ Visite' })).toBeVisible();
	await go(page, 'Aujourd’hui');
	await expect(page.getByRole('link', { name: /^Continuer : / })).toBeVisible();
});

test('a visit of somebody new, one of a known youth found while typing, the day sheet', async ({ page }) => {
	await openSite(page);
	await page.getByRole('link', { name: '+ Visite' }).click();
	await page.getByLabel('Prénom et nom (facultatif)').fill('Isaure Vendange');
	await page.getByRole('button', { name: 'Santé' }).click();
	await page.getByRole('button', { name: '30 min' }).click();
	await page.getByLabel('Ce qui a été décidé').fill('prendre rendez-vous au centre de santé');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(savedToast(page)).toBeVisible();
	await expect(page.getByRole('link', { name: 'Isaure Vendange' })).toBeVisible();

	await page.getByRole('link', { name: '+ Visite' }).click();
	await page.getByLabel('Prénom et nom (facultatif)').fill('isaur vend');
	await page
		.getByRole('group', { name: 'Déjà connu·e ?' })
		.getByRole('button', { name: 'Isaure Vendange' })
		.click();
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByRole('link', { name: 'Isaure Vendange' })).toHaveCount(2);

	await page.getByRole('button', { name: 'Fermer la permanence' }).click();
	await expect(page.getByText('2 jeunes reçus (2 sans rendez-vous, 0 sur rendez-vous)')).toBeVisible();
	await expect(page.getByRole('cell', { name: 'Isaure Vendange' })).toHaveCount(2);
	await page.getByRole('button', { name: 'Avec les noms' }).click();
	await expect(page.getByRole('cell', { name: 'Isaure Vendange' })).toHaveCount(0);
	await page.getByRole('button', { name: 'Annuler' }).click();
	await expect(page.getByRole('link', { name: '+ Visite' })).toBeVisible();
});

test('an appointment is postponed to another day, an absence is noted and undone', async ({ page }) => {
	await openSite(page);
	const appointments = page.getByRole('heading', { name: /^Rendez-vous du jour/ });
	await expect(appointments).toBeVisible();
	const absent = page.getByRole('button', { name: /^Absent·e : / });
	const before = await absent.count();
	await absent.first().click();
	await expect(absent).toHaveCount(before - 1);
	await page.getByRole('button', { name: 'Annuler' }).click();
	await expect(absent).toHaveCount(before);
	await page
		.getByRole('button', { name: /^Reporter : / })
		.first()
		.click();
	await page.getByRole('dialog').getByRole('button', { name: 'Reporter' }).click();
	await expect(page.getByText('Reporté', { exact: false }).first()).toBeVisible();
	await expect(absent).toHaveCount(before - 1);
});

test('somebody waits, then is received', async ({ page }) => {
	await openSite(page);
	await page.getByRole('link', { name: '+ Visite' }).click();
	await page.getByLabel('Prénom et nom (facultatif)').fill('Léopold');
	await page.getByRole('button', { name: 'En attente' }).click();
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await page.getByRole('button', { name: 'Recevoir' }).click();
	await expect(title(page, 'Corriger la visite')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Reçu·e' })).toHaveAttribute('aria-pressed', 'true');
});

test('the shortcut « + Visite » leads to the form of the open permanence', async ({ server }) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await openSite(page);
	const opening = new URL(page.url()).pathname;
	await page.goto(`${server.origin}/permanences?action=visite`);
	await unlock(page, passphrase);
	await expect(page).toHaveURL(`${server.origin}${opening}/visite`);
	await expect(title(page, 'Visite')).toBeVisible();
});
