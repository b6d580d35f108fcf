import { spokenDuration } from '../dates.ts';

const tablets = (n: number) => (n === 1 ? '1 tablette' : `${n} tablettes`);
const entries = (n: number) => (n === 1 ? '1 saisie' : `${n} saisies`);

export const teamTablets = {
	title: 'Tablettes de l’équipe',
	link: 'Voir les tablettes de l’équipe',
	text: 'Pour chaque tablette : son dernier contact avec le serveur et ce qu’elle n’avait pas encore envoyé.',
	fine: (n: number) => `À jour : les ${tablets(n)} de l’équipe ont tout envoyé.`,
	except: (waiting: number, silent: number) =>
		`À jour, sauf ${[
			waiting > 0 && `${tablets(waiting)} qui ${waiting === 1 ? 'garde' : 'gardent'} des saisies`,
			silent > 0 && `${tablets(silent)} sans nouvelle depuis plus de 3 jours`
		]
			.filter(Boolean)
			.join(' et ')}.`,
	none: 'Aucune tablette n’a encore pris contact avec le serveur.',
	asOf: (when: string) => `Liste du ${when}.`,
	unreachable: (when: string) =>
		`Le serveur ne répond pas : voici la liste du ${when}. Elle sera renouvelée au retour du réseau.`,
	neverLoaded: 'La liste vient du serveur, qui ne répond pas pour le moment. Revenez quand il y a du réseau.',
	contact: (when: string) => `Dernier contact : ${when}`,
	waiting: (n: number, since: number | undefined) =>
		`${entries(n)} à envoyer${since === undefined ? '' : ` depuis ${spokenDuration(since)}`}`,
	nothing: 'Rien à envoyer au dernier contact',
	clock: (offset: number) =>
		`Son horloge ${offset > 0 ? 'avance' : 'retarde'} de ${spokenDuration(Math.abs(offset))}`,
	app: (version: string) => `Escale ${version}`,
	notShown: 'Cette liste est pour les responsables, la direction et l’administration.',
	state: { waiting: 'À envoyer', silent: 'Sans nouvelle', fine: 'À jour' },
	/** Under figures. */
	missing: (names: string[]) =>
		names.length === 1
			? `Il manque peut-être ce qu’a noté ${names[0]} : sa tablette n’a pas tout envoyé.`
			: `Il manque peut-être ce qu’ont noté ${names.slice(0, -1).join(', ')} et ${names.at(-1)} : leurs tablettes n’ont pas tout envoyé.`
};
