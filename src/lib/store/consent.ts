import { create } from '#lib/domain/change.ts';
import type { Row, Values } from '#lib/domain/records.ts';
import type { Saved, Store } from './port.ts';

/** One more answer of the youth; the ones before stay as they were given. */
export const recordConsent = (
	store: Store,
	youth: Row<'youth'>,
	consent: Required<Pick<Values<'consent'>, 'about' | 'answer' | 'on' | 'manner'>> & {
		to?: string | undefined;
	}
): Promise<Saved> =>
	store.commit([create('consent', store.newId(), youth.site, { youth: youth.id, ...consent })]);
