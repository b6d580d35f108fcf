/** `npm start`: build what has changed, then serve in this same process, so that signals reach the server. */
import { build } from './build.ts';

build({ ifNeeded: true });
await import('../src/cli/start.ts');
