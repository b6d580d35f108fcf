import { sync } from '#lib/server/endpoints.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = ({ locals, request }) => sync(locals.server, request);
