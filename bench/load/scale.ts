/** How large each part is: the whole run, and one that only proves that everything works. Times in ms. */
export type Size = {
	throughput: { organisations: number; people: number; tablets: number[]; batches: number[]; cell: number };
	firsts: { newcomers: number; records: number; pushers: number; every: number; quiet: number };
	evening: { organisations: number; people: number; tablets: number; operations: number; window: number };
	growth: { records: number[]; organisations: number[]; probes: number; load: number };
	kills: { tablets: number; pause: number; times: number };
	processes: number[];
};

export const whole: Size = {
	throughput: {
		organisations: 8,
		people: 5,
		tablets: [1, 4, 16, 64, 200],
		batches: [1, 10, 40, 250],
		cell: 2500
	},
	firsts: { newcomers: 50, records: 10_000, pushers: 20, every: 500, quiet: 10_000 },
	evening: { organisations: 440, people: 6, tablets: 13_000, operations: 40, window: 90_000 },
	growth: { records: [1e4, 1e5, 1e6], organisations: [1, 10, 100], probes: 60, load: 15_000 },
	kills: { tablets: 40, pause: 4000, times: 2 },
	processes: [1, 2, 4]
};

export const quick: Size = {
	throughput: { organisations: 3, people: 2, tablets: [1, 16], batches: [1, 40], cell: 400 },
	firsts: { newcomers: 6, records: 2500, pushers: 6, every: 250, quiet: 1200 },
	evening: { organisations: 20, people: 5, tablets: 200, operations: 40, window: 2000 },
	growth: { records: [1e3, 4e3], organisations: [1, 3], probes: 8, load: 1000 },
	kills: { tablets: 12, pause: 500, times: 1 },
	processes: [1, 2]
};
