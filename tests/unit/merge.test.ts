import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '#lib/domain/change.ts';
import { canonical } from '#lib/protocol/digest.ts';
import { mergeChange, type Merged, type Refused, type Stamp, type StoredRecord } from '#lib/server/merge.ts';

const id = '01932f00-0000-7000-8000-000000000001';
const [pau, oloron] = ['01932f00-0000-7000-8000-0000000000a1', '01932f00-0000-7000-8000-0000000000a2'];

/** Stamps of tablets A, B, C: `at` in minutes is enough to tell them apart. */
const by = (device: string, rev: number, at: number, n = rev): Stamp => ({
	rev,
	at,
	device,
	n,
	user: `user of ${device}`
});

const made = (merged: Merged | Refused): StoredRecord => {
	if (!merged.ok) throw new Error(merged.detail);
	return merged.record;
};
const creation = (fields: Record<string, unknown>): Change => ({
	do: 'create',
	kind: 'youth',
	id,
	site: pau,
	fields
});
const kenza = (
	fields: Record<string, unknown> = { firstName: 'Kenza', phone: '+33600000001', needs: ['housing'] }
) => made(mergeChange(undefined, creation(fields), by('A', 1, 10)));
const set = (seen: number, fields: Record<string, unknown>): Change => ({
	do: 'set',
	kind: 'youth',
	id,
	seen,
	fields
});
const add = (...values: string[]): Change => ({ do: 'add', kind: 'youth', id, field: 'needs', values });
const remove = (seen: number, ...values: string[]): Change => ({
	do: 'remove',
	kind: 'youth',
	id,
	seen,
	field: 'needs',
	values
});

const apply = (record: StoredRecord, ...steps: [Change, Stamp][]) =>
	steps.reduce((current, [change, stamp]) => made(mergeChange(current, change, stamp)), record);

describe('[P5] scalars', () => {
	it.each<[string, [Change, Stamp][], unknown, [unknown, string][]]>([
		[
			'informed: replaces, the old value is kept as edited',
			[[set(1, { phone: '2' }), by('B', 2, 20)]],
			'2',
			[['+33600000001', 'edit']]
		],
		[
			'informed with a clock years behind: replaces',
			[[set(1, { phone: '2' }), by('B', 2, 0)]],
			'2',
			[['+33600000001', 'edit']]
		],
		[
			'own write not yet seen back: replaces',
			[[set(0, { phone: '2' }), by('A', 2, 20)]],
			'2',
			[['+33600000001', 'edit']]
		],
		['erasing', [[set(1, { phone: null }), by('B', 2, 20)]], undefined, [['+33600000001', 'edit']]],
		['equal value: nothing', [[set(1, { phone: '+33600000001' }), by('B', 2, 20)]], '+33600000001', []],
		[
			'concurrent and later: wins, the old value is kept as lost',
			[
				[set(1, { phone: '2' }), by('B', 2, 20)],
				[set(1, { phone: '3' }), by('C', 3, 30)]
			],
			'3',
			[
				['+33600000001', 'edit'],
				['2', 'lost']
			]
		],
		[
			'concurrent and earlier: loses and is kept',
			[
				[set(1, { phone: '3' }), by('C', 2, 30)],
				[set(1, { phone: '2' }), by('B', 3, 20)]
			],
			'3',
			[
				['+33600000001', 'edit'],
				['2', 'lost']
			]
		],
		[
			'concurrent at the same time: the larger device id wins',
			[
				[set(1, { phone: '3' }), by('C', 2, 30)],
				[set(1, { phone: '2' }), by('B', 3, 30)]
			],
			'3',
			[
				['+33600000001', 'edit'],
				['2', 'lost']
			]
		],
		[
			'what was written in knowledge of another is not undone by a third who knew neither',
			[
				[set(1, { phone: '2' }), by('B', 2, 50)],
				[set(2, { phone: '3' }), by('C', 3, 0)],
				[set(1, { phone: '4' }), by('D', 4, 40)]
			],
			'3',
			[
				['+33600000001', 'edit'],
				['2', 'edit'],
				['4', 'lost']
			]
		],
		['a field that nobody wrote', [[set(0, { email: 'k@x.fr' }), by('B', 2, 0)]], '+33600000001', []]
	])('%s', (_, steps, phone, past) => {
		const record = apply(kenza(), ...steps);
		expect(record.data.fields.phone).toBe(phone);
		expect((record.data.past ?? []).map((p) => [p.value, p.why])).toEqual(past);
	});

	it('two fields of one record do not meet', () => {
		const record = apply(
			kenza(),
			[set(1, { phone: '2' }), by('B', 2, 30)],
			[set(1, { firstName: 'Kenza-Lou' }), by('C', 3, 20)]
		);
		expect(record.data.fields).toMatchObject({ phone: '2', firstName: 'Kenza-Lou' });
		expect(record.data.past?.map((p) => p.why)).toEqual(['edit', 'edit']);
	});

	it('a kept value says who wrote it and when', () => {
		const record = apply(
			kenza(),
			[set(1, { phone: '2' }), by('B', 2, 20)],
			[set(1, { phone: '3' }), by('C', 3, 15)]
		);
		expect(record.data.past).toEqual([
			{ field: 'phone', value: '+33600000001', at: 10, by: 'user of A', why: 'edit' },
			{ field: 'phone', value: '3', at: 15, by: 'user of C', why: 'lost' }
		]);
	});

	it('both arrival orders give the same value and keep the other', () => {
		const b: [Change, Stamp] = [set(1, { phone: '2' }), by('B', 2, 20)];
		const c: [Change, Stamp] = [set(1, { phone: '3' }), by('C', 3, 30)];
		for (const order of [
			[b, c],
			[c, b]
		] as const) {
			const steps = order.map(([change, stamp], i): [Change, Stamp] => [change, { ...stamp, rev: i + 2 }]);
			const record = apply(kenza(), ...steps);
			expect(record.data.fields.phone).toBe('3');
			expect(record.data.past?.filter((p) => p.why === 'lost').map((p) => p.value)).toEqual(['2']);
		}
	});

	it('the last fifty past values are kept', () => {
		let record = kenza();
		for (let i = 2; i < 70; i++)
			record = made(mergeChange(record, set(i, { phone: String(i) }), by('B', i, i)));
		expect(record.data.past).toHaveLength(50);
		expect(record.data.past?.at(-1)?.value).toBe('68');
	});
});

describe('[P5] sets', () => {
	it.each<[string, [Change, Stamp][], string[]]>([
		['add', [[add('health'), by('B', 2, 0)]], ['health', 'housing']],
		['remove what was seen', [[remove(1, 'housing'), by('B', 2, 0)]], []],
		[
			'remove what was not seen: stays',
			[
				[add('health'), by('B', 2, 0)],
				[remove(1, 'health'), by('C', 3, 0)]
			],
			['health', 'housing']
		],
		[
			"remove one's own addition before seeing it back",
			[
				[add('health'), by('B', 2, 0)],
				[remove(1, 'health'), by('B', 3, 0)]
			],
			['housing']
		],
		[
			"remove one's own addition, not the same one of another",
			[
				[add('health'), by('B', 2, 0)],
				[add('health'), by('C', 3, 0)],
				[remove(1, 'health'), by('B', 4, 0)]
			],
			['health', 'housing']
		],
		[
			'added again while another removes: stays',
			[
				[add('housing'), by('B', 2, 0)],
				[remove(1, 'housing'), by('C', 3, 0)]
			],
			['housing']
		],
		[
			'removed, then added by one who did not know: comes back',
			[
				[remove(1, 'housing'), by('C', 2, 0)],
				[add('housing'), by('B', 3, 0)]
			],
			['housing']
		],
		['remove what is not there', [[remove(1, 'health'), by('B', 2, 0)]], ['housing']]
	])('%s', (_, steps, needs) => {
		expect(apply(kenza(), ...steps).data.fields.needs).toEqual(needs);
	});

	it('a member named like a part of every object is a member', () => {
		const partner = made(
			mergeChange(
				undefined,
				{ do: 'create', kind: 'partner', id, site: 'org', fields: { domains: [] } },
				by('A', 1, 0)
			)
		);
		const odd: Change = {
			do: 'add',
			kind: 'partner',
			id,
			field: 'domains',
			values: ['__proto__', 'constructor']
		};
		const record = apply(partner, [odd, by('A', 2, 0)]);
		expect(record.data.fields.domains).toEqual(['__proto__', 'constructor']);
		const back: Change = {
			do: 'remove',
			kind: 'partner',
			id,
			seen: 2,
			field: 'domains',
			values: ['__proto__']
		};
		expect(apply(record, [back, by('B', 3, 0)]).data.fields.domains).toEqual(['constructor']);
	});
});

describe('[P5] tallies', () => {
	const outing = made(
		mergeChange(
			undefined,
			{ do: 'create', kind: 'outing', id, site: pau, fields: { flyers: 2 } },
			by('A', 1, 0)
		)
	);
	const count = (by: number, field = 'flyers'): Change => ({ do: 'count', kind: 'outing', id, field, by });

	it('counts up and down from what is there', () => {
		const record = apply(
			outing,
			[count(3), by('A', 2, 0)],
			[count(-1), by('B', 3, 0)],
			[count(1, 'declined'), by('B', 4, 0)]
		);
		expect(record.data.fields).toEqual({ flyers: 4, declined: 1 });
	});

	it("refuses what numbers can't hold", () => {
		const full = { ...outing, data: { ...outing.data, fields: { flyers: Number.MAX_SAFE_INTEGER } } };
		expect(mergeChange(full, count(1), by('A', 2, 0))).toMatchObject({ ok: false, reason: 'invalid' });
		const huge: Change = { do: 'create', kind: 'outing', id, site: pau, fields: { flyers: 1e300 } };
		expect(mergeChange(undefined, huge, by('A', 1, 0))).toMatchObject({ ok: false, reason: 'invalid' });
	});
});

describe('[P5] creation, deletion, moving', () => {
	it('the same creation again changes nothing, even after edits or deletion', () => {
		const again = creation({ needs: ['housing'], phone: '+33600000001', firstName: 'Kenza' });
		const edited = apply(kenza(), [set(1, { phone: '2' }), by('B', 2, 0)]);
		const deleted = apply(edited, [{ do: 'delete', kind: 'youth', id, seen: 2 }, by('B', 3, 0)]);
		for (const record of [kenza(), edited, deleted])
			expect(mergeChange(record, again, by('C', 9, 0))).toEqual({ ok: true, changed: false, record });
	});

	it('another body under the same id is refused', () => {
		expect(mergeChange(kenza(), creation({ firstName: 'Théo' }), by('B', 2, 0))).toMatchObject({
			reason: 'id_clash'
		});
		const elsewhere: Change = { do: 'create', kind: 'youth', id, site: oloron, fields: kenza().data.fields };
		expect(mergeChange(kenza(), elsewhere, by('B', 2, 0))).toMatchObject({ reason: 'id_clash' });
	});

	it('a deleted record stays deleted and keeps what someone unaware wrote', () => {
		const deleted = apply(kenza(), [{ do: 'delete', kind: 'youth', id, seen: 1 }, by('A', 2, 0)]);
		const record = apply(deleted, [set(1, { phone: '2' }), by('B', 3, 9)], [add('health'), by('B', 4, 9)]);
		expect(record.deleted).toBe(true);
		expect(record.data.fields).toEqual(deleted.data.fields);
		expect(record.data.past).toEqual([
			{ field: 'phone', value: '2', at: 9, by: 'user of B', why: 'lost' },
			{ field: 'needs', value: ['health'], at: 9, by: 'user of B', why: 'lost' }
		]);
	});

	it.each<[string, [Change, Stamp][], string]>([
		['informed', [[{ do: 'move', kind: 'youth', id, seen: 1, site: oloron }, by('B', 2, 0)]], oloron],
		[
			'concurrent and earlier: the other place stands',
			[
				[{ do: 'move', kind: 'youth', id, seen: 1, site: oloron }, by('B', 2, 30)],
				[{ do: 'move', kind: 'youth', id, seen: 1, site: pau }, by('C', 3, 20)]
			],
			oloron
		]
	])('a move: %s', (_, steps, site) => {
		expect(apply(kenza(), ...steps).site).toBe(site);
	});

	it.each<[string, StoredRecord | undefined, Change]>([
		['unknown record', undefined, set(0, { phone: '2' })],
		['another kind', kenza(), { do: 'delete', kind: 'visit', id, seen: 1 }]
	])('%s: refused as invalid', (_, record, change) => {
		expect(mergeChange(record, change, by('A', 2, 0))).toMatchObject({ ok: false, reason: 'invalid' });
	});
});

describe('[P5] properties', () => {
	const member = fc.constantFrom('housing', 'health', 'mobility');
	/** Two tablets that act offline, each in its own order; the server meets their actions in any interleaving. */
	const actions = fc.array(
		fc.oneof(
			fc.record({ do: fc.constant('add' as const), value: member }),
			fc.record({ do: fc.constant('remove' as const), value: member }),
			fc.record({ do: fc.constant('count' as const), by: fc.integer({ min: -5, max: 5 }) })
		),
		{ maxLength: 6 }
	);
	const interleavings = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });

	it("sets and tallies end alike in whatever order the tablets' operations arrive", () => {
		fc.assert(
			fc.property(actions, actions, interleavings, interleavings, (a, b, one, other) => {
				const results = [one, other].map((order) => {
					const queues = { A: [...a], B: [...b] };
					let needs = made(mergeChange(undefined, creation({ needs: ['housing'] }), by('S', 1, 0)));
					let tally = made(
						mergeChange(undefined, { do: 'create', kind: 'outing', id, site: pau, fields: {} }, by('S', 1, 0))
					);
					let rev = 1;
					for (let turn = 0; queues.A.length + queues.B.length > 0; turn++) {
						const device =
							(order[turn % order.length] && queues.A.length > 0) || queues.B.length === 0 ? 'A' : 'B';
						const action = queues[device].shift()!;
						const stamp = by(device, ++rev, 0);
						if (action.do === 'count')
							tally = made(
								mergeChange(tally, { do: 'count', kind: 'outing', id, field: 'flyers', by: action.by }, stamp)
							);
						else
							needs = made(
								mergeChange(needs, action.do === 'add' ? add(action.value) : remove(1, action.value), stamp)
							);
					}
					return [needs.data.fields.needs, tally.data.fields.flyers ?? 0];
				});
				expect(results[0]).toEqual(results[1]);
			})
		);
	});

	it('a change merged again at once changes nothing that is seen', () => {
		const change = fc.oneof(
			fc
				.record({ value: fc.constantFrom('1', '2', null), seen: fc.nat(3) })
				.map((c) => set(c.seen, { phone: c.value })),
			member.map((value) => add(value)),
			fc.record({ value: member, seen: fc.nat(3) }).map((c) => remove(c.seen, c.value))
		);
		fc.assert(
			fc.property(change, change, fc.nat(30), (first, second, at) => {
				const before = apply(kenza(), [first, by('B', 2, 15)]);
				const once = apply(before, [second, by('C', 3, at)]);
				const twice = apply(once, [second, by('C', 3, at)]);
				expect(canonical(twice.data.fields)).toBe(canonical(once.data.fields));
			})
		);
	});
});
