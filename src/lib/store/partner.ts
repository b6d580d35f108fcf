import type { Row } from '#lib/domain/records.ts';
import type { Store } from './port.ts';

const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Directory entries by name, domain, purpose or commune; every word typed has to be found. */
export function searchPartners(store: Store, query: string, domain: string | undefined): Row<'partner'>[] {
	const words = folded(query).split(/\s+/).filter(Boolean);
	return [...store.all('partner').values()]
		.filter(({ fields }) => {
			if (domain && !(fields.domains ?? []).includes(domain)) return false;
			const text = folded(
				[fields.name, fields.commune, ...(fields.domains ?? []), ...(fields.purposes ?? [])]
					.filter(Boolean)
					.join(' ')
			);
			return words.every((word) => text.includes(word));
		})
		.sort((a, b) => (a.fields.name ?? '').localeCompare(b.fields.name ?? '', 'fr'));
}

/** Domains in use, most partners first. */
export function partnerDomains(store: Store): string[] {
	const counts = new Map<string, number>();
	for (const { fields } of store.all('partner').values())
		for (const domain of fields.domains ?? []) counts.set(domain, (counts.get(domain) ?? 0) + 1);
	return [...counts].sort((a, b) => b[1] - a[1]).map(([domain]) => domain);
}
