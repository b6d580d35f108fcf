import type { Role } from '#lib/domain/vocabulary.ts';

/** `GET /api/session`: who is signed in here, and what a tablet needs to open its vault for them. */
export type Session = {
	user: { id: string; name: string; email: string };
	organisation: { id: string; name: string; timeZone: string };
	role: Role;
	/** Sites of the membership; the first is the home site. Directors: every site. */
	sites: string[];
	/** The organisation's HPKE public key (base64url, raw P-256 point) and its id. */
	publicKey: { id: string; key: string };
};

/** `GET /api/setup`: whether this base is empty and waits for its first organisation. */
export type SetupState = { empty: boolean; version: string };
