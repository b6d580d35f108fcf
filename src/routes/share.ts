/** Hands a text to the tablet's own share sheet, or to the clipboard where there is none. */
export async function shareText(title: string, text: string): Promise<'shared' | 'copied' | 'cancelled'> {
	if (navigator.share) {
		try {
			await navigator.share({ title, text });
			return 'shared';
		} catch (error) {
			if (error instanceof DOMException && error.name === 'AbortError') return 'cancelled';
		}
	}
	await navigator.clipboard.writeText(text);
	return 'copied';
}
