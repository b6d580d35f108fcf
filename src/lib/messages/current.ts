import { fr, type Messages } from './fr.ts';

/** The catalogue in use. Another language is another object of the same type. */
export const t: Messages = fr;
