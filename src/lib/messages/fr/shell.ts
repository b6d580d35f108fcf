import { spokenDuration } from '../dates.ts';

export const shell = {
	nav: {
		label: 'Principale',
		today: 'Aujourd’hui',
		outings: 'Terrain',
		openings: 'Permanence',
		youths: 'Jeunes',
		partners: 'Partenaires',
		device: 'Appareil'
	},
	skip: 'Aller au contenu',
	loading: 'Escale s’ouvre…',
	saved: 'Enregistré sur la tablette',
	undo: 'Annuler',
	back: 'Retour',
	cancel: 'Annuler',
	close: 'Fermer',
	save: 'Enregistrer',
	startOver: 'Recommencer',
	earlier: 'Avant correction',
	draftFound: 'Brouillon retrouvé : rien n’a été perdu.',
	/** The pill of every header; `hour` is when the server last answered. */
	state: {
		nothing: 'Rien à envoyer',
		pending: (n: number, since: number | undefined) =>
			`${n} en attente${since === undefined ? '' : ` depuis ${spokenDuration(since)}`}`,
		refused: (n: number) => (n === 1 ? '1 à corriger' : `${n} à corriger`),
		never: 'jamais envoyé',
		open: 'État de la tablette'
	},
	saveFailed: {
		'storage-full':
			'La tablette est pleine : ce n’est pas encore enregistré. Votre saisie est toujours à l’écran. Libérez de la place (photos, applications), puis enregistrez de nouveau.',
		'storage-failed':
			'La tablette n’a pas pu écrire : ce n’est pas encore enregistré. Votre saisie est toujours à l’écran. Essayez de nouveau ; si cela recommence, notez-la ailleurs, puis rechargez la page : ce qui était enregistré sera là.',
		locked: 'La tablette s’est verrouillée : ouvrez-la, votre saisie sera retrouvée.',
		invalid: 'Une valeur n’a pas été acceptée : rien n’est perdu, vérifiez la saisie.'
	},
	banner: {
		firstSync:
			'Premier chargement en cours : les fiches les plus récentes sont là, vous pouvez déjà travailler.',
		sessionEnded:
			'Votre session au serveur est finie. Vous pouvez continuer : tout est gardé sur la tablette et partira après une nouvelle connexion.',
		signIn: 'Se reconnecter',
		/** The application is older than what the server writes: it sends, and receives nothing. */
		updateNeeded: (pending: number) =>
			`Cette version d’Escale est trop ancienne pour recevoir les nouveautés des collègues. ${pending === 0 ? 'Tout ce que vous avez noté est bien arrivé au serveur' : 'Ce que vous notez est gardé et continue de partir'}.`,
		updateWhenConnected: 'Quand vous avez du réseau, rechargez pour aller chercher la nouvelle version.',
		reload: 'Recharger',
		/** The application is newer than the server. */
		serverOlder:
			'Cette tablette a une version d’Escale plus récente que le serveur. Vos saisies sont gardées : elles partiront toutes seules quand le serveur aura été mis à jour. Vous n’avez rien à faire.',
		wrongClock: (skew: number) =>
			`L’horloge de cette tablette ${skew > 0 ? 'avance' : 'retarde'} de ${spokenDuration(Math.abs(skew))}. Rien n’est perdu, mais les heures notées seront fausses : réglez l’heure dans les paramètres.`,
		update: 'Une nouvelle version est prête. Vos formulaires en cours seront retrouvés.',
		updateNow: 'Mettre à jour',
		storage:
			'La tablette n’arrive plus à lire ou écrire sa base. Ce qui est marqué « enregistré » est gardé. Fermez les autres onglets, puis rechargez.',
		damaged:
			'Une partie des données de la tablette est illisible. Rien n’est effacé : elle est redemandée au serveur.'
	},
	error: {
		title: 'Cette page n’existe pas',
		text: 'L’adresse est fausse, ou ce qu’elle montrait n’est pas sur cette tablette. Vos saisies ne sont pas touchées.',
		crashTitle: 'Quelque chose a cassé à l’écran',
		crashText: 'Ce qui était enregistré l’est toujours, et le brouillon du formulaire sera retrouvé.',
		home: 'Aller à Aujourd’hui',
		retry: 'Réessayer'
	}
};
