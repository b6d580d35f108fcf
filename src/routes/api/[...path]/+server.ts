import { refuse } from '#lib/server/http.ts';
import type { RequestHandler } from './$types';

export const fallback: RequestHandler = () => refuse('not_found', 'no such endpoint');
