import { spokenDuration } from '../dates.ts';

export const device = {
	title: 'Appareil',
	state: 'Où en sont vos saisies',
	nothing: 'Rien à envoyer : tout est arrivé au serveur.',
	pending: (n: number, since: number | undefined) =>
		`${n === 1 ? '1 saisie est' : `${n} saisies sont`} sur la tablette et ${n === 1 ? 'attend' : 'attendent'} l’envoi${since === undefined ? '' : ` depuis ${spokenDuration(since)}`}.`,
	lastContact: (when: string) => `Dernier contact avec le serveur : ${when}.`,
	noContact: 'La tablette n’a pas encore eu de réponse du serveur.',
	nextAttempt: (ms: number) => `Prochain essai dans ${spokenDuration(ms)}.`,
	phase: {
		syncing: 'Envoi en cours…',
		offline: 'Pas de réseau : vous pouvez continuer, tout est gardé.',
		waiting: 'Le serveur ne répond pas bien : Escale réessaiera toute seule.',
		paused: 'Il faut se reconnecter au serveur pour envoyer.',
		blocked: 'Le serveur doit être mis à jour avant d’envoyer ; vos saisies sont gardées.'
	},
	sending: (done: number, total: number) =>
		`Envoi : ${done.toLocaleString('fr-FR')} sur ${total.toLocaleString('fr-FR')} saisies`,
	sendNow: 'Envoyer maintenant',
	queue: 'En attente d’envoi',
	quarantine: 'À corriger',
	quarantineText: 'Le serveur n’a pas pris ces saisies. Elles sont gardées ici et là-bas, avec la raison.',
	refusal: {
		invalid: 'une valeur n’a pas été comprise',
		forbidden: 'vos droits ne le permettent pas (ou plus)',
		id_clash: 'une autre fiche a le même numéro',
		poison: 'le serveur n’a pas pu la traiter'
	},
	resend: 'Renvoyer',
	correct: 'Corriger',
	see: 'Voir la fiche',
	correctTitle: 'Corriger et renvoyer',
	correctText: 'Changez ce qui ne va pas ; le reste part tel que vous l’aviez écrit.',
	correctNothing:
		'Il n’y a pas de texte à changer dans cette saisie : renvoyez-la telle quelle, ou voyez avec votre responsable.',
	fields: {
		firstName: 'Prénom',
		lastName: 'Nom',
		nickname: 'Surnom',
		birthDate: 'Date de naissance',
		phone: 'Téléphone',
		email: 'E-mail',
		social: 'Réseau social',
		commune: 'Commune',
		address: 'Adresse',
		otherLanguages: 'Autres langues',
		label: 'Nom',
		decided: 'Ce qui a été décidé',
		nextStep: 'Prochaine étape',
		nextOn: 'Pour quand',
		orientedTo: 'Orienté·e vers',
		remarks: 'Remarques',
		text: 'Note',
		due: 'Date de la relance',
		reason: 'Pourquoi',
		date: 'Date',
		time: 'Heure',
		spotLabel: 'Lieu',
		partnerLabel: 'Partenaire présent'
	},
	discard: 'Ne plus garder',
	discardTitle: 'Ne plus garder cette saisie ?',
	discardText: 'Le serveur en garde la trace avec la raison du refus. Elle quittera cet écran.',
	discarded: 'Saisie écartée.',
	resent: 'Renvoyée.',
	storage: 'Mémoire de la tablette',
	used: (used: string, quota: string | undefined) =>
		quota ? `${used} utilisés sur ${quota} permis.` : `${used} utilisés.`,
	usedUnknown: 'Le navigateur ne dit pas combien de place est prise.',
	persistence: {
		granted: 'Le navigateur s’engage à ne pas effacer ces données de lui-même.',
		refused:
			'Le navigateur peut effacer ces données s’il manque de place. Installez Escale sur l’écran d’accueil, ou demandez-lui de les garder.',
		unknown: 'Le navigateur ne dit pas s’il garde ces données quand la place manque.'
	},
	perhapsPrivate:
		'Ceci ressemble à une fenêtre privée : tout serait effacé en la fermant. Ouvrez une fenêtre normale.',
	askPersistence: 'Demander de les garder',
	theme: 'Affichage',
	themes: { light: 'Clair', dark: 'Sombre', sun: 'Plein soleil' },
	who: 'Vous',
	lock: 'Verrouiller',
	signOut: 'Quitter cette tablette',
	signOutTitle: 'Quitter cette tablette ?',
	signOutText:
		'Vos données seront retirées de la tablette. Tout est déjà sur le serveur ; il faudra du réseau pour revenir.',
	signOutYes: 'Retirer mes données',
	signOutRefused: (pending: number, refused: number) =>
		`Impossible pour le moment : ${[pending > 0 && `${pending} en attente d’envoi`, refused > 0 && `${refused} à corriger`].filter(Boolean).join(' et ')}. Quitter les effacerait. Envoyez-les d’abord ; en attendant, vous pouvez verrouiller.`,
	version: (v: string) => `Escale ${v}`,
	/** One line of the queue: what, of whom, when. */
	line: {
		create: (kind: string, name: string) => [kind, name].filter(Boolean).join(' : '),
		edit: (kind: string, name: string) => `${[kind, name].filter(Boolean).join(' : ')} (modification)`,
		count: (label: string, by: number) => `Comptage : ${label} ${by > 0 ? `+ ${by}` : `− ${-by}`}`,
		and: (n: number) => (n === 0 ? '' : n === 1 ? ' et 1 autre élément' : ` et ${n} autres éléments`)
	},
	tally: { approached: 'approchés', flyers: 'dépliants', declined: 'pas le temps', oriented: 'orientés' }
};
