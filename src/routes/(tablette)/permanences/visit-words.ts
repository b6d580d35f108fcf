import type { Row } from '#lib/domain/records.ts';
import { t } from '#lib/messages/current.ts';
import type { Store } from '#lib/store/port.ts';
import { nameOf } from '#lib/store/youth.ts';

/** How a list says a visit: who, then motives and what was decided. */
export function visitWords(store: Store, { fields }: Row<'visit'>): { title: string; sub: string } {
	const { vocabulary, openings } = t;
	const youth = fields.youth ? store.get('youth', fields.youth) : undefined;
	const title = youth ? (nameOf(youth.fields) ?? vocabulary.unnamed) : (fields.label ?? openings.anonymous);
	const sub = [
		fields.voided ? openings.voided : undefined,
		fields.status && fields.status !== 'present' ? vocabulary.visitStatus[fields.status] : undefined,
		fields.mode ? vocabulary.visitMode[fields.mode].toLowerCase() : undefined,
		...(fields.motives ?? []).map((motive) => vocabulary.dimension[motive].toLowerCase()),
		fields.duration ? openings.minutes(fields.duration) : undefined,
		fields.decided
	];
	return { title, sub: sub.filter(Boolean).join(' · ') };
}
