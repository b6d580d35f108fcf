import { live } from '#lib/server/endpoints.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, request }) => live(locals.server, request);
