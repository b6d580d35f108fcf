import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { mayImport, roomOf } from '../../scripts/rooms.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const src = `${root}src/`;

type Import = { file: string; from: string; typeOnly: boolean };

const files = walk(src);
const imports = files.filter((file) => /\.(ts|js|svelte)$/.test(file)).flatMap(importsOf);

it('reads the imports it is there to judge', () => {
	expect(
		importsIn(
			"import type { A } from 'a';\nimport b, { type C } from './b.ts';\nexport * from '#lib/x/y.ts';"
		)
	).toEqual([
		{ from: 'a', typeOnly: true },
		{ from: './b.ts', typeOnly: false },
		{ from: '#lib/x/y.ts', typeOnly: false }
	]);
	expect(importsIn("import 'c';\nconst d = await import('d');\nexport { type E, type F } from 'e';")).toEqual(
		[
			{ from: 'c', typeOnly: false },
			{ from: 'd', typeOnly: false },
			{ from: 'e', typeOnly: true }
		]
	);
	expect(imports.length).toBeGreaterThan(20);
});

it('every file of src belongs to a room', () => {
	const homeless = files.filter((file) => /\.(ts|svelte)$/.test(file) && roomOf(file) === undefined);
	expect(homeless).toEqual([]);
});

it('imports go one way only, as the table of scripts/rooms.ts says', () => {
	const strays = imports.filter(({ file, from, typeOnly }) => {
		const room = roomOf(file);
		return room !== undefined && !mayImport(room, targetOf(file, from), typeOnly);
	});
	expect(strays.map(({ file, from }) => `${file} imports ${from}`)).toEqual([]);
});

it('the rooms below routes know nothing of SvelteKit', () => {
	const fenced = imports.filter(
		({ file, from }) => file.startsWith('lib/') && /^(\$|@sveltejs\/)/.test(from)
	);
	expect(fenced.map(({ file, from }) => `${file} imports ${from}`)).toEqual([]);
});

it('across rooms by #lib, inside a room by ./, always with the extension', () => {
	const odd = imports.filter(({ file, from }) => {
		if (from.startsWith('#lib/')) return !/\.(ts|svelte|js|json|css)$/.test(from);
		if (!from.startsWith('.')) return false;
		if (from.includes('$types') || from.endsWith('/package.json')) return false;
		return (
			roomOf(posix.join(posix.dirname(file), from)) !== roomOf(file) ||
			!/\.(ts|svelte|js|json|css)$/.test(from)
		);
	});
	expect(odd.map(({ file, from }) => `${file} imports ${from}`)).toEqual([]);
});

it('nothing names a file that is not there', () => {
	const lost = imports.filter(({ file, from }) => {
		const target = from.startsWith('#lib/') ? `lib/${from.slice(5)}` : posix.join(posix.dirname(file), from);
		return /^(#lib\/|\.)/.test(from) && !from.includes('$types') && !existsSync(src + target);
	});
	expect(lost.map(({ file, from }) => `${file} imports ${from}`)).toEqual([]);
});

it('no drawer for leftovers', () => {
	const drawers = files.filter((file) => /(^|\/)(utils?|helpers?|common|libs|misc)(\/|\.)/.test(file));
	expect(drawers).toEqual([]);
});

/** What `scripts/rooms.ts` speaks of: `domain/visit.ts` for our own files, the name for a package, `./` for a neighbour. */
function targetOf(file: string, from: string): string {
	if (from.startsWith('#lib/')) return from.slice(5);
	if (!from.startsWith('.')) return from;
	if (from.endsWith('/package.json')) return 'package.json';
	const path = posix.join(posix.dirname(file), from);
	return path.startsWith('lib/') ? path.slice(4) : './';
}

function walk(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile())
		.map((entry) =>
			`${entry.parentPath}/${entry.name}`.replaceAll('\\', '/').replaceAll('//', '/').slice(src.length)
		)
		.sort();
}

function importsOf(file: string): Import[] {
	const text = readFileSync(src + file, 'utf8');
	return importsIn(file.endsWith('.svelte') ? scriptsOf(text) : text).map((i) => ({ file, ...i }));
}

function scriptsOf(component: string): string {
	return [...component.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n');
}

/** Every static import, export-from and dynamic import of a module's text, comments left out. */
function importsIn(text: string): Omit<Import, 'file'>[] {
	const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
	const statements = code.matchAll(
		/^\s*(import|export)\b((?:\s+type\b)?)([^'";]*?)\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm
	);
	return [...statements].map(([, , keyword, names, from, bare, dynamic]) => ({
		from: from ?? bare ?? dynamic ?? '',
		typeOnly: from !== undefined && (keyword?.trim() === 'type' || onlyTypes(names ?? ''))
	}));
}

function onlyTypes(names: string): boolean {
	const listed = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1];
	return (
		listed !== undefined &&
		listed.split(',').every((name) => name.trim() === '' || /^type\s/.test(name.trim()))
	);
}
