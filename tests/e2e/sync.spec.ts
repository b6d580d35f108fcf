import Database from 'better-sqlite3';
import { join } from 'node:path';
import { demoEmail, expect, openAs, Tablet, test, type ServerProcess } from './harness.ts';
import { createYouth, go, sent, startOuting, title, unlock } from './screens.ts';

test.use({ start: 'demo' });

const open = (server: ServerProcess) => new Database(join(server.data, 'escale.sqlite'));

test('two counsellors edit one file offline: both edits arrive, the clash keeps both values', async ({
	server
}) => {
	await using first = new Tablet();
	await using second = new Tablet();
	const nadia = await first.open();
	const mathieu = await second.open();
	const passphrases = [
		await openAs(nadia, server, 'conseillere'),
		await openAs(mathieu, server, 'direction')
	] as const;
	const file = await createYouth(nadia, 'Artémise', 'Peyrelongue');
	await sent(nadia);
	await mathieu.goto(server.origin + file);
	await unlock(mathieu, passphrases[1]);
	await expect(title(mathieu, 'Artémise Peyrelongue')).toBeVisible({ timeout: 30_000 });
	await Promise.all(
		[nadia, mathieu].map((page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined)))
	);
	await server.kill();

	for (const [page, commune, other] of [
		[nadia, 'Jurançon', 'Surnom'],
		[mathieu, 'Gelos', 'Autres langues']
	] as const) {
		await page.getByRole('link', { name: 'Modifier' }).click();
		await page.getByLabel('Commune').fill(commune);
		await page.getByLabel(other).fill(`de ${commune}`);
		await page.getByRole('button', { name: 'Enregistrer' }).click();
		await expect(title(page, 'Artémise Peyrelongue')).toBeVisible();
	}
	await server.resume();
	for (const page of [nadia, mathieu, nadia]) {
		await page.getByRole('link', { name: /État de la tablette/ }).click();
		await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
		await expect(page.getByText('Rien à envoyer')).toBeVisible({ timeout: 30_000 });
		await page.goBack();
	}
	for (const page of [nadia, mathieu]) {
		await expect(page.getByText('de Jurançon', { exact: true })).toBeVisible({ timeout: 30_000 });
		await expect(page.getByText('de Gelos', { exact: true })).toBeVisible();
		// The later value won; the other one is shown for review.
		await expect(page.getByText('Gelos', { exact: true })).toBeVisible();
		await expect(
			page.getByText(/avait aussi changé « Commune » au même moment : « Jurançon »/)
		).toBeVisible();
	}
});

test('[F28] the server dies in the middle of pushes: everything is there, once', async ({ server }) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	await openAs(page, server, 'conseillere');
	await startOuting(page, 'Quai des tempêtes');
	const add = page.getByRole('button', { name: /^Dépliants \d+, en ajouter/ });
	for (let round = 0; round < 3; round++) {
		for (let i = 0; i < 8; i++) await add.click();
		await server.kill();
		await add.click();
		await server.resume();
		await add.click();
	}
	await expect(add).toHaveAccessibleName(/^Dépliants 30,/);
	await page.getByRole('link', { name: /État de la tablette/ }).click();
	await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
	await expect(page.getByText('Rien à envoyer')).toBeVisible({ timeout: 30_000 });

	await using headquarters = new Tablet();
	const desk = await headquarters.open();
	await openAs(desk, server, 'direction');
	await desk.getByRole('link', { name: 'Quai des tempêtes' }).click();
	await expect(desk.getByRole('button', { name: /^Dépliants 30,/ })).toBeVisible();
});

test('what one tablet sends, another of the same site sees after its own sync', async ({ server }) => {
	await using first = new Tablet();
	await using second = new Tablet();
	const nadia = await first.open();
	const desk = await second.open();
	await openAs(nadia, server, 'conseillere');
	await openAs(desk, server, 'direction');
	await createYouth(nadia, 'Bérengère', 'Lasserube');
	await sent(nadia);
	await desk.getByRole('link', { name: /État de la tablette/ }).click();
	await desk.getByRole('button', { name: 'Envoyer maintenant' }).click();
	await go(desk, 'Jeunes');
	await desk.getByRole('searchbox').fill('Bérengère');
	await expect(desk.getByRole('link', { name: /^Bérengère Lasserube/ })).toBeVisible();
});

test('a refused change is kept, explained, corrected and sent again, or let go', async ({ server }) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	await openAs(page, server, 'conseillere');
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await server.kill();
	await createYouth(page, 'Gontran', 'Vieuxpont');
	const db = open(server);
	const { id } = db.prepare('select id from account where email = ?').get(demoEmail('conseillere')) as {
		id: string;
	};
	expect(db.prepare("update membership set role = 'administrator' where user = ?").run(id).changes).toBe(1);
	db.close();
	await server.resume();
	await page.getByRole('link', { name: /État de la tablette/ }).click();
	await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
	await expect(page.getByRole('heading', { name: 'À corriger (1)' })).toBeVisible({ timeout: 30_000 });
	await expect(page.getByText('vos droits ne le permettent pas')).toBeVisible();
	await expect(page.getByText(/Gontran/)).toBeVisible();
	await page.getByRole('button', { name: 'Quitter cette tablette' }).click();
	await expect(page.getByText('1 à corriger', { exact: false }).first()).toBeVisible();
	await page.getByRole('button', { name: 'Corriger' }).click();
	await page.getByRole('dialog').getByLabel('Nom', { exact: true }).fill('Vieuxport');
	await page.getByRole('dialog').getByRole('button', { name: 'Renvoyer' }).click();
	await expect(page.getByText('Vieuxport')).toBeVisible();
	await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
	await expect(page.getByRole('heading', { name: 'À corriger (1)' })).toBeVisible({ timeout: 30_000 });
	await page.getByRole('button', { name: 'Ne plus garder' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Ne plus garder' }).click();
	await expect(page.getByRole('heading', { name: /À corriger/ })).toBeHidden();
});

test('[F29] a session that ended pauses sending, not work; signing in again sends it all', async ({
	server
}) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	await openAs(page, server, 'conseillere');
	const db = open(server);
	expect(db.prepare('delete from session').run().changes).toBeGreaterThan(0);
	db.close();
	await createYouth(page, 'Clotilde', 'Arrien');
	await expect(page.getByText('Votre session au serveur est finie')).toBeVisible({ timeout: 30_000 });
	await page.getByRole('link', { name: 'Se reconnecter' }).click();
	await page.getByLabel('E-mail').fill(demoEmail('conseillere'));
	await page.getByLabel('Mot de passe').fill('Escale-Demo-2026!');
	await page.getByRole('button', { name: 'Se connecter' }).click();
	await expect(page.getByText('Rien à envoyer')).toBeVisible({ timeout: 30_000 });
});
