/** Notes that something happened, so that a long run can say what it has been through. */
export type Count = (what: string, times?: number) => void;

export class Counts {
	readonly all = new Map<string, number>();

	readonly count: Count = (what, times = 1) => {
		if (times > 0) this.all.set(what, (this.all.get(what) ?? 0) + times);
	};

	add(others: Iterable<[string, number]>): void {
		for (const [what, times] of others) this.count(what, times);
	}

	/** One line per family, the most frequent first. */
	told(): string {
		const families = new Map<string, [string, number][]>();
		for (const [what, times] of this.all) {
			const [family = '', ...rest] = what.split(' ');
			families.set(family, [...(families.get(family) ?? []), [rest.join(' '), times]]);
		}
		return [...families]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([family, all]) => {
				const parts = all.sort((a, b) => b[1] - a[1]).map(([what, n]) => `${what} ${n}`.trim());
				return `  ${family}: ${parts.join(', ')}`;
			})
			.join('\n');
	}
}
