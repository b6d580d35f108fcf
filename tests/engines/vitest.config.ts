import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	root: join(import.meta.dirname, '../..'),
	test: {
		globalSetup: ['tests/e2e/prepare.ts'],
		include: ['tests/engines/**/*.test.ts'],
		// Each engine fills a core by itself.
		fileParallelism: false,
		testTimeout: 120_000,
		hookTimeout: 120_000
	}
});
