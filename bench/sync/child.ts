import { fork, type ChildProcess } from 'node:child_process';
import type { Command, Held, Ready } from './system.ts';

/** One server process per system, so that none shares its memory or its event loop with another or with the measure. */
export type ServerProcess = {
	ready: Ready;
	command(command: Command): Promise<Held | undefined>;
	/** Bytes resident (Linux only). */
	close(): Promise<void>;
};

type Call = { call: number; command: Command };
type Answer = { call: number; result?: Held; failed?: string } | Ready;

/** @param file the server's module; @param folder where it keeps its data */
export async function startServer(file: string, folder: string): Promise<ServerProcess> {
	const child = fork(file, [folder], {
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		env: { ...process.env, NODE_ENV: 'production' }
	});
	const waiting = new Map<number, { done: (held?: Held) => void; failed: (error: Error) => void }>();
	let calls = 0;
	const ready = await new Promise<Ready>((done, failed) => {
		child.once('exit', (code) => failed(new Error(`${file} ended with ${code}`)));
		child.on('message', (message: Answer) => {
			if ('port' in message) return done(message);
			const call = waiting.get(message.call);
			waiting.delete(message.call);
			if (message.failed !== undefined) call?.failed(new Error(message.failed));
			else call?.done(message.result);
		});
	});
	child.on('exit', () => waiting.forEach(({ failed }) => failed(new Error(`${file} ended`))));
	return {
		ready,
		command(command) {
			return new Promise((done, failed) => {
				waiting.set(++calls, { done, failed });
				child.send({ call: calls, command } satisfies Call);
			});
		},
		close: () => ended(child)
	};
}

async function ended(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null) return;
	const exit = new Promise((done) => child.once('exit', done));
	child.disconnect();
	const stubborn = setTimeout(() => child.kill('SIGKILL'), 5000);
	await exit;
	clearTimeout(stubborn);
}

/** In the server's process: tells its port, then answers commands until the measure lets go of it. */
export function serve(ready: Ready, answer: (command: Command) => Promise<Held | undefined>): void {
	process.on('message', ({ call, command }: Call) => {
		answer(command).then(
			(result) => process.send?.({ call, result } satisfies Answer),
			(error: unknown) => process.send?.({ call, failed: String(error) } satisfies Answer)
		);
	});
	process.on('disconnect', () => process.exit(0));
	process.send?.(ready);
}
