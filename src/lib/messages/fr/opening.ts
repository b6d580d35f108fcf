import { spokenDuration } from '../dates.ts';

export const opening = {
	starting: 'Escale s’ouvre…',
	about: 'Le carnet de terrain des Missions Locales, avec ou sans réseau.',
	unsupported: {
		title: 'Escale ne peut pas s’ouvrir ici',
		insecure:
			'L’adresse n’est pas sécurisée (il faut https). Demandez la bonne adresse à votre administrateur.',
		'no-crypto':
			'Ce navigateur ne sait pas chiffrer. Prenez une version récente de Chrome, Edge, Firefox ou Safari.',
		'no-database':
			'Ce navigateur ne sait pas garder de données. Prenez une version récente de Chrome, Edge, Firefox ou Safari.',
		'database-refused':
			'Le navigateur refuse de garder des données : fenêtre privée, données de sites bloquées, ou tablette pleine. Ouvrez une fenêtre normale, autorisez les données de ce site, libérez de la place, puis rechargez.',
		unreadable:
			'Le navigateur ne lit pas la base de cette tablette. Escale n’a rien effacé. Fermez les autres onglets, redémarrez la tablette, puis rechargez ; si cela recommence, prévenez votre administrateur : ce qui était envoyé est sur le serveur.',
		'old-browser': 'Ce navigateur est trop ancien. Mettez-le à jour, puis rechargez.',
		reload: 'Recharger'
	},
	setup: {
		title: 'Bienvenue dans Escale',
		text: 'Ce serveur est tout neuf : il n’a pas encore de structure.',
		create: 'Créer ma structure',
		demo: 'Essayer avec des données de démonstration',
		demoText:
			'Une Mission Locale inventée à partir de lieux réels : 13 lieux, environ 2 600 jeunes imaginaires, une année d’activité. Rien n’y est vrai sauf les lieux.',
		demoBusy: 'Préparation de la démonstration… (quelques secondes)',
		demoFailed:
			'La démonstration n’a pas pu être préparée. Rien n’a été créé. Regardez le journal du serveur, puis réessayez.',
		organisation: 'Nom de la structure',
		zone: 'Fuseau horaire',
		name: 'Votre nom',
		email: 'Votre e-mail',
		password: 'Mot de passe du compte (12 caractères au moins)',
		go: 'Créer',
		back: 'Revenir',
		errors: {
			taken: 'Ce serveur a déjà une structure : connectez-vous.',
			malformed: 'Vérifiez l’e-mail et le mot de passe (12 caractères au moins).',
			unreachable: 'Le serveur ne répond pas. Rien n’a été créé ; réessayez quand il répondra.'
		}
	},
	signIn: {
		title: 'Se connecter',
		text: 'Avec votre compte du serveur. Il faut du réseau une seule fois ; ensuite la tablette s’ouvre sans.',
		email: 'E-mail',
		password: 'Mot de passe',
		go: 'Se connecter',
		busy: 'Connexion…',
		unreachable:
			'Le serveur ne répond pas. Pour ouvrir cette tablette la première fois il faut du réseau : rapprochez-vous d’une connexion et réessayez.',
		retry: 'Réessayer',
		errors: {
			wrong: 'E-mail ou mot de passe inconnu.',
			'too-many': 'Trop d’essais : attendez quelques minutes avant de recommencer.',
			'no-organisation': 'Ce compte n’est rattaché à aucune structure. Demandez à votre administrateur.',
			unreachable: 'Le serveur ne répond pas. Vérifiez le réseau, puis réessayez.',
			failed: 'Le serveur a eu un problème. Rien n’est perdu ; réessayez dans un moment.'
		},
		other: 'Autres personnes de cette tablette'
	},
	passphrase: {
		title: 'La phrase de cette tablette',
		text: (name: string) =>
			`${name}, choisissez une phrase : elle chiffre tout ce que la tablette garde et l’ouvre sans réseau. Elle ne part jamais au serveur.`,
		suggested: 'Phrase proposée',
		another: 'En proposer une autre',
		own: 'Choisir la mienne',
		useSuggested: 'Revenir à la phrase proposée',
		phrase: 'Votre phrase (12 caractères au moins)',
		confirm: 'La même phrase, encore une fois',
		retype: 'Retapez la phrase proposée, pour la retenir',
		alias: 'Nom affiché à l’ouverture',
		aliasHint: 'Visible sans ouvrir la tablette : un prénom ou des initiales suffisent.',
		go: 'Chiffrer et continuer',
		busy: 'Chiffrement…',
		forgotten:
			'Notez-la à l’abri. Si vous l’oubliez, rien de ce qui est déjà parti n’est perdu, mais il faudra tout recharger depuis le serveur.',
		problems: {
			'too-short': 'Trop courte : 12 caractères au moins.',
			'too-simple': 'Trop simple à deviner : prenez plusieurs mots.',
			personal: 'Évitez votre nom ou celui de la structure.',
			different: 'Les deux phrases ne sont pas les mêmes.'
		}
	},
	firstSync: {
		title: 'Premier chargement',
		text: 'Les fiches de vos lieux arrivent sur la tablette. Si le réseau coupe, le chargement reprendra où il en est.',
		count: (done: number, total: number | undefined) =>
			total === undefined
				? 'On compte les fiches…'
				: `${done.toLocaleString('fr-FR')} fiches sur ${total.toLocaleString('fr-FR')}`,
		waiting: 'Pas de réseau pour le moment : Escale réessaie toute seule.',
		retry: 'Réessayer maintenant',
		openAnyway: 'Ouvrir sans attendre'
	},
	unlock: {
		title: 'Ouvrir la tablette',
		who: 'Qui êtes-vous ?',
		phrase: (alias: string) => `Phrase de ${alias}`,
		go: 'Ouvrir',
		stretching: 'Vérification de la phrase…',
		reading: (done: number, total: number) => `Ouverture des données : ${done} sur ${total}`,
		because: {
			idle: 'La tablette s’est verrouillée toute seule. Rien n’est perdu.',
			'other-tab': 'Escale est ouverte dans un autre onglet. Ouvrez-la ici pour continuer ici.'
		},
		errors: {
			'wrong-passphrase': 'Ce n’est pas la bonne phrase. Rien n’est effacé ; réessayez.',
			'too-soon': (ms: number) =>
				`Plusieurs essais faux : attendez ${spokenDuration(Math.max(ms, 60_000))} avant de réessayer. Rien n’est effacé.`,
			unknown: 'Cette ouverture n’existe plus sur la tablette. Connectez-vous au serveur.',
			'weak-parameters':
				'La serrure de cette tablette a été modifiée : par prudence elle ne s’ouvre pas. Rien n’est effacé ; prévenez votre administrateur.',
			emptied:
				'Le navigateur a vidé les données de cette tablette. Connectez-vous : ce qui était envoyé sera rechargé.',
			damaged:
				'Les données ne s’ouvrent pas. Rien n’est effacé ; prévenez votre administrateur avant toute autre action.',
			'storage-full': 'La tablette est pleine. Libérez de la place, puis réessayez ; rien n’est effacé.',
			'storage-failed':
				'Le navigateur ne lit pas sa base. Fermez les autres onglets, rechargez ; rien n’est effacé.'
		},
		someoneElse: 'Quelqu’un d’autre, ou phrase oubliée',
		lost: 'Le navigateur a effacé une partie des données de cette tablette. Ce qui était envoyé est sur le serveur et sera rechargé.',
		understood: 'J’ai compris'
	}
};
