import { setup, setupState } from '#lib/server/endpoints.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals }) => setupState(locals.server);
export const POST: RequestHandler = ({ locals, request }) => setup(locals.server, request);
