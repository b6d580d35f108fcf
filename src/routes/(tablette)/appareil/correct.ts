import type { Change } from '#lib/domain/change.ts';
import { t } from '#lib/messages/current.ts';
import type { Store } from '#lib/store/port.ts';

type FieldName = keyof typeof t.device.fields;
/** One text of a refused action that a person can put right: which change it stands in, its field, what it says. */
export type CorrectableText = { change: number; name: FieldName; text: string };

const isName = (name: string): name is FieldName => Object.hasOwn(t.device.fields, name);

export const correctableTexts = (changes: readonly Change[]): CorrectableText[] =>
	changes.flatMap((change, index) =>
		'fields' in change
			? Object.entries(change.fields).flatMap(([name, text]) =>
					isName(name) && typeof text === 'string' ? [{ change: index, name, text }] : []
				)
			: []
	);

/**
 * The refused action with other texts, an emptied one left out, made in knowledge of what the tablet shows now. Nothing
 * changed: `undefined`, and the store sends it again as it was.
 */
export function corrected(
	store: Pick<Store, 'get'>,
	changes: readonly Change[],
	texts: readonly CorrectableText[]
): Change[] | undefined {
	const before = correctableTexts(changes);
	if (texts.every(({ text }, i) => text === before[i]?.text)) return undefined;
	return changes.map((change, index) => {
		const now =
			'seen' in change ? { ...change, seen: store.get(change.kind, change.id)?.rev ?? change.seen } : change;
		if (!('fields' in now)) return now;
		const fields = { ...now.fields };
		for (const { name, text } of texts.filter((one) => one.change === index)) {
			if (text.trim()) fields[name] = text.trim();
			else if (now.do === 'set') fields[name] = null;
			else delete fields[name];
		}
		return { ...now, fields };
	});
}
