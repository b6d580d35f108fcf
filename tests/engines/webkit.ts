import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../fixtures/server-process.ts';
import type { Browser } from './browser.ts';
import { eventually } from './eventually.ts';

/*
 * WebKitGTK through its MiniBrowser. Driven by WebDriver (`--automation`) that browser keeps its data in memory only, by
 * design: a tablet that dies could not be played. So it runs as for a person, with its data in the profile's folder,
 * and is driven through WebKit's remote inspector.
 */
export async function openWebKit(executable: string, profile: string, address: string): Promise<Browser> {
	const port = await freePort();
	const noted = join(profile, 'minibrowser.pid');
	const bus = join(profile, 'bus.conf');
	writeFileSync(bus, lonelyBus);
	const desk = spawn(
		'xvfb-run',
		[
			'-a',
			'dbus-run-session',
			`--config-file=${bus}`,
			'--',
			'sh',
			'-c',
			'echo $$ > "$0"; exec "$@"',
			noted,
			executable,
			'--enable-developer-extras=true',
			address
		],
		{
			stdio: 'ignore',
			env: {
				...process.env,
				HOME: profile,
				XDG_DATA_HOME: join(profile, 'data'),
				XDG_CACHE_HOME: join(profile, 'cache'),
				XDG_CONFIG_HOME: join(profile, 'config'),
				WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
				WEBKIT_INSPECTOR_HTTP_SERVER: `127.0.0.1:${port}`
			}
		}
	);
	const ended = new Promise((resolve) => desk.once('exit', resolve));
	const kill = async () => {
		if (desk.exitCode !== null) return;
		const browser = Number(readFileSync(noted, 'utf8'));
		for (const process of [browser, ...childrenOf(browser).map(({ pid }) => pid)]) end(process);
		await ended;
	};
	try {
		const inspector = await Inspector.connect(port);
		return {
			run: (expression) => inspector.evaluate(expression),
			kill,
			// MiniBrowser has no way out but its window's; it writes localStorage at once.
			close: kill,
			killStorage() {
				const browser = Number(readFileSync(noted, 'utf8'));
				const network = childrenOf(browser).find(({ name }) => name.startsWith('WebKitNetwork'));
				if (!network) throw new Error('WebKit has no network process');
				end(network.pid);
			}
		};
	} catch (error) {
		await kill();
		throw error;
	}
}

/** A session bus that starts nothing: no desktop's helpers outlive the test or mount anything in the profile. */
const lonelyBus = `<busconfig>
	<type>session</type>
	<listen>unix:tmpdir=/tmp</listen>
	<auth>EXTERNAL</auth>
	<policy context="default">
		<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
	</policy>
</busconfig>`;

type Answer = { result?: { result?: { value?: unknown; description?: string }; wasThrown?: boolean } };

/** The page's own target, whichever process it lives in after a navigation. */
class Inspector {
	readonly #socket: WebSocket;
	#page: string | undefined;
	#last = 0;
	readonly #waiting = new Map<number, (answer: Answer) => void>();

	private constructor(socket: WebSocket) {
		this.#socket = socket;
		socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)));
	}

	static async connect(port: number): Promise<Inspector> {
		const path = await eventually('WebKit’s inspector', async () => {
			const list = await (await fetch(`http://127.0.0.1:${port}/`)).text();
			return /\/socket\/\d+\/\d+\/WebPage/.exec(list)?.[0];
		});
		const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
		const inspector = new Inspector(socket);
		await eventually('WebKit’s page', () => inspector.#page);
		return inspector;
	}

	async evaluate(expression: string): Promise<unknown> {
		const answer = await this.#ask('Runtime.evaluate', { expression, returnByValue: true });
		const { result, wasThrown } = answer.result ?? {};
		if (!result || wasThrown) throw new Error(result?.description ?? 'the page did not answer');
		return result.value;
	}

	#ask(method: string, params: object): Promise<Answer> {
		const id = ++this.#last;
		const message = JSON.stringify({ id, method, params });
		return new Promise((resolve, reject) => {
			// A page that is left on the way never answers.
			const timer = setTimeout(() => {
				this.#waiting.delete(id);
				reject(new Error(`${method}: no answer`));
			}, 5000);
			this.#waiting.set(id, (answer) => {
				clearTimeout(timer);
				resolve(answer);
			});
			this.#socket.send(
				JSON.stringify({
					id,
					method: 'Target.sendMessageToTarget',
					params: { targetId: this.#page, message }
				})
			);
		});
	}

	#hear({ method, params }: { method?: string; params?: Record<string, unknown> }): void {
		if (method === 'Target.targetCreated') {
			const { targetId, type, isProvisional } = params?.['targetInfo'] as Record<string, unknown>;
			if (type === 'page' && !isProvisional) this.#page = String(targetId);
		}
		if (method === 'Target.didCommitProvisionalTarget') this.#page = String(params?.['newTargetId']);
		if (method === 'Target.dispatchMessageFromTarget') {
			const answer = JSON.parse(String(params?.['message'])) as Answer & { id?: number };
			const waiting = this.#waiting.get(answer.id ?? 0);
			this.#waiting.delete(answer.id ?? 0);
			waiting?.(answer);
		}
	}
}

function childrenOf(parent: number): { pid: number; name: string }[] {
	return readdirSync('/proc')
		.filter((entry) => /^\d+$/.test(entry))
		.flatMap((entry) => {
			try {
				// pid (name) state parent …
				const [, name = '', ppid] =
					/\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? [];
				return Number(ppid) === parent ? [{ pid: Number(entry), name }] : [];
			} catch {
				return [];
			}
		});
}

function end(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// It has ended by itself.
	}
}
