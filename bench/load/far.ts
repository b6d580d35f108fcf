import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Crowd } from './crowd.ts';

type Far<T> = {
	[M in keyof T]: T[M] extends (...given: infer G) => infer R ? (...given: G) => Promise<Awaited<R>> : never;
};
export type FarCrowd = Far<Crowd> & { end: () => void };

type Told = { call: number; value?: never; problem?: string };

/** The tablets' process, called as if it were here. */
export function startCrowd(): FarCrowd {
	const child = fork(fileURLToPath(new URL('./crowd-process.ts', import.meta.url)), {
		serialization: 'advanced',
		execArgv: ['--max-old-space-size=4096']
	});
	const open = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
	let calls = 0;
	child.on('message', ({ call, value, problem }: Told) => {
		const waiting = open.get(call);
		open.delete(call);
		if (problem === undefined) waiting?.resolve(value as never);
		else waiting?.reject(new Error(`the tablets: ${problem}`));
	});
	child.once('exit', () => {
		for (const { reject } of open.values()) reject(new Error('the tablets’ process ended'));
	});
	const ask =
		(method: keyof Crowd) =>
		(...given: unknown[]): Promise<never> =>
			new Promise((resolve, reject) => {
				open.set(++calls, { resolve, reject });
				child.send({ call: calls, method, given });
			});
	return {
		open: ask('open'),
		close: ask('close'),
		rest: ask('rest'),
		push: ask('push'),
		pushBeside: ask('pushBeside'),
		evening: ask('evening'),
		probePulls: ask('probePulls'),
		probePushes: ask('probePushes'),
		probeFirstPages: ask('probeFirstPages'),
		pushUntilStopped: ask('pushUntilStopped'),
		stop: ask('stop'),
		ledgers: ask('ledgers'),
		end: () => child.disconnect()
	};
}
