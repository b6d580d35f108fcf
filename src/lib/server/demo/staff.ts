import type { Role } from '#lib/domain/vocabulary.ts';
import type { SiteKey } from './pau.ts';

export type Colleague = {
	name: string;
	role: Role;
	/** Home site first. */
	sites: readonly SiteKey[];
	/** Part before the @ of the demonstration account; the others can't sign in. */
	account?: string;
};

/** Invented. About the size and the mix of the real team. */
export const colleagues: readonly Colleague[] = [
	{ name: 'Nadia Capdevielle', role: 'counsellor', sites: ['nay', 'bordes', 'gan'], account: 'conseillere' },
	{ name: 'Mathieu Sarthou', role: 'counsellor', sites: ['nay', 'bordes', 'gan'], account: 'conseiller' },
	{ name: 'Sabrina Lafitte', role: 'reception', sites: ['siege', 'laherrere'], account: 'accueil' },
	{ name: 'Idriss Camara', role: 'outreach', sites: ['siege', 'hameau', 'laherrere'], account: 'maraude' },
	{
		name: 'Claire Bordenave',
		role: 'manager',
		sites: ['nay', 'bordes', 'gan', 'gelos', 'jurancon'],
		account: 'responsable'
	},
	{ name: 'Hélène Castéra', role: 'director', sites: ['siege'], account: 'direction' },
	{ name: 'Pascal Domec', role: 'administrator', sites: ['siege'], account: 'admin' },
	{ name: 'Stéphanie Larrieu', role: 'counsellor', sites: ['siege'] },
	{ name: 'Karim Haddad', role: 'counsellor', sites: ['siege'] },
	{ name: 'Aurélie Fourcade', role: 'counsellor', sites: ['siege'] },
	{ name: 'Bruno Etcheverry', role: 'counsellor', sites: ['siege', 'prison'] },
	{ name: 'Sandrine Peyré', role: 'counsellor', sites: ['siege', 'hameau'] },
	{ name: 'Julien Lamarque', role: 'counsellor', sites: ['siege'] },
	{ name: 'Émilie Hourcade', role: 'counsellor', sites: ['billere', 'lescar'] },
	{ name: 'Rachid Benali', role: 'counsellor', sites: ['lons', 'poey', 'lescar'] },
	{ name: 'Valérie Minvielle', role: 'counsellor', sites: ['lons', 'billere'] },
	{ name: 'Fanny Cassou', role: 'counsellor', sites: ['laherrere', 'hameau'] },
	{ name: 'Thierry Lahitte', role: 'counsellor', sites: ['laherrere'] },
	{ name: 'Céline Iriart', role: 'counsellor', sites: ['jurancon', 'gelos'] },
	{
		name: 'Marc Loustau',
		role: 'manager',
		sites: ['siege', 'laherrere', 'hameau', 'billere', 'lons', 'lescar', 'poey']
	},
	{ name: 'Patricia Barrère', role: 'reception', sites: ['siege', 'laherrere'] },
	{ name: 'Yolande Mendiboure', role: 'reception', sites: ['billere', 'lons'] },
	{ name: 'Lucie Arrieu', role: 'outreach', sites: ['siege', 'hameau', 'laherrere'] },
	{ name: 'Mamadou Sylla', role: 'outreach', sites: ['siege', 'hameau', 'laherrere'] },
	{ name: 'Camille Dufau', role: 'outreach', sites: ['siege', 'billere', 'lons'] }
];

export const demoPassword = 'Escale-Demo-2026!';
export const addressOf = (account: string): string => `${account}@demo.escale.test`;
