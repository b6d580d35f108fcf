/**
 * `npm test`: Vitest (rules, contracts on both databases, simulation), Playwright in a real Chromium against the built
 * server, then one scenario in each engine. All always run; the last line counts them together. `npm test -- vitest`,
 * `-- playwright` or `-- engines` runs one.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.ts';
import { findChromium, installChromium } from './chromium.ts';
import { findEngines, installEngines } from './engines.ts';

type Outcome = { runner: string; passed: number; failed: number; closing: string[] };

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });

const only = process.argv[2];
const runners = { vitest, playwright, engines };
if (only !== undefined && !Object.hasOwn(runners, only)) {
	console.error(`Unknown runner "${only}": ${Object.keys(runners).join(', ')}, or nothing for all.`);
	process.exit(2);
}

const outcomes: Outcome[] = [];
for (const [name, run] of Object.entries(runners))
	if (only === undefined || only === name) outcomes.push(await run());

console.log('');
for (const { runner, closing } of outcomes) for (const line of closing) console.log(`${runner}: ${line}`);
const passed = outcomes.reduce((sum, o) => sum + o.passed, 0);
const failed = outcomes.reduce((sum, o) => sum + o.failed, 0);
process.exitCode = failed > 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed`);

function vitest(): Promise<Outcome> {
	return withVitest('vitest', []);
}

/** The engines that can't be had on this machine are told by a line each, and count for nothing. */
async function engines(): Promise<Outcome> {
	installEngines();
	build({ ifNeeded: true });
	const outcome = await withVitest('engines', ['--config=tests/engines/vitest.config.ts']);
	const missing = findEngines().flatMap((engine) =>
		'missing' in engine ? [`skipped: ${engine.name}: ${engine.missing}`] : []
	);
	return { ...outcome, closing: [...outcome.closing, ...missing] };
}

async function withVitest(runner: string, options: string[]): Promise<Outcome> {
	const report = join(cache, `${runner}.json`);
	rmSync(report, { force: true });
	const { code, tail } = await run(
		[
			'node_modules/vitest/vitest.mjs',
			'run',
			...options,
			'--reporter=default',
			'--reporter=json',
			`--outputFile.json=${report}`
		],
		{}
	);
	const closing = tail.filter((line) => /^(Test Files|Tests|Errors) /.test(line));
	return settled(runner, code, closing, () => {
		const { numPassedTests, numFailedTests, testResults } = read(report);
		const unread = list(testResults).filter(
			(file) => file.status === 'failed' && list(file.assertionResults).length === 0
		);
		return { passed: number(numPassedTests), failed: number(numFailedTests) + unread.length };
	});
}

async function playwright(): Promise<Outcome> {
	const given = process.env.CHROMIUM_PATH;
	const browser = findChromium() ?? (given ? undefined : installChromium());
	if (!browser) {
		const line = given
			? `CHROMIUM_PATH names no Chromium that runs: ${given}`
			: 'no Chromium: install one (Debian: apt-get install chromium) or name it in CHROMIUM_PATH, then run again';
		return { runner: 'playwright', passed: 0, failed: 1, closing: [line] };
	}
	build({ ifNeeded: true });
	const report = join(cache, 'playwright.json');
	rmSync(report, { force: true });
	const { code, tail } = await run(['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'], {
		CHROMIUM_PATH: browser,
		PLAYWRIGHT_JSON_OUTPUT_FILE: report
	});
	const closing = tail.filter((line) =>
		/^\d+ (passed|failed|flaky|skipped|interrupted|did not run)/.test(line)
	);
	return settled('playwright', code, closing, () => {
		const { stats, errors } = read(report);
		const { expected, unexpected, flaky } = record(stats);
		return {
			passed: number(expected),
			failed: number(unexpected) + number(flaky) + list(errors).length
		};
	});
}

/** A runner that fails without naming a test, or that finds no test at all, counts as one failure. */
function settled(
	runner: string,
	code: number,
	closing: string[],
	count: () => { passed: number; failed: number }
): Outcome {
	let counted = { passed: 0, failed: 0 };
	try {
		counted = count();
	} catch {
		closing.push('no report was written');
	}
	const { passed, failed } = counted;
	if (passed + failed === 0) closing.push('no test ran');
	if (failed === 0 && (code !== 0 || passed === 0)) return { runner, passed, failed: 1, closing };
	return { runner, passed, failed, closing };
}

/** Runs a Node program with its output shown as it comes; `tail` is its last lines, without colours. */
function run(args: string[], env: Record<string, string>): Promise<{ code: number; tail: string[] }> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, args, {
			cwd: root,
			stdio: ['ignore', 'pipe', 'inherit'],
			env: { ...process.env, ...env }
		});
		let tail = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			process.stdout.write(text);
			tail = (tail + text).slice(-8000);
		});
		child.once('error', reject);
		child.once('close', (code) => {
			const plain = tail.replace(/\u001b\[[0-9;]*m/g, '');
			resolve({ code: code ?? 1, tail: plain.split('\n').map((line) => line.trim()) });
		});
	});
}

function read(file: string): Record<string, unknown> {
	return record(JSON.parse(readFileSync(file, 'utf8')));
}

function record(value: unknown): Record<string, unknown> {
	return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): Record<string, unknown>[] {
	return Array.isArray(value) ? value.map(record) : [];
}

function number(value: unknown): number {
	return typeof value === 'number' ? value : 0;
}
