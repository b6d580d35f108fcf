import type { Page } from '@playwright/test';
import { expect, openAs, test } from './harness.ts';
import { startOuting } from './screens.ts';

test.use({ start: 'demo' });

/** Tab until the focus is on what has this name; the focus is always somewhere that can be seen. */
async function tabTo(page: Page, name: RegExp) {
	for (let i = 0; i < 120; i++) {
		await page.keyboard.press('Tab');
		const focused = page.locator(':focus');
		const label = await focused
			.evaluate((e) => e.getAttribute('aria-label') ?? (e as HTMLElement).innerText ?? '')
			.catch(() => '');
		const fieldLabel = await focused
			.evaluate((e) => (e instanceof HTMLInputElement ? (e.labels?.[0]?.innerText ?? '') : ''))
			.catch(() => '');
		if (name.test(label.trim()) || name.test(fieldLabel)) return;
	}
	throw new Error(`the keyboard does not reach ${name}`);
}

test('an encounter is logged by keyboard alone', async ({ page, server }) => {
	await openAs(page, server, 'conseillere');
	await startOuting(page, 'Gradins');
	await tabTo(page, /^\+ Rencontre$/);
	await page.keyboard.press('Enter');
	await expect(page.locator('h1')).toBeFocused();
	await tabTo(page, /^18–21$/);
	await page.keyboard.press('Space');
	await tabTo(page, /^Prénom ou surnom/);
	await page.keyboard.type('Ursule');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('link', { name: 'Ursule, 18–21 ans' })).toBeVisible();
});
