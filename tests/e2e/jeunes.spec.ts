import { expect, openAs, test } from './harness.ts';
import { createYouth, go, savedToast, sent, title } from './screens.ts';

test.use({ start: 'demo' });

test.beforeEach(async ({ page, server }) => {
	await openAs(page, server, 'conseillere');
});

test('found by a misspelt name, by a nickname’s beginning, by digits of the phone', async ({ page }) => {
	await go(page, 'Jeunes');
	await page.getByRole('link', { name: 'Nouveau jeune' }).click();
	await page.getByLabel('Prénom', { exact: true }).fill('Éloïse');
	await page.getByLabel('Nom', { exact: true }).fill('Carcassonne');
	await page.getByLabel('Surnom').fill('Lolotte');
	await page.getByLabel('Téléphone').fill('0639987654');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(title(page, 'Éloïse Carcassonne')).toBeVisible();
	await go(page, 'Jeunes');
	for (const query of ['eloise carcasonne', 'lolo', '98 76 54', 'CARCASS']) {
		await page.getByRole('searchbox').fill(query);
		await expect(page.getByRole('link', { name: /^Éloïse Carcassonne/ })).toBeVisible();
	}
	await page.getByRole('searchbox').fill('zzyzx');
	await expect(page.getByText('Personne ne correspond')).toBeVisible();
});

test('a look-alike is shown with why before a second file is made', async ({ page }) => {
	const file = await createYouth(page, 'Philomène', 'Castagnède');
	await go(page, 'Jeunes');
	await page.getByRole('link', { name: 'Nouveau jeune' }).click();
	await page.getByLabel('Prénom', { exact: true }).fill('Filomène');
	await page.getByLabel('Nom', { exact: true }).fill('Castagnede');
	await expect(page.getByText('nom qui se prononce pareil')).toBeVisible();
	await page.getByRole('link', { name: 'Ouvrir sa fiche' }).click();
	await expect(page).toHaveURL(new RegExp(file));
});

test('absence is an answer; an impossible birth is kept to be checked; a note stays', async ({ page }) => {
	await createYouth(page, 'Barnabé', 'Soulignac');
	await page.getByRole('link', { name: 'Modifier' }).click();
	await page.getByLabel('Date de naissance').fill('2031-05-04');
	await expect(page.getByText('Cette date n’est pas encore venue')).toBeVisible();
	await page
		.getByRole('group', { name: 'Téléphone : autre réponse' })
		.getByRole('button', { name: 'n’en a pas' })
		.click();
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByText('à vérifier : 2031-05-04')).toBeVisible();
	await expect(page.getByText('n’en a pas', { exact: true })).toBeVisible();
	await page.getByLabel('Nouvelle note').fill('Viendra avec sa sœur');
	await page.getByRole('button', { name: 'Ajouter la note' }).click();
	await expect(page.getByRole('listitem').filter({ hasText: 'Viendra avec sa sœur' })).toBeVisible();
	await expect(page.getByLabel('Nouvelle note')).toHaveValue('');
});

test('languages are chosen, several at once; what the list doesn’t know is written beside them', async ({
	page
}) => {
	await createYouth(page, 'Yakhya', 'Traoré');
	await page.getByRole('link', { name: 'Modifier' }).click();
	const languages = page.getByRole('group', { name: 'Langues', exact: true });
	await languages.getByRole('button', { name: 'Français' }).click();
	await expect(languages.getByRole('button', { name: 'Soninké' })).toHaveCount(0);
	await languages.getByRole('button', { name: 'Langues : Voir toutes les langues' }).click();
	await languages.getByRole('button', { name: 'Soninké' }).click();
	await page.getByLabel('Autres langues').fill('un peu de khassonké');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByText('Français, Soninké, un peu de khassonké', { exact: true })).toBeVisible();
	await page.getByRole('link', { name: 'Modifier' }).click();
	// What was chosen is shown without unfolding the list.
	await expect(languages.getByRole('button', { name: 'Soninké' })).toHaveAttribute('aria-pressed', 'true');
	await languages.getByRole('button', { name: 'Français' }).click();
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await sent(page);
	await expect(page.getByText('Soninké, un peu de khassonké', { exact: true })).toBeVisible();
});

test('an agreement is given, then withdrawn, and calling depends on it', async ({ page }) => {
	await go(page, 'Jeunes');
	await page.getByRole('link', { name: 'Nouveau jeune' }).click();
	await page.getByLabel('Prénom', { exact: true }).fill('Anatole');
	await page.getByLabel('Téléphone').fill('06 39 98 11 22');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByText('Pas d’accord noté')).toBeVisible();
	await expect(page.getByRole('link', { name: 'Appeler' })).toBeHidden();
	await page.getByRole('button', { name: 'Donner : Être rappelé·e' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Donner' }).click();
	await expect(page.getByRole('link', { name: 'Appeler' })).toBeVisible();
	await page.getByRole('button', { name: 'Retirer : Être rappelé·e' }).click();
	await expect(page.getByRole('link', { name: 'Appeler' })).toBeHidden();
});

test('a follow-up is planned, tried, put to sleep, done', async ({ page }) => {
	await createYouth(page, 'Sidonie', 'Marchevire');
	await page.getByRole('button', { name: 'Prévoir une relance' }).click();
	await page.getByLabel('Pourquoi ?').fill('résultat du stage');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByText('Appel pour dans 3 jours')).toBeVisible();
	await page.getByRole('button', { name: 'Noter un essai' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Pas de réponse' }).click();
	await expect(page.getByText('Appel : pas de réponse')).toBeVisible();
	await page.getByRole('button', { name: 'Mettre en sommeil' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Un mois' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Mettre en sommeil' }).click();
	await expect(page.getByText(/en sommeil jusqu’au/)).toBeVisible();
	await page.getByRole('button', { name: 'Fait', exact: true }).click();
	await expect(savedToast(page)).toBeVisible();
	await expect(page.getByText('Relance faite')).toBeVisible();
});

test('today: a due follow-up is answered from the list', async ({ page }) => {
	await go(page, 'Aujourd’hui');
	const tries = page.getByRole('button', { name: /^Noter un essai : / });
	const before = await tries.count();
	expect(before).toBeGreaterThan(0);
	await tries.first().click();
	await page.getByRole('dialog').getByRole('button', { name: 'Joint·e' }).click();
	await expect(tries).toHaveCount(before - 1);
});
