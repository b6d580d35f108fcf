import type { Values } from '#lib/domain/records.ts';

/*
 * What is real in the demonstration: the places and partners of the Mission Locale Pau Pyrénées, with INSEE codes of the
 * official geographic code (COG 2026, Licence Ouverte). What partners are for is said in our own words. The outreach spots
 * are likely places, not a list of theirs. Everything about people is invented (people.ts, year.ts).
 */

export type Place = { key: SiteKey } & Pick<
	Values<'site'>,
	'name' | 'shortName' | 'kind' | 'commune' | 'insee' | 'epci' | 'address' | 'phone' | 'sensitive'
>;
export type SiteKey =
	| 'siege'
	| 'billere'
	| 'lons'
	| 'nay'
	| 'laherrere'
	| 'hameau'
	| 'prison'
	| 'lescar'
	| 'poey'
	| 'gan'
	| 'gelos'
	| 'bordes'
	| 'jurancon';

export const organisationName = 'Mission Locale pour les Jeunes Pau Pyrénées';

export const sites: readonly Place[] = [
	{
		key: 'siege',
		name: 'Siège – Tour de la République',
		shortName: 'Siège',
		kind: 'head-office',
		commune: 'Pau',
		insee: '64445',
		epci: 'CA Pau Béarn Pyrénées',
		address: 'Tour de la République, 8 rue Carnot, 64000 Pau',
		phone: '05 59 98 90 40'
	},
	{
		key: 'billere',
		name: 'Antenne de Billère – Centre Social Le Lacaoü',
		shortName: 'Billère',
		kind: 'branch',
		commune: 'Billère',
		insee: '64129',
		epci: 'CA Pau Béarn Pyrénées',
		address: '41 bis, avenue Lalanne, 64140 Billère',
		phone: '05 59 92 55 55'
	},
	{
		key: 'lons',
		name: 'Antenne de Lons – CCAS',
		shortName: 'Lons',
		kind: 'branch',
		commune: 'Lons',
		insee: '64348',
		epci: 'CA Pau Béarn Pyrénées',
		address: 'CCAS – 13 rue de la Mairie, 64140 Lons',
		phone: '05 59 40 32 44'
	},
	{
		key: 'nay',
		name: 'Antenne de Nay – Hôtel de Ville',
		shortName: 'Nay',
		kind: 'branch',
		commune: 'Nay',
		insee: '64417',
		epci: 'CC Pays de Nay',
		address: 'Hôtel de Ville, 13 place de la République, 64800 Nay',
		phone: '09 70 72 01 63'
	},
	{
		key: 'laherrere',
		name: 'Antenne de Pau – Pôle Laherrère',
		shortName: 'Laherrère',
		kind: 'branch',
		commune: 'Pau',
		insee: '64445',
		epci: 'CA Pau Béarn Pyrénées',
		address: '3 place Laherrère, 64000 Pau',
		phone: '05 64 64 11 10 / 06 80 35 22 32'
	},
	{
		key: 'hameau',
		name: 'Permanence Pau – Centre Social du Hameau',
		shortName: 'Le Hameau',
		kind: 'permanence',
		commune: 'Pau',
		insee: '64445',
		epci: 'CA Pau Béarn Pyrénées'
	},
	{
		key: 'prison',
		name: 'Permanence Pau – Maison d’arrêt',
		shortName: 'Maison d’arrêt',
		kind: 'permanence',
		commune: 'Pau',
		insee: '64445',
		epci: 'CA Pau Béarn Pyrénées',
		sensitive: true
	},
	{
		key: 'lescar',
		name: 'Permanence de Lescar',
		shortName: 'Lescar',
		kind: 'permanence',
		commune: 'Lescar',
		insee: '64335',
		epci: 'CA Pau Béarn Pyrénées'
	},
	{
		key: 'poey',
		name: 'Permanence de Poey-de-Lescar',
		shortName: 'Poey-de-Lescar',
		kind: 'permanence',
		commune: 'Poey-de-Lescar',
		insee: '64448',
		epci: 'CA Pau Béarn Pyrénées'
	},
	{
		key: 'gan',
		name: 'Permanence de Gan',
		shortName: 'Gan',
		kind: 'permanence',
		commune: 'Gan',
		insee: '64230',
		epci: 'CA Pau Béarn Pyrénées'
	},
	{
		key: 'gelos',
		name: 'Permanence de Gelos',
		shortName: 'Gelos',
		kind: 'permanence',
		commune: 'Gelos',
		insee: '64237',
		epci: 'CA Pau Béarn Pyrénées'
	},
	{
		key: 'bordes',
		name: 'Permanence de Bordes',
		shortName: 'Bordes',
		kind: 'permanence',
		commune: 'Bordes',
		insee: '64138',
		epci: 'CC Pays de Nay'
	},
	{
		key: 'jurancon',
		name: 'Permanence de Jurançon',
		shortName: 'Jurançon',
		kind: 'permanence',
		commune: 'Jurançon',
		insee: '64284',
		epci: 'CA Pau Béarn Pyrénées'
	}
];

/** Share of the youths, in hundredths, and the communes around. */
export const territory: Record<SiteKey, { weight: number; communes: readonly string[] }> = {
	siege: { weight: 36, communes: ['Pau', 'Pau', 'Pau', 'Bizanos', 'Idron', 'Lée', 'Ousse', 'Morlaàs'] },
	billere: { weight: 10, communes: ['Billère', 'Billère', 'Pau'] },
	lons: { weight: 8, communes: ['Lons', 'Lons', 'Sauvagnon', 'Serres-Castet'] },
	nay: {
		weight: 10,
		communes: ['Nay', 'Nay', 'Coarraze', 'Igon', 'Asson', 'Bénéjacq', 'Mirepeix', 'Montaut']
	},
	laherrere: { weight: 13, communes: ['Pau'] },
	hameau: { weight: 5, communes: ['Pau'] },
	prison: { weight: 1, communes: ['Pau'] },
	lescar: { weight: 4, communes: ['Lescar', 'Lescar', 'Uzein'] },
	poey: { weight: 2, communes: ['Poey-de-Lescar', 'Siros', 'Denguin', 'Artiguelouve'] },
	gan: { weight: 3, communes: ['Gan', 'Gan', 'Bosdarros', 'Rébénacq'] },
	gelos: { weight: 3, communes: ['Gelos', 'Mazères-Lezons', 'Narcastet', 'Uzos'] },
	bordes: { weight: 3, communes: ['Bordes', 'Assat', 'Boeil-Bezing', 'Angaïs', 'Baudreix'] },
	jurancon: { weight: 4, communes: ['Jurançon', 'Jurançon', 'Laroin', 'Saint-Faust'] }
};

/** Weekly half-days: ISO weekdays, and morning or afternoon. */
export const halfDays: Record<SiteKey, readonly (readonly [weekday: number, start: string, end: string])[]> =
	{
		siege: [1, 2, 3, 4, 5].flatMap((day) => [
			[day, '09:00', '12:00'] as const,
			[day, '14:00', '17:00'] as const
		]),
		billere: [
			[1, '09:00', '12:00'],
			[2, '14:00', '17:00'],
			[4, '09:00', '12:00']
		],
		lons: [
			[2, '09:00', '12:00'],
			[4, '14:00', '17:00'],
			[5, '09:00', '12:00']
		],
		nay: [
			[1, '09:00', '12:00'],
			[3, '09:00', '12:00'],
			[5, '09:00', '12:00']
		],
		laherrere: [
			[1, '14:00', '17:00'],
			[3, '09:00', '12:00'],
			[4, '09:00', '12:00'],
			[5, '09:00', '12:00']
		],
		hameau: [[2, '09:00', '12:00']],
		prison: [[4, '14:00', '16:00']],
		lescar: [[3, '09:00', '12:00']],
		poey: [[5, '14:00', '16:00']],
		gan: [[4, '09:00', '12:00']],
		gelos: [[2, '14:00', '17:00']],
		bordes: [[2, '09:00', '12:00']],
		jurancon: [[3, '14:00', '17:00']]
	};

/** `team`: who goes there, the outreach team of the head office or the counsellors of Nay. */
export const spots: readonly { name: string; commune: string; insee: string; team: 'siege' | 'nay' }[] = [
	{ name: 'Marché des Halles', commune: 'Pau', insee: '64445', team: 'siege' },
	{ name: 'Parvis de la gare de Pau', commune: 'Pau', insee: '64445', team: 'siege' },
	{ name: 'Galerie marchande du centre', commune: 'Pau', insee: '64445', team: 'siege' },
	{ name: 'Parc Beaumont', commune: 'Pau', insee: '64445', team: 'siege' },
	{ name: 'Place Clemenceau', commune: 'Pau', insee: '64445', team: 'siege' },
	{ name: 'Quartier Saragosse, pied d’immeubles', commune: 'Pau', insee: '64445', team: 'siege' },
	{ name: 'Quartier Ousse-des-Bois, city-stade', commune: 'Pau', insee: '64445', team: 'siege' },
	{ name: 'Centre commercial de Lescar', commune: 'Lescar', insee: '64335', team: 'siege' },
	{ name: 'Place de l’hôtel de ville de Billère', commune: 'Billère', insee: '64129', team: 'siege' },
	{ name: 'Pôle d’échanges, arrêts de bus', commune: 'Pau', insee: '64445', team: 'siege' },
	{ name: 'Marché de Nay', commune: 'Nay', insee: '64417', team: 'nay' },
	{ name: 'Stade et skatepark de Nay', commune: 'Nay', insee: '64417', team: 'nay' }
];

export const purposesOf: Readonly<Record<string, readonly string[]>> = {
	Institutions: ['Pilote ou finance des actions pour les jeunes', 'Partage les informations de parcours'],
	Formation: ['Présente ses formations', 'Accueille en formation ou en alternance'],
	Emploi: ['Fait connaître ses métiers et ses postes', 'Accueille en stage ou recrute'],
	Santé: ['Prévention, bilan, droits à la santé'],
	Mobilité: ['Se déplacer, passer le permis'],
	Logement: ['Chercher un toit et monter le dossier'],
	'Aide au quotidien': ['Manger, s’habiller, passer un cap difficile'],
	'Droits et citoyenneté': ['Démarches, papiers, droits']
};

export const partners: readonly { name: string; domains: readonly string[]; purposes?: readonly string[] }[] =
	[
		{ name: 'Conseil Régional Nouvelle Aquitaine', domains: ['Institutions', 'Mobilité'] },
		{ name: 'France Travail', domains: ['Institutions'] },
		{ name: 'Cap Emploi', domains: ['Institutions'] },
		{ name: 'Cap Métiers Nouvelle Aquitaine', domains: ['Formation'] },
		{ name: 'CIBC Sud Aquitaine', domains: ['Formation'] },
		{ name: 'AFPA', domains: ['Formation'] },
		{ name: 'GRETA', domains: ['Formation'] },
		{ name: 'INFA', domains: ['Formation'] },
		{ name: 'INFREP', domains: ['Formation'] },
		{ name: 'AFEC', domains: ['Formation'] },
		{ name: 'INSUP', domains: ['Formation'] },
		{ name: 'CFPPA', domains: ['Formation'] },
		{ name: 'AFTRAL', domains: ['Formation'] },
		{ name: 'AFEPT', domains: ['Formation'] },
		{ name: 'Agro Campus', domains: ['Formation'] },
		{ name: 'HUI Formation', domains: ['Formation'] },
		{ name: 'FCMB', domains: ['Formation'] },
		{ name: 'INHNI', domains: ['Formation'] },
		{ name: 'UIMM', domains: ['Formation'] },
		{ name: 'UMIH', domains: ['Formation'] },
		{ name: 'SPS', domains: ['Formation'] },
		{ name: 'UFCV', domains: ['Formation'] },
		{ name: 'ITS Pierre Bourdieu', domains: ['Formation'] },
		{ name: 'Les Compagnons du Tour de France', domains: ['Formation'] },
		{ name: 'EPIDE', domains: ['Formation'] },
		{ name: 'E2C', domains: ['Formation'] },
		{ name: 'CRIC', domains: ['Formation'] },
		{ name: 'EKLORE-ED', domains: ['Formation'] },
		{ name: 'CCI', domains: ['Formation'] },
		{ name: 'CMA', domains: ['Formation'] },
		{ name: 'CAPEB', domains: ['Formation'] },
		{ name: 'Groupe Alternance', domains: ['Formation'] },
		{ name: 'CIRFA', domains: ['Formation'] },
		{ name: 'AFIS Formation', domains: ['Formation'] },
		{ name: 'Les CFA du Béarn', domains: ['Formation'] },
		{ name: 'DUPLOUY / FLE', domains: ['Formation'] },
		{ name: 'BPS Formation', domains: ['Formation'] },
		{ name: 'Osons ici & maintenant', domains: ['Formation'] },
		{ name: 'ADAPEI des Pyrénées-Atlantiques', domains: ['Formation'] },
		{ name: 'La Cravate Solidaire', domains: ['Emploi'] },
		{ name: 'Elan Béarnais Pau Nord-Est', domains: ['Emploi'] },
		{ name: 'EGEE', domains: ['Emploi'] },
		{ name: 'SNC', domains: ['Emploi'] },
		{ name: 'COREV PRO', domains: ['Emploi'] },
		{ name: 'A.Co.R', domains: ['Emploi'] },
		{ name: 'Les GEIQ', domains: ['Emploi'] },
		{ name: 'BTP Insertion', domains: ['Emploi'] },
		{ name: 'ANEFA', domains: ['Emploi'] },
		{ name: 'CREPI', domains: ['Emploi'] },
		{ name: 'GE64', domains: ['Emploi'] },
		{ name: 'AUCHAN', domains: ['Emploi'] },
		{ name: 'LECLERC', domains: ['Emploi'] },
		{ name: 'CANCÉ', domains: ['Emploi'] },
		{ name: 'BERGERET', domains: ['Emploi'] },
		{ name: 'Total-Energies', domains: ['Emploi'] },
		{ name: 'IDELIS', domains: ['Emploi'] },
		{ name: 'APR', domains: ['Emploi'] },
		{ name: 'UBI', domains: ['Emploi'] },
		{ name: 'EOS France', domains: ['Emploi'] },
		{ name: 'ABELIO PROPRETÉ', domains: ['Emploi'] },
		{ name: 'BNP Paribas', domains: ['Emploi'] },
		{ name: 'CRIT', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'ADECCO', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'FMS2i', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'SAMSIC', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'START PEOPLE', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'BPS AROBASE', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'SUPPLAY', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'CPAM de Pau', domains: ['Santé'] },
		{ name: 'ARS (BRAIN UP)', domains: ['Santé'] },
		{ name: 'Maison pour Tous Léo Lagrange (PREVANA)', domains: ['Santé'] },
		{ name: 'Auto-Ecole Sociale « Pour vous C’est Permis »', domains: ['Mobilité'] },
		{ name: 'Association la Navette Etudiante', domains: ['Mobilité'] },
		{ name: 'Habitat Jeunes Pau Pyrénées', domains: ['Logement'] },
		{ name: 'Action Logement', domains: ['Logement'] },
		{ name: 'Maison de l’Habitat', domains: ['Logement'] },
		{ name: 'SIAO', domains: ['Logement'], purposes: ['Hébergement d’urgence : dossier de demande'] },
		{ name: 'Association Presse Purée', domains: ['Logement'] },
		{ name: 'Conseil Départemental (Fonds d’Aide aux Jeunes)', domains: ['Aide au quotidien'] },
		{ name: 'CCAS de Pau', domains: ['Aide au quotidien'] },
		{ name: 'Associations caritatives', domains: ['Aide au quotidien'] },
		{ name: 'Association INFO-DROITS', domains: ['Droits et citoyenneté'] },
		{ name: 'La CIMADE', domains: ['Droits et citoyenneté'] },
		{ name: 'France Service Pau', domains: ['Droits et citoyenneté'] },
		{
			name: 'Équipe Mobile Jeunes en Souffrance Psychiatrique',
			domains: ['Santé'],
			purposes: ['Rencontre un jeune qui va mal, là où il est']
		},
		{
			name: 'PASS (Permanence d’Accès aux Soins de Santé)',
			domains: ['Santé'],
			purposes: ['Soigner sans couverture médicale']
		},
		{
			name: 'Béarn addictions',
			domains: ['Santé'],
			purposes: ['Parler d’une consommation ou d’une dépendance']
		},
		{
			name: 'Association Addictions France',
			domains: ['Santé'],
			purposes: ['Parler d’une consommation ou d’une dépendance']
		},
		{ name: 'Planning Familial', domains: ['Santé'], purposes: ['Vie affective, contraception, dépistage'] },
		{ name: 'CMP', domains: ['Santé'], purposes: ['Consultation en santé mentale'] },
		{ name: 'MSA', domains: ['Santé'], purposes: ['Couverture médicale du régime agricole'] },
		{
			name: 'Centre d’Examen de la Sécurité Sociale',
			domains: ['Santé'],
			purposes: ['Bilan de santé sans frais']
		},
		{ name: 'SPIP', domains: ['Inclusion sociale'], purposes: ['Suivi des personnes sous main de justice'] },
		{
			name: 'PJJ',
			domains: ['Inclusion sociale'],
			purposes: ['Suivi éducatif des mineurs sous main de justice']
		},
		{ name: 'Trisomie 21', domains: ['Inclusion sociale'], purposes: ['Jeunes en situation de handicap'] },
		{
			name: 'Plateforme DEA / SIFA de l’Adapei 64',
			domains: ['Inclusion sociale'],
			purposes: ['Emploi accompagné, handicap']
		},
		{
			name: 'Pistes Solidaires',
			domains: ['Mobilité'],
			purposes: ['Partir à l’étranger avec un programme européen']
		},
		{
			name: 'Plate-forme mobilité de l’agglomération paloise',
			domains: ['Mobilité'],
			purposes: ['Faire le point sur ses déplacements']
		},
		{ name: 'Association CIEL', domains: ['Mobilité'], purposes: ['Louer une voiture, avec ou sans permis'] },
		{
			name: 'Maison du Citoyen',
			domains: ['Droits et citoyenneté'],
			purposes: ['Aide aux démarches, au siège et dans les quartiers']
		},
		{ name: 'Centre de formation ETRE', domains: ['Formation'], purposes: ['Métiers manuels et écologie'] },
		{ name: 'Cap Parrainage', domains: ['Emploi'], purposes: ['Parrainage et entraînement à l’entretien'] },
		{ name: 'Pro BTP', domains: ['Emploi'], purposes: ['Partenaire du bâtiment'] },
		{ name: 'FAFTT', domains: ['Emploi'], purposes: ['Partenaire de l’intérim'] },
		{ name: 'Adéquat', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'Axe TT', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'Proman', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'Manpower', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'Randstad', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'Solutions emploi', domains: ['Emploi'], purposes: ['Agence d’intérim'] },
		{ name: 'BTP CFA Aquitaine', domains: ['Formation'] },
		{ name: 'AFT', domains: ['Formation'] },
		{ name: 'Institut Saint-Dominique', domains: ['Formation'] },
		{ name: 'ASFO', domains: ['Formation'] },
		{ name: 'Catalyse', domains: ['Formation'] },
		{ name: 'ECF', domains: ['Formation'] },
		{ name: 'Ensemble scolaire Immaculée Conception', domains: ['Formation'] },
		{ name: 'UPPA', domains: ['Formation'], purposes: ['Université'] },
		{ name: 'La Fabrique Numérique Paloise', domains: ['Formation'] }
	];
