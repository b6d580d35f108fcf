/** `npm start`: build what has changed, then serve in this same process, so that signals reach the server. */
import { readConfig } from '../src/lib/server/config.ts';
import { build } from './build.ts';

const settings = readConfig(process.env);
if (!settings.ok) {
	console.error(settings.problem);
	process.exit(2);
}
build({ ifNeeded: true });
await import('../src/cli/start.ts');

// npm starts us through a shell that ends on SIGTERM without handing it on: the server would stay behind, port taken.
const shell = process.ppid;
if (process.env.npm_lifecycle_event && process.platform !== 'win32') {
	const watch = setInterval(() => {
		if (process.ppid === shell) return;
		clearInterval(watch);
		process.kill(process.pid, 'SIGTERM');
	}, 250);
	watch.unref();
}
