import type { Browser } from './browser.ts';
import { eventually } from './eventually.ts';

/**
 * What a person does on the screens, alike in every engine: by the names that the screens show, each step waiting until
 * it can be done.
 */
export class Person {
	readonly #browser: Browser;

	constructor(browser: Browser) {
		this.#browser = browser;
	}

	/** Loads an address anew, as typed in the address bar. */
	async go(address: string): Promise<void> {
		await this.#browser.run(`globalThis.leaving = true; location.assign(${JSON.stringify(address)}); 1`);
		await this.#arrived(address);
	}

	async reload(): Promise<void> {
		await this.#browser.run('globalThis.leaving = true; location.reload(); 1');
		await this.#arrived('reload');
	}

	async fill(label: string, value: string): Promise<void> {
		await this.#act(`the field « ${label} »`, fillField, { label, value });
	}

	/** A button or a link whose whole name is `name`. */
	async press(name: string): Promise<void> {
		await this.#act(`the button « ${name} »`, pressNamed, { name });
	}

	async sees(text: string): Promise<void> {
		await this.#act(`the text « ${text} »`, isShown, { text });
	}

	/** Whether the text is shown now. */
	isShown(text: string): Promise<boolean> {
		return this.#run(isShown, { text });
	}

	/** The first of the texts that is shown. */
	seesOneOf(texts: readonly string[]): Promise<string> {
		return this.#until(`one of « ${texts.join(' », « ')} »`, async () => {
			for (const text of texts) if (await this.#run(isShown, { text })) return text;
			return undefined;
		});
	}

	async isTold(expression: string, what: string): Promise<void> {
		await this.#until(what, async () => (await this.#browser.run(expression)) === true);
	}

	/** What an element shows, once it shows something. */
	reads(selector: string): Promise<string> {
		const expression = `document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`;
		return this.#until(selector, async () => {
			const text = await this.#browser.run(expression);
			return typeof text === 'string' && text.trim() !== '' && text.trim();
		});
	}

	async #arrived(where: string): Promise<void> {
		await this.isTold(`!globalThis.leaving && document.readyState === 'complete'`, where);
	}

	async #act<T>(what: string, step: (given: T) => boolean, given: T): Promise<void> {
		await this.#until(what, () => this.#run(step, given));
	}

	/** Fails with what the screen shows instead. */
	async #until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
		try {
			return await eventually(what, ask);
		} catch (error) {
			const shown = await this.#browser.run('document.body.innerText').catch(() => 'no answer');
			throw new Error(`${what} is not on this screen:\n${String(shown)}`, { cause: error });
		}
	}

	async #run<T>(step: (given: T) => boolean, given: T): Promise<boolean> {
		return (await this.#browser.run(`(${String(step)})(${JSON.stringify(given)})`)) === true;
	}
}

/* These run in the page: they may use nothing from here. */

function fillField({ label, value }: { label: string; value: string }): boolean {
	const labels = [...document.querySelectorAll('label')];
	const found =
		labels.find(({ textContent }) => textContent.trim() === label) ??
		labels.find(({ textContent }) => textContent.trim().startsWith(label));
	const field = found?.control;
	if (!(field instanceof HTMLInputElement) || field.disabled) return false;
	// Done when a second look finds it: a form that was just shown may still be putting its own values in.
	if (field.value === value) return true;
	field.focus();
	field.value = value;
	field.dispatchEvent(new Event('input', { bubbles: true }));
	field.dispatchEvent(new Event('change', { bubbles: true }));
	return false;
}

function pressNamed({ name }: { name: string }): boolean {
	const found = [...document.querySelectorAll<HTMLElement>('button:enabled, a[href]')].find(
		(element) =>
			element.checkVisibility() &&
			(element.getAttribute('aria-label') ?? element.innerText).replace(/\s+/g, ' ').trim() === name
	);
	found?.click();
	return found !== undefined;
}

function isShown({ text }: { text: string }): boolean {
	return document.body.innerText.replace(/\s+/g, ' ').includes(text);
}
