import { worlds } from './worlds.ts';

/** Bounded here; `npm run simulate -- --worlds 100000 --jobs 2` goes on. */
worlds('sqlite', 1, 140);
