import type { FoundEngine } from '../../scripts/engines.ts';
import { openPuppet } from './puppet.ts';
import { openWebKit } from './webkit.ts';

/** One window of a real browser on a profile of its own: all that the scenario needs of an engine. */
export type Browser = {
	/** The value of a JavaScript expression in the page that is shown now; JSON only. */
	run: (expression: string) => Promise<unknown>;
	/** As an empty battery: every process of the browser gets SIGKILL. */
	kill: () => Promise<void>;
	/** As a person closes it: what the browser writes late (localStorage, after seconds) is written. */
	close: () => Promise<void>;
	/** Kills the process that holds the page's databases, where the engine has one of its own. */
	killStorage?: () => void;
};

/** Opens `address` in the engine's browser; the same `profile` (a folder) opened again is the same tablet. */
export const open = (
	{ name, executable }: Extract<FoundEngine, { executable: string }>,
	profile: string,
	address: string
): Promise<Browser> =>
	name === 'webkit'
		? openWebKit(executable, profile, address)
		: openPuppet(name === 'firefox' ? 'firefox' : 'chrome', executable, profile, address);
