import adapter from '@sveltejs/adapter-node';

/** @type {import('@sveltejs/kit').Config} */
export default {
	kit: {
		adapter: adapter(),
		paths: { relative: false },
		serviceWorker: { register: false },
		prerender: { entries: ['/shell'] },
		// Nonces where the server renders, hashes in prerendered pages. Styles: bits-ui and Svelte set style attributes.
		csp: {
			mode: 'auto',
			directives: {
				'default-src': ['none'],
				'script-src': ['self', 'wasm-unsafe-eval'],
				'style-src': ['self'],
				'style-src-attr': ['unsafe-inline'],
				'img-src': ['self', 'data:', 'blob:'],
				'font-src': ['self'],
				'connect-src': ['self'],
				'worker-src': ['self'],
				'manifest-src': ['self'],
				'form-action': ['self'],
				'base-uri': ['none'],
				'frame-ancestors': ['none']
			}
		},
		// src/hooks.server.ts refuses more: any state-changing request without our Origin and header, whatever its content type.
		csrf: { trustedOrigins: ['*'] },
		typescript: {
			config: (config) => {
				Object.assign(config.compilerOptions, {
					rewriteRelativeImportExtensions: false,
					allowImportingTsExtensions: true,
					erasableSyntaxOnly: true
				});
				// A package of its own, installed by the bench that needs it.
				config.exclude.push('../bench/peers/**');
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
