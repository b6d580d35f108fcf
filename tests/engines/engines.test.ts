import Database from 'better-sqlite3';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findEngines } from '../../scripts/engines.ts';
import { demoEmail, demoPassword, ServerProcess } from '../fixtures/server-process.ts';
import { open, type Browser } from './browser.ts';
import { Person } from './person.ts';

for (const engine of findEngines()) {
	// scripts/test.ts says which ones are missing, and why.
	if ('missing' in engine) continue;
	/** The life of one tablet: each test begins with it open and at rest, and leaves it so. */
	describe(engine.name, () => {
		let server: ServerProcess;
		let profile: string;
		let browser: Browser | undefined;
		let person: Person;
		let passphrase: string;

		const openAt = async (path: string): Promise<void> => {
			browser = await open(engine, profile, server.origin + path);
			person = new Person(browser);
		};

		beforeAll(async () => {
			server = await ServerProcess.start('demo');
			profile = mkdtempSync(join(tmpdir(), 'escale-engine-'));
			await openAt('/');
			passphrase = await openTablet(person);
			await person.isTold(
				`navigator.serviceWorker.controller?.state === 'activated'`,
				'the service worker in charge'
			);
		});
		afterAll(async () => {
			await browser?.kill();
			await server[Symbol.asyncDispose]();
			rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
		});

		test('[F16] the connection to the database is lost: the next save opens it again, or says no and a reload does', async () => {
			await startOuting(person, 'Pont du connecteur');
			await logEncounter(person, 'Philibert');
			if (browser?.killStorage) {
				// What WebKit can only mend by a reload, on iOS too: its process of the databases is gone.
				browser.killStorage();
				await fillEncounter(person, 'Radegonde');
				await person.sees('La tablette n’a pas pu écrire : ce n’est pas encore enregistré');
				await person.sees('Rencontre');
				await person.reload();
				await unlock(person, passphrase);
				await person.press('Annuler');
			} else await browser?.run(closeBehind);
			await logEncounter(person, 'Radegonde');
			await sendAll(person);
			expect(held(server, ['Pont du connecteur', 'Philibert', 'Radegonde'])).toEqual({
				'Pont du connecteur': ['outing'],
				Philibert: ['youth'],
				Radegonde: ['youth']
			});
			expect(encountersOf(server, 'Pont du connecteur')).toBe(2);
		});

		test('what was said « enregistré » without network survives reload and kill -9, and arrives once', async () => {
			await server.kill();
			await startOuting(person, 'Digue des tempêtes');
			await logEncounter(person, 'Cunégonde');
			await logEncounter(person, 'Théophraste');
			await createYouth(person, 'Hildegarde', 'Marchevire');
			await person.sees('4 en attente');

			await person.reload();
			await unlock(person, passphrase);
			await person.sees('4 en attente');
			await browser?.kill();

			await openAt('/terrain');
			await unlock(person, passphrase);
			await person.sees('4 en attente');
			await person.press('Continuer : Digue des tempêtes');
			await person.sees('Cunégonde');
			await person.sees('Théophraste');

			await server.resume();
			await sendAll(person);
			expect(held(server, ['Digue des tempêtes', 'Cunégonde', 'Théophraste', 'Hildegarde'])).toEqual({
				'Digue des tempêtes': ['outing'],
				Cunégonde: ['youth'],
				Théophraste: ['youth'],
				Hildegarde: ['youth']
			});
			expect(encountersOf(server, 'Digue des tempêtes')).toBe(2);
		});

		test('[F7] [F10] a database found damaged at start is said, and what was sent comes again', async () => {
			await browser?.close();
			expect(damageDatabases(profile)).toBeGreaterThan(0);
			await openAt('/');
			const emptied = 'Le navigateur a effacé une partie des données de cette tablette';
			const unreadable = 'Le navigateur ne lit pas la base de cette tablette';
			// Chromium and Firefox begin a damaged database anew; WebKit doesn't open it: then that is all there is to say.
			if ((await person.seesOneOf([emptied, unreadable])) === unreadable) return person.sees('Recharger');
			await person.press('J’ai compris');
			passphrase = await openTablet(person);
			await person.press('Jeunes');
			await person.sees('Hildegarde Marchevire');
		});
	});
}

/** The next transaction finds its connection closed, as after the sleep of a tablet. */
const closeBehind = `{
	const begin = IDBDatabase.prototype.transaction;
	IDBDatabase.prototype.transaction = function (...given) {
		IDBDatabase.prototype.transaction = begin;
		this.close();
		return begin.apply(this, given);
	};
}`;

/** Writes noise over every file of every IndexedDB of a profile; how many there were. */
function damageDatabases(profile: string): number {
	const files = readdirSync(profile, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => join(parentPath, name))
		.filter((file) => /\/(indexeddb|idb)\//i.test(file));
	for (const file of files) writeFileSync(file, randomBytes(4096));
	return files.length;
}

async function openTablet(person: Person): Promise<string> {
	if ((await person.seesOneOf(['E-mail', 'Phrase proposée'])) === 'E-mail') await signIn(person);
	const passphrase = await person.reads('[data-testid=suggestion]');
	await person.fill('Retapez la phrase proposée', passphrase);
	await person.press('Chiffrer et continuer');
	await person.reads('nav[aria-label=Principale]');
	await person.isTold(`!document.body.innerText.includes('Premier chargement')`, 'the end of the first sync');
	return passphrase;
}

async function signIn(person: Person): Promise<void> {
	await person.fill('E-mail', demoEmail('conseillere'));
	await person.fill('Mot de passe', demoPassword);
	await person.press('Se connecter');
}

async function unlock(person: Person, passphrase: string): Promise<void> {
	await person.fill('Phrase de', passphrase);
	await person.press('Ouvrir');
	await person.reads('nav[aria-label=Principale]');
}

async function startOuting(person: Person, place: string): Promise<void> {
	await person.press('Terrain');
	await person.press('Partir en sortie');
	await person.fill('Nom de l’endroit', place);
	await person.press('Commencer la sortie');
	await person.sees('Finir la sortie');
}

async function fillEncounter(person: Person, name: string): Promise<void> {
	await person.press('+ Rencontre');
	await person.fill('Prénom ou surnom', name);
	await person.press('Enregistrer');
}

async function logEncounter(person: Person, name: string): Promise<void> {
	await fillEncounter(person, name);
	await person.sees('Enregistré sur la tablette');
	await person.sees('Finir la sortie');
	await person.sees(name);
}

async function createYouth(person: Person, firstName: string, lastName: string): Promise<void> {
	await person.press('Jeunes');
	await person.press('Nouveau jeune');
	await person.fill('Prénom', firstName);
	await person.fill('Nom', lastName);
	await person.press('Enregistrer');
	await person.sees(`${firstName} ${lastName}`);
	await person.sees('Modifier');
}

/** A browser that is killed may have forgotten its session: then the tablet says so, and one signs in again. */
async function sendAll(person: Person): Promise<void> {
	await person.press('Appareil');
	const ended = 'Votre session au serveur est finie';
	if (!(await person.isShown(ended))) await person.press('Envoyer maintenant');
	if ((await person.seesOneOf(['Rien à envoyer', ended])) === ended) await signIn(person);
	await person.sees('Rien à envoyer');
}

/** The kinds of the records that hold each word, one entry per record. */
function held(server: ServerProcess, words: readonly string[]): Record<string, string[]> {
	const db = new Database(join(server.data, 'escale.sqlite'), { readonly: true });
	const found = db.prepare<[string], { kind: string }>(
		'select kind from record where instr(data, ?) > 0 order by kind'
	);
	const kinds = words.map((word) => [word, found.all(word).map(({ kind }) => kind)] as const);
	db.close();
	return Object.fromEntries(kinds);
}

/** Encounters of the outing that was told to be at `place`. */
function encountersOf(server: ServerProcess, place: string): number {
	const db = new Database(join(server.data, 'escale.sqlite'), { readonly: true });
	const found = db
		.prepare<[string], { n: number }>(
			`select count(*) as n from record e join record o on o.kind = 'outing' and instr(e.data, o.id) > 0
			 where e.kind = 'encounter' and instr(o.data, ?) > 0`
		)
		.get(place);
	db.close();
	return found?.n ?? 0;
}
