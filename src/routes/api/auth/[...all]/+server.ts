import { account } from '#lib/server/endpoints.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = ({ locals, request, getClientAddress }) =>
	account(locals.server, request, getClientAddress());
