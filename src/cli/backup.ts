import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keyForBackup, keyPath, readKey } from '#lib/server/backup/key.ts';
import { BackupProblem, type BackupFault } from '#lib/server/backup/problem.ts';
import { checkBackup, restoreBackup, type CheckedBackup } from '#lib/server/backup/restore.ts';
import { writeBackup } from '#lib/server/backup/write.ts';
import type { Config } from '#lib/server/config.ts';
import { openBase, version, type Server } from '#lib/server/context.ts';
import { cannotOpen, closing, failWith, openOrFail } from './terminal.ts';

/** What is wrong, and what to do: one line each. @param file as it was given; @param key where the key is looked for */
const told: Record<BackupFault, (file: string, key: string) => string> = {
	'file exists': (file) => `--to : « ${file} » existe déjà ; donnez un autre nom.`,
	'no base': () => 'Rien à sauvegarder : il n’y a pas de base ici. Vérifiez ESCALE_DATA ou DATABASE_URL.',
	'newer base': () =>
		'Cette base a été mise à jour par une version plus récente d’Escale ; installez celle-ci.',
	'no file': (file) => `--from : « ${file} » n’existe pas.`,
	'not a backup': (file) => `--from : « ${file} » n’est pas une sauvegarde d’Escale.`,
	'another key': (_, key) =>
		`« ${key} » n’est pas la clé de cette sauvegarde ; donnez la bonne par ESCALE_BACKUP_KEY.`,
	altered: (file) => `--from : « ${file} » a été modifié ou abîmé ; prenez une autre copie.`,
	truncated: (file) => `--from : « ${file} » n’est pas complet ; prenez une autre copie.`,
	'newer backup': () => 'Cette sauvegarde vient d’une version plus récente d’Escale ; installez celle-ci.',
	'base not empty': () =>
		'La base n’est pas vide ; ajoutez --replace pour remplacer tout ce qu’elle contient.',
	'no key': (_, key) => `La clé des sauvegardes manque : « ${key} » (ESCALE_BACKUP_KEY).`,
	'not a key': (_, key) => `« ${key} » n’est pas une clé de sauvegarde (ESCALE_BACKUP_KEY).`
};

/** Misuse is 2, what the machine or a damaged file says is 1. */
const notMisuse: BackupFault[] = ['altered', 'truncated', 'newer base', 'newer backup'];

/** The base is read as it is: before an update is the best moment for a backup. */
export async function backUp(config: Config, file: string): Promise<void> {
	await inOneLine(config, '--to', file, async () => {
		if (!config.databaseUrl && !existsSync(join(config.data, 'escale.sqlite')))
			throw new BackupProblem('no base');
		const { key, isNew } = keyForBackup(config);
		if (isNew)
			console.log(
				[
					`Clé des sauvegardes créée : ${keyPath(config)}`,
					'Gardez-en une copie ailleurs, loin des sauvegardes : sans elle, aucune ne se relit.',
					`Copiez aussi le dossier ${join(config.data, 'keys')} : les sauvegardes ne le contiennent pas.`
				].join('\n')
			);
		const base = openBase(config);
		try {
			const counts = await writeBackup(base, { file: resolve(file), key, now: Date.now(), version });
			const size = `${(statSync(file).size / 1e6).toLocaleString('fr', { maximumFractionDigits: 1 })} Mo`;
			console.log(`Sauvegarde écrite : ${file} (${inWords(counts)} ; ${size}).`);
		} finally {
			await base.db.destroy();
		}
	});
}

/** The whole file is read before the base is opened. */
export async function restore(config: Config, file: string, replace: boolean): Promise<void> {
	const checked = await inOneLine(config, '--from', file, () =>
		checkBackup(resolve(file), readKey(keyPath(config)))
	);
	await closing(await openOrFail(config), async (server) => {
		await inOneLine(config, '--from', file, () => restoreBackup(server, checked, replace));
		console.log(await summary(server, checked));
	});
}

async function summary(server: Server, { header, counts }: CheckedBackup): Promise<string> {
	const made = new Date(header.made).toLocaleString('fr', { dateStyle: 'full', timeStyle: 'short' });
	const without = await organisationsWithoutKey(server);
	return [
		`Base restaurée dans son état du ${made} (${inWords(counts)}).`,
		'Chacun devra se connecter de nouveau ; les tablettes renvoient d’elles-mêmes ce qui manque.',
		...without.map(
			(name) =>
				`ATTENTION : la clé privée de « ${name} » manque dans ${join(server.config.data, 'keys')} ; remettez-y votre copie de ce dossier avant de démarrer.`
		)
	].join('\n');
}

async function organisationsWithoutKey({ db, keys }: Server): Promise<string[]> {
	const organisations = await db.selectFrom('organisation').select(['id', 'name']).orderBy('name').execute();
	const without: string[] = [];
	for (const { id, name } of organisations) await keys.publicKey(id).catch(() => without.push(name));
	return without;
}

const inWords = ({ organisation = 0, record = 0, operation = 0 }: Record<string, number>): string =>
	[
		`${organisation} organisation${organisation > 1 ? 's' : ''}`,
		`${record.toLocaleString('fr')} fiches`,
		`${operation.toLocaleString('fr')} opérations`
	].join(', ');

async function inOneLine<T>(
	config: Config,
	option: '--to' | '--from',
	file: string,
	work: () => Promise<T>
): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof BackupProblem)
			failWith(told[error.fault](file, keyPath(config)), notMisuse.includes(error.fault) ? 1 : 2);
		const code = ofTheDisk(error);
		if (code !== undefined) failWith(`${option} : « ${file} » ne peut pas servir (${code}).`, 1);
		return cannotOpen(config, error);
	}
}

/** The code of an error of a file, not of a connection. */
function ofTheDisk(error: unknown): string | undefined {
	if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
	const isOfFile = ['open', 'read', 'write', 'fsync', 'rename', 'close'].includes(String(error.syscall));
	return isOfFile ? String(error.code) : undefined;
}
