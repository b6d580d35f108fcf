export const partners = {
	title: 'Partenaires',
	search: 'Nom, domaine, commune…',
	domain: 'Domaine',
	none: 'Aucun partenaire ne correspond.',
	count: (n: number) => (n === 1 ? '1 partenaire' : `${n} partenaires`),
	call: 'Appeler',
	mail: 'Écrire',
	moreDomains: 'Tous les domaines'
};
