import type { Page } from '@playwright/test';
import { expect } from './harness.ts';

/** What a person does on the screens, named as they would name it. */

export const title = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

export async function go(
	page: Page,
	where: 'Aujourd’hui' | 'Terrain' | 'Permanence' | 'Jeunes' | 'Partenaires'
) {
	await page.getByRole('navigation', { name: 'Principale' }).getByRole('link', { name: where }).click();
	await expect(title(page, where)).toBeVisible();
}

export async function unlock(page: Page, passphrase: string) {
	await page.getByLabel(/^Phrase de/).fill(passphrase);
	await page.getByRole('button', { name: 'Ouvrir', exact: true }).click();
	await expect(page.getByRole('navigation', { name: 'Principale' })).toBeVisible();
}

/** The toast that only a completed transaction brings. */
export const savedToast = (page: Page) =>
	page.getByRole('status').filter({ hasText: 'Enregistré sur la tablette' }).last();

export async function startOuting(page: Page, place: string) {
	await go(page, 'Terrain');
	await page.getByRole('button', { name: 'Partir en sortie' }).click();
	await page.getByLabel('Nom de l’endroit').fill(place);
	await page.getByRole('button', { name: 'Commencer la sortie' }).click();
	await expect(title(page, place)).toBeVisible();
}

export async function logEncounter(page: Page, name: string) {
	await page.getByRole('link', { name: '+ Rencontre' }).click();
	await page.getByLabel('Prénom ou surnom (facultatif)').fill(name);
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(page.getByRole('link', { name: new RegExp(`^${name}`) })).toBeVisible();
}

/** Opens a place, the day's slot or not. */
export async function openSite(page: Page) {
	await go(page, 'Permanence');
	await page.getByRole('button', { name: 'Ouvrir un autre lieu' }).click();
	await page.getByRole('group', { name: 'Quel lieu ?' }).getByRole('button').first().click();
	await page.getByRole('button', { name: 'Ouvrir', exact: true }).click();
	await expect(page.getByRole('link', { name: '+ Visite' })).toBeVisible();
}

export async function createYouth(page: Page, firstName: string, lastName: string): Promise<string> {
	await go(page, 'Jeunes');
	await page.getByRole('link', { name: 'Nouveau jeune' }).click();
	await page.getByLabel('Prénom', { exact: true }).fill(firstName);
	await page.getByLabel('Nom', { exact: true }).fill(lastName);
	await page.getByRole('button', { name: 'Enregistrer' }).click();
	await expect(title(page, `${firstName} ${lastName}`)).toBeVisible();
	return new URL(page.url()).pathname;
}

/** Everything has reached the server, says the queue itself. */
export async function sent(page: Page) {
	await expect(page.getByRole('link', { name: /Rien à envoyer/ })).toBeVisible({ timeout: 30_000 });
}

/** The drafts of every vault as they lie in the database, sealed; empty when there is none. */
export const sealedDrafts = (page: Page): Promise<string> =>
	page.evaluate(async () => {
		const done = <T>(request: IDBRequest<T>) =>
			new Promise<T>((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(new Error('the database does not answer'));
			});
		const text = (value: unknown): string =>
			value instanceof Uint8Array
				? value.join()
				: typeof value === 'object' && value
					? Object.values(value).map(text).join()
					: String(value);
		let found = '';
		for (const { name } of await indexedDB.databases()) {
			if (!name?.startsWith('escale-')) continue;
			const db = await done(indexedDB.open(name));
			if (db.objectStoreNames.contains('drafts'))
				found += text(await done<unknown[]>(db.transaction('drafts').objectStore('drafts').getAll()));
			db.close();
		}
		return found;
	});
