import { assign, create, type Change } from '#lib/domain/change.ts';
import type { Row } from '#lib/domain/records.ts';
import type { Vault } from './tablet.ts';
import type { Write } from './story.ts';

/** What the commands need to know of the world in which somebody writes. */
export type Writer = {
	vault: Vault;
	/** A text that was never written before. */
	value: string;
	/** A site that the tablet believes to have: it may have lost it meanwhile. */
	siteOf: (site: number) => string;
	/** An id to create a record under, with a name to tell it by. */
	born: (what: string) => string;
	/** An id that the other organisation uses and this one does not. */
	taken: () => Promise<string | undefined>;
	say: (what: string, row?: Row) => void;
};

/** What the tablet shows, in an order that a replay finds again. */
export function pick(vault: Vault, record: number, ...kinds: Row['kind'][]): Row | undefined {
	const rows = vault
		.rows()
		.filter((row) => kinds.includes(row.kind))
		.sort((a, b) => (a.id < b.id ? -1 : 1));
	return rows[record % rows.length];
}

/** The changes that a person makes; nothing where there is no record to change. */
export async function changesOf(command: Write, writer: Writer): Promise<Change[] | undefined> {
	if (command.do === 'youth') return creation(command, writer);
	if (command.do === 'outing') return outing(command, writer);
	const { vault, value, say } = writer;
	const row = pick(vault, command.record, ...kindsFor[command.do]);
	if (!row) return undefined;
	const { kind, id, rev: seen } = row;
	switch (command.do) {
		case 'encounter': {
			const fresh = writer.born('encounter');
			say('logs an encounter at', row);
			const count: Change = { do: 'count', kind: 'outing', id, field: 'approached', by: 1 };
			return [create('encounter', fresh, row.site, { outing: id, remarks: value }), count];
		}
		case 'note': {
			const fresh = writer.born('note');
			say(`writes a ${command.confidential ? 'confidential ' : ''}note «${value}» about`, row);
			const site = command.confidential ? `user:${vault.person.user}` : row.site;
			return [create('note', fresh, site, { youth: id, text: value })];
		}
		case 'set': {
			const field = kind === 'youth' ? (command.field === 'remarks' ? 'nickname' : command.field) : 'remarks';
			say(`sets ${field} to «${value}» of`, row);
			return [assign(row, { [field]: value })];
		}
		case 'poison':
			say(`sets nickname to «${value}», at which the server stumbles, of`, row);
			return [assign(row, { nickname: value })];
		case 'void':
			say(`voids with «${value}»`, row);
			return [assign(row, { voided: value })];
		case 'need': {
			say(`${command.add ? 'adds' : 'removes'} need ${command.value} of`, row);
			const target = { kind, id, field: 'needs', values: [command.value] };
			return [command.add ? { do: 'add', ...target } : { do: 'remove', seen, ...target }];
		}
		case 'tally':
			say(`counts ${command.field} by ${command.by} of`, row);
			return [{ do: 'count', kind: 'outing', id, field: command.field, by: command.by }];
		case 'move': {
			const site = writer.siteOf(command.site);
			say(`moves to ${site.slice(-2)}`, row);
			return [{ do: 'move', kind: 'youth', id, seen, site }];
		}
		case 'delete':
			say('deletes', row);
			return [{ do: 'delete', kind, id, seen }];
	}
}

const kindsFor: Record<Exclude<Write['do'], 'youth' | 'outing'>, Row['kind'][]> = {
	encounter: ['outing'],
	note: ['youth'],
	set: ['youth', 'outing', 'encounter'],
	poison: ['youth'],
	void: ['youth', 'outing', 'encounter'],
	need: ['youth'],
	tally: ['outing'],
	move: ['youth'],
	delete: ['youth', 'encounter']
};

async function creation(
	{ site, needs, collide }: Extract<Write, { do: 'youth' }>,
	{ value, siteOf, born, taken, say }: Writer
): Promise<Change[]> {
	const clash = collide ? await taken() : undefined;
	const id = clash ?? born('youth');
	say(`creates a youth «${value}»${clash ? ' under an id of the other organisation' : ''}`);
	return [create('youth', id, siteOf(site), { lastName: value, needs })];
}

async function outing(
	{ site }: Extract<Write, { do: 'outing' }>,
	{ value, siteOf, born, say }: Writer
): Promise<Change[]> {
	say(`creates an outing «${value}»`);
	return [create('outing', born('outing'), siteOf(site), { spotLabel: value, approached: 2 })];
}
