import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { Proxy } from '../fixtures/proxy.ts';
import { demoEmail, demoPassword, expect, openAs, test } from './harness.ts';
import { createYouth, go, logEncounter, openSite, sent, startOuting, title } from './screens.ts';

test.setTimeout(240_000);

const themes = ['light', 'dark', 'sun'];

/** Nothing for axe in any theme, at two widths; nothing to scroll sideways at 360 px. */
async function check(page: Page, name: string) {
	for (const width of [390, 1180]) {
		await page.setViewportSize({ width, height: 844 });
		for (const theme of themes) {
			await page.evaluate((value) => (document.documentElement.dataset['theme'] = value), theme);
			const { violations } = await new AxeBuilder({ page }).analyze();
			const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
			expect.soft(found, `${name}, ${theme}, ${width} px`).toEqual([]);
		}
	}
	await page.setViewportSize({ width: 360, height: 740 });
	const overflow = await page.evaluate(
		() => document.documentElement.scrollWidth - document.documentElement.clientWidth
	);
	expect.soft(overflow, `${name} scrolls sideways at 360 px`).toBe(0);
	await page.setViewportSize({ width: 390, height: 844 });
}

test('the first screens', async ({ page }) => {
	await page.goto('/');
	await expect(title(page, 'Bienvenue dans Escale')).toBeVisible();
	await check(page, 'setup');
	await page.getByRole('button', { name: 'Créer ma structure' }).click();
	await check(page, 'create');
});

test.describe('with the demonstration', () => {
	test.use({ start: 'demo' });

	test('the screens of the tablet', async ({ page, server }) => {
		await page.goto('/');
		await expect(title(page, 'Se connecter')).toBeVisible();
		await check(page, 'sign in');
		await openAs(page, server, 'conseillere');
		await check(page, 'today');
		for (const name of ['Terrain', 'Permanence', 'Jeunes', 'Partenaires'] as const) {
			await go(page, name);
			await check(page, name);
		}
		await page.goto(`${server.origin}/appareil`);
		await expect(title(page, 'Ouvrir la tablette')).toBeVisible();
		await check(page, 'unlock');
	});

	test('the forms', async ({ page, server }) => {
		await openAs(page, server, 'conseillere');
		await startOuting(page, 'Rue');
		await check(page, 'outing');
		await page.getByRole('link', { name: '+ Rencontre' }).click();
		await page.getByLabel('Prénom ou surnom (facultatif)').fill('Mehdi');
		await page.getByLabel('Téléphone').fill('06 12');
		await check(page, 'encounter');
		await page.getByRole('button', { name: 'Enregistrer' }).click();
		await page.getByRole('button', { name: 'Finir la sortie' }).click();
		await expect(page.getByText(/^Bilan de la sortie · (?!Escale)/)).toBeVisible();
		await check(page, 'summary');
		await openSite(page);
		await check(page, 'opening');
		await page.getByRole('link', { name: '+ Visite' }).click();
		await check(page, 'visit');
		await page.getByRole('button', { name: 'Enregistrer' }).click();
		await page.getByRole('button', { name: 'Fermer la permanence' }).click();
		await expect(page.getByText(/^Feuille de jour · (?!Escale)/)).toBeVisible();
		await check(page, 'day sheet');
		await createYouth(page, 'Alix', 'Bernadets');
		await check(page, 'file');
		await page.getByRole('button', { name: 'Donner : Être rappelé·e' }).click();
		await check(page, 'dialog');
		await page.keyboard.press('Escape');
		await page.getByRole('link', { name: 'Modifier' }).click();
		await check(page, 'edit');
		await page.getByRole('link', { name: 'Annuler' }).click();
		await page.getByRole('link', { name: /État de la tablette/ }).click();
		await expect(title(page, 'Appareil')).toBeVisible();
		await check(page, 'device');
	});

	test('the way in, held at each step', async ({ page, server }) => {
		await using proxy = await Proxy.to(server.port);
		await page.goto(proxy.origin);
		await page.getByLabel('E-mail').fill(demoEmail('conseillere'));
		await page.getByLabel('Mot de passe').fill(demoPassword);
		await page.getByRole('button', { name: 'Se connecter' }).click();
		await expect(title(page, 'La phrase de cette tablette')).toBeVisible();
		await check(page, 'passphrase');
		await page.getByRole('button', { name: 'Choisir la mienne' }).click();
		await check(page, 'own passphrase');
		const held = proxy.hold();
		await page.getByLabel('Votre phrase').fill('le vent du soir sur la digue');
		await page.getByLabel('La même phrase').fill('le vent du soir sur la digue');
		await page.getByRole('button', { name: 'Chiffrer et continuer' }).click();
		await held;
		await expect(title(page, 'Premier chargement')).toBeVisible();
		await check(page, 'first sync');
	});

	test('new files and corrections', async ({ page, server }) => {
		await openAs(page, server, 'conseillere');
		await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
		await go(page, 'Jeunes');
		await page.getByRole('link', { name: 'Nouveau jeune' }).click();
		await page.getByLabel('Téléphone').fill('06 12');
		await check(page, 'new youth');
		await startOuting(page, 'Rue');
		await logEncounter(page, 'Mehdi');
		await page.getByRole('link', { name: /^Mehdi/ }).click();
		await expect(title(page, 'Corriger la rencontre')).toBeVisible();
		await check(page, 'correction of an encounter');
		await openSite(page);
		await page.getByRole('link', { name: '+ Visite' }).click();
		await page.getByLabel('Prénom et nom (facultatif)').fill('Hildegarde');
		await page.getByRole('button', { name: 'Enregistrer' }).click();
		await page.getByRole('link', { name: 'Hildegarde' }).click();
		await check(page, 'correction of a visit');
		await go(page, 'Permanence');
		await sent(page);
		await server.kill();
		await createYouth(page, 'Gontran', 'Vieuxpont');
		const db = new Database(join(server.data, 'escale.sqlite'));
		const changed = db
			.prepare(
				"update membership set role = 'administrator' where user = (select id from account where email = ?)"
			)
			.run(demoEmail('conseillere'));
		db.close();
		expect(changed.changes).toBe(1);
		await server.resume();
		await page.getByRole('link', { name: /État de la tablette/ }).click();
		await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
		await expect(page.getByRole('heading', { name: 'À corriger (1)' })).toBeVisible({ timeout: 30_000 });
		await check(page, 'refused');
		await page.getByRole('button', { name: 'Corriger' }).click();
		await expect(page.getByRole('dialog').getByLabel('Nom', { exact: true })).toBeVisible();
		await check(page, 'correction dialog');
	});
});
