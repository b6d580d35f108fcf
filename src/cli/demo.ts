import type { Role } from '#lib/domain/vocabulary.ts';
import type { Server } from '#lib/server/context.ts';
import { addressOf, colleagues, demoPassword } from '#lib/server/demo/staff.ts';
import { fillWithDemo, onEmptyBase } from '#lib/server/setup.ts';

/** Whether the base was empty, and is now the demonstration. */
export async function seed(server: Server): Promise<boolean> {
	const done = await onEmptyBase(server, (trx) => fillWithDemo(server, trx).then(() => true));
	return done ?? false;
}

export async function isDemo({ db }: Server): Promise<boolean> {
	const addresses = colleagues.flatMap(({ account }) => (account ? [addressOf(account)] : []));
	return (
		(await db.selectFrom('account').select('id').where('email', 'in', addresses).limit(1).execute()).length >
		0
	);
}

const roleNames: Record<Role, string> = {
	counsellor: 'conseil',
	reception: 'accueil',
	outreach: 'maraude',
	manager: 'responsable de secteur',
	director: 'direction',
	administrator: 'administration'
};

/** Who can sign in to the demonstration, for the terminal. */
export const accountLines: string[] = [
	`Comptes de démonstration, mot de passe ${demoPassword} :`,
	...colleagues.flatMap(({ account, name, role }) =>
		account ? [`  ${addressOf(account).padEnd(34)} ${name} (${roleNames[role]})`] : []
	)
];
