/** "1 jeune", "3 jeunes", "0 jeune": French counts nothing in the singular. */
export const counted = (n: number, one: string, many: string): string =>
	`${n.toLocaleString('fr-FR')} ${n > 1 ? many : one}`;
