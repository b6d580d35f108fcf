import type { Page } from '@playwright/test';
import { demoEmail, demoPassword, expect, openAs, Tablet, test, type ServerProcess } from './harness.ts';
import { createYouth, go, sent } from './screens.ts';

test.use({ start: 'demo' });

/** Resolves when the stream of this page is open and what came before it has been asked for. */
async function listening(page: Page): Promise<void> {
	await page.waitForResponse((response) => response.url().includes('/api/live') && response.ok());
	await page.waitForResponse((response) => response.url().endsWith('/api/sync'));
}

async function showsYouth(page: Page, name: string): Promise<void> {
	await go(page, 'Jeunes');
	await page.getByRole('searchbox').fill(name);
	await expect(page.getByRole('link', { name: new RegExp(`^${name}`) })).toBeVisible({ timeout: 40_000 });
}

test('[P13] what one tablet saves appears on the other, which would not ask for minutes', async ({
	server
}) => {
	await using first = new Tablet();
	await using second = new Tablet();
	const nadia = await first.open();
	const desk = await second.open();
	const connected = listening(desk);
	await openAs(nadia, server, 'conseillere');
	await openAs(desk, server, 'direction');
	await connected;
	await createYouth(nadia, 'Bérengère', 'Lasserube');
	await showsYouth(desk, 'Bérengère Lasserube');
	// It has asked because it was told to, and is at rest for minutes again.
	await createYouth(nadia, 'Clotilde', 'Arrien');
	await showsYouth(desk, 'Clotilde Arrien');
});

test('[P13] where streams are cut, polling brings it all the same', async ({ server }) => {
	await using first = new Tablet();
	await using second = new Tablet();
	const nadia = await first.open();
	const desk = await second.open();
	let cut = 0;
	await second.context.route(/\/api\/live/, (route) => {
		cut++;
		return route.abort();
	});
	await openAs(nadia, server, 'conseillere');
	await openAs(desk, server, 'direction');
	await expect.poll(() => cut).toBeGreaterThan(0);
	await createYouth(nadia, 'Bérengère', 'Lasserube');
	await sent(nadia);
	await showsYouth(desk, 'Bérengère Lasserube');
});

test('[P13] a stream comes back after the server did', async ({ server }) => {
	await using first = new Tablet();
	await using second = new Tablet();
	const nadia = await first.open();
	const desk = await second.open();
	const connected = listening(desk);
	await openAs(nadia, server, 'conseillere');
	await openAs(desk, server, 'direction');
	await connected;
	await server.kill();
	const again = listening(desk);
	await server.resume();
	await again;
	await createYouth(nadia, 'Bérengère', 'Lasserube');
	await sent(nadia);
	await showsYouth(desk, 'Bérengère Lasserube');
});

test('[P13] a server that is asked to stop ends its streams properly', async ({ server }) => {
	const reader = await openStream(server);
	let said = '';
	const whole = (async () => {
		for (let part = await reader.read(); !part.done; part = await reader.read())
			said += new TextDecoder().decode(part.value);
	})();
	await expect.poll(() => said).toContain('event: hello\n');
	await server.stop();
	// Cut off after the limit of ten seconds, it would throw.
	await whole;
});

async function openStream({ origin }: ServerProcess): Promise<ReadableStreamDefaultReader<Uint8Array>> {
	const signIn = await fetch(`${origin}/api/auth/sign-in/email`, {
		method: 'POST',
		headers: { origin, 'x-escale': '1', 'content-type': 'application/json' },
		body: JSON.stringify({ email: demoEmail('conseillere'), password: demoPassword })
	});
	const [cookie = ''] = signIn.headers.getSetCookie();
	const live = await fetch(`${origin}/api/live?device=01890000-0000-7000-8000-000000000001`, {
		headers: { cookie: cookie.split(';')[0] ?? '' }
	});
	if (!live.ok || !live.body) throw new Error(`no stream: ${live.status}`);
	return live.body.getReader();
}
