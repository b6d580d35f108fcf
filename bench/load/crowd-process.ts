import { Crowd } from './crowd.ts';

/** Makes the calls that the bench sends and answers each; see `startCrowd`. */

const crowd = new Crowd();

process.on(
	'message',
	async ({ call, method, given }: { call: number; method: keyof Crowd; given: never[] }) => {
		try {
			const work: (...given: never[]) => unknown = crowd[method].bind(crowd);
			process.send?.({ call, value: await work(...given) });
		} catch (error) {
			process.send?.({ call, problem: error instanceof Error ? error.message : 'unknown' });
		}
	}
);
process.once('disconnect', () => process.exit());
