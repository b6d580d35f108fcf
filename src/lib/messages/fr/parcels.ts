import { spokenDuration } from '../dates.ts';

const entries = (n: number) => (n === 1 ? '1 saisie' : `${n} saisies`);

/** Sending while locked, and by file. */
export const parcels = {
	waiting: (n: number, since: number | undefined) =>
		`${entries(n)} ${n === 1 ? 'attend' : 'attendent'} l’envoi${since === undefined || since < 60_000 ? '' : ` depuis ${spokenDuration(since)}`}. ${n === 1 ? 'Elle partira' : 'Elles partiront'} sans ouvrir la tablette, dès qu’il y aura du réseau.`,
	of: (alias: string, n: number, since: number | undefined) =>
		`${alias} : ${entries(n)}${since === undefined || since < 60_000 ? '' : `, depuis ${spokenDuration(since)}`}`,
	offline: 'Le serveur ne répond pas pour le moment. Rien n’est perdu : Escale réessaie toute seule.',
	refused:
		'Le serveur n’accepte pas cet envoi sans ouverture. Rien n’est perdu : ouvrez la tablette pour envoyer, ou exportez la file et remettez-la à votre responsable.',
	sendNow: 'Envoyer maintenant',
	sending: 'Envoi…',
	title: 'Envoyer par un fichier',
	text: 'Pas de réseau sur cette tablette ? La file se porte dans un fichier chiffré, que seul le serveur sait lire.',
	export: 'Exporter la file',
	exportOf: (alias: string) => `Exporter la file de ${alias}`,
	exported: (n: number) =>
		`${entries(n)} dans le fichier. Elles restent aussi sur cette tablette jusqu’à ce que le serveur les ait.`,
	nothingToExport: 'Il n’y a rien à exporter : tout est envoyé.',
	handIn: 'Remettre une file',
	handInText: 'Choisissez un fichier exporté d’une autre tablette : cette tablette-ci le porte au serveur.',
	progress: (done: number, total: number) => `${done} saisies remises sur ${total}`,
	done: (total: number, refused: number) =>
		`${entries(total)} ${total === 1 ? 'remise' : 'remises'} : ${refused === 0 ? (total === 1 ? 'elle est enregistrée' : 'toutes sont enregistrées') : `${total - refused} ${total - refused === 1 ? 'enregistrée' : 'enregistrées'}, ${refused} à corriger sur la tablette d’origine`}.`,
	notAQueue:
		'Ce fichier n’est pas une file d’Escale, ou il est abîmé. Rien n’a été envoyé ; sur la tablette d’origine rien n’est perdu : exportez la file de nouveau.',
	cut: (kept: number, total: number) =>
		`Le serveur ne répond plus : ${kept} sur ${total} remises. Rien n’est perdu ; choisissez le même fichier de nouveau quand il y aura du réseau, rien ne comptera deux fois.`,
	notTaken: (kept: number, total: number) =>
		`Le serveur n’a pris que ${kept} saisies sur ${total} : le fichier vient d’une autre structure, d’une tablette retirée, ou il en manque un plus ancien. Les saisies sont toujours sur la tablette d’origine.`
};
