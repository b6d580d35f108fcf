import type { Change } from './change.ts';
import { kinds, type Kind } from './records.ts';
import type { Role } from './vocabulary.ts';

/**
 * Who may do what. `read`: rows of that kind reach the role's tablets. `write`: create and change them.
 * `own`: create them and change only what one created. Scope (which sites) is decided apart, by the server.
 */
type Right = 'none' | 'read' | 'own' | 'write';

const everyKind = (right: Right): Record<Kind, Right> =>
	Object.fromEntries(kinds.map((k) => [k, right])) as Record<Kind, Right>;

const field: Record<Kind, Right> = {
	...everyKind('write'),
	visit: 'write',
	encounter: 'own',
	note: 'own',
	attempt: 'own',
	slot: 'read',
	site: 'read',
	staff: 'read',
	partner: 'write'
};

const rights: Record<Role, Record<Kind, Right>> = {
	counsellor: field,
	outreach: { ...field, partner: 'read' },
	reception: { ...field, note: 'none', encounter: 'read', outing: 'read', attempt: 'own', partner: 'read' },
	manager: { ...everyKind('write'), note: 'own', staff: 'read' },
	director: { ...everyKind('write'), note: 'own', staff: 'read' },
	/** An administrator runs the organisation's settings, not its files: no youth and nothing about one. */
	administrator: {
		...everyKind('none'),
		site: 'write',
		slot: 'write',
		staff: 'write',
		partner: 'write',
		outing: 'read',
		opening: 'read'
	}
};

export const mayRead = (role: Role, kind: Kind): boolean => rights[role][kind] !== 'none';
export const readableKinds = (role: Role): Kind[] => kinds.filter((k) => mayRead(role, k));
export const mayCreate = (role: Role, kind: Kind): boolean =>
	rights[role][kind] === 'own' || rights[role][kind] === 'write';

/** `author`: who created the record being changed. Notes are append-only: nobody edits one. */
export function mayChange(role: Role, user: string, change: Change, author: string | undefined): boolean {
	const right = rights[role][change.kind];
	if (change.do === 'create') return right === 'own' || right === 'write';
	if (change.kind === 'note' || change.kind === 'consent') return false;
	return right === 'write' || (right === 'own' && author === user);
}

/** Roles that see every site of their organisation; the others see the sites of their membership. */
export const seesEverySite = (role: Role): boolean => role === 'director' || role === 'administrator';
