import { counted } from '../plural.ts';

export const outreach = {
	title: 'Terrain',
	start: 'Partir en sortie',
	starting: {
		title: 'Nouvelle sortie',
		spot: 'Où ?',
		elsewhere: 'Un autre endroit',
		spotLabel: 'Nom de l’endroit',
		team: 'Qui est là ?',
		partner: 'Partenaire présent',
		partnerHint: 'Facultatif : un éducateur, une association…',
		go: 'Commencer la sortie'
	},
	running: 'En cours',
	since: (hour: string) => `depuis ${hour}`,
	resume: (place: string) => `Continuer : ${place}`,
	forgotten: (place: string, day: string) => `La sortie « ${place} » (${day}) n’est pas finie.`,
	endIt: 'La finir',
	past: 'Sorties passées',
	nonePast: 'Les sorties finies apparaîtront ici.',
	met: (n: number) =>
		n === 0 ? 'aucun jeune rencontré' : n === 1 ? '1 jeune rencontré' : `${n} jeunes rencontrés`,
	unknownPlace: 'Sortie',
	missing: 'Cette sortie n’est pas sur cette tablette.',
	encounter: '+ Rencontre',
	tally: { approached: 'Approchés', flyers: 'Dépliants', declined: 'Pas le temps', oriented: 'Orientés' },
	addTally: 'en ajouter un',
	undoTally: 'en retirer un',
	list: 'Rencontres',
	noEncounter: 'Aucune rencontre notée pour le moment.',
	end: 'Finir la sortie',
	anonymous: 'anonyme',
	wantsCall: 'veut être rappelé·e',
	group: (n: number, gender: string | undefined) =>
		gender ? `Groupe de ${n} · ${gender}` : `Groupe de ${n}`,
	person: 'Une personne',
	years: (band: string) => `${band} ans`,
	voided: 'annulée',
	form: {
		title: 'Rencontre',
		editTitle: 'Corriger la rencontre',
		how: 'Combien ?',
		one: 'Une personne',
		group: 'Un groupe',
		size: 'Combien sont-ils ?',
		fewer: 'Un de moins',
		more: 'Un de plus',
		age: 'Âge, à peu près',
		gender: 'Genre',
		now: 'En ce moment',
		topics: 'Parlé de',
		given: 'Donné',
		name: 'Prénom ou surnom (facultatif)',
		known: 'Déjà connu·e ?',
		chosen: 'Fiche reconnue :',
		notThem: 'Ce n’est pas cette personne',
		phone: 'Téléphone',
		social: 'Réseau social (pseudo)',
		callback: 'Accord pour être rappelé·e',
		agreed: 'Oui, dit de vive voix',
		followUp: 'Relancer',
		tomorrow: 'Demain',
		inThree: 'Dans 3 jours',
		inWeek: 'Dans une semaine',
		otherDay: 'Autre date',
		day: 'Date de la relance',
		channel: 'Par',
		oriented: 'Orienté·e vers',
		remarks: 'Quelques mots',
		more2: 'Laisser un contact, relancer, noter plus',
		phoneProblem: 'Ce numéro ne peut pas exister. Il sera gardé tel quel, « à vérifier ».',
		phoneNeedsAgreement: 'Sans son accord, le numéro est gardé mais personne n’appellera.',
		save: 'Enregistrer',
		saveEdit: 'Enregistrer la correction',
		void: 'Annuler cette rencontre',
		voidReason: 'Notée par erreur',
		restore: 'Rétablir cette rencontre',
		voidedNow: 'Rencontre annulée.',
		notYours: 'Notée par quelqu’un d’autre : seule cette personne ou un·e responsable peut la corriger.'
	},
	summary: {
		title: 'Bilan de la sortie',
		encounters: 'Rencontres',
		met: 'Jeunes rencontrés',
		named: 'Ont laissé un nom',
		callbacks: 'À rappeler',
		topics: 'Ce dont on a parlé',
		ages: 'Âges',
		team: 'Équipe',
		partners: 'Avec',
		share: 'Partager le bilan',
		print: 'Imprimer',
		copied: 'Bilan copié.',
		resume: 'Reprendre la sortie',
		remarks: 'Remarques',
		saveRemarks: 'Garder les remarques',
		words: (o: {
			place: string;
			day: string;
			from: string;
			to: string;
			met: number;
			encounters: number;
			named: number;
			callbacks: number;
			topics: string;
		}) =>
			[
				`Sortie « ${o.place} », ${o.day}, de ${o.from} à ${o.to} :`,
				`${counted(o.met, 'jeune rencontré', 'jeunes rencontrés')} en ${counted(o.encounters, 'rencontre', 'rencontres')},`,
				`${o.named} ${o.named > 1 ? 'ont' : 'a'} laissé un nom, ${o.callbacks} à rappeler.`,
				o.topics ? `On a surtout parlé de : ${o.topics}.` : ''
			]
				.filter(Boolean)
				.join(' '),
		noNames: 'Aucun nom ne figure dans le texte partagé.'
	}
};
