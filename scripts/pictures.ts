/** `npm run pictures`: the README's pictures, taken anew from the demonstration on a server and a browser of their own. */
import { chromium, type Page } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DEMO_SEED } from '../src/lib/server/demo/seed.ts';
import { inventYear } from '../src/lib/server/demo/year.ts';
import { openAs, ServerProcess } from '../tests/e2e/harness.ts';
import prepare from '../tests/e2e/prepare.ts';
import { build } from './build.ts';
import { chromiumArgs, findChromium } from './chromium.ts';
import { withFewColours } from './png.ts';

const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const narrow = { width: 390, height: 844 };
const wide = { width: 1180, height: 820 };

build({ ifNeeded: true });
prepare();
mkdirSync(folder, { recursive: true });

await using server = await ServerProcess.start('demo');
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
try {
	const context = await browser.newContext({
		viewport: narrow,
		locale: 'fr-FR',
		timezoneId: 'Europe/Paris',
		reducedMotion: 'reduce'
	});
	const page = await context.newPage();
	page.setDefaultTimeout(15_000);
	await openAs(page, server, 'conseillere');
	await takeToday(page);
	await takeOuting(page);
	await takeOpening(page);
	await takeYouth(page);
} finally {
	await browser.close();
}

async function takeToday(page: Page): Promise<void> {
	await go(page, 'Aujourd’hui');
	await take(page, 'today-390');
}

async function takeOuting(page: Page): Promise<void> {
	await go(page, 'Terrain');
	await press(page, 'Partir en sortie');
	await choose(page, 'Marché de Nay', 'Idriss Camara');
	await press(page, 'Commencer la sortie');
	for (const [approached, chips] of [
		[3, ['16–17', 'Femme', 'Formation']],
		[2, ['18–21', 'Homme', 'Emploi']],
		[4, ['18–21', 'Homme', 'Projet']]
	] as const) {
		for (let i = 0; i < approached; i++) await press(page, /Approchés/);
		await press(page, 'Rencontre');
		await choose(page, ...chips);
		if (approached === 4) {
			await page.getByText('Enregistré sur la tablette').waitFor({ state: 'hidden' });
			await take(page, 'encounter-390');
		}
		await press(page, 'Enregistrer');
	}
	await page.getByText('Enregistré sur la tablette').first().waitFor();
	await take(page, 'outing-390');
}

async function takeOpening(page: Page): Promise<void> {
	await go(page, 'Permanence');
	await press(page, /^Ouvrir /);
	await press(page, 'Visite');
	await choose(page, '18–21', 'Femme', 'Formation', 'Projet', '30 min');
	await page
		.getByLabel('Ce qui a été décidé')
		.fill('Deux formations regardées, information collective réservée');
	await press(page, 'Enregistrer');
	await page.getByText('Rendez-vous du jour').waitFor();
	await wideTake(page, 'opening-1180');
}

async function takeYouth(page: Page): Promise<void> {
	await go(page, 'Jeunes');
	const name = someoneWellKnown();
	const search = page.getByRole('searchbox');
	await search.fill(name.slice(0, 4));
	await take(page, 'youths-390');
	await search.fill(name);
	await page.getByRole('main').getByRole('link', { name }).first().click();
	await page.getByRole('heading', { level: 1, name }).waitFor();
	await wideTake(page, 'youth-1180');
}

/** The youth of Nay of whom most is told. */
function someoneWellKnown(): string {
	const { records, siteIds } = inventYear({ seed: DEMO_SEED, now: Date.now() });
	const told = Map.groupBy(records, ({ fields }) => fields.youth);
	const [youth] = records
		.filter(
			({ kind, site, fields }) => kind === 'youth' && site === siteIds.nay && fields.email && fields.phone
		)
		.sort((a, b) => (told.get(b.id)?.length ?? 0) - (told.get(a.id)?.length ?? 0));
	return `${String(youth?.fields.firstName)} ${String(youth?.fields.lastName)}`;
}

/** By the navigation: a reload would lock the tablet. */
async function go(page: Page, place: string): Promise<void> {
	const link = page.getByRole('navigation', { name: 'Principale' }).getByRole('link', { name: place });
	await link.click();
	await link.and(page.locator('[aria-current=page]')).waitFor();
}

async function press(page: Page, name: string | RegExp): Promise<void> {
	await page.getByRole('button', { name }).or(page.getByRole('link', { name })).first().click();
}

async function choose(page: Page, ...chips: string[]): Promise<void> {
	for (const chip of chips) await page.getByText(chip, { exact: true }).first().click();
}

async function wideTake(page: Page, name: string): Promise<void> {
	await page.setViewportSize(wide);
	await page.getByText('Enregistré sur la tablette').waitFor({ state: 'hidden' });
	await take(page, name);
	await page.setViewportSize(narrow);
}

async function take(page: Page, name: string): Promise<void> {
	await page.evaluate(() => {
		scrollTo(0, 0);
		return document.fonts.ready.then(() => undefined);
	});
	const png = withFewColours(await page.screenshot({ animations: 'disabled', caret: 'hide' }), 64);
	writeFileSync(`${folder}${name}.png`, png);
	console.log(`docs/pictures/${name}.png  ${Math.round(png.length / 1024)} kB`);
}
