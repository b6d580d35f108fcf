import { expect, openAs, test } from './harness.ts';
import { createYouth, go, sent, startOuting, title } from './screens.ts';

test.use({ start: 'demo' });

test('[F22] a clock two hours ahead is said, and stops nothing', async ({ page, server }) => {
	await page.addInitScript(() => {
		const real = Date.now.bind(Date);
		Date.now = () => real() + 2 * 3_600_000;
	});
	await openAs(page, server, 'conseillere');
	await expect(page.getByText('L’horloge de cette tablette avance de 2 h')).toBeVisible();
	await startOuting(page, 'Esplanade');
});

test('[F7] a browser that keeps nothing is told so, with what to do', async ({ page }) => {
	await page.addInitScript(() => {
		IDBFactory.prototype.open = () => {
			throw new DOMException('refused', 'SecurityError');
		};
	});
	await page.goto('/');
	await expect(title(page, 'Escale ne peut pas s’ouvrir ici')).toBeVisible();
	await expect(page.getByText('fenêtre privée')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Recharger' })).toBeVisible();
});

test('[F11] a full tablet says that it is not saved; the form stays filled and saves when there is room', async ({
	page,
	server
}) => {
	await openAs(page, server, 'conseillere');
	await startOuting(page, 'Rond-point');
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.getByLabel('Prénom ou surnom (facultatif)').fill('Fulbert');
	await page.evaluate(() => {
		const add = IDBObjectStore.prototype.add;
		Object.assign(window, { roomAgain: () => (IDBObjectStore.prototype.add = add) });
		IDBObjectStore.prototype.add = function (value: unknown, key?: IDBValidKey) {
			if (this.name === 'queue') throw new DOMException('no room', 'QuotaExceededError');
			return add.call(this, value, key);
		};
	});
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByText('La tablette est pleine : ce n’est pas encore enregistré')).toBeVisible();
	await expect(page.getByLabel('Prénom ou surnom (facultatif)')).toHaveValue('Fulbert');
	await page.evaluate(() => (window as unknown as { roomAgain: () => void }).roomAgain());
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByRole('link', { name: /^Fulbert/ })).toHaveCount(1);
});

test('a server of another version: saying so, keeping everything', async ({ page, server }) => {
	await page.route('**/api/sync', (route) =>
		route.fulfill({ status: 426, json: { error: { code: 'newer_client', detail: 'another version' } } })
	);
	await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
	await page.goto(server.origin);
	await page.getByLabel('E-mail').fill('conseillere@demo.escale.test');
	await page.getByLabel('Mot de passe').fill('Escale-Demo-2026!');
	await page.getByRole('button', { name: 'Se connecter' }).click();
	const phrase = await page.getByTestId('suggestion').innerText();
	await page.getByLabel('Retapez la phrase proposée').fill(phrase);
	await page.getByRole('button', { name: 'Chiffrer et continuer' }).click();
	await expect(page.getByText('version d’Escale plus récente que le serveur')).toBeVisible();
});

test('[P7.5] an app too old to receive goes on sending, says what is safe and what to do', async ({
	page,
	server
}) => {
	// The service worker would answer for the page before it can be told to be old.
	await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
	await openAs(page, server, 'conseillere');
	await sent(page);
	await page.route('**/api/sync', async (route) => {
		const { schema: _, ...older } = route.request().postDataJSON();
		await route.fulfill({ response: await route.fetch({ postData: JSON.stringify(older) }) });
	});
	await createYouth(page, 'Isidore', 'Puyoo');
	await sent(page);
	const banner = page.getByText('trop ancienne pour recevoir les nouveautés');
	await expect(banner).toContainText('Tout ce que vous avez noté est bien arrivé au serveur');
	await go(page, 'Aujourd’hui');
	await expect(banner).toBeVisible();
	await expect(page.getByRole('button', { name: 'Recharger' })).toBeVisible();
	await go(page, 'Jeunes');
	await page.getByRole('searchbox').fill('Puyoo');
	await expect(page.getByRole('link', { name: /^Isidore Puyoo/ })).toBeVisible();

	await page.unroute('**/api/sync');
	await page.getByRole('link', { name: /État de la tablette/ }).click();
	await page.getByRole('button', { name: 'Envoyer maintenant' }).click();
	await expect(banner).toHaveCount(0);
});
