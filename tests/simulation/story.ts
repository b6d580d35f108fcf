import fc from 'fast-check';
import type { Dimension, Role } from '#lib/domain/vocabulary.ts';

/**
 * What happens in one simulated world, as plain data: a seed gives a story, a story can be told and shrunk. Numbers
 * that name a tablet, a record or a request are taken modulo what is there; a command that finds nothing does nothing.
 */
export type Cast = { role: Role; sites: number[]; yearsOff: number };
export type Fault =
	| 'none'
	/** The request never reaches the server; it may do so later (`late`). */
	| 'lost request'
	| 'lost answer'
	/** The network delivers the request twice. */
	| 'doubled'
	| 'too large'
	| 'signed out'
	| { /** The server dies at this statement. */ crashAt: number };

export type Command =
	| { do: 'youth'; tablet: number; site: number; needs: Dimension[] }
	| { do: 'set'; tablet: number; record: number; field: 'lastName' | 'commune' | 'remarks' }
	| { do: 'need'; tablet: number; record: number; add: boolean; value: Dimension }
	| { do: 'outing'; tablet: number; site: number }
	| { do: 'tally'; tablet: number; record: number; field: 'approached' | 'flyers'; by: number }
	| { do: 'encounter'; tablet: number; record: number }
	| { do: 'note'; tablet: number; record: number; confidential: boolean }
	| { do: 'void'; tablet: number; record: number }
	| { do: 'move'; tablet: number; record: number; site: number }
	| { do: 'delete'; tablet: number; record: number }
	| { do: 'sync'; tablet: number; fault: Fault; during: Command[] }
	| { do: 'late'; request: number }
	/** In the middle of a save or of a sync: so many turns into its transaction of that number. */
	| { do: 'kill'; tablet: number; during: 'rest' | 'save' | 'sync'; transaction: number; turns: number }
	| { do: 'resend'; tablet: number; record: number }
	| { do: 'clone'; tablet: number }
	| { do: 'fold'; tablet: number }
	| { do: 'back up' }
	| { do: 'restore' }
	| { do: 'clock'; tablet: number; years: number }
	| { do: 'sites'; tablet: number; sites: number[] };

/** What a person does on a tablet. */
export type Write = Exclude<
	Command,
	{ do: 'sync' | 'late' | 'kill' | 'clone' | 'resend' | 'fold' | 'clock' | 'sites' | 'back up' | 'restore' }
>;

export type Story = { cast: Cast[]; commands: Command[] };

export const SITES = 3;
const dimensions: Dimension[] = ['employment', 'housing', 'health'];

const tablet = fc.nat(7);
const record = fc.nat(30);
const site = fc.nat(SITES - 1);
const sites = fc.uniqueArray(site, { minLength: 1, maxLength: SITES });
const years = fc.constantFrom(0, 0, -5, 5, -0.001, 40);

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

const write: fc.Arbitrary<Command> = fc.oneof(
	weighted(4, fc.record({ do: fc.constant('youth' as const), tablet, site, needs: fc.subarray(dimensions) })),
	weighted(
		9,
		fc.record({
			do: fc.constant('set' as const),
			tablet,
			record,
			field: fc.constantFrom('lastName', 'commune', 'remarks')
		})
	),
	weighted(
		5,
		fc.record({
			do: fc.constant('need' as const),
			tablet,
			record,
			add: fc.boolean(),
			value: fc.constantFrom(...dimensions)
		})
	),
	weighted(2, fc.record({ do: fc.constant('outing' as const), tablet, site })),
	weighted(
		6,
		fc.record({
			do: fc.constant('tally' as const),
			tablet,
			record,
			field: fc.constantFrom('approached', 'flyers'),
			by: fc.constantFrom(1, 1, 1, 5, -1)
		})
	),
	weighted(2, fc.record({ do: fc.constant('encounter' as const), tablet, record })),
	weighted(2, fc.record({ do: fc.constant('note' as const), tablet, record, confidential: fc.boolean() })),
	weighted(2, fc.record({ do: fc.constant('void' as const), tablet, record })),
	weighted(2, fc.record({ do: fc.constant('move' as const), tablet, record, site })),
	weighted(1, fc.record({ do: fc.constant('delete' as const), tablet, record }))
);

const fault: fc.Arbitrary<Fault> = fc.oneof(
	weighted(6, fc.constant('none' as const)),
	weighted(8, fc.constantFrom<Fault>('lost request', 'lost answer', 'doubled', 'too large', 'signed out')),
	weighted(2, fc.record({ crashAt: fc.integer({ min: 1, max: 25 }) }))
);

const nothing: fc.Arbitrary<Command[]> = fc.constant([]);

const always = [
	weighted(10, write),
	weighted(
		7,
		fc.record({
			do: fc.constant('sync' as const),
			tablet,
			fault,
			during: fc.oneof(weighted(3, nothing), weighted(1, fc.array(write, { minLength: 1, maxLength: 3 })))
		})
	),
	weighted(1, fc.record({ do: fc.constant('late' as const), request: fc.nat(100) })),
	weighted(
		2,
		fc.record({
			do: fc.constant('kill' as const),
			tablet,
			during: fc.constantFrom('rest', 'save', 'sync'),
			transaction: fc.integer({ min: 1, max: 3 }),
			turns: fc.nat(8)
		})
	),
	weighted(1, fc.record({ do: fc.constant('resend' as const), tablet, record }))
];

/** Not where backups are put back: a clock set right or a new device id lets go of what was acknowledged before. */
const command: fc.Arbitrary<Command> = fc.oneof(
	...always,
	weighted(1, fc.record({ do: fc.constant('clone' as const), tablet })),
	weighted(1, fc.record({ do: fc.constant('fold' as const), tablet })),
	weighted(1, fc.record({ do: fc.constant('clock' as const), tablet, years })),
	weighted(1, fc.record({ do: fc.constant('sites' as const), tablet, sites }))
);

const commandWithBackups: fc.Arbitrary<Command> = fc.oneof(
	...always,
	weighted(1, fc.record({ do: fc.constant('sites' as const), tablet, sites })),
	weighted(2, fc.constant<Command>({ do: 'back up' })),
	weighted(1, fc.constant<Command>({ do: 'restore' }))
);

const cast: fc.Arbitrary<Cast> = fc.record({
	role: fc.constantFrom<Role>('counsellor', 'counsellor', 'manager', 'outreach', 'reception'),
	sites,
	yearsOff: years
});

const casts = fc.array(cast, { minLength: 2, maxLength: 5, size: 'max' });
const commands = (of: fc.Arbitrary<Command>) => fc.array(of, { minLength: 30, maxLength: 90, size: 'max' });

/** One world in five has a server that is restored from a backup. */
export const stories: fc.Arbitrary<Story> = fc.oneof(
	weighted(4, fc.record({ cast: casts, commands: commands(command) })),
	weighted(1, fc.record({ cast: casts, commands: commands(commandWithBackups) }))
);
