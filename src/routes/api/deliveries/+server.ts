import { deliveries } from '#lib/server/endpoints.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = ({ locals, request }) => deliveries(locals.server, request);
