import phonetic from 'talisman/phonetics/french/phonetic';
import { resemblance, type Reason } from '#lib/domain/look-alike.ts';
import type { Row, Values } from '#lib/domain/records.ts';
import type { Store } from './port.ts';

const keys = new Map<string, string>();

function keyOf(word: string): string {
	let key = keys.get(word);
	if (key === undefined) keys.set(word, (key = phonetic(word)));
	return key;
}

export type LookAlike = { row: Row<'youth'>; reasons: Reason[] };

/** Files of this tablet that may be about who is being written down, most alike first. */
export function lookAlikes(store: Store, written: Values<'youth'>, most = 3): LookAlike[] {
	const found: LookAlike[] = [];
	for (const row of store.all('youth').values()) {
		if (row.fields.voided) continue;
		const reasons = resemblance(written, row.fields, keyOf);
		if (reasons.length > 0) found.push({ row, reasons });
	}
	return found.sort((a, b) => b.reasons.length - a.reasons.length).slice(0, most);
}
