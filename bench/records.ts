import { uuidv7 } from '#lib/domain/identifier.ts';
import type { Change } from '#lib/domain/change.ts';
import type { Kind, Row } from '#lib/domain/records.ts';

/**
 * Invented files of a Mission Locale, the same for every measure and every peer: one youth in five records, the others
 * point at one. About 600 bytes of JSON each, as in the reference figures of the stack.
 */
export type Made = Pick<Row, 'kind' | 'id' | 'site'> & { fields: Record<string, unknown> };

const firstNames =
	'Amine Manon Léa Lucas Chloé Enzo Inès Mathis Sarah Yanis Jade Théo Camille Nathan Océane Hugo Zoé Kévin Maëlys Jordan Lina Dylan Anaïs Bryan Noémie Rayan Élodie Quentin Fatou Ibrahim Mélissa Corentin Salomé Axel Aïcha Rémi Clémence Mehdi Justine Loïc'.split(
		' '
	);
const lastNames =
	'Lacaze Etcheverry Duprat Casenave Bordenave Laborde Haristoy Mendes Garcia Cazaux Lahitte Sallenave Barthe Pucheu Camps Diallo Benali Larrieu Capdevielle Minvielle Lafitte Arrieta Hourcade Peyrou Sarthou Lopez Traoré Nguyen Marque Saint-Martin Cassou Dupouy Labarrère Cuyala Fourcade Bergez Poey Loustau Maysonnave Crouseilles'.split(
		' '
	);
const syllables = 'la bor de ca za mi nar so le ti gué ro ba lon ey ri cha pel mou tié bé dou fer val'.split(
	' '
);
const topics = ['employment', 'project', 'training', 'health', 'housing', 'mobility', 'rights', 'resources'];
const sentences = [
	'Vient chercher une formation dans le bâtiment, a déjà fait deux semaines de stage.',
	'Cherche un logement depuis que l’hébergement chez un ami a pris fin.',
	'Sans permis, les horaires du bus ne vont pas avec ceux de l’entreprise.',
	'Dossier de couverture santé à refaire, papiers laissés chez les parents.',
	'Veut parler de son projet avant de rencontrer un employeur, préfère un rappel en fin de journée.',
	'Rencontré au marché avec deux amis, repassera à la permanence de jeudi.'
];

/** A small seeded generator (mulberry32): benchmarks must see the same data everywhere. */
export function seeded(seed: number): () => number {
	let a = seed >>> 0;
	return () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), a | 1);
		t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

const START = Date.UTC(2026, 0, 5, 8);

export function idsFrom(random: () => number): () => string {
	let n = 0;
	return () =>
		uuidv7(
			START + n++ * 1000,
			Uint8Array.from({ length: 10 }, () => Math.floor(random() * 256))
		);
}

export function makeRecords(count: number, site: string, seed = 7): Made[] {
	const random = seeded(seed);
	const id = idsFrom(random);
	const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
	const day = () => new Date(START + Math.floor(random() * 300) * 86_400_000).toISOString().slice(0, 10);
	const some = (list: string[]) => list.filter(() => random() < 0.25);
	const prose = () => `${pick(sentences)} ${pick(sentences)} ${pick(sentences)}`;
	/** Half of them rare: an index that lives on repetition would be flattered otherwise. */
	const lastName = () => {
		if (random() < 0.5) return pick(lastNames);
		const name = pick(syllables) + pick(syllables) + pick(syllables);
		return name[0]!.toUpperCase() + name.slice(1);
	};
	const phone = () => `+336${String(Math.floor(random() * 1e8)).padStart(8, '0')}`;
	let youth = '';
	const makers: (() => [Kind, Record<string, unknown>])[] = [
		() => [
			'youth',
			{
				firstName: pick(firstNames),
				lastName: lastName(),
				nickname: random() < 0.2 ? pick(firstNames).slice(0, 4) : undefined,
				birthDate: `${2001 + Math.floor(random() * 9)}-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 9)}`,
				gender: pick(['woman', 'man']),
				phone: phone(),
				email: `jeune.${Math.floor(random() * 1e6)}@courriel.test`,
				commune: pick(['Pau', 'Billère', 'Lescar', 'Mourenx', 'Orthez', 'Nay', 'Morlaàs']),
				address: `${1 + Math.floor(random() * 90)} avenue ${pick(lastNames)}, résidence ${pick(firstNames)}`,
				housing: pick(['family', 'own', 'friends', 'hostel']),
				qualification: pick(['none', 'level-3', 'level-4']),
				occupation: pick(['nothing', 'school', 'training', 'job']),
				languages: ['es', 'fr'],
				needs: some(topics),
				firstContactOn: day(),
				metThrough: pick(['outing', 'opening', 'other'])
			}
		],
		() => [
			'visit',
			{
				youth,
				at: START,
				mode: 'walk-in',
				status: 'present',
				motives: some(topics),
				duration: 30,
				decided: prose(),
				nextStep: pick(sentences),
				nextOn: day()
			}
		],
		() => ['note', { youth, text: `${prose()} ${pick(sentences)}`, at: START }],
		() => [
			'followUp',
			{ youth, due: day(), channel: pick(['call', 'sms']), reason: prose().slice(0, 290), status: 'open' }
		],
		() => [
			'encounter',
			{
				at: START,
				size: 1,
				ageBand: '18-21',
				gender: 'man',
				occupation: 'nothing',
				topics: some(topics),
				given: ['flyer'],
				youth,
				callback: true,
				remarks: prose()
			}
		]
	];
	return Array.from({ length: count }, (_, i) => {
		const [kind, fields] = makers[i % makers.length]!();
		const record: Made = { kind, id: id(), site, fields: JSON.parse(JSON.stringify(fields)) };
		if (kind === 'youth') youth = record.id;
		return record;
	});
}

export const creation = ({ kind, id, site, fields }: Made): Change => ({
	do: 'create',
	kind,
	id,
	site,
	fields
});
