export const today = {
	title: 'Aujourd’hui',
	todo: 'À faire',
	nothing: 'Rien à faire pour le moment. Les relances et rendez-vous du jour apparaîtront ici.',
	openings: 'Permanences et sorties du jour',
	startOuting: 'Partir en sortie',
	call: 'Appeler',
	write: 'Écrire',
	open: 'Ouvrir',
	promised: (when: string) => `promis pour ${when}`,
	scope: { legend: 'De qui ?', mine: 'Les miennes', all: 'Toutes' },
	recall: (channel: string, name: string) => `${channel} : ${name}`,
	more: (n: number) => `Voir les ${n} autres`,
	late: 'en retard',
	present: 'Présent·e',
	absent: 'Absent·e',
	device: 'La tablette',
	deviceFine: 'Tout ce que vous avez noté est arrivé au serveur.',
	deviceWaiting: (n: number) =>
		`${n === 1 ? '1 saisie est enregistrée' : `${n} saisies sont enregistrées`} sur la tablette et partiront dès que possible.`,
	deviceRefused: (n: number) => (n === 1 ? '1 saisie est à corriger.' : `${n} saisies sont à corriger.`)
};
