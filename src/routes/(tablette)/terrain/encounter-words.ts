import type { Row } from '#lib/domain/records.ts';
import { t } from '#lib/messages/current.ts';
import type { Store } from '#lib/store/port.ts';
import { shortNameOf } from '#lib/store/youth.ts';

/** How a list says an encounter: a name, or what one saw. */
export function encounterWords(store: Store, { fields }: Row<'encounter'>): { title: string; sub: string } {
	const { vocabulary, outreach } = t;
	const youth = fields.youth ? store.get('youth', fields.youth) : undefined;
	const age =
		fields.ageBand && fields.ageBand !== 'unknown'
			? outreach.years(vocabulary.ageBand[fields.ageBand])
			: undefined;
	const gender = fields.gender ? vocabulary.gender[fields.gender] : undefined;
	const size = fields.size ?? 1;
	const who = youth
		? (shortNameOf(youth.fields) ?? vocabulary.unnamed)
		: size > 1
			? outreach.group(size, gender)
			: (gender ?? outreach.person);
	const details = [
		fields.voided ? outreach.voided : undefined,
		youth ? undefined : outreach.anonymous,
		fields.callback ? outreach.wantsCall : undefined,
		...(fields.topics ?? []).map((topic) => vocabulary.dimension[topic].toLowerCase()),
		fields.occupation ? vocabulary.occupation[fields.occupation].toLowerCase() : undefined,
		...(fields.given ?? []).map((thing) => vocabulary.given[thing].toLowerCase())
	];
	return { title: [who, age].filter(Boolean).join(', '), sub: details.filter(Boolean).join(' · ') };
}
