import fc from 'fast-check';
import type { Dimension, Role } from '#lib/domain/vocabulary.ts';

/**
 * What happens in one simulated world, as plain data: a seed gives a story, a story can be told and shrunk. Numbers
 * that name a tablet, a record or a request are taken modulo what is there; a command that finds nothing does nothing.
 */
export type Member = {
	/** One of two. A member after one of the other organisation is the same human: their account's id is the same. */
	organisation: number;
	role: Role;
	sites: number[];
};
/** Who has a vault on this tablet: members by number, one or two. */
export type Device = { people: number[]; yearsOff: number };

export type Fault =
	| 'none'
	/** The request never reaches the server; it may do so later (`late`). */
	| 'lost request'
	| 'lost answer'
	/** The connection breaks in the middle of the answer. */
	| 'cut answer'
	/** The network delivers the request twice, one after the other or both at once. */
	| 'doubled'
	| 'doubled at once'
	/** The answer arrives after the tablet gave up, asked again and was answered. */
	| 'slow'
	| 'too large'
	| 'too many'
	| 'signed out'
	| 'unavailable'
	/** A café's login page, with status 200. */
	| 'portal'
	| {
			/** The server dies before or after this statement. */ crashAt: number;
			after: boolean;
	  };

export type Command =
	| { do: 'youth'; tablet: number; site: number; needs: Dimension[]; collide: boolean }
	| { do: 'set'; tablet: number; record: number; field: 'lastName' | 'commune' | 'remarks' }
	| { do: 'need'; tablet: number; record: number; add: boolean; value: Dimension }
	| { do: 'outing'; tablet: number; site: number }
	| { do: 'tally'; tablet: number; record: number; field: 'approached' | 'flyers'; by: number }
	| { do: 'encounter'; tablet: number; record: number }
	| { do: 'note'; tablet: number; record: number; confidential: boolean }
	| { do: 'void'; tablet: number; record: number }
	| { do: 'move'; tablet: number; record: number; site: number }
	| { do: 'delete'; tablet: number; record: number }
	/** Writes something over which the server stumbles, until it is mended by `correct`. */
	| { do: 'poison'; tablet: number; record: number }
	| { do: 'sync'; tablet: number; fault: Fault; exchange: number; during: Command[] }
	| { do: 'together'; tablets: number[] }
	| { do: 'late'; request: number }
	| { do: 'old answer'; tablet: number; answer: number }
	/** The service worker sends the queues of the tablet, in the background or from the lock screen. */
	| { do: 'deliver'; tablet: number; locked: boolean; fault: ParcelFault }
	| { do: 'export'; tablet: number }
	/** A queue file, new or old, is handed in by somebody else's tablet. */
	| { do: 'hand in'; file: number; fault: ParcelFault }
	/** [P7] Its app is renewed, or was not for long. */
	| { do: 'app'; tablet: number; isOld: boolean }
	/** [P7] Something that the app of before had queued: a new youth, whose languages were a text. */
	| { do: 'before'; tablet: number; site: number; languages: string }
	/** So many turns into the transaction of that number of what it is doing. */
	| { do: 'kill'; tablet: number; during: Moment; transaction: number; turns: number }
	| { do: 'resend'; tablet: number; entry: number }
	| { do: 'correct'; tablet: number; entry: number }
	| { do: 'let go'; tablet: number; entry: number }
	| { do: 'clone'; tablet: number }
	| { do: 'new tablet'; person: number }
	| { do: 'fold'; tablet: number }
	| { do: 'days'; days: number }
	| { do: 'back up' }
	| { do: 'restore' }
	| { do: 'clock'; tablet: number; years: number }
	| { do: 'sites'; tablet: number; sites: number[] }
	| { do: 'role'; tablet: number; role: Role }
	| { do: 'session'; tablet: number }
	/** A tablet that is not ours sends a change of a record of the other organisation. */
	| { do: 'intrude'; tablet: number; record: number; how: Intrusion };

export type ParcelFault =
	'none' | 'lost request' | 'lost answer' | 'doubled' | { crashAt: number; after: boolean };
export type Moment = 'rest' | 'save' | 'sync' | 'fold' | 'adoption' | 'opening' | 'delivery';
export type Intrusion = 'set' | 'add' | 'count' | 'move' | 'delete';

/** What a person does on a tablet. */
export type Write = Extract<
	Command,
	{
		do:
			| 'youth'
			| 'set'
			| 'need'
			| 'outing'
			| 'tally'
			| 'encounter'
			| 'note'
			| 'void'
			| 'move'
			| 'delete'
			| 'poison';
	}
>;

export type Story = { members: Member[]; devices: Device[]; pageRows: number; commands: Command[] };

export const SITES = 3;
/** Clones and new tablets included. */
export const MOST_DEVICES = 8;
const dimensions: Dimension[] = ['employment', 'housing', 'health'];

const tablet = fc.nat(15);
const record = fc.nat(30);
const site = fc.nat(SITES - 1);
const sites = fc.uniqueArray(site, { minLength: 1, maxLength: SITES });
const years = fc.constantFrom(0, 0, -5, 5, -0.001, 40);
const role = fc.constantFrom<Role>(
	'counsellor',
	'counsellor',
	'counsellor',
	'manager',
	'outreach',
	'reception',
	'director'
);

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const is = <T extends string>(what: T) => fc.constant(what);

const write: fc.Arbitrary<Write> = fc.oneof(
	weighted(
		5,
		fc.record({
			do: is('youth'),
			tablet,
			site,
			needs: fc.subarray(dimensions),
			collide: fc.oneof(weighted(5, fc.constant(false)), weighted(1, fc.constant(true)))
		})
	),
	weighted(
		9,
		fc.record({ do: is('set'), tablet, record, field: fc.constantFrom('lastName', 'commune', 'remarks') })
	),
	weighted(
		5,
		fc.record({ do: is('need'), tablet, record, add: fc.boolean(), value: fc.constantFrom(...dimensions) })
	),
	weighted(2, fc.record({ do: is('outing'), tablet, site })),
	weighted(
		6,
		fc.record({
			do: is('tally'),
			tablet,
			record,
			field: fc.constantFrom('approached', 'flyers'),
			by: fc.constantFrom(1, 1, 1, 5, -1)
		})
	),
	weighted(2, fc.record({ do: is('encounter'), tablet, record })),
	weighted(2, fc.record({ do: is('note'), tablet, record, confidential: fc.boolean() })),
	weighted(2, fc.record({ do: is('void'), tablet, record })),
	weighted(2, fc.record({ do: is('move'), tablet, record, site })),
	weighted(1, fc.record({ do: is('delete'), tablet, record })),
	weighted(1, fc.record({ do: is('poison'), tablet, record }))
);

const fault: fc.Arbitrary<Fault> = fc.oneof(
	weighted(8, fc.constant('none' as const)),
	weighted(
		12,
		fc.constantFrom<Fault>(
			'lost request',
			'lost answer',
			'cut answer',
			'doubled',
			'doubled at once',
			'slow',
			'too large',
			'too many',
			'signed out',
			'unavailable',
			'portal'
		)
	),
	weighted(3, fc.record({ crashAt: fc.integer({ min: 1, max: 30 }), after: fc.boolean() }))
);

const parcelFault: fc.Arbitrary<ParcelFault> = fc.oneof(
	weighted(4, fc.constant('none' as const)),
	weighted(3, fc.constantFrom<ParcelFault>('lost request', 'lost answer', 'doubled')),
	weighted(1, fc.record({ crashAt: fc.integer({ min: 1, max: 20 }), after: fc.boolean() }))
);

const nothing: fc.Arbitrary<Command[]> = fc.constant([]);
const kill: fc.Arbitrary<Command> = fc.record({
	do: is('kill'),
	tablet,
	during: fc.constantFrom<Moment>(
		'rest',
		'save',
		'save',
		'sync',
		'sync',
		'fold',
		'adoption',
		'opening',
		'delivery'
	),
	transaction: fc.integer({ min: 1, max: 3 }),
	turns: fc.nat(12)
});
const change: fc.Arbitrary<Command> = fc.oneof(
	weighted(2, fc.record({ do: is('sites'), tablet, sites })),
	weighted(1, fc.record({ do: is('role'), tablet, role }))
);
/** What may happen between a request and its answer. */
const meanwhile: fc.Arbitrary<Command> = fc.oneof(
	weighted(8, write),
	weighted(2, change),
	weighted(1, kill),
	weighted(1, fc.record({ do: is('late'), request: fc.nat(100) })),
	weighted(1, fc.record({ do: is('deliver'), tablet, locked: fc.boolean(), fault: parcelFault }))
);

const command: fc.Arbitrary<Command> = fc.oneof(
	weighted(30, write),
	weighted(
		22,
		fc.record({
			do: is('sync'),
			tablet,
			fault,
			exchange: fc.constantFrom(0, 0, 0, 1, 2, 3),
			during: fc.oneof(weighted(3, nothing), weighted(1, fc.array(meanwhile, { minLength: 1, maxLength: 3 })))
		})
	),
	weighted(2, fc.record({ do: is('together'), tablets: fc.array(tablet, { minLength: 2, maxLength: 4 }) })),
	weighted(3, fc.record({ do: is('late'), request: fc.nat(100) })),
	weighted(2, fc.record({ do: is('old answer'), tablet, answer: fc.nat(30) })),
	weighted(4, fc.record({ do: is('deliver'), tablet, locked: fc.boolean(), fault: parcelFault })),
	weighted(2, fc.record({ do: is('export'), tablet })),
	weighted(2, fc.record({ do: is('hand in'), file: record, fault: parcelFault })),
	weighted(
		1,
		fc.record({
			do: is('before'),
			tablet,
			site,
			languages: fc.constantFrom('arabe', 'arabe, anglais', 'un peu de tout')
		})
	),
	weighted(2, fc.record({ do: is('app'), tablet, isOld: fc.boolean() })),
	weighted(6, kill),
	weighted(2, fc.record({ do: is('resend'), tablet, entry: record })),
	weighted(1, fc.record({ do: is('correct'), tablet, entry: record })),
	weighted(1, fc.record({ do: is('let go'), tablet, entry: record })),
	weighted(2, fc.record({ do: is('clone'), tablet })),
	weighted(2, fc.record({ do: is('new tablet'), person: fc.nat(7) })),
	weighted(3, fc.record({ do: is('fold'), tablet })),
	weighted(2, fc.record({ do: is('days'), days: fc.constantFrom(1, 31, 200, 200) })),
	weighted(2, fc.record({ do: is('clock'), tablet, years })),
	weighted(5, change),
	weighted(1, fc.record({ do: is('session'), tablet })),
	weighted(
		1,
		fc.record({
			do: is('intrude'),
			tablet,
			record,
			how: fc.constantFrom<Intrusion>('set', 'add', 'count', 'move', 'delete')
		})
	)
);

const commandWithBackups: fc.Arbitrary<Command> = fc.oneof(
	weighted(30, command),
	weighted(2, fc.constant<Command>({ do: 'back up' })),
	weighted(1, fc.constant<Command>({ do: 'restore' }))
);

const member: fc.Arbitrary<Member> = fc.record({
	organisation: fc.constantFrom(0, 0, 0, 1),
	role,
	sites
});
const person = fc.nat(7);
const device: fc.Arbitrary<Device> = fc.record({
	people: fc.oneof(
		weighted(3, fc.array(person, { minLength: 1, maxLength: 1 })),
		weighted(1, fc.uniqueArray(person, { minLength: 2, maxLength: 2 }))
	),
	yearsOff: years
});

const world = (of: fc.Arbitrary<Command>): fc.Arbitrary<Story> =>
	fc.record({
		members: fc.array(member, { minLength: 2, maxLength: 5, size: 'max' }),
		devices: fc.array(device, { minLength: 2, maxLength: 5, size: 'max' }),
		pageRows: fc.integer({ min: 1, max: 7 }),
		commands: fc.array(of, { minLength: 30, maxLength: 100, size: 'max' })
	});

/** One world in four has a server that is restored from a backup. */
export const stories: fc.Arbitrary<Story> = fc.oneof(
	weighted(3, world(command)),
	weighted(1, world(commandWithBackups))
);
