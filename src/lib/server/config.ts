import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod/mini';

/**
 * The settings of a server, read once from its environment. `npm start`, the command line and the SvelteKit build are
 * three module graphs: the environment is the only thing they share, so each reads it through here.
 */
export type Config = {
	port: number;
	host: string;
	/** Absolute path of the folder that holds the SQLite file and the secrets. */
	data: string;
	/** PostgreSQL; the SQLite file in `data` when undefined. */
	databaseUrl: string | undefined;
	/** Where browsers reach this server, without a slash at the end; undefined: this machine's own name or address. */
	origin: string | undefined;
	/** Seed the demonstration when the base is empty. */
	demo: boolean;
	/** Bytes of a request's body. */
	bodyLimit: number;
	/** Signs session cookies; undefined: generated into `data`. */
	secret: string | undefined;
	/** Absolute path of the backups' key; undefined: `backup.key` in `data`, made at the first backup. */
	backupKey: string | undefined;
};

export type ConfigResult = { ok: true; config: Config } | { ok: false; problem: string };

type Environment = Record<string, string | undefined>;

const unit = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

const port = z.pipe(
	z.string().check(
		z.regex(/^\d{1,5}$/),
		z.refine((s) => Number(s) <= 65_535)
	),
	z.transform(Number)
);
const host = z.string().check(z.regex(/^[A-Za-z0-9.:_-]+$/));
const path = z.pipe(
	z.string().check(z.refine((s) => !s.includes('\0'))),
	z.transform((s) => resolve(s))
);
const databaseUrl = z
	.string()
	.check(
		z.refine(
			(s) => /^postgres(ql)?:$/.test(parsed(s)?.protocol ?? '') && (parsed(s)?.pathname.length ?? 0) > 1
		)
	);
const origin = z.pipe(
	z.string().check(
		z.refine((s) => {
			const url = parsed(s);
			return url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
		})
	),
	z.transform((s) => new URL(s).origin)
);
const onOff = z.pipe(
	z.enum(['0', '1', 'true', 'false']),
	z.transform((s) => s === '1' || s === 'true')
);
const bytes = z.pipe(
	z.string().check(
		z.regex(/^[1-9]\d{0,9}[KMG]?$/),
		z.refine((s) => inBytes(s) >= 65_536)
	),
	z.transform((s) => inBytes(s))
);
const secret = z.string().check(z.minLength(32));

/** What each variable must hold, in the words of the one line printed when it doesn't. */
const expected = {
	PORT: 'un nombre entier de 0 à 65535',
	HOST: 'une adresse IP ou un nom de machine, par exemple 0.0.0.0',
	ESCALE_DATA: 'le chemin d’un dossier',
	DATABASE_URL: 'une adresse PostgreSQL, par exemple postgres://escale@localhost:5432/escale',
	ORIGIN: 'l’adresse publique sans chemin, par exemple https://escale.exemple.fr',
	ESCALE_DEMO: '1 ou 0',
	BODY_SIZE_LIMIT: 'une taille d’au moins 64K, par exemple 2M',
	ESCALE_SECRET: 'au moins 32 caractères tirés au hasard',
	ESCALE_BACKUP_KEY: 'le chemin du fichier de la clé des sauvegardes'
} as const;

/** Their values hold a password: they are never printed. */
const confidential = new Set<string>(['DATABASE_URL', 'ESCALE_SECRET']);

/** An empty variable counts as absent. The problem of the first wrong one is a single line of French. */
export function readConfig(env: Environment): ConfigResult {
	const problems: string[] = [];
	const read = <T, D>(name: keyof typeof expected, schema: z.ZodMiniType<T, string>, missing: D): T | D => {
		const value = env[name]?.trim();
		if (!value) return missing;
		const result = schema.safeParse(value);
		if (result.success) return result.data;
		const shown = confidential.has(name)
			? 'la valeur donnée ne convient pas'
			: `« ${printable(value)} » ne convient pas`;
		problems.push(`${name} : ${shown} ; attendu : ${expected[name]}.`);
		return missing;
	};
	const config: Config = {
		port: read('PORT', port, 3000),
		host: read('HOST', host, '0.0.0.0'),
		data: read('ESCALE_DATA', path, resolve('data')),
		databaseUrl: read('DATABASE_URL', databaseUrl, undefined),
		origin: read('ORIGIN', origin, undefined),
		demo: read('ESCALE_DEMO', onOff, false),
		bodyLimit: read('BODY_SIZE_LIMIT', bytes, 2 * unit.M),
		secret: read('ESCALE_SECRET', secret, undefined),
		backupKey: read('ESCALE_BACKUP_KEY', path, undefined)
	};
	return problems[0] === undefined ? { ok: true, config } : { ok: false, problem: problems[0] };
}

/**
 * A secret of 32 random bytes kept in the data folder as a file that only its owner reads. Two processes that start
 * together get the same one: the file appears whole or not at all.
 */
export function keptSecret(data: string, name: string): string {
	const path = join(data, name);
	const draft = `${path}.${randomBytes(6).toString('hex')}`;
	mkdirSync(data, { recursive: true, mode: 0o700 });
	const found = readIfThere(path);
	if (found !== undefined) {
		chmodSync(path, 0o600);
		return found;
	}
	writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx', flush: true });
	try {
		linkSync(draft, path);
	} catch (error) {
		if (!hasCode(error, 'EEXIST')) throw error;
	} finally {
		rmSync(draft);
	}
	return readFileSync(path, 'utf8').trim();
}

function readIfThere(path: string): string | undefined {
	try {
		const text = readFileSync(path, 'utf8').trim();
		if (text.length < 32)
			throw new Error(`${path} : ce secret est trop court ; restaurez-le, ou supprimez ce fichier.`);
		return text;
	} catch (error) {
		if (hasCode(error, 'ENOENT')) return undefined;
		throw error;
	}
}

/** Whether a thrown value is a system error of this code (`EADDRINUSE`, `ENOENT` …). */
export const hasCode = (error: unknown, code: string): boolean =>
	error instanceof Error && 'code' in error && error.code === code;

const parsed = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

const printable = (value: string) => value.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, 80);

function inBytes(size: string): number {
	const letter = size.at(-1);
	return letter === 'K' || letter === 'M' || letter === 'G'
		? Number(size.slice(0, -1)) * unit[letter]
		: Number(size);
}
