import adapter from '@sveltejs/adapter-node';

/** @type {import('@sveltejs/kit').Config} */
export default {
	kit: {
		adapter: adapter(),
		paths: { relative: false },
		serviceWorker: { register: false },
		prerender: { entries: ['/shell'] },
		typescript: {
			config: (config) => {
				Object.assign(config.compilerOptions, {
					rewriteRelativeImportExtensions: false,
					allowImportingTsExtensions: true,
					erasableSyntaxOnly: true
				});
				config.include.push(
					'../tests/**/*.ts',
					'../bench/**/*.ts',
					'../scripts/**/*.ts',
					'../playwright.config.ts'
				);
			}
		}
	}
};
