import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SCHEMA_VERSION, type Row } from '#lib/domain/records.ts';
import { foldedContent, foldPlans, type PageFacts } from '#lib/store/fold.ts';
import { foldWhenIdle } from '#lib/store/idle-fold.ts';
import { pack, paginate, unpack, upToDatePage } from '#lib/store/pages.ts';
import { type Store, StoreError } from '#lib/store/port.ts';
import { OTHER_SITE, served, SITE } from '../fixtures/tablet.ts';

const pages = (...sizes: number[]): PageFacts[] =>
	sizes.map((records, i) => ({ seq: i + 1, site: SITE, records }));

describe('[P7.4] pages of an older app', () => {
	it('a page without a version is one of version 1; one of today or tomorrow stays as it is', () => {
		const past = [{ field: 'languages', value: 'turc', at: 1, by: 'u', why: 'edit' as const }];
		const row = { ...served('a', 3, { firstName: 'Ana' }), past };
		const old = {
			through: 4,
			gone: ['b'],
			rows: [pack({ ...row, fields: { languages: 'arabe, patois' } as never })]
		};
		expect(upToDatePage(old)).toEqual({
			v: SCHEMA_VERSION,
			through: 4,
			gone: ['b'],
			rows: [
				pack({
					...row,
					fields: { languages: ['ar'], otherLanguages: 'patois' },
					past: [{ ...past[0]!, field: 'otherLanguages' }]
				})
			]
		});
		for (const v of [SCHEMA_VERSION, SCHEMA_VERSION + 1])
			expect(upToDatePage({ ...old, v })).toEqual({ ...old, v });
		expect(paginate([row], [], 0)[0]?.v).toBe(SCHEMA_VERSION);
	});
});

describe('what is folded', () => {
	it.each<[string, PageFacts[], number, unknown]>([
		['nothing', [], 0, []],
		['full pages', pages(500, 500, 300), 1300, []],
		['a few small ones', pages(500, 1, 1, 1), 503, []],
		['many small ones, the full one left alone', pages(500, ...Array<number>(9).fill(1)), 509, [[false, 9]]],
		['mostly superseded', pages(500, 500, 500), 500, [[true, 3]]],
		['half superseded', pages(500, 500), 500, []],
		['a site that was emptied', pages(500, 300), 0, [[true, 2]]]
	])('%s', (_, given, held, expected) => {
		expect(foldPlans(given, () => held).map(({ whole, seqs }) => [whole, seqs.length])).toEqual(expected);
	});

	it('keeps what is held here now, and that the rest has left', () => {
		const [here, old, moved, gone] = ['here', 'here', 'moved', 'gone'].map((id, i) => served(id, i, {}));
		const held = new Map<string, Row>([
			['here', served('here', 9, { firstName: 'now' })],
			['moved', served('moved', 9, {}, OTHER_SITE)]
		]);
		const content = foldedContent(
			SITE,
			[
				{ through: 0, gone: ['gone'], rows: [old!, moved!].map(pack) },
				{ through: 0, gone: [], rows: [pack(here!)] }
			],
			(id) => held.get(id)
		);
		expect(content).toEqual({ rows: [held.get('here')], gone: ['gone', 'moved'] });
		expect(gone?.id).toBe('gone');
	});
});

describe('pages', () => {
	it('give rows back as they were', () => {
		const plain = served('a', 3, { firstName: 'Zoé' });
		const past = {
			...plain,
			past: [{ field: 'firstName', value: 'Z', at: 1, by: 'x', why: 'lost' as const }]
		};
		expect([plain, past].map((row) => unpack(SITE, pack(row)))).toEqual([plain, past]);
	});

	it.each([
		[0, 0, []],
		[0, 2, [[2, 0]]],
		[500, 1, [[1, 500]]],
		[
			501,
			1,
			[
				[1, 500],
				[0, 1]
			]
		]
	])('of %i rows and %i departures', (rows, gone, expected) => {
		const made = paginate(
			Array.from({ length: rows }, (_, i) => served(`${i}`, 1, {})),
			Array<string>(gone).fill('x'),
			4
		);
		expect(made.map((page) => [page.gone.length, page.rows.length])).toEqual(expected);
		expect(made.every(({ through }) => through === 4)).toBe(true);
	});
});

describe('folding when idle', () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	const store = (fold: () => Promise<void>) => {
		const listeners = new Set<Parameters<Store['subscribe']>[0]>();
		return {
			fold,
			change: () => listeners.forEach((listener) => listener(new Set())),
			subscribe: (listener: Parameters<Store['subscribe']>[0]) => {
				listeners.add(listener);
				return () => listeners.delete(listener);
			}
		};
	};

	it('waits until nothing has changed for a while', () => {
		const fold = vi.fn(async () => undefined);
		const s = store(fold);
		const stop = foldWhenIdle(s, () => undefined, 100);
		vi.advanceTimersByTime(99);
		s.change();
		vi.advanceTimersByTime(99);
		expect(fold).not.toHaveBeenCalled();
		vi.advanceTimersByTime(1);
		expect(fold).toHaveBeenCalledOnce();
		s.change();
		stop();
		s.change();
		vi.advanceTimersByTime(1000);
		expect(fold).toHaveBeenCalledOnce();
	});

	it('reports what the disk refuses, not that the tablet was locked meanwhile', async () => {
		const reported: unknown[] = [];
		const full = new StoreError('storage-full', 'full');
		for (const error of [full, new StoreError('locked', '')])
			foldWhenIdle(
				store(() => Promise.reject(error)),
				(e) => reported.push(e),
				1
			);
		await vi.advanceTimersByTimeAsync(1);
		expect(reported).toEqual([full]);
	});
});
