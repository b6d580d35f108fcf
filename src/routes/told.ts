import { t } from '#lib/messages/current.ts';
import type { Saved } from '#lib/store/port.ts';
import { toasts } from '#lib/ui/toasts.svelte.ts';

/** Says how a save ended, with the way back where there is one. Gives whether it is durable. */
export function told(saved: Saved, undo?: () => unknown, words = t.saved): boolean {
	if (saved.ok) toasts.show(words, undo ? { action: { label: t.undo, run: () => void undo() } } : {});
	else toasts.show(t.saveFailed[saved.reason], { kind: 'danger' });
	return saved.ok;
}
