import { demoAccounts, demoPassword, seedDemo } from '#lib/server/demo/seed.ts';
import type { Server } from '#lib/server/context.ts';
import { isEmpty, onEmptyBase } from '#lib/server/setup.ts';

/** Whether the base was empty, and is now the demonstration. */
export const seed = async (server: Server): Promise<boolean> =>
	(await onEmptyBase(server, (trx) => seedDemo(trx, { keys: server.keys, now: server.now() }).then(() => true))) ?? false;
