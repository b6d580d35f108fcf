import { device } from './fr/device.ts';
import { opening } from './fr/opening.ts';
import { shell } from './fr/shell.ts';
import { vocabulary } from './fr/vocabulary.ts';

export const fr = { ...shell, vocabulary, opening, device };

/** What another language has to say. */
export type Messages = typeof fr;
