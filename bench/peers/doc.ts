import type { MadeRecord } from '../sync/system.ts';

/** A record as the document databases hold it. `name` is theirs to search by; empty for what is no youth. */
export type Doc = MadeRecord & { name: string };

export const docOf = (record: MadeRecord): Doc => ({
	...record,
	name: record.kind === 'youth' ? String(record.fields.lastName ?? '').toLowerCase() : ''
});

/** What the cold search looks for: youths whose name begins with this, the first twenty. */
export const SEARCHED = 'la';
export const FOUND = 20;
