import { expect, openAs, Tablet, test } from './harness.ts';

test('an empty base says that it is well and offers to begin', async ({ server, page }) => {
	const health = await fetch(`${server.origin}/api/health`);
	expect(await health.json()).toMatchObject({ status: 'ok', database: 'sqlite' });
	await page.goto('/');
	await expect(page).toHaveTitle(/Escale/);
	await expect(page.getByRole('button').first()).toBeVisible();
});

test.describe('with the demonstration', () => {
	test.use({ start: 'demo' });

	test('the server comes back after kill -9 on the same port with the same data', async ({ server }) => {
		const signIn = () =>
			fetch(`${server.origin}/api/setup`).then((answer): Promise<unknown> => answer.json());
		expect(await signIn()).toMatchObject({ empty: false });
		await server.kill();
		expect(await server.isHealthy()).toBe(false);
		await server.resume();
		expect(await signIn()).toMatchObject({ empty: false });
	});

	test('a counsellor signs in, chooses a passphrase and arrives on today after the first sync', async ({
		server,
		page
	}) => {
		const passphrase = await openAs(page, server, 'conseillere');
		expect(passphrase.split(/\s+/).length).toBeGreaterThanOrEqual(4);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		expect(new URL(page.url()).pathname).toBe('/');
	});

	test('a tablet whose browser is killed finds its profile again, without the server', async ({ server }) => {
		await using tablet = new Tablet();
		const page = await tablet.open();
		await page.goto(server.origin);
		await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
		await tablet.kill();
		await server.kill();
		const again = await tablet.open();
		await again.goto(server.origin);
		await expect(again).toHaveTitle(/Escale/);
	});
});
