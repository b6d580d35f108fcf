import { readFile } from 'node:fs/promises';
import { hasCode } from '#lib/server/config.ts';
import { authorOf, syncContext, type Server } from '#lib/server/context.ts';
import { deliverOnce } from '#lib/server/sync/delivery.ts';
import { queueFile, type Parcel, type QueueFile } from '#lib/protocol/parcel.ts';

export type Reading = { ok: true; file: QueueFile } | { ok: false; problem: string };

/** A file of « Exporter la file ». */
export async function readQueue(path: string): Promise<Reading> {
	try {
		const parsed = queueFile.safeParse(JSON.parse(await readFile(path, 'utf8')));
		if (parsed.success) return { ok: true, file: parsed.data };
	} catch (error) {
		if (!(error instanceof SyntaxError))
			return {
				ok: false,
				problem: `« ${path} » ne se lit pas (${hasCode(error, 'ENOENT') ? 'ENOENT' : 'accès'}).`
			};
	}
	return {
		ok: false,
		problem: `« ${path} » n’est pas une file d’Escale, ou il est abîmé. Rien n’a été envoyé ; exportez la file de nouveau sur la tablette d’origine.`
	};
}

export type Brought = {
	total: number;
	/** Durable, those that the base had before included. */
	kept: number;
	refused: number;
	/** Why the rest was not taken. */
	why: string | undefined;
};

/** [P12.6] Hands a queue in without a tablet, by the same way as any parcel. Again is harmless. */
export async function bringQueue(server: Server, { parcels }: QueueFile): Promise<Brought> {
	const brought: Brought = {
		total: parcels.reduce((sum, { ops }) => sum + ops.length, 0),
		kept: 0,
		refused: 0,
		why: undefined
	};
	for (const parcel of parcels) {
		const { body } = await bring(server, parcel);
		if ('error' in body) return { ...brought, why: reasons[body.error.code] ?? body.error.code };
		const kept = parcel.ops.filter(({ n }) => n <= body.acked).length;
		brought.kept += kept;
		brought.refused += body.refused.length;
		if (kept < parcel.ops.length) return { ...brought, why: 'il manque une file exportée plus tôt' };
	}
	return brought;
}

const bring = (server: Server, parcel: Parcel) =>
	deliverOnce(syncContext(server), (organisation, user) => authorOf(server, organisation, user), parcel);

const reasons: Partial<Record<string, string>> = {
	forbidden:
		'tablette inconnue de cette base ou retirée, fichier modifié, ou personne qui ne fait plus partie de la structure',
	forked: 'cette tablette a été copiée ; ouvrez-la avec du réseau, elle s’en remettra',
	newer_client: 'le fichier vient d’une version plus récente d’Escale ; mettez d’abord le serveur à jour',
	unavailable: 'la base ne répond pas'
};
