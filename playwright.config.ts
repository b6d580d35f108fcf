import { defineConfig } from '@playwright/test';
import { chromiumArgs, findChromium } from './scripts/chromium.ts';

export default defineConfig({
	testDir: 'tests/e2e',
	globalSetup: './tests/e2e/prepare.ts',
	outputDir: 'test-results',
	fullyParallel: false,
	// Each test drives a server and one or two browsers of its own: two at once fill a machine of two cores.
	workers: 2,
	retries: 0,
	timeout: 90_000,
	expect: { timeout: 15_000 },
	forbidOnly: Boolean(process.env.CI),
	reporter: 'list',
	use: {
		browserName: 'chromium',
		locale: 'fr-FR',
		timezoneId: 'Europe/Paris',
		viewport: { width: 390, height: 844 },
		trace: process.env.CI ? 'off' : 'retain-on-failure',
		launchOptions: { executablePath: findChromium(), args: chromiumArgs }
	}
});
