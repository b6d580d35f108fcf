import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { text } from '#lib/domain/field.ts';
import { role, roles, siteKinds } from '#lib/domain/vocabulary.ts';
import { MAX_PASSWORD, MIN_PASSWORD } from '#lib/server/auth.ts';
import { hasCode, readConfig } from '#lib/server/config.ts';
import { openBase, type Server } from '#lib/server/context.ts';
import { migrate } from '#lib/server/database/migrate.ts';
import { createPerson } from '#lib/server/people.ts';
import { foundOrganisation, newcomer, onEmptyBase, organisationName, timeZone } from '#lib/server/setup.ts';
import { clearTombstones } from '#lib/server/housekeeping.ts';
import { backUp, restore } from './backup.ts';
import { bringQueue, readQueue } from './deliver.ts';
import { accountLines, seed } from './demo.ts';
import { createColleague, createSite, organisationNamed, readSlot } from './organisation.ts';
import { askPassword, closing, crash, failWith, openOrFail } from './terminal.ts';

const usage = `Escale, ligne de commande

  node src/cli/escale.ts migrate
      Met les tables de la base à jour.

  node src/cli/escale.ts create-admin --organisation <nom> --name <nom> --email <adresse> [--time-zone <zone>]
      Crée un compte administrateur, et l’organisation si elle n’existe pas. Le mot de passe (${MIN_PASSWORD} caractères au moins)
      est demandé, ou lu dans ESCALE_ADMIN_PASSWORD ou sur l’entrée standard.

  node src/cli/escale.ts create-site --organisation <nom> --name <nom> --kind <head-office|branch|permanence|outreach-spot>
                                     [--commune <nom>] [--slot "2 09:00-12:00" …]
      Crée un lieu, et ses créneaux : jour de la semaine (1 = lundi) et heures.

  node src/cli/escale.ts create-person --organisation <nom> --name <nom> --email <adresse> --role <rôle> [--sites "Lieu A,Lieu B"]
      Crée un compte (${roles.join(', ')}) ; le premier lieu est le lieu d’attache. Mot de passe comme ci-dessus.

  node src/cli/escale.ts demo
      Remplit une base vide avec les données de démonstration.

  node src/cli/escale.ts backup --to <fichier>
      Écrit toute la base, chiffrée, dans un nouveau fichier ; le serveur peut continuer (docs/sauvegarde.md).

  node src/cli/escale.ts restore --from <fichier> [--replace]
      Remet une sauvegarde dans une base vide, ou avec --replace à la place de ce que la base contient.

  node src/cli/escale.ts renew-key --organisation <nom>
      Crée une nouvelle clé pour les envois chiffrés, si celle d’avant est perdue ou connue d’un tiers ; redémarrez ensuite.

  node src/cli/escale.ts deliver <fichier>
      Remet une file exportée d’une tablette (« Exporter la file »). La remettre deux fois ne compte rien deux fois.

  node src/cli/escale.ts tidy
      Efface les traces de départ de plus de 180 jours ; le serveur le fait chaque jour.

  node src/cli/escale.ts --help

Réglages, par l’environnement : ESCALE_DATA, DATABASE_URL, ESCALE_SECRET, ESCALE_BACKUP_KEY (docs/security.md, README).`;

const misused = (line: string): never => failWith(`${line} (node src/cli/escale.ts --help)`, 2);

const commands: Record<string, (args: string[]) => Promise<void>> = {
	async migrate(args) {
		options(args, {});
		const base = openBase(config());
		try {
			const applied = await migrate(base.db);
			console.log(
				applied.length > 0 ? `Migrations appliquées : ${applied.join(', ')}` : 'La base est à jour.'
			);
		} finally {
			await base.db.destroy();
		}
	},

	async backup(args) {
		const { to } = options(args, { to: { type: 'string' } });
		await backUp(config(), to || misused('--to manque'));
	},

	async restore(args) {
		const { from, replace } = options(args, { from: { type: 'string' }, replace: { type: 'boolean' } });
		await restore(config(), from || misused('--from manque'), replace ?? false);
	},

	async 'renew-key'(args) {
		const given = options(args, { organisation: { type: 'string' } });
		await withServer(async (server) => {
			await server.keys.create(await idOf(server, given.organisation), server.now());
			console.log('Nouvelle clé créée : redémarrez le serveur, et copiez de nouveau le dossier des clés.');
		});
	},

	async tidy(args) {
		options(args, {});
		await withServer(async ({ db, now }) => {
			const cleared = await clearTombstones(db, now());
			console.log(cleared > 0 ? `Traces de départ effacées : ${cleared}.` : 'Rien à effacer.');
		});
	},

	async deliver([path, ...rest]) {
		if (path === undefined || path.startsWith('-')) return misused('Quel fichier remettre ?');
		options(rest, {});
		const reading = await readQueue(path);
		if (!reading.ok) return failWith(reading.problem, 2);
		await withServer(async (server) => {
			const { total, kept, refused, why } = await bringQueue(server, reading.file);
			console.log(
				`Changements remis : ${kept} sur ${total}. Enregistrés : ${kept - refused} ; à corriger sur la tablette d’origine : ${refused}.`
			);
			if (why === undefined) return;
			console.error(`Le reste n’a pas été pris : ${why}. Il est toujours sur la tablette d’origine.`);
			process.exitCode = 1;
		});
	},

	async demo(args) {
		const { force } = options(args, { force: { type: 'boolean' } });
		await withServer(async (server) => {
			const seeded = await seed(server);
			if (!seeded && force)
				failWith(
					'La base n’est pas vide : --force n’y change rien, la démonstration n’efface jamais rien.',
					2
				);
			if (!seeded) failWith('La base n’est pas vide : la démonstration ne s’ajoute à rien.', 2);
			console.log(['Base de démonstration prête.', ...accountLines].join('\n'));
		});
	},

	async 'create-admin'(args) {
		const given = options(args, {
			organisation: { type: 'string' },
			name: { type: 'string' },
			email: { type: 'string' },
			'time-zone': { type: 'string' }
		});
		const who = {
			organisation: checked('--organisation', organisationName, given.organisation),
			name: checked('--name', newcomer.name, given.name),
			email: checked('--email', newcomer.email, given.email),
			timeZone: checked('--time-zone', timeZone, given['time-zone'] ?? 'Europe/Paris')
		};
		await withServer(async (server) =>
			createAdministrator(server, { ...who, password: await newPassword() })
		);
	},

	async 'create-site'(args) {
		const given = options(args, {
			organisation: { type: 'string' },
			name: { type: 'string' },
			kind: { type: 'string' },
			commune: { type: 'string' },
			slot: { type: 'string', multiple: true }
		});
		const name = checked('--name', text(160), given.name);
		const kind = checked('--kind', z.enum(siteKinds), given.kind);
		const commune = given.commune === undefined ? undefined : checked('--commune', text(80), given.commune);
		const slots = (given.slot ?? []).map(
			(slot) => readSlot(slot) ?? misused(`--slot : « ${slot} » ne convient pas (exemple : "2 09:00-12:00")`)
		);
		await withServer(async (server) => {
			const organisation = await idOf(server, given.organisation);
			const done = await createSite(server, { organisation, name, kind, commune, slots });
			if (!done.ok) misused(done.problem);
			console.log(`Lieu « ${name} » créé${slots.length > 0 ? `, avec ses créneaux (${slots.length})` : ''}.`);
		});
	},

	async 'create-person'(args) {
		const given = options(args, {
			organisation: { type: 'string' },
			name: { type: 'string' },
			email: { type: 'string' },
			role: { type: 'string' },
			sites: { type: 'string' }
		});
		const who = {
			name: checked('--name', newcomer.name, given.name),
			email: checked('--email', newcomer.email, given.email),
			role: checked('--role', role, given.role),
			sites: (given.sites ?? '')
				.split(',')
				.map((site) => site.trim())
				.filter(Boolean)
		};
		await withServer(async (server) => {
			const organisation = await idOf(server, given.organisation);
			const done = await createColleague(server, { ...who, organisation, password: await newPassword() });
			if (!done.ok) misused(done.problem);
			console.log(`Compte ${who.email} créé.`);
		});
	}
};

async function idOf(server: Server, name: string | undefined): Promise<string> {
	const found = await organisationNamed(server, checked('--organisation', organisationName, name));
	return found.ok ? found.id : misused(found.problem);
}

async function newPassword(): Promise<string> {
	const password = await askPassword();
	if (!newcomer.password.safeParse(password).success)
		failWith(`Le mot de passe doit avoir de ${MIN_PASSWORD} à ${MAX_PASSWORD} caractères.`, 2);
	return password;
}

type Administrator = {
	organisation: string;
	name: string;
	email: string;
	timeZone: string;
	password: string;
};

async function createAdministrator(server: Server, who: Administrator): Promise<void> {
	const first = await onEmptyBase(server, (trx) =>
		foundOrganisation(server, trx, { ...who, role: 'administrator' })
	);
	if (first) return console.log(`Organisation « ${who.organisation} » et administrateur ${who.email} créés.`);

	const organisations = await server.db
		.selectFrom('organisation')
		.select(['id', 'name'])
		.orderBy('name')
		.execute();
	const named = organisations.filter((o) => o.name === who.organisation);
	if (named.length > 1) misused(`Plusieurs organisations s’appellent « ${who.organisation} »`);
	const organisation = named[0];
	const result = organisation
		? await createPerson(server.db, {
				...who,
				organisation: organisation.id,
				role: 'administrator',
				sites: [],
				now: server.now()
			})
		: await server.db
				.transaction()
				.execute((trx) => foundOrganisation(server, trx, { ...who, role: 'administrator' }));
	if (!result.ok) misused(`L’adresse ${who.email} a déjà un compte`);
	console.log(
		organisation
			? `Administrateur ${who.email} créé dans « ${who.organisation} ».`
			: `Organisation « ${who.organisation} » et administrateur ${who.email} créés.`
	);
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function options<O extends Options>(args: string[], options: O) {
	try {
		return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
	} catch (error) {
		const word = error instanceof Error ? (/'([^']+)'/.exec(error.message)?.[1] ?? '') : '';
		if (hasCode(error, 'ERR_PARSE_ARGS_UNKNOWN_OPTION')) return misused(`Option inconnue : « ${word} »`);
		if (hasCode(error, 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL'))
			return misused(`Argument en trop : « ${word} »`);
		return misused(`Option mal écrite : « ${word} »`);
	}
}

function checked<T>(option: string, schema: z.ZodMiniType<T>, value: string | undefined): T {
	if (value === undefined) return misused(`${option} manque`);
	const result = schema.safeParse(value);
	return result.success ? result.data : misused(`${option} : « ${value} » ne convient pas`);
}

function config() {
	const settings = readConfig(process.env);
	return settings.ok ? settings.config : failWith(settings.problem, 2);
}

const withServer = async (work: (server: Server) => Promise<void>) =>
	closing(await openOrFail(config()), work);

const [name, ...args] = process.argv.slice(2);
if (name === '--help' || name === '-h' || name === 'help') console.log(usage);
else if (name === undefined) misused('Quelle commande ?');
else {
	const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
	if (command) await command(args).catch(crash);
	else misused(`Commande inconnue : « ${name} »`);
}
