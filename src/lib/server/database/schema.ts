import type { Generated } from 'kysely';

/**
 * The tables of one server, as Kysely sees them. Every table but the accounts' own belongs to one organisation and is only
 * asked with its id. Times are ms UTC; `data`, `sites`, `body`, `touched` and `detail` hold JSON as text, alike in both dialects.
 */
export type Database = {
	organisation: OrganisationTable;
	membership: MembershipTable;
	device: DeviceTable;
	record: RecordTable;
	tombstone: TombstoneTable;
	operation: OperationTable;
	reject: RejectTable;
	audit: AuditTable;
	account: AccountTable;
	credential: CredentialTable;
};

export type OrganisationTable = {
	id: string;
	name: string;
	time_zone: string;
	/** [P8] changes when a backup is restored. */
	epoch: string;
	/** [P3] the one counter: the last revision given in this organisation. */
	rev: number;
	/** [P4] Tombstones up to this revision may have been cleared away: an older cursor is served anew. */
	floor: Generated<number>;
	created_at: number;
};

export type MembershipTable = {
	organisation: string;
	user: string;
	role: string;
	/** JSON array of site ids, the home site first. */
	sites: string;
	/** First and last day (`YYYY-MM-DD`, the organisation's time zone); an open end is null. */
	from_day: string;
	until_day: string | null;
};

export type DeviceTable = {
	organisation: string;
	user: string;
	id: string;
	/** [P2] the last operation that has a durable outcome. */
	last_n: number;
	created_at: number;
	last_seen: number;
	/** Device clock minus server clock at the last contact, ms. */
	clock_offset: number;
	app_version: string | null;
	/** Proves the parcels of this tablet (`protocol/parcel.ts`); null until it has been told. */
	upload_key: string | null;
	/** Operations that wait there after its last contact, and since when (ms UTC). */
	waiting: Generated<number>;
	waiting_since: number | null;
	revoked_at: number | null;
};

export type RecordTable = {
	organisation: string;
	id: string;
	kind: string;
	site: string;
	rev: number;
	by: string;
	at: number;
	/** 1 once deleted: the record stays for its history and is served to nobody. */
	deleted: number;
	/** `StoredData` of merge.ts. */
	data: string;
};

/** "This id left this site": a record that moved away or was deleted. */
export type TombstoneTable = {
	organisation: string;
	site: string;
	id: string;
	kind: string;
	rev: number;
	/** Server's clock, ms UTC. */
	at: Generated<number>;
};

/** The journal: what each tablet sent and what became of it, once and for all. */
export type OperationTable = {
	organisation: string;
	user: string;
	device: string;
	n: number;
	/** The operation's own id: applied once, whatever device number it comes under [P2]. */
	id: string;
	/** SHA-256 of the operation's canonical JSON; null where an envelope could not be opened. */
	hash: string | null;
	/** Device's time. */
	at: number;
	applied_at: number;
	outcome: 'applied' | 'repeated' | 'refused';
	/** The revision given, for an applied operation that changed something. */
	rev: number | null;
	body: string;
};

/** [P6] refused operations with everything needed to correct them. */
export type RejectTable = {
	organisation: string;
	user: string;
	device: string;
	n: number;
	id: string;
	reason: string;
	detail: string;
	/** Ids of the records that it wanted to touch. */
	touched: string;
	at: number;
	body: string;
};

/** Only ever inserted. */
export type AuditTable = {
	id: string;
	organisation: string;
	at: number;
	user: string | null;
	action: string;
	subject: string;
	detail: string;
};

/** better-auth's, like `session`, `verification` and `throttle`: only what people.ts writes is typed. Dates are ISO 8601. */
export type AccountTable = {
	id: string;
	name: string;
	email: string;
	email_verified: boolean;
	created_at: string;
	updated_at: string;
};

export type CredentialTable = {
	id: string;
	account: string;
	provider: 'credential';
	provider_account: string;
	password: string;
	created_at: string;
	updated_at: string;
};
