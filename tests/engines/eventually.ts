import { setTimeout as pause } from 'node:timers/promises';

/** Asks until there is an answer other than `undefined`, `false` or an error; throws the last error after `ms`. */
export async function eventually<T>(
	what: string,
	ask: () => T | undefined | false | Promise<T | undefined | false>,
	ms = 30_000
): Promise<T> {
	const deadline = Date.now() + ms;
	for (;;) {
		let problem: unknown;
		try {
			const answer = await ask();
			if (answer !== undefined && answer !== false) return answer;
		} catch (error) {
			problem = error;
		}
		if (Date.now() > deadline) throw new Error(`${what}: not within ${ms / 1000} s`, { cause: problem });
		await pause(100);
	}
}
