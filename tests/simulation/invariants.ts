import * as z from 'zod/mini';
import type { Change } from '#lib/domain/change.ts';
import { mayRead } from '#lib/domain/permissions.ts';
import type { Row } from '#lib/domain/records.ts';
import { canonical } from '#lib/protocol/digest.ts';
import { operation } from '#lib/protocol/operation.ts';
import { upgradeOperation } from '#lib/protocol/upgrade.ts';
import type { StoredRecord } from '#lib/server/merge.ts';
import { Machine, Vault } from './tablet.ts';
import type { Held, World } from './world.ts';

/** What must hold once everybody has been in contact. Each throws a sentence. */
export async function judge(world: World): Promise<void> {
	if (world.server.breaches.length) throw new Error(world.server.breaches[0]);
	const held = await world.held();
	await everyOperationHasOneOutcome(world, held);
	await tabletsEqualTheServer(world, held);
	await nothingElseOnTheDisks(world);
	await world.server.judgeOrder();
	for (const organisation of world.server.organisations) await recordsAreSound(world, organisation);
	await replaysChangeNothing(world);
	for (const { name, troubles } of world.vaults)
		if (troubles.length) throw new Error(`the store of ${name} failed`, { cause: troubles[0] });
	if (world.server.breaches.length) throw new Error(world.server.breaches[0]);
}

async function recordsAreSound(world: World, organisation: string): Promise<void> {
	const applied = await appliedChanges(world, organisation);
	const records = (await world.server.records(organisation)).filter((record) => !record.deleted);
	for (const record of records) {
		const own = applied.filter((a) => a.change.id === record.id);
		talliesAddUp(world, record, own);
		noValueVanishes(world, record, own);
		noInformedEditIsUndone(world, record, own);
		setsKeepWhatNobodyTookBack(world, record, own);
	}
}

async function everyOperationHasOneOutcome(world: World, held: Map<Vault, Held>): Promise<void> {
	const journal = await world.server.journal();
	const rejects = await world.server.rejects();
	for (const { id, vault, changes } of world.committed.values()) {
		const outcomes = journal.filter((entry) => entry.id === id && entry.outcome !== 'repeated');
		const applied = outcomes.filter(({ outcome }) => outcome === 'applied').length;
		const what = `the ${changes.map((c) => c.do).join('+')} of ${world.nameOf(changes[0]!.id)} by ${vault.name}`;
		if (outcomes.some(({ user, organisation }) => !isBy(vault, user, organisation)))
			throw new Error(`${what} was taken for somebody else's`);
		if (applied > 1) throw new Error(`${what} was applied ${applied} times`);
		// Let go by its author, then forgotten with a restore; or forgotten by everybody before it [P8].
		if (outcomes.length === 0 && (world.released.has(id) || world.forgotten.has(id))) continue;
		if (outcomes.length === 0) throw new Error(`${what} has no outcome: it was lost`);
		if (applied === 1) continue;
		const { body, reason } = rejects.find((reject) => reject.id === id) ?? {};
		if (reason === 'invalid' && isOfBefore(changes)) throw new Error(`${what} came from an app of before`);
		if (!body || canonical(JSON.parse(body).changes) !== canonical(changes))
			throw new Error(`${what} was refused and the server has not kept its body`);
		if (world.released.has(id)) continue;
		const kept = held.get(vault)?.queue.find((entry) => entry.id === id);
		if (
			kept?.state !== 'refused' ||
			!kept.refusal ||
			canonical(kept.changes) !== canonical(upToDate(changes))
		)
			throw new Error(`${what} was refused and the tablet has not kept it: ${kept?.state ?? 'gone'}`);
	}
}

/** What screens show of an operation of before; today's shapes come through unchanged. */
const upToDate = (changes: Change[]): unknown =>
	isOfBefore(changes) ? upgradeOperation({ changes }, 1).changes : changes;

const isOfBefore = (changes: Change[]): boolean =>
	changes.some((change) => change.do === 'create' && typeof change.fields.languages === 'string');

const isBy = ({ person }: Vault, user: string, organisation: string): boolean =>
	person.user === user && person.organisation === organisation;

const sorted = (rows: Row[]) => rows.map((row) => canonical(row)).sort();

async function tabletsEqualTheServer(world: World, held: Map<Vault, Held>): Promise<void> {
	for (const [vault, { rows }] of held) {
		const caller = world.caller(vault.person);
		compare(`tablet ${vault.name}`, sorted(rows), sorted(await world.server.rowsFor(caller)));
	}
	for (const person of world.people) {
		const fresh = await Vault.setUp(world.around, new Machine('new', 0), person);
		await fresh.drain();
		const expected = sorted(await world.server.rowsFor(world.caller(person)));
		compare('a new tablet', sorted(fresh.rows()), expected);
		await fresh.putAway();
	}
	for (const [vault, { rows }] of held) {
		await vault.machine.hand(vault);
		vault.kill();
		await vault.reopen();
		compare(`${vault.name} after a restart`, sorted(vault.rows()), sorted(rows));
	}
}

/**
 * [P4] Every sealed page opened: nothing of a place that was lost, nor of a kind that the role reads no more, superseded rows
 * included. What left a place that is still in reach (moved away, deleted) is gone once the tablet was idle.
 */
async function nothingElseOnTheDisks(world: World): Promise<void> {
	for (const vault of world.vaults) {
		const { role, organisation } = world.caller(vault.person);
		const scopes = new Set(vault.scopes);
		for (const row of await vault.rowsOnDisk()) {
			if (!scopes.has(row.site)) throw new Error(`${vault.name}: a row of a lost site lies on its disk`);
			if (!mayRead(role, row.kind)) throw new Error(`${vault.name}: a ${row.kind} lies on a ${role}'s disk`);
		}
		await vault.machine.hand(vault);
		await vault.store.fold();
		const records = await world.server.records(organisation);
		const there = new Set(records.filter((r) => !r.deleted && scopes.has(r.site)).map(({ id }) => id));
		for (const { id } of await vault.rowsOnDisk())
			if (!there.has(id)) throw new Error(`${vault.name}: ${world.nameOf(id)} left and lies on its disk`);
	}
}

function compare(who: string, held: string[], expected: string[]): void {
	if (held.length === expected.length && held.every((row, i) => row === expected[i])) return;
	const tooMuch = held.filter((row) => !expected.includes(row));
	const missing = expected.filter((row) => !held.includes(row));
	throw new Error(
		`${who} differs from the server.\n  has: ${tooMuch.join('\n       ')}\n  should have: ${missing.join('\n       ')}`
	);
}

/** `common`: up to which revision what its author saw can be compared with what there is now [P8]. */
type Applied = { change: Change; rev: number; writer: string; n: number; common: number };

/** One entry per change of every operation that changed something, as the server's journal has them. */
async function appliedChanges(world: World, of: string): Promise<Applied[]> {
	const journal = await world.server.journal();
	return journal
		.filter(({ organisation, outcome, rev }) => organisation === of && outcome === 'applied' && rev !== null)
		.flatMap(({ id, body, rev, device, user, n }) => {
			const common = world.server.commonSince(of, world.committed.get(id)?.epoch ?? '');
			const writer = `${device}/${user}`;
			const { changes } = operation.parse(JSON.parse(body));
			return changes.map((change) => ({ change, rev: rev ?? 0, writer, n, common }));
		});
}

/** Whether the author of `later` knew of `earlier`: it was in view, or their own. */
const knew = (later: Applied, earlier: Applied): boolean =>
	(later.writer === earlier.writer && later.n > earlier.n) ||
	('seen' in later.change &&
		later.change.seen >= earlier.rev &&
		earlier.rev > 0 &&
		earlier.rev <= later.common);

function talliesAddUp(world: World, { id, kind, data }: StoredRecord, applied: Applied[]): void {
	if (kind !== 'outing') return;
	for (const field of ['approached', 'flyers']) {
		let sum = 0;
		for (const { change } of applied) {
			if (change.do === 'create') sum += Number(change.fields[field] ?? 0);
			if (change.do === 'count' && change.field === field) sum += change.by;
		}
		if ((data.fields[field] ?? 0) !== sum)
			throw new Error(
				`${world.nameOf(id)}.${field} is ${String(data.fields[field])}, its increments make ${sum}`
			);
	}
}

const text = z.string();

/** Every text that was written to a field: in the stories each one is unique. */
function writesTo(applied: Applied[], field: string): (Applied & { value: string })[] {
	return applied.flatMap((a) => {
		if (a.change.do !== 'create' && a.change.do !== 'set') return [];
		const value = text.safeParse(a.change.fields[field]);
		return value.success ? [{ ...a, value: value.data }] : [];
	});
}

const FIELDS = ['lastName', 'commune', 'nickname', 'remarks', 'voided', 'spotLabel', 'text'];

function noInformedEditIsUndone(world: World, { id, data }: StoredRecord, applied: Applied[]): void {
	for (const field of FIELDS) {
		const writes = writesTo(applied, field);
		const winner = writes.find(({ value }) => value === data.fields[field]);
		if (writes.length > 0 && !winner)
			throw new Error(`${world.nameOf(id)}.${field} has a value that nobody wrote`);
		const undone = winner && writes.find((write) => write !== winner && knew(write, winner));
		if (undone)
			throw new Error(
				`${world.nameOf(id)}.${field}: «${undone.value}» was written in knowledge of «${winner.value}», which stands again`
			);
	}
}

function noValueVanishes(world: World, { id, data }: StoredRecord, applied: Applied[]): void {
	const past = data.past ?? [];
	if (past.length >= 50) return;
	for (const field of FIELDS)
		for (const { value } of writesTo(applied, field))
			if (data.fields[field] !== value && !past.some((p) => p.field === field && p.value === value))
				throw new Error(`${world.nameOf(id)}.${field}: «${value}» is neither the value nor in its history`);
}

function setsKeepWhatNobodyTookBack(
	world: World,
	{ id, kind, data }: StoredRecord,
	applied: Applied[]
): void {
	if (kind !== 'youth') return;
	const has = z.array(z.string()).parse(data.fields.needs ?? []);
	// A removal made before a restore is taken for one in knowledge of what has those revisions now.
	if (applied.some(({ change, common }) => change.do === 'remove' && common !== Infinity)) return;
	for (const value of ['employment', 'housing', 'health']) {
		const additions = applied.filter(({ change }) =>
			change.do === 'create'
				? Array.isArray(change.fields.needs) && change.fields.needs.includes(value)
				: change.do === 'add' && change.values.includes(value)
		);
		const removals = applied.filter(({ change }) => change.do === 'remove' && change.values.includes(value));
		const stands = additions.some((added) => !removals.some((removal) => knew(removal, added)));
		if (stands !== has.includes(value))
			throw new Error(
				`${world.nameOf(id)}: need ${value} is ${stands ? 'missing' : 'there although every addition was taken back'}`
			);
	}
}

async function replaysChangeNothing(world: World): Promise<void> {
	const { server } = world;
	const before = await server.fingerprint();
	const sent = [...world.sent];
	for (const { person, request } of sent) await server.exchange(world.caller(person), request);
	for (const parcel of [...world.parcels]) await server.take(parcel, (person) => world.caller(person));
	if ((await server.fingerprint()) !== before)
		throw new Error(`requests sent again (${sent.length}) changed the server`);
	for (const vault of world.vaults) {
		await vault.machine.hand(vault);
		const rows = sorted(vault.rows()).join('\n');
		await vault.drain();
		if (sorted(vault.rows()).join('\n') !== rows)
			throw new Error(`tablet ${vault.name} changed after old requests came again`);
	}
}
