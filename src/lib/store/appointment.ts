import { assign, create, type Change } from '#lib/domain/change.ts';
import type { Row, Values } from '#lib/domain/records.ts';
import type { Saved, Store } from './port.ts';

type Appointment = Row<'appointment'>;

const byTime = (a: Appointment, b: Appointment) => (a.fields.time ?? '').localeCompare(b.fields.time ?? '');

/** Planned or answered, of one day, at one site or all that the tablet holds. */
export const appointmentsOn = (store: Store, day: string, site?: string): Appointment[] =>
	[...store.all('appointment').values()]
		.filter(
			({ fields, site: at }) => fields.date === day && !fields.voided && (site === undefined || at === site)
		)
		.sort(byTime);

export const appointmentChange = (
	store: Store,
	youth: string,
	site: string,
	fields: Values<'appointment'>
): Change =>
	create('appointment', store.newId(), site, {
		youth,
		with: store.holder.user,
		status: 'planned',
		...fields
	});

export const setStatus = (
	store: Store,
	row: Appointment,
	status: NonNullable<Values<'appointment'>['status']>
): Promise<Saved> => store.commit([assign(row, { status })]);

/** Postponed means that another one is planned in its place. */
export const postpone = (store: Store, row: Appointment, date: string, time?: string): Promise<Saved> =>
	store.commit([
		assign(row, { status: 'postponed' }),
		create('appointment', store.newId(), row.site, {
			youth: row.fields.youth,
			with: row.fields.with,
			reason: row.fields.reason,
			date,
			time: time ?? row.fields.time,
			status: 'planned'
		})
	]);
