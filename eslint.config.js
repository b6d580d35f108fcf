import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import { rooms } from './scripts/rooms.ts';
import svelteConfig from './svelte.config.js';

const noHtml = "Never put markup together by hand: it is how a youth's name becomes a script.";

/** One rule per room, made of the table that tests/unit/architecture.test.ts proves whole. */
const roomRules = Object.values(rooms)
	.filter(({ at }) => at.every((prefix) => prefix.startsWith('lib/')))
	.map(({ at, values, types = [] }) => {
		const forms = [...values, ...types].map((entry) => {
			const own = !/[/:]$/.test(entry) ? undefined : Object.keys(rooms).find((name) => entry === `${name}/`);
			const literal = (own ? `#lib/${entry}` : entry).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
			return /[/:]$/.test(entry) ? literal : `${literal}$`;
		});
		const message = `${at[0]} may not import this: see scripts/rooms.ts and docs/architecture.md.`;
		return {
			files: at.map((prefix) => `src/${prefix}**/*.{ts,svelte}`),
			rules: {
				'no-restricted-imports': ['error', { patterns: [{ regex: `^(?!\\.|${forms.join('|')})`, message }] }]
			}
		};
	});

export default ts.config(
	{
		ignores: [
			'node_modules',
			'.svelte-kit',
			'build',
			'data',
			'.cache',
			'test-results',
			'playwright-report',
			'static',
			'bench/peers'
		]
	},
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	...ts.configs.recommended,
	...svelte.configs.recommended,
	{
		languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
		rules: {
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
			// The list is searched by value, so an index that is surely in range is no lie.
			'@typescript-eslint/no-non-null-assertion': 'off',
			eqeqeq: 'error',
			'no-eval': 'error',
			'no-restricted-properties': [
				'error',
				{ property: 'innerHTML', message: noHtml },
				{ property: 'outerHTML', message: noHtml },
				{ property: 'insertAdjacentHTML', message: noHtml }
			]
		}
	},
	{
		// What a forgotten `await` loses is a save: worth the types.
		files: ['src/**/*.ts', 'scripts/**/*.ts', 'tests/**/*.ts', 'bench/**/*.ts'],
		rules: {
			'@typescript-eslint/await-thenable': 'error',
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': 'error',
			'@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
			'@typescript-eslint/switch-exhaustiveness-check': [
				'error',
				{ considerDefaultExhaustiveForUnions: true }
			]
		}
	},
	{
		files: ['*.js', 'scripts/*.js'],
		extends: [ts.configs.disableTypeChecked],
		languageOptions: { parserOptions: { projectService: false } }
	},
	{
		// SvelteKit keeps the worker out of the project that the pages are in.
		files: ['src/service-worker/**'],
		extends: [ts.configs.disableTypeChecked],
		languageOptions: { parserOptions: { projectService: false } }
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig } },
		rules: {
			'svelte/no-at-html-tags': 'error',
			'svelte/no-target-blank': 'error',
			'svelte/button-has-type': 'error',
			// Addresses are plain paths: the application is always served from the root.
			'svelte/no-navigation-without-resolve': 'off'
		}
	},
	...roomRules
);
