import { create } from '#lib/domain/change.ts';
import type { Row } from '#lib/domain/records.ts';
import type { Saved, Store } from './port.ts';

/** Append-only. A confidential one lives in its author's own scope and reaches no other tablet. */
export function addNote(
	store: Store,
	youth: Row<'youth'>,
	text: string,
	{ confidential = false } = {}
): Promise<Saved> {
	const site = confidential ? `user:${store.holder.user}` : youth.site;
	return store.commit([
		create('note', store.newId(), site, {
			youth: youth.id,
			text: text.slice(0, 4000),
			at: store.now(),
			confidential: confidential || undefined
		})
	]);
}
