/** The look chosen on this tablet: no personal data, so it may live in clear and is there before the vault opens. */
export const themes = ['light', 'dark', 'sun'] as const;
export type Theme = (typeof themes)[number];

const KEY = 'escale.theme';
const isTheme = (value: unknown): value is Theme => themes.some((name) => name === value);

class Look {
	theme = $state<Theme>('light');

	start(): void {
		const chosen = remembered();
		this.choose(chosen ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
	}

	choose(theme: Theme): void {
		this.theme = theme;
		document.documentElement.dataset['theme'] = theme;
		const paper = getComputedStyle(document.documentElement).getPropertyValue('--paper').trim();
		document.querySelector('meta[name="theme-color"]')?.setAttribute('content', paper);
		try {
			localStorage.setItem(KEY, theme);
		} catch {
			// Without localStorage the choice lasts as long as the page.
		}
	}
}

function remembered(): Theme | undefined {
	try {
		const value = localStorage.getItem(KEY);
		return isTheme(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

export const look = new Look();
