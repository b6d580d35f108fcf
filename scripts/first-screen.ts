/**
 * The scripts that a browser fetches before a screen shows: SvelteKit's start, its application and the layouts and page
 * of the address with everything they import statically. What is imported later (`import()`) is not of the first screen.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const output = fileURLToPath(new URL('../.svelte-kit/output/', import.meta.url));

type Manifest = {
	_: {
		client: { start?: string; app?: string; imports?: string[] };
		routes: { id: string; pattern: RegExp; page: { layouts: (number | undefined)[]; leaf: number } | null }[];
	};
};

/** Paths of the built files, for an address such as `/`. Throws when there is no build or no such page. */
export async function firstScreen(address: string): Promise<string[]> {
	const file = join(output, 'server/manifest-full.js');
	if (!existsSync(file)) throw new Error('nothing is built: npm run build');
	// Written by SvelteKit's own build, which we pin.
	const { manifest }: { manifest: Manifest } = await import(pathToFileURL(file).href);
	const route = manifest._.routes.find(({ pattern, page }) => page && pattern.test(address));
	if (!route?.page) throw new Error(`no page at ${address}`);
	const { start, app, imports = [] } = manifest._.client;
	const nodes = [...route.page.layouts, route.page.leaf].filter((node) => node !== undefined);
	const scripts = [start, app, ...imports, ...nodes.flatMap(importsOfNode)];
	return [...new Set(scripts)]
		.filter((path) => path?.endsWith('.js'))
		.map((path) => join(output, 'client', String(path)));
}

function importsOfNode(node: number): string[] {
	const text = readFileSync(join(output, `server/nodes/${node}.js`), 'utf8');
	const listed = /export const imports = (\[.*?\]);/s.exec(text)?.[1];
	if (!listed) throw new Error(`node ${node} lists no imports: has SvelteKit changed its output?`);
	return JSON.parse(listed) as string[];
}

if (import.meta.main) console.log((await firstScreen(process.argv[2] ?? '/')).join('\n'));
