import { session } from '#lib/server/endpoints.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, request }) => session(locals.server, request);
