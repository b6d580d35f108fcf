import { counted } from '../plural.ts';

export const openings = {
	title: 'Permanence',
	todaySlots: 'Aujourd’hui',
	open: (place: string, hours: string) => `Ouvrir ${place}${hours ? `, ${hours}` : ''}`,
	continue: (place: string) => `Continuer : ${place}`,
	hours: (start: string, end: string) => `${start} – ${end}`,
	elsewhere: 'Ouvrir un autre lieu',
	noSlot: 'Aucun créneau prévu aujourd’hui dans vos lieux. Vous pouvez ouvrir quand même.',
	where: 'Quel lieu ?',
	openIt: 'Ouvrir',
	others: 'Ouvertes en ce moment',
	past: 'Permanences passées',
	nonePast: 'Les permanences fermées apparaîtront ici.',
	forgotten: (place: string, day: string) => `La permanence « ${place} » (${day}) n’a pas été fermée.`,
	closeIt: 'La fermer',
	openedAt: (hour: string) => `ouverte à ${hour}`,
	missing: 'Cette permanence n’est pas sur cette tablette.',
	visit: '+ Visite',
	appointments: 'Rendez-vous du jour',
	waiting: 'En attente',
	visits: 'Visites',
	noVisit: 'Aucune visite notée pour le moment.',
	receive: 'Recevoir',
	present: 'Présent·e',
	absent: 'Absent·e',
	postpone: 'Reporter',
	postponeTitle: 'Reporter le rendez-vous',
	newDay: 'Nouvelle date',
	newTime: 'Heure',
	close: 'Fermer la permanence',
	reopen: 'Rouvrir',
	remarks: 'Remarques',
	anonymous: 'Visite anonyme',
	received: (n: number) => (n === 0 ? 'aucun jeune reçu' : counted(n, 'jeune reçu', 'jeunes reçus')),
	minutes: (n: number) => `${n} min`,
	voided: 'annulée',
	form: {
		title: 'Visite',
		editTitle: 'Corriger la visite',
		mode: 'Comment ?',
		status: 'Où en est-on ?',
		who: 'Prénom et nom (facultatif)',
		known: 'Déjà connu·e ?',
		chosen: 'Fiche :',
		notThem: 'Ce n’est pas cette personne',
		phone: 'Téléphone (facultatif)',
		phoneProblem: 'Ce numéro ne peut pas exister. Il sera gardé tel quel, « à vérifier ».',
		age: 'Âge, à peu près',
		gender: 'Genre',
		motives: 'Motifs',
		duration: 'Durée',
		decided: 'Ce qui a été décidé',
		nextStep: 'Prochaine étape',
		nextOn: 'Pour quand ?',
		nextKind: 'Ce sera',
		nextKinds: { followUp: 'une relance', appointment: 'un rendez-vous' },
		nextAt: 'À quelle heure ?',
		nextNeedsName: 'Sans nom, la date est notée mais personne ne sera relancé.',
		save: 'Enregistrer',
		saveEdit: 'Enregistrer la correction',
		void: 'Annuler cette visite',
		voidReason: 'Notée par erreur',
		restore: 'Rétablir cette visite',
		voidedNow: 'Visite annulée.',
		file: 'Voir la fiche'
	},
	sheet: {
		title: 'Feuille de jour',
		received: 'Jeunes reçus',
		walkIns: 'Sans rendez-vous',
		byAppointment: 'Sur rendez-vous',
		absent: 'Absents',
		postponed: 'Reportés',
		firstVisits: 'Premiers accueils',
		minutes: 'Minutes d’entretien',
		motives: 'Motifs',
		staff: 'Tenue par',
		withNames: 'Avec les noms (pour le dossier papier de la structure)',
		print: 'Imprimer',
		share: 'Partager sans les noms',
		copied: 'Feuille copiée, sans les noms.',
		words: (o: {
			place: string;
			day: string;
			from: string;
			to: string;
			received: number;
			walkIns: number;
			byAppointment: number;
			absent: number;
			motives: string;
		}) =>
			[
				`Permanence « ${o.place} », ${o.day}, de ${o.from} à ${o.to} :`,
				`${counted(o.received, 'jeune reçu', 'jeunes reçus')} (${o.walkIns} sans rendez-vous, ${o.byAppointment} sur rendez-vous),`,
				`${counted(o.absent, 'absence', 'absences')}.`,
				o.motives ? `Motifs : ${o.motives}.` : ''
			]
				.filter(Boolean)
				.join(' '),
		time: 'Heure',
		who: 'Qui',
		what: 'Motifs et suites'
	}
};
