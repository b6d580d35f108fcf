import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type Config } from '#lib/server/config.ts';
import { closeServer, openServer, report, type Server } from '#lib/server/context.ts';

/** What is written from here on (the base, the keys) is for this account only. */
process.umask(0o077);

/** One line for whoever typed the command, and the end. 2: wrong use or setting; 1: the machine said no. */
export function failWith(line: string, code: 1 | 2): never {
	console.error(line);
	process.exit(code);
}

export async function openOrFail(config: Config): Promise<Server> {
	return openServer(config).catch((error: unknown) => cannotOpen(config, error));
}

/** A base that can't be opened is told in one line that names the setting, never the password in it. */
export function cannotOpen(config: Config, error: unknown): never {
	const code =
		error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
	if (error instanceof Error && error.message.includes('corrupted migrations'))
		failWith('Cette base a été mise à jour par une version plus récente d’Escale ; installez celle-ci.', 1);
	if (code === undefined) crash(error);
	if (config.databaseUrl)
		failWith(`DATABASE_URL : la base PostgreSQL ne répond pas ou nous refuse (${code}).`, 1);
	failWith(`ESCALE_DATA : « ${config.data} » ne peut pas servir (${code}).`, 1);
}

export async function closing<T>(server: Server, work: (server: Server) => Promise<T>): Promise<T> {
	try {
		return await work(server);
	} finally {
		await closeServer(server);
	}
}

/**
 * A password from `ESCALE_ADMIN_PASSWORD`, else typed without echo, else the first line of the standard input. It is never
 * an argument: arguments are seen by every user of the machine.
 */
export async function askPassword(): Promise<string> {
	const given = process.env.ESCALE_ADMIN_PASSWORD;
	if (given) return given;
	const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
	const terminal = process.stdin.isTTY === true;
	const lines = createInterface({ input: process.stdin, output: terminal ? silent : undefined, terminal });
	try {
		if (terminal) {
			process.stderr.write('Mot de passe : ');
			const typed = await lines.question('');
			process.stderr.write('\nEncore une fois : ');
			const again = await lines.question('');
			process.stderr.write('\n');
			if (typed !== again) failWith('Les deux mots de passe ne sont pas les mêmes.', 2);
			return typed;
		}
		for await (const line of lines) return line;
		return '';
	} finally {
		lines.close();
	}
}

/** What a command does when something that nobody expected happens: where, not what. */
export function crash(error: unknown): never {
	report(error);
	return failWith('Escale s’est arrêtée sur un défaut imprévu.', 1);
}
