import type { Book } from './book.ts';
import { partners, purposesOf, sites, spots } from './pau.ts';

export type Directory = { spots: { id: string; team: 'siege' | 'nay' }[]; partners: string[] };

/** Places and partners, shared with everybody of the organisation. */
export function writeDirectory(book: Book): Directory {
	const by = book.named('admin').id;
	for (const { key, ...fields } of sites) book.add('site', 'org', by, book.start, fields, book.siteIds[key]);
	return {
		spots: spots.map(({ team, ...fields }) => ({
			team,
			id: book.add('site', 'org', by, book.start, {
				...fields,
				shortName: fields.name,
				kind: 'outreach-spot'
			})
		})),
		partners: partners.map(({ name, domains, purposes }) =>
			book.add('partner', 'org', by, book.start, {
				name,
				domains: [...domains],
				purposes: [...(purposes ?? domains.flatMap((domain) => purposesOf[domain] ?? []))]
			})
		)
	};
}
