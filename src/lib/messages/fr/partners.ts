export const partners = {
	title: 'Partenaires',
	search: 'Nom, domaine, commune…',
	domain: 'Domaine',
	none: 'Aucun partenaire ne correspond.',
	noneYet: 'L’annuaire est encore vide.',
	count: (n: number) => (n === 1 ? '1 partenaire' : `${n} partenaires`),
	call: 'Appeler',
	mail: 'Écrire',
	moreDomains: 'Tous les domaines'
};
