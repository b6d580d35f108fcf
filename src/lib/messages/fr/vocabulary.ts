import type { AgeBand, Channel, Dimension, Gender, Occupation, Role } from '#lib/domain/vocabulary.ts';

export const vocabulary = {
	dimension: {
		employment: 'Emploi',
		project: 'Projet',
		training: 'Formation',
		health: 'Santé',
		housing: 'Logement',
		mobility: 'Mobilité',
		rights: 'Droits',
		citizenship: 'Citoyenneté',
		resources: 'Argent',
		leisure: 'Loisirs'
	} satisfies Record<Dimension, string>,
	ageBand: {
		'under-16': 'moins de 16',
		'16-17': '16–17',
		'18-21': '18–21',
		'22-25': '22–25',
		'26-29': '26–29',
		unknown: '?'
	} satisfies Record<AgeBand, string>,
	gender: { woman: 'Femme', man: 'Homme', other: 'Autre' } satisfies Record<Gender, string>,
	occupation: {
		nothing: 'Rien de prévu',
		school: 'École',
		training: 'Formation',
		job: 'Emploi',
		other: 'Autre'
	} satisfies Record<Occupation, string>,
	housing: {
		family: 'En famille',
		own: 'Son logement',
		friends: 'Chez des amis',
		hostel: 'En foyer',
		emergency: 'Hébergement d’urgence',
		street: 'Sans hébergement',
		other: 'Autre'
	},
	qualification: {
		none: 'Sans diplôme',
		'level-3': 'CAP, BEP',
		'level-4': 'Bac',
		'level-5': 'Bac + 2',
		'level-6': 'Bac + 3 et plus'
	},
	given: {
		flyer: 'Dépliant',
		card: 'Carte de visite',
		appointment: 'Rendez-vous',
		address: 'Adresse utile',
		hygiene: 'Kit d’hygiène',
		food: 'À manger',
		transport: 'Titre de transport'
	},
	channel: {
		call: 'Appel',
		sms: 'SMS',
		mail: 'E-mail',
		social: 'Réseau social',
		visit: 'Visite'
	} satisfies Record<Channel, string>,
	appointmentStatus: {
		planned: 'Prévu',
		present: 'Présent·e',
		absent: 'Absent·e',
		cancelled: 'Annulé',
		postponed: 'Reporté'
	},
	visitStatus: { waiting: 'En attente', present: 'Reçu·e', absent: 'Absent·e', postponed: 'Reporté' },
	visitMode: { 'walk-in': 'Sans rendez-vous', appointment: 'Sur rendez-vous' },
	attempt: {
		reached: 'Joint·e',
		'no-answer': 'Pas de réponse',
		'message-left': 'Message laissé',
		'wrong-number': 'Mauvais numéro'
	},
	consentAbout: {
		callback: 'Être rappelé·e',
		transfer: 'Transmettre à un partenaire',
		information: 'Information sur ses données'
	},
	consentAnswer: { given: 'donné', refused: 'refusé', withdrawn: 'retiré' },
	consentManner: { spoken: 'dit', signed: 'signé', written: 'écrit' },
	siteKind: {
		'head-office': 'Siège',
		branch: 'Antenne',
		permanence: 'Permanence',
		'outreach-spot': 'Lieu de sortie'
	},
	role: {
		counsellor: 'Conseiller·ère',
		reception: 'Accueil',
		outreach: 'Équipe aller-vers',
		manager: 'Responsable de secteur',
		director: 'Direction',
		administrator: 'Administration'
	} satisfies Record<Role, string>,
	kind: {
		youth: 'Fiche jeune',
		slot: 'Créneau',
		opening: 'Permanence',
		visit: 'Visite',
		appointment: 'Rendez-vous',
		outing: 'Sortie',
		encounter: 'Rencontre',
		followUp: 'Relance',
		attempt: 'Essai de contact',
		consent: 'Accord',
		note: 'Note',
		site: 'Lieu',
		partner: 'Partenaire',
		staff: 'Collègue'
	},
	absence: { unasked: 'non renseigné', none: 'n’en a pas', declined: 'préfère ne pas dire' },
	unnamed: 'Sans nom'
};
