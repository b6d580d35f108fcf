import { health } from '#lib/server/endpoints.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals }) => health(locals.server);
