import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode, keptSecret, type Config } from '../config.ts';
import { BackupProblem } from './problem.ts';

/** Where the key of the backups is: never inside a backup, and better not only beside the base. */
export const keyPath = ({ backupKey, data }: Pick<Config, 'backupKey' | 'data'>): string =>
	backupKey ?? join(data, 'backup.key');

/** The 32 bytes of the key that is there. Throws `BackupProblem` when there is none, or something else. */
export function readKey(path: string): Buffer {
	let text: string;
	try {
		text = readFileSync(path, 'utf8').trim();
	} catch (error) {
		if (hasCode(error, 'ENOENT')) throw new BackupProblem('no key');
		throw error;
	}
	const key = Buffer.from(text, 'base64url');
	if (key.length !== 32 || key.toString('base64url') !== text) throw new BackupProblem('not a key');
	return key;
}

/**
 * The key for a backup, made at the first one. Not where a setting names it: a folder that happens not to be mounted would
 * get a key that nobody knows of.
 */
export function keyForBackup(config: Pick<Config, 'backupKey' | 'data'>): { key: Buffer; isNew: boolean } {
	const path = keyPath(config);
	try {
		return { key: readKey(path), isNew: false };
	} catch (error) {
		const isMissing = error instanceof BackupProblem && error.fault === 'no key';
		if (!isMissing || config.backupKey !== undefined) throw error;
	}
	keptSecret(dirname(path), basename(path));
	return { key: readKey(path), isNew: true };
}
