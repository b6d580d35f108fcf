import { tablets } from '#lib/server/endpoints.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, request }) => tablets(locals.server, request);
