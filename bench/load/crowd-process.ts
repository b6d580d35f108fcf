import { Crowd } from './crowd.ts';

/** Makes the calls that the bench sends and answers each; see `startCrowd`. */

type Call = { call: number; method: keyof Crowd; given: never[] };

const crowd = new Crowd();

async function answer({ call, method, given }: Call): Promise<void> {
	try {
		const work: (...given: never[]) => unknown = crowd[method].bind(crowd);
		process.send?.({ call, value: await work(...given) });
	} catch (error) {
		process.send?.({ call, problem: error instanceof Error ? error.message : 'unknown' });
	}
}

process.on('message', (call: Call) => void answer(call));
process.once('disconnect', () => process.exit());
