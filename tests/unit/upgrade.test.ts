import { describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '#lib/domain/records.ts';
import { upgradeOperation, upgrades } from '#lib/protocol/upgrade.ts';

describe('[P7] operations of older apps', () => {
	const steps = {
		1: (op: Record<string, unknown>) => ({ ...op, colour: 'green' }),
		2: ({ colour, ...op }: Record<string, unknown>) => ({ ...op, color: colour })
	};

	it('are brought up to date step by step', () => {
		expect(upgradeOperation({ n: 1, v: 1 }, 1, 3, steps)).toEqual({ n: 1, v: 3, color: 'green' });
		expect(upgradeOperation({ n: 1, v: 2, colour: 'red' }, 2, 3, steps)).toEqual({
			n: 1,
			v: 3,
			color: 'red'
		});
		expect(upgradeOperation({ n: 1, v: 3 }, 3, 3, steps)).toEqual({ n: 1, v: 3 });
	});

	it('a missing step is a defect, not a silent pass', () => {
		expect(() => upgradeOperation({ v: 1 }, 1, 3, { 1: steps[1] })).toThrow('from version 2');
	});

	it("every version before today's has its step", () => {
		expect(Object.keys(upgrades).map(Number)).toEqual(
			Array.from({ length: SCHEMA_VERSION - 1 }, (_, i) => i + 1)
		);
	});
});
