/** One account on one tablet, as the server last heard of it: `GET /api/tablets`, for managers, directors and administrators. */
export type TabletSeen = {
	device: string;
	user: string;
	/** The account's name, or its address while the directory has none. */
	name: string;
	/** ms UTC, the server's clock. */
	lastSeen: number;
	firstSeen: number;
	/** Operations that waited on the tablet after its last contact, and since when (ms UTC); 0: nothing waited. */
	waiting: number;
	waitingSince: number | undefined;
	/** Tablet's clock minus the server's, ms. */
	clockOffset: number;
	app: string | undefined;
};
