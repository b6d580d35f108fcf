import * as z from 'zod/mini';
import type { Change } from '#lib/domain/change.ts';
import type { Row } from '#lib/domain/records.ts';
import { operation } from '#lib/protocol/operation.ts';
import { canonical } from '#lib/protocol/digest.ts';
import type { StoredRecord } from '#lib/server/merge.ts';
import type { SimulatedTablet } from './tablet.ts';
import type { World } from './world.ts';

/** What must hold once everybody has been in contact. Each throws a sentence. */
export async function judge(world: World): Promise<void> {
	await everyOperationHasOneOutcome(world);
	await tabletsEqualTheServer(world);
	const applied = await appliedChanges(world);
	const records = (await world.server.records()).filter((record) => !record.deleted);
	for (const record of records) {
		const own = applied.filter((a) => a.change.id === record.id);
		talliesAddUp(world, record, own);
		noValueVanishes(world, record, own);
		// After a restore, what a tablet had seen is told in revisions of the time before.
		if (world.server.restored) continue;
		noInformedEditIsUndone(world, record, own);
		setsKeepWhatNobodyTookBack(world, record, own);
	}
	// An old request may bring a restored server what it has forgotten, and must.
	if (!world.server.restored) await replaysChangeNothing(world);
	for (const { name, troubles } of world.tablets)
		if (troubles.length) throw new Error(`the store of ${name} failed`, { cause: troubles[0] });
	if (world.server.defects.length) throw new Error(`the server reported ${String(world.server.defects[0])}`);
}

async function everyOperationHasOneOutcome(world: World): Promise<void> {
	const journal = await world.server.journal();
	const rejects = await world.server.rejects();
	for (const { id, tablet, changes } of world.committed.values()) {
		const outcomes = journal.filter((entry) => entry.id === id && entry.outcome !== 'repeated');
		const applied = outcomes.filter(({ outcome }) => outcome === 'applied').length;
		const what = `the ${changes.map((c) => c.do).join('+')} of ${world.nameOf(changes[0]!.id)} by ${tablet.name}`;
		if (applied > 1) throw new Error(`${what} was applied ${applied} times`);
		// Let go by its author, then forgotten with a restore.
		if (outcomes.length === 0 && world.released.has(id)) continue;
		if (outcomes.length === 0) throw new Error(`${what} has no outcome: it was lost`);
		if (applied === 1) continue;
		const body = rejects.find((reject) => reject.id === id)?.body;
		if (!body || canonical(JSON.parse(body).changes) !== canonical(changes))
			throw new Error(`${what} was refused and the server has not kept its body`);
		if (world.released.has(id)) continue;
		const kept = tablet.store.queue().find((entry) => entry.id === id);
		if (kept?.state !== 'refused' || !kept.refusal || canonical(kept.changes) !== canonical(changes))
			throw new Error(`${what} was refused and the tablet has not kept it: ${kept?.state ?? 'gone'}`);
	}
}

const sorted = (rows: Row[]) => rows.map((row) => canonical(row)).sort();

async function tabletsEqualTheServer(world: World): Promise<void> {
	for (const tablet of world.tablets) {
		const caller = world.caller(tablet.user);
		const expected = sorted(await world.server.rowsFor(caller));
		compare(`tablet ${tablet.name}`, sorted(tablet.rows()), expected);
		compare(
			`a new tablet of ${tablet.name}'s user`,
			sorted(await world.server.firstSync(caller, world.newDevice())),
			expected
		);
	}
	for (const tablet of world.tablets) {
		const before = sorted(tablet.rows());
		tablet.kill();
		await tablet.reopen();
		compare(`${tablet.name} after a restart`, sorted(tablet.rows()), before);
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

type Applied = { change: Change; rev: number; writer: string; n: number };

/** One entry per change of every operation that changed something, as the server's journal has them. */
async function appliedChanges(world: World): Promise<Applied[]> {
	const journal = await world.server.journal();
	return journal
		.filter(({ outcome, rev }) => outcome === 'applied' && rev !== null)
		.flatMap(({ body, rev, device, user, n }) =>
			operation.parse(JSON.parse(body)).changes.map((change) => ({
				change,
				rev: rev ?? 0,
				writer: `${device}/${user}`,
				n
			}))
		);
}

/** Whether the author of `later` knew of `earlier`: it was in view, or their own. */
const knew = (later: Applied, earlier: Applied): boolean =>
	(later.writer === earlier.writer && later.n > earlier.n) ||
	('seen' in later.change && later.change.seen >= earlier.rev && earlier.rev > 0);

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
	const before = await world.server.fingerprint();
	for (const { caller, request } of world.sent) {
		await world.server.exchange(world.caller(caller.user), request);
		if ((await world.server.fingerprint()) !== before)
			throw new Error(`a request of ${request.ops.length} operations, sent again, changed the server`);
	}
	const held = (tablet: SimulatedTablet) => sorted(tablet.rows()).join('\n');
	for (const tablet of world.tablets) {
		const rows = held(tablet);
		await tablet.drain();
		if (held(tablet) !== rows) throw new Error(`tablet ${tablet.name} changed after old requests came again`);
	}
}
