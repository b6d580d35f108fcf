import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, openAs, Tablet, test } from './harness.ts';
import { go, sealedDrafts, startOuting, title } from './screens.ts';

test.use({ start: 'demo' });

const sentinels = ['Sentinellenom', 'Sentinellemot', 'Sentinellebrouillon', '639980077', '06 39 98 00 77'];
/** Written in clear on purpose: a search that does not find it would prove nothing. */
const control = 'Temoinenclair';

test('a lost tablet tells nothing: no word typed lies in any file of the profile', async ({ server }) => {
	await using tablet = new Tablet();
	const page = await tablet.open();
	await openAs(page, server, 'conseillere');
	await go(page, 'Jeunes');
	await page.getByRole('link', { name: 'Nouveau jeune' }).click();
	await page.getByLabel('Prénom', { exact: true }).fill('Sentinellenom');
	await page.getByLabel('Téléphone').fill('06 39 98 00 77');
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(title(page, 'Sentinellenom')).toBeVisible();
	await page.getByLabel('Nouvelle note').fill('Sentinellemot');
	await page.getByRole('button', { name: 'Ajouter la note' }).click();
	await expect(page.getByLabel('Nouvelle note')).toHaveValue('');
	await startOuting(page, 'Ici');
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.getByLabel('Quelques mots').fill('Sentinellebrouillon');
	await expect.poll(() => sealedDrafts(page)).not.toBe('');
	await page.getByRole('link', { name: 'Annuler' }).click();
	await page.getByRole('link', { name: /État de la tablette/ }).click();
	await page.getByRole('button', { name: 'Verrouiller' }).click();
	await expect(title(page, 'Ouvrir la tablette')).toBeVisible();
	await page.evaluate(
		(word) =>
			new Promise<void>((resolve, reject) => {
				const request = indexedDB.open('control');
				request.onupgradeneeded = () => request.result.createObjectStore('words').add({ word }, 1);
				request.onsuccess = () => resolve();
				request.onerror = () => reject(new Error('no control'));
			}),
		control
	);
	await tablet.close();

	const needles = sentinels.flatMap((word) => [
		Buffer.from(word),
		Buffer.from(word, 'utf16le'),
		...[0, 1, 2].map((shift) => Buffer.from(inner64(word, shift)))
	]);
	const files = readdirSync(tablet.profile, { recursive: true, withFileTypes: true }).filter((entry) =>
		entry.isFile()
	);
	expect(files.some(({ parentPath }) => parentPath.includes('IndexedDB'))).toBe(true);
	const holding = (words: Buffer[]) =>
		files
			.map(({ parentPath, name }) => join(parentPath, name))
			.filter((file) => {
				const bytes = readFileSync(file);
				return words.some((word) => bytes.includes(word));
			});
	expect(holding([Buffer.from(control), Buffer.from(control, 'utf16le')]).length).toBeGreaterThan(0);
	expect(holding(needles)).toEqual([]);
});

/** The part of a word's base64 that doesn't depend on what stands around it, at each of the three alignments. */
function inner64(word: string, shift: number): string {
	const text = Buffer.from('x'.repeat(shift) + word).toString('base64');
	return text.slice(shift === 0 ? 0 : 4, -4);
}
