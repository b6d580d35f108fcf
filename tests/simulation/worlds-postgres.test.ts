import { worlds } from './worlds.ts';

/** Fewer, since each statement crosses a socket; the same stories as on SQLite would tell nothing more of the client. */
worlds('postgres', 1001, 50);
