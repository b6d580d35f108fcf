import * as z from 'zod/mini';
import {
	queueFile,
	signParcel,
	type DeliveryAnswer,
	type Parcel,
	type QueueFile
} from '#lib/protocol/parcel.ts';
import { MAX_OPERATIONS, PROTOCOL_VERSION } from '#lib/protocol/sync.ts';
import { Registry, VaultDatabase, type QueueRow, type VaultEntry } from './database.ts';

/*
 * [P12] What leaves a tablet without its being opened: sealed operations, packed in parcels. Used by the lock screen, the
 * service worker and « Exporter la file ». It holds no key that reads anything, and deletes nothing: what the server has made
 * durable is marked `delivered`, and the open tablet hears of its outcome from its next answer.
 */

/** Characters of sealed operations in one parcel. */
const PARCEL_SIZE = 400_000;

export type Posted = { ok: true; answer: DeliveryAnswer } | { ok: false; why: 'offline' | 'refused' };
/** Never throws. */
export type Post = (parcel: Parcel) => Promise<Posted>;

/** What waits on this tablet, by vault, without opening one; `oldest`: device time in ms UTC. */
export type Waiting = { vault: string; alias: string; count: number; oldest: number | undefined };

export async function waiting(): Promise<Waiting[]> {
	return eachVault(async ({ id, alias }, db) => {
		const rows = await pendingRows(db);
		return { vault: id, alias, count: rows.length, oldest: rows[0]?.at };
	});
}

export type Delivery = {
	/** Operations that the server has made durable in this delivery. */
	sent: number;
	/** Still waiting. */
	left: number;
	/** Why something is left. */
	why: 'offline' | 'refused' | undefined;
};

/**
 * Sends what waits in every vault of this tablet, each under its own author's name. One that fails stops no other; it is
 * thrown when all have had their turn.
 */
export async function deliverAll(post: Post): Promise<Delivery> {
	const failures: unknown[] = [];
	const done = await eachVault(async (vault, db) => {
		try {
			return await deliverQueue(vault, db, post);
		} catch (failure) {
			failures.push(failure);
			return { sent: 0, left: 0, why: undefined };
		}
	});
	if (failures.length > 0) throw failures[0];
	return {
		sent: done.reduce((sum, { sent }) => sum + sent, 0),
		left: done.reduce((sum, { left }) => sum + left, 0),
		why: done.find(({ why }) => why)?.why
	};
}

async function deliverQueue(vault: VaultEntry, db: VaultDatabase, post: Post): Promise<Delivery> {
	let sent = 0;
	for (;;) {
		const rows = await pendingRows(db);
		const [next] = await pack(vault, rows);
		if (!next) return { sent, left: rows.length, why: rows.length > 0 ? 'refused' : undefined };
		const posted = await post(next.parcel);
		if (!posted.ok) return { sent, left: rows.length, why: posted.why };
		const marked = await markDelivered(db, next.rows, posted.answer.acked);
		sent += marked;
		if (marked === 0) return { sent, left: rows.length, why: 'refused' };
	}
}

/** In one strict transaction, and only what still waits: the page may have been told meanwhile. */
async function markDelivered(db: VaultDatabase, rows: QueueRow[], acked: number): Promise<number> {
	const durable = rows.filter(({ n }) => n <= acked);
	return db.transaction('rw', db.queue, async () => {
		const present = await db.queue.bulkGet(durable.map(({ n }) => n));
		const same = present.filter((row, i) => row?.state === 'pending' && isSame(row, durable[i]));
		await db.queue.bulkUpdate(
			same.flatMap((row) => (row ? [{ key: row.n, changes: { state: 'delivered' } }] : []))
		);
		return same.length;
	});
}

/** The page may have given the operation another number, or the same one under another device id, meanwhile [P2.4]. */
const isSame = (row: QueueRow, sent: QueueRow | undefined): boolean =>
	row.id === sent?.id && row.device === sent.device;

/** « Exporter la file »: everything that waits in one vault. It goes on waiting here until the server has it. */
export async function exportQueue(id: string, now: number): Promise<QueueFile | undefined> {
	const [file] = await eachVault(
		async (vault, db): Promise<QueueFile> => ({
			format: 'escale-queue',
			version: 1,
			exportedAt: now,
			parcels: (await pack(vault, await pendingRows(db))).map(({ parcel }) => parcel)
		}),
		id
	);
	return file;
}

export type HandedIn = {
	total: number;
	/** Durable on the server, those that it had before included. */
	kept: number;
	/** Of them refused: their author corrects them on the tablet that they come from. */
	refused: number;
	/** Why not all of them are kept. */
	why: 'offline' | 'refused' | undefined;
};

/** « Remettre une file »: brings the parcels of another tablet, or of this one, one after the other. */
export async function handIn(
	file: QueueFile,
	post: Post,
	onProgress: (done: number, total: number) => void = () => undefined
): Promise<HandedIn> {
	const total = file.parcels.reduce((sum, { ops }) => sum + ops.length, 0);
	const done: HandedIn = { total, kept: 0, refused: 0, why: undefined };
	onProgress(0, total);
	for (const parcel of file.parcels) {
		const posted = await post(parcel);
		if (!posted.ok) return { ...done, why: posted.why };
		const { acked, refused } = posted.answer;
		const kept = parcel.ops.filter(({ n }) => n <= acked).length;
		done.kept += kept;
		done.refused += refused.length;
		onProgress(done.kept, total);
		if (kept < parcel.ops.length) return { ...done, why: 'refused' };
	}
	return done;
}

/** A file that somebody chose: `undefined` when it is none of ours, or was cut or altered in shape. */
export function readQueueFile(text: string): QueueFile | undefined {
	try {
		const parsed = queueFile.safeParse(JSON.parse(text));
		return parsed.success ? parsed.data : undefined;
	} catch {
		return undefined;
	}
}

const deliveryAnswer: z.ZodMiniType<DeliveryAnswer> = z.object({
	v: z.number(),
	acked: z.number(),
	refused: z.array(
		z.object({ n: z.number(), reason: z.enum(['invalid', 'forbidden', 'id_clash', 'poison']) })
	)
});

/** Posts to this application's own server. An answer that is not ours counts as no network. */
export async function postParcel(parcel: Parcel): Promise<Posted> {
	try {
		const response = await fetch('/api/deliveries', {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'x-escale': '1' },
			cache: 'no-store',
			redirect: 'error',
			body: JSON.stringify(parcel),
			signal: AbortSignal.timeout(30_000)
		});
		if (response.status >= 400 && response.status < 500 && response.status !== 429)
			return { ok: false, why: 'refused' };
		const parsed = deliveryAnswer.safeParse(response.ok ? await response.json() : undefined);
		return parsed.success ? { ok: true, answer: parsed.data } : { ok: false, why: 'offline' };
	} catch {
		return { ok: false, why: 'offline' };
	}
}

/** In order, without a gap: an operation after a missing one would only wait at the server. */
async function pendingRows(db: VaultDatabase): Promise<QueueRow[]> {
	return db.queue.where('state').equals('pending').sortBy('n');
}

async function pack(vault: VaultEntry, rows: QueueRow[]): Promise<{ rows: QueueRow[]; parcel: Parcel }[]> {
	const { organisation, user, upload } = vault;
	if (upload === undefined) return [];
	return Promise.all(
		batches(rows).map(async (batch) => {
			const device = batch[0]?.device ?? vault.device;
			const ops = batch.map(({ envelope }) => envelope);
			return {
				rows: batch,
				parcel: await signParcel(PROTOCOL_VERSION, { organisation, user, device }, ops, upload)
			};
		})
	);
}

function batches(rows: QueueRow[]): QueueRow[][] {
	const all: QueueRow[][] = [];
	let size = 0;
	for (const row of rows) {
		const last = all.at(-1);
		size += row.envelope.sealed.length;
		const fits = last && last.length < MAX_OPERATIONS && size <= PARCEL_SIZE && last.at(-1)?.n === row.n - 1;
		if (fits) last.push(row);
		else {
			all.push([row]);
			size = row.envelope.sealed.length;
		}
	}
	return all;
}

/** @param only one vault, or all of this tablet, oldest first */
async function eachVault<T>(
	run: (vault: VaultEntry, db: VaultDatabase) => Promise<T>,
	only?: string
): Promise<T[]> {
	const registry = new Registry();
	const vaults = await registry.vaults.toArray();
	registry.close();
	const results: T[] = [];
	for (const vault of vaults.sort((a, b) => a.createdAt - b.createdAt)) {
		if (only !== undefined && vault.id !== only) continue;
		const db = new VaultDatabase(vault.id);
		try {
			results.push(await run(vault, db));
		} finally {
			db.close();
		}
	}
	return results;
}
