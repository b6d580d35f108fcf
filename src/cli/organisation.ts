import { randomBytes } from 'node:crypto';
import { uuidv7 } from '#lib/domain/identifier.ts';
import { clock } from '#lib/domain/field.ts';
import { seesEverySite } from '#lib/domain/permissions.ts';
import type { Role } from '#lib/domain/vocabulary.ts';
import type { Server } from '#lib/server/context.ts';
import { createPerson } from '#lib/server/people.ts';
import { createRecords, storedOf, recordColumns } from '#lib/server/records.ts';

/*
 * What an organisation needs before its first day: places, weekly slots, colleagues. On the command line until an
 * administration screen does it.
 */
type Done<T = object> = ({ ok: true } & T) | { ok: false; problem: string };

/** The organisation of that name; names that two share, or none has, are problems. */
export async function organisationNamed({ db }: Server, name: string): Promise<Done<{ id: string }>> {
	const found = await db.selectFrom('organisation').select('id').where('name', '=', name).execute();
	const [only, another] = found;
	if (!only) return { ok: false, problem: `Aucune organisation ne s’appelle « ${name} »` };
	if (another) return { ok: false, problem: `Plusieurs organisations s’appellent « ${name} »` };
	return { ok: true, id: only.id };
}

async function sitesOf({ db }: Server, organisation: string): Promise<{ id: string; name: string }[]> {
	const rows = await db
		.selectFrom('record')
		.select(recordColumns)
		.where('organisation', '=', organisation)
		.where('kind', '=', 'site')
		.where('deleted', '=', 0)
		.execute();
	return rows.map(storedOf).map(({ id, data }) => ({ id, name: String(data.fields['name'] ?? '') }));
}

export type NewSlot = { weekday: number; start: string; end: string };

/** "2 09:00-12:00": Tuesday (1 = Monday … 7 = Sunday) from nine to noon, in the site's own time. */
export function readSlot(text: string): NewSlot | undefined {
	const [, weekday, start = '', end = ''] = /^([1-7]) (\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
	if (!weekday || !clock.safeParse(start).success || !clock.safeParse(end).success || start >= end)
		return undefined;
	return { weekday: Number(weekday), start, end };
}

export async function createSite(
	server: Server,
	site: {
		organisation: string;
		name: string;
		kind: 'head-office' | 'branch' | 'permanence' | 'outreach-spot';
		commune: string | undefined;
		slots: NewSlot[];
	}
): Promise<Done> {
	const { organisation, name, kind, commune } = site;
	const known = await sitesOf(server, organisation);
	if (known.some((other) => other.name === name))
		return { ok: false, problem: `Le lieu « ${name} » existe déjà` };
	const at = server.now();
	const newId = () => uuidv7(at, randomBytes(10));
	const id = newId();
	const by = id;
	await createRecords(server.db, organisation, [
		{ kind: 'site', id, site: 'org', by, at, fields: { name, kind, ...(commune && { commune }) } },
		...site.slots.map((slot) => ({ kind: 'slot' as const, id: newId(), site: id, by, at, fields: slot }))
	]);
	return { ok: true };
}

/** @param sites names, the home site first; roles that see every site need none */
export async function createColleague(
	server: Server,
	person: { organisation: string; name: string; email: string; role: Role; sites: string[]; password: string }
): Promise<Done> {
	const known = await sitesOf(server, person.organisation);
	const unknown = person.sites.find((name) => !known.some((site) => site.name === name));
	if (unknown !== undefined) {
		const names = known.map(({ name }) => name).join(', ');
		return { ok: false, problem: `Le lieu « ${unknown} » n’existe pas (lieux : ${names})` };
	}
	if (person.sites.length === 0 && !seesEverySite(person.role))
		return { ok: false, problem: '--sites manque : ce rôle travaille dans des lieux nommés' };
	const sites = person.sites.flatMap((name) =>
		known.filter((site) => site.name === name).map(({ id }) => id)
	);
	const result = await createPerson(server.db, { ...person, sites, now: server.now() });
	return result.ok ? { ok: true } : { ok: false, problem: `L’adresse ${person.email} a déjà un compte` };
}
