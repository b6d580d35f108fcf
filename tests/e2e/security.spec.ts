import type { Page } from '@playwright/test';
import { expect, openAs, test } from './harness.ts';

/** What the page tried and the policy forbade, as the browser reports it, since `page` exists. */
async function violationsOf(page: Page): Promise<string[]> {
	const violations: string[] = [];
	page.on('console', (message) => {
		if (/content security policy/i.test(message.text())) violations.push(message.text());
	});
	await page.exposeFunction('tellViolation', (what: string) => void violations.push(what));
	await page.addInitScript(() => {
		addEventListener('securitypolicyviolation', (event) => {
			const tell: unknown = Reflect.get(window, 'tellViolation');
			if (typeof tell === 'function') tell(`${event.effectiveDirective}: ${event.blockedURI}`);
		});
	});
	return violations;
}

test.describe('with the demonstration', () => {
	test.use({ start: 'demo' });

	for (const path of ['/', '/shell', '/jeunes', '/service-worker.js', '/icon.svg', '/nowhere', '/api/health'])
		test(`${path} is sent with the security headers`, async ({ server }) => {
			const { headers } = await fetch(server.origin + path);
			expect(headers.get('x-content-type-options')).toBe('nosniff');
			expect(headers.get('referrer-policy')).toBe('no-referrer');
			expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
			expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
			expect(headers.get('permissions-policy')).toContain('geolocation=()');
		});

	for (const path of ['/', '/shell'])
		test(`${path} runs our scripts only, by nonce or hash`, async ({ server }) => {
			const response = await fetch(server.origin + path);
			const html = await response.text();
			const policy = /http-equiv="content-security-policy" content="([^"]+)"/.exec(html)?.[1];
			const scripts = /script-src ([^;]+)/.exec(
				policy ?? response.headers.get('content-security-policy') ?? ''
			)?.[1];
			expect(scripts).toMatch(/^'self' 'wasm-unsafe-eval' '(nonce|sha256)-[^']+'$/);
		});

	test('a counsellor opens a tablet, searches and writes without a breach of the policy', async ({
		page,
		server
	}) => {
		const violations = await violationsOf(page);
		await openAs(page, server, 'conseillere');
		// Wide, because the narrow navigation leaves Appareil to the header.
		await page.setViewportSize({ width: 1180, height: 820 });
		for (const path of ['/', '/terrain', '/permanences', '/jeunes', '/partenaires', '/appareil']) {
			await page.getByRole('navigation', { name: 'Principale' }).locator(`a[href="${path}"]`).click();
			await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		}
		expect(violations).toEqual([]);
	});

	test('the policy does forbid: an inline script, another origin', async ({ page, server }) => {
		const violations = await violationsOf(page);
		await page.goto(`${server.origin}/shell`);
		await page.evaluate(async () => {
			const script = document.createElement('script');
			script.textContent = 'window.broken = true';
			document.head.append(script);
			await fetch('https://escale.invalid/').catch(() => undefined);
		});
		expect(await page.evaluate(() => 'broken' in window)).toBe(false);
		expect(violations.join('\n')).toMatch(/script-src-elem: inline/);
		expect(violations.join('\n')).toMatch(/connect-src: https:\/\/escale\.invalid/);
	});
});
