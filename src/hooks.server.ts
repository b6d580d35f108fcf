import type { EventEmitter } from 'node:events';
import type { Handle, HandleServerError, ServerInit } from '@sveltejs/kit';
import { building } from '$app/environment';
import { readConfig } from '#lib/server/config.ts';
import { closeServer, openServer, report, type Server } from '#lib/server/context.ts';
import { guarded } from '#lib/server/http.ts';
import { keepHouse } from '#lib/server/housekeeping.ts';

/** One per process, opened before the first request. */
let server: Server | undefined;

export const init: ServerInit = async () => {
	if (building) return;
	const settings = readConfig(process.env);
	if (!settings.ok) throw new Error(settings.problem);
	const opened = await openServer(settings.config);
	server = opened;
	const rest = keepHouse(opened.db, opened.now, report);
	// start.ts says so before it waits for the requests under way: a stream would never end by itself.
	const signals: EventEmitter = process;
	signals.once('escale:stopping', () => opened.live.end());
	// adapter-node's way to say that the last request was answered (start.ts says it too).
	process.once('sveltekit:shutdown', () => {
		rest();
		void closeServer(opened);
	});
};

export const handle: Handle = async ({ event, resolve }) => {
	if (!server) return resolve(event);
	event.locals.server = server;
	return guarded(event.request, server.config.origin, () => resolve(event), report);
};

export const handleError: HandleServerError = ({ error, status, message }) => {
	if (status >= 500) report(error);
	return { message: status >= 500 ? 'internal error' : message };
};
