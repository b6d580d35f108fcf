import type { Values } from '#lib/domain/records.ts';
import type { Dimension } from '#lib/domain/vocabulary.ts';

/** Short sentences such as colleagues write, by what the youth came for. */
export const said: Record<
	Dimension,
	{ decided: readonly string[]; next: readonly string[]; note: readonly string[] }
> = {
	employment: {
		decided: [
			'CV repris ensemble',
			'Deux offres regardées, une candidature envoyée',
			'Entraînement à l’entretien',
			'Inscription à la visite d’entreprise'
		],
		next: [
			'Revenir avec les réponses des employeurs',
			'Préparer l’entretien de jeudi',
			'Envoyer trois candidatures'
		],
		note: [
			'Cherche surtout dans la vente, disponible tout de suite.',
			'A bien aimé son remplacement d’été, voudrait continuer.',
			'Parle de missions d’intérim le matin seulement.'
		]
	},
	project: {
		decided: [
			'Échange sur les métiers qui plaisent',
			'Questionnaire d’intérêts commencé',
			'Idée de stage de découverte',
			'Deux pistes gardées, une écartée'
		],
		next: ['Rencontrer un professionnel', 'Terminer le questionnaire', 'Choisir la semaine de stage'],
		note: [
			'Hésite entre la cuisine et l’aide à la personne.',
			'Le contact avec les animaux revient souvent.',
			'Ne veut pas d’un métier assis, c’est clair.'
		]
	},
	training: {
		decided: [
			'Présentation des formations du secteur',
			'Dossier d’inscription commencé',
			'Information collective réservée',
			'Remise à niveau proposée'
		],
		next: [
			'Aller à l’information collective',
			'Apporter le dernier bulletin',
			'Rappeler le centre de formation'
		],
		note: [
			'Voudrait reprendre un CAP en alternance.',
			'A arrêté la seconde en janvier, prêt à repartir.',
			'Le français écrit demande un appui.'
		]
	},
	health: {
		decided: [
			'Bilan de santé proposé',
			'Droits à la santé vérifiés',
			'Contact pris avec l’assurance maladie'
		],
		next: ['Rendez-vous pour le bilan', 'Rapporter l’attestation de droits'],
		note: [
			'Dort mal depuis la rentrée, en a parlé sans gêne.',
			'N’a pas vu de médecin depuis longtemps, d’accord pour un bilan.'
		]
	},
	housing: {
		decided: [
			'Dossier de foyer commencé',
			'Aide au logement expliquée',
			'Solutions de dépannage vues ensemble'
		],
		next: ['Compléter le dossier de logement', 'Visite du foyer', 'Rappeler la résidence'],
		note: ['Chez une tante jusqu’à la fin du mois.', 'Cherche une chambre près de la ligne de bus.']
	},
	mobility: {
		decided: ['Trajets regardés sur la carte', 'Aide au permis expliquée', 'Carte de bus demandée'],
		next: ['Passer à l’auto-école sociale', 'Apporter le relevé de code', 'Essayer le trajet en bus'],
		note: ['Sans permis, habite loin de l’arrêt.', 'A le code, manque les heures de conduite.']
	},
	rights: {
		decided: [
			'Courrier relu ensemble',
			'Dossier en ligne complété',
			'Prise de contact avec l’accès au droit'
		],
		next: ['Apporter le courrier reçu', 'Terminer la demande en ligne'],
		note: [
			'Les démarches en ligne l’inquiètent, préfère les faire ici.',
			'Un renouvellement de titre est en cours.'
		]
	},
	citizenship: {
		decided: ['Service civique présenté', 'Recensement expliqué', 'Journée citoyenne proposée'],
		next: ['Lire les missions proposées', 'Passer à la mairie'],
		note: [
			'Envie de se rendre utile, pense au service civique.',
			'A aidé à la fête du quartier, en est content.'
		]
	},
	resources: {
		decided: ['Budget du mois posé', 'Aide financière demandée', 'Bons alimentaires remis'],
		next: ['Apporter un relevé de compte', 'Réponse de la commission attendue'],
		note: ['Fin de mois difficile, aide ponctuelle demandée.', 'Sans ressource depuis la fin du contrat.']
	},
	leisure: {
		decided: ['Carte culture expliquée', 'Club de sport cherché', 'Sortie de groupe proposée'],
		next: ['Essayer une séance', 'Choisir une activité'],
		note: ['Joue au foot deux fois par semaine.', 'Dessine beaucoup, a montré son carnet.']
	}
};

export const followUpReasons: readonly string[] = [
	'Savoir si le dossier est parti',
	'Prendre des nouvelles après l’entretien',
	'Confirmer l’information collective',
	'Reprendre contact, pas vu depuis un moment',
	'Proposer une date de rendez-vous',
	'Suite de la rencontre, a laissé son numéro',
	'Demander si le trajet en bus va bien',
	'Point après deux semaines d’essai'
];

export const followUpResults: readonly string[] = [
	'Vient au prochain rendez-vous',
	'Tout va bien, rien à ajouter',
	'A trouvé un stage',
	'Préfère être rappelé plus tard',
	'Dossier bien envoyé',
	'Souhaite changer de piste'
];

export const appointmentReasons: readonly string[] = [
	'Point sur le parcours',
	'Préparation d’un entretien',
	'Dossier de formation',
	'Premier rendez-vous',
	'Budget et aides',
	'Recherche de stage',
	'Bilan de l’essai'
];

export const anonymousLabels: readonly string[] = [
	'Jeune homme au casque',
	'Jeune femme avec poussette',
	'Venue avec sa sœur',
	'Envoyé par la mairie',
	'Deux lycéens'
];

export const encounterRemarks: readonly string[] = [
	'Attendait le bus, intéressé par les formations courtes',
	'Passera peut-être à la permanence',
	'Cherche un petit boulot pour l’été',
	'Connaît déjà la Mission Locale par un ami',
	'Pressée, a gardé la carte',
	'Groupe d’amis, bonne discussion'
];

export const outingRemarks: readonly string[] = [
	'Beaucoup de passage entre 11 h et midi.',
	'Temps froid, peu de monde.',
	'Bon accueil des commerçants.',
	'Revenir un mercredi, plus de jeunes.',
	'Présence du bus santé juste à côté.'
];

export const openingRemarks: readonly string[] = [
	'Salle prêtée jusqu’à midi.',
	'Pas de réseau ce matin.',
	'Affluence, deux personnes reviendront.',
	'Clé à demander à l’accueil de la mairie.'
];

export const languages: readonly Pick<Values<'youth'>, 'languages' | 'otherLanguages'>[] = [
	{ languages: ['ar', 'fr'] },
	{ languages: ['fr', 'pt'] },
	{ languages: ['fr', 'snk'] },
	{ languages: ['uk'] },
	{ languages: ['prs'], otherLanguages: 'un peu de français' },
	{ languages: ['es', 'fr'] },
	{ languages: ['ro'] },
	{ languages: ['en'] }
];

export const socials: readonly string[] = ['insta', 'snap'];

/** For their author's eyes: nothing here says more than a demonstration should. */
export const confidentialNotes: readonly string[] = [
	'Situation familiale tendue, ne pas appeler à la maison.',
	'A demandé que sa sœur ne sache pas qu’il vient.',
	'Fatigue visible, en reparler doucement.',
	'Préfère un rendez-vous hors de sa commune.'
];
