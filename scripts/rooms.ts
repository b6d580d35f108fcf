/**
 * Who may import whom (docs/architecture.md). The architecture test fails on any import that is not listed here, and
 * eslint marks it in the editor. An import is first made relative to `src/lib` (`domain/visit.ts`) or kept as a package's name.
 */
export type Room = {
	/** Files of the room, as a path prefix below `src`. The first room that matches a file is its room. */
	readonly at: readonly string[];
	/** What may be imported: rooms as `domain/`, packages by name (a trailing `/` allows their parts). */
	readonly values: readonly string[];
	/** What may only be imported with `import type`. */
	readonly types?: readonly string[];
};

export const rooms = {
	domain: { at: ['lib/domain/'], values: ['domain/', 'zod/mini', 'date-fns', 'date-fns/'] },
	protocol: { at: ['lib/protocol/'], values: ['protocol/', 'domain/', 'zod/mini', '@hpke/core'] },
	store: {
		at: ['lib/store/'],
		values: [
			'store/',
			'domain/',
			'protocol/',
			'zod/mini',
			'dexie',
			'@hpke/core',
			'@noble/hashes/',
			'hash-wasm',
			'libphonenumber-js',
			'libphonenumber-js/',
			'talisman/'
		]
	},
	sync: { at: ['lib/sync/'], values: ['sync/', 'domain/', 'protocol/', 'zod/mini'], types: ['store/'] },
	server: {
		at: ['lib/server/'],
		values: [
			'server/',
			'domain/',
			'protocol/',
			'zod/mini',
			'node:',
			'kysely',
			'kysely/',
			'better-sqlite3',
			'pg',
			'better-auth',
			'better-auth/',
			'@hpke/core',
			'package.json'
		]
	},
	ui: {
		at: ['lib/ui/'],
		values: ['ui/', 'messages/', 'svelte', 'svelte/', '@lucide/svelte', '@lucide/svelte/'],
		types: ['domain/']
	},
	messages: { at: ['lib/messages/'], values: ['messages/', 'domain/'], types: ['protocol/'] },
	endpoints: {
		at: ['routes/api/', 'hooks.server.ts', 'app.d.ts'],
		values: ['server/', 'domain/', 'protocol/', 'zod/mini', '@sveltejs/kit', '$app/', './', 'node:']
	},
	pages: {
		at: ['routes/', 'hooks.client.ts', 'hooks.ts'],
		values: [
			'store/',
			'sync/',
			'ui/',
			'domain/',
			'messages/',
			'svelte',
			'svelte/',
			'@lucide/svelte',
			'@lucide/svelte/',
			'@fontsource-variable/',
			'@sveltejs/kit',
			'$app/',
			'./'
		],
		types: ['protocol/']
	},
	'service-worker': {
		at: ['service-worker/'],
		values: [
			'protocol/',
			'store/delivery.ts',
			'store/queue-tag.ts',
			'workbox-precaching',
			'workbox-routing',
			'$service-worker',
			'./'
		],
		types: ['domain/']
	},
	cli: { at: ['cli/'], values: ['server/', 'domain/', 'protocol/', 'zod/mini', 'node:', './'] }
} as const satisfies Record<string, Room>;

export type RoomName = keyof typeof rooms;

/** `file`: path below `src`. */
export const roomOf = (file: string): RoomName | undefined =>
	(Object.keys(rooms) as RoomName[]).find((name) => rooms[name].at.some((prefix) => file.startsWith(prefix)));

export function mayImport(from: RoomName, target: string, typeOnly: boolean): boolean {
	const room: Room = rooms[from];
	const listed = typeOnly ? [...room.values, ...(room.types ?? [])] : room.values;
	return listed.some((entry) => target === entry || (/[/:]$/.test(entry) && target.startsWith(entry)));
}
