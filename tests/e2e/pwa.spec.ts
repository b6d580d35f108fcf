import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, openAs, ServerProcess, Tablet, test } from './harness.ts';
import { startOuting, unlock } from './screens.ts';

test('installable: manifest, icons of the sizes they say, two shortcuts', async ({ server, page }) => {
	await page.goto('/');
	const href = await page.locator('link[rel=manifest]').getAttribute('href');
	const manifest = (await (await fetch(server.origin + href)).json()) as {
		icons: { src: string; sizes: string; type: string; purpose: string }[];
		shortcuts: { name: string; url: string }[];
		display: string;
	};
	expect(manifest.display).toBe('standalone');
	expect(manifest.shortcuts.map(({ name }) => name)).toEqual(['+ Rencontre', '+ Visite']);
	expect(manifest.icons.some(({ purpose }) => purpose === 'maskable')).toBe(true);
	for (const { src, sizes, type } of manifest.icons.filter((icon) => icon.type === 'image/png')) {
		const answer = await fetch(server.origin + src);
		expect(answer.headers.get('content-type')).toContain(type);
		const bytes = Buffer.from(await answer.arrayBuffer());
		expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes);
	}
});

test('offline at the first launch after installing, at any address', async ({ server, page }) => {
	await page.goto('/');
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
	await server.kill();
	await page.goto('/jeunes/0197a000-0000-7000-8000-000000000000');
	await expect(page.getByText('Le serveur ne répond pas')).toBeVisible();
});

test('[F26] a new version in the middle of a form waits for a yes, and the form survives it', async () => {
	const root = join(import.meta.dirname, '../..');
	const copy = mkdtempSync(join(tmpdir(), 'escale-version-'));
	for (const name of ['build', 'src', 'package.json'])
		cpSync(join(root, name), join(copy, name), { recursive: true });
	symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
	await using server = await ServerProcess.start('demo', copy);
	await using tablet = new Tablet();
	const page = await tablet.open();
	const passphrase = await openAs(page, server, 'conseillere');
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await startOuting(page, 'Esplanade');
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.getByLabel('Prénom ou surnom (facultatif)').fill('Radegonde');

	await page.evaluate(() => (document.documentElement.dataset['same'] = 'page'));
	await server.stop();
	const worker = join(copy, 'build/client/service-worker.js');
	writeFileSync(worker, `${readFileSync(worker, 'utf8')}\n/* a newer version */`);
	for (const packed of ['.gz', '.br']) rmSync(worker + packed, { force: true });
	await server.resume();
	await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
	await expect(page.getByText('Une nouvelle version est prête')).toBeVisible();
	const waits = () =>
		page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting?.state);
	expect(await waits()).toBe('installed');
	// Nothing moves under the hands of who types: the same page, the same fields, for as long as nobody says yes.
	await page.getByRole('button', { name: '22–25' }).click();
	await expect(page.locator('html[data-same=page]')).toBeAttached();
	await expect(page.getByLabel('Prénom ou surnom (facultatif)')).toHaveValue('Radegonde');
	expect(await waits()).toBe('installed');
	await page.getByRole('button', { name: 'Mettre à jour' }).click();
	await unlock(page, passphrase);
	await expect(page.getByText('Brouillon retrouvé')).toBeVisible();
	await expect(page.getByLabel('Prénom ou surnom (facultatif)')).toHaveValue('Radegonde');
	await expect(page.getByRole('button', { name: '22–25' })).toHaveAttribute('aria-pressed', 'true');
	expect(await waits()).toBeUndefined();
	rmSync(copy, { recursive: true, force: true });
});
