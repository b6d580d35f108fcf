import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };

export default defineConfig({
	plugins: [sveltekit()],
	define: { __APP_VERSION__: JSON.stringify(manifest.version) },
	worker: { format: 'es' },
	test: {
		globalSetup: ['tests/fixtures/global-setup.ts'],
		include: ['tests/{unit,contract,simulation}/**/*.test.ts'],
		testTimeout: 60_000,
		hookTimeout: 60_000
	}
});
