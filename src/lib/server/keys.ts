import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { recordId } from '#lib/domain/field.ts';
import { generateKeys, importPrivateKey, type PublicKey } from '#lib/protocol/seal.ts';

/*
 * The private halves of the organisations' keys: one file per key in a folder of the data directory, readable by the
 * server's account only. A file is written once and never changed, so that several processes need no lock. The newest
 * key of an organisation is the one that tablets seal to; older ones stay, because a tablet may come back after months.
 */

const keyFile = z.object({
	id: z.string(),
	organisation: recordId,
	/** ms UTC */
	created: z.int(),
	publicKey: z.string(),
	privateKey: z.string()
});
type KeyFile = z.infer<typeof keyFile>;

export type Keys = {
	/** The key to seal to now; throws when the organisation has none. */
	publicKey(organisation: string): Promise<PublicKey>;
	/** Any key of the organisation, retired ones too; `undefined` when it is not ours. */
	privateKey(organisation: string, id: string): Promise<CryptoKey | undefined>;
	/** Makes a new pair, which becomes the one to seal to. Durable when it returns. */
	create(organisation: string, now: number): Promise<PublicKey>;
};

/** @param folder made with mode 700 at the first key */
export function openKeys(folder: string): Keys {
	const known = new Map<string, KeyFile>();
	const imported = new Map<string, Promise<CryptoKey>>();

	async function reread(): Promise<void> {
		const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
			if (error.code === 'ENOENT') return [];
			throw error;
		});
		for (const name of names) {
			const id = name.replace(/\.json$/, '');
			if (id === name || known.has(id)) continue;
			known.set(id, keyFile.parse(JSON.parse(await readFile(join(folder, name), 'utf8'))));
		}
	}

	const newest = (organisation: string): KeyFile | undefined =>
		[...known.values()]
			.filter((k) => k.organisation === organisation)
			.sort((a, b) => b.created - a.created)[0];

	return {
		async publicKey(organisation) {
			if (!newest(organisation)) await reread();
			const key = newest(organisation);
			if (!key) throw new Error(`no key for organisation ${organisation} in ${folder}`);
			return { id: key.id, key: key.publicKey };
		},
		async privateKey(organisation, id) {
			if (!known.has(id)) await reread();
			const key = known.get(id);
			if (key?.organisation !== organisation) return undefined;
			const ready = imported.get(id) ?? importPrivateKey(key.privateKey);
			imported.set(id, ready);
			return ready;
		},
		async create(organisation, now) {
			const pair = await generateKeys();
			const key: KeyFile = { id: crypto.randomUUID(), organisation, created: now, ...pair };
			await mkdir(folder, { recursive: true, mode: 0o700 });
			const file = await open(join(folder, `${key.id}.json`), 'wx', 0o600);
			try {
				await file.writeFile(JSON.stringify(key));
				await file.sync();
			} finally {
				await file.close();
			}
			known.set(key.id, key);
			return { id: key.id, key: key.publicKey };
		}
	};
}
