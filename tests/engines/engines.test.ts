import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findEngines } from '../../scripts/engines.ts';
import { demoEmail, demoPassword, ServerProcess } from '../fixtures/server-process.ts';
import { open, type Browser } from './browser.ts';
import { Person } from './person.ts';

for (const engine of findEngines()) {
	// scripts/test.ts says which ones are missing, and why.
	if ('missing' in engine) continue;
	describe(engine.name, () => {
		let server: ServerProcess;
		let profile: string;
		let browser: Browser | undefined;

		beforeEach(async () => {
			server = await ServerProcess.start('demo');
			profile = mkdtempSync(join(tmpdir(), 'escale-engine-'));
		});
		afterEach(async () => {
			await browser?.kill();
			await server[Symbol.asyncDispose]();
			rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
		});

		const openAt = async (path: string): Promise<Person> => {
			browser = await open(engine, profile, server.origin + path);
			return new Person(browser);
		};

		test('what was said « enregistré » without network survives reload and kill -9, and arrives once', async () => {
			let person = await openAt('/');
			const passphrase = await openTablet(person);
			await person.isTold(
				`navigator.serviceWorker.controller?.state === 'activated'`,
				'the service worker in charge'
			);
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

			person = await openAt('/terrain');
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
		});
	});
}

async function openTablet(person: Person): Promise<string> {
	await signIn(person);
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

async function logEncounter(person: Person, name: string): Promise<void> {
	await person.press('+ Rencontre');
	await person.fill('Prénom ou surnom', name);
	await person.press('Enregistrer');
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
	await person.press('Envoyer maintenant');
	const ended = 'Votre session au serveur est finie';
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
