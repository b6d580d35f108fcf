import type { BrowserContext, Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProfile, slowPage } from '../chromium.ts';
import type { TabletSystem } from './system.ts';

/** 300 ms there and back, 1 Mbit/s each way. */
const MOBILE = { offline: false, latency: 300, downloadThroughput: 125_000, uploadThroughput: 125_000 };

/** A browser profile on the disk with one page of one system, slowed down four times. */
export class Device {
	#profile = mkdtempSync(join(tmpdir(), 'escale-bench-'));
	#context: BrowserContext | undefined;
	#page: Page | undefined;
	#url: string;
	#mobile: boolean;

	constructor(url: string, { mobile = false } = {}) {
		this.#url = url;
		this.#mobile = mobile;
	}

	get page(): Page {
		if (!this.#page) throw new Error('no page is open');
		return this.#page;
	}

	get version(): string {
		return this.#context?.browser()?.version() ?? 'unknown';
	}

	/** A new page; the one before is closed, its base stays. */
	async start(): Promise<void> {
		this.#context ??= await openProfile(this.#profile);
		await this.#page?.close();
		this.#page = await slowPage(this.#context, this.#url, 'system');
		if (!this.#mobile) return;
		const devtools = await this.#context.newCDPSession(this.#page);
		await devtools.send('Network.enable');
		await devtools.send('Network.emulateNetworkConditions', MOBILE);
	}

	/** The whole browser at once, as by a battery that is empty. */
	async kill(): Promise<void> {
		const browser = this.#context?.browser();
		if (!browser) throw new Error('no browser to kill');
		const devtools = await browser.newBrowserCDPSession();
		const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
		const gone = new Promise((done) => browser.once('disconnected', done));
		for (const { type, id } of processInfo) if (type === 'browser') process.kill(id, 'SIGKILL');
		await gone;
		this.#context = this.#page = undefined;
	}

	async close(): Promise<void> {
		await this.#context?.close();
		rmSync(this.#profile, { recursive: true, force: true, maxRetries: 3 });
	}

	open = (session: unknown, sites?: string[]) =>
		this.page.evaluate(([given, asked]) => window.system.open(given, asked), [session, sites] as const);
	sync = (newest?: string[]) => this.page.evaluate((ids) => window.system.sync(ids), newest);
	queue = (records: Parameters<TabletSystem['queue']>[0]) =>
		this.page.evaluate((made) => window.system.queue(made), records);
	increment = (times: number) => this.page.evaluate((n) => window.system.increment(n), times);
	cold = (session: unknown) => this.page.evaluate((given) => window.system.cold(given), session);
	prepare = () => this.page.evaluate(() => window.system.prepare());
	held = () => this.page.evaluate(() => window.system.held());
	messages = () => this.page.evaluate(() => window.system.messages());
}
