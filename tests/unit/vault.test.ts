import { afterEach, describe, expect, it, vi } from 'vitest';
import { argon2id, withJavaScript, withWebAssembly } from '#lib/store/argon.ts';
import { PHRASE_ENTROPY, problemOfPassphrase, suggestPassphrase } from '#lib/store/phrase.ts';
import { words } from '#lib/store/phrase-words.ts';
import { IntegrityError, sealer, type Identity, type Place } from '#lib/store/seal.ts';
import {
	ARGON,
	ARGON_FLOOR,
	changePassphrase,
	createVault,
	openWithPassphrase,
	waitBeforeTry,
	type Keys
} from '#lib/store/vault.ts';

const identity: Identity = { organisation: 'o', user: 'u', device: 'd' };
const cheap = { argon: ARGON_FLOOR };
const place: Place = { table: 'pages', id: 'site', seq: 7 };
const opened = async (keys: Keys) => sealer(keys.record, identity);

afterEach(() => vi.unstubAllGlobals());

describe('the passphrase slot', () => {
	it('opens with the passphrase that closed it, and with no other', async () => {
		const { slot, keys } = await createVault(identity, 'Été à  la plage ', cheap);
		const sealed = await (await opened(keys)).seal(place, 'bonjour');

		const again = await openWithPassphrase(identity, slot, 'E\u0301te\u0301 à la plage');
		expect(again.ok && (await (await opened(again.keys)).open(place, sealed))).toBe('bonjour');

		expect(await openWithPassphrase(identity, slot, 'été à la plage')).toEqual({
			ok: false,
			reason: 'wrong-passphrase'
		});
	});

	it('is bound to its tablet, its person and its cost', async () => {
		const { slot } = await createVault(identity, 'abricot balise', cheap);
		for (const other of [
			{ ...identity, user: 'v' },
			{ ...identity, device: 'e' },
			{ ...identity, organisation: 'p' }
		])
			expect((await openWithPassphrase(other, slot, 'abricot balise')).ok).toBe(false);
		const dearer = { ...slot, argon: { ...slot.argon, passes: 3 } };
		expect((await openWithPassphrase(identity, dearer, 'abricot balise')).ok).toBe(false);
	});

	it.each([
		['memory', { memory: ARGON_FLOOR.memory - 1, passes: 3 }],
		['passes', { memory: ARGON.memory, passes: 1 }],
		['absurd memory', { memory: 2 ** 30, passes: 3 }]
	])('refuses a stored cost outside its bounds without stretching: %s', async (_, argon) => {
		const { slot } = await createVault(identity, 'abricot balise', cheap);
		const stretch = vi.fn();
		const result = await openWithPassphrase(identity, { ...slot, argon }, 'abricot balise', stretch);
		expect(result).toEqual({ ok: false, reason: 'weak-parameters' });
		expect(stretch).not.toHaveBeenCalled();
	});

	it('asks 64 MiB and three passes of new passphrases, never less than the floor', () => {
		expect(ARGON).toEqual({ memory: 65_536, passes: 3 });
		expect(ARGON_FLOOR).toEqual({ memory: 19_456, passes: 2 });
	});

	it('keeps the data key when the passphrase changes', async () => {
		const { slot, keys } = await createVault(identity, 'abricot balise', cheap);
		const sealed = await (await opened(keys)).seal(place, { a: 1 });
		const changed = await changePassphrase(identity, slot, 'abricot balise', 'cabane dauphin', cheap);
		if (!changed.ok) throw new Error(changed.reason);
		expect((await openWithPassphrase(identity, changed.slot, 'abricot balise')).ok).toBe(false);
		const again = await openWithPassphrase(identity, changed.slot, 'cabane dauphin');
		expect(again.ok && (await (await opened(again.keys)).open(place, sealed))).toEqual({ a: 1 });
		expect(await changePassphrase(identity, slot, 'wrong', 'x', cheap)).toEqual({
			ok: false,
			reason: 'wrong-passphrase'
		});
	});

	it('gives keys that can not be exported', async () => {
		const { keys } = await createVault(identity, 'abricot balise', cheap);
		expect([keys.record.extractable, keys.lookup.extractable]).toEqual([false, false]);
	});
});

describe('Argon2id', () => {
	const request = {
		secret: new Uint8Array([1, 2, 3]),
		salt: new Uint8Array(16).fill(9),
		parameters: { memory: 1024, passes: 2 }
	};
	const { secret, salt, parameters } = request;

	it('gives the same key in WebAssembly and in JavaScript', async () => {
		expect(await withJavaScript(secret, salt, parameters)).toEqual(
			await withWebAssembly(secret, salt, parameters)
		);
	});

	it('works where there is no WebAssembly', async () => {
		const expected = await argon2id(request);
		vi.stubGlobal('WebAssembly', undefined);
		expect(await argon2id(request)).toEqual(expected);
	});
});

describe('sealed values', () => {
	const make = async () => opened((await createVault(identity, 'abricot balise', cheap)).keys);

	it('open only where they were put', async () => {
		const s = await make();
		const sealed = await s.seal(place, 'Zoé');
		expect(await s.open(place, sealed)).toBe('Zoé');
		const elsewhere: Place[] = [
			{ ...place, seq: 8 },
			{ ...place, id: 'other' },
			{ ...place, table: 'queue' }
		];
		for (const other of elsewhere) await expect(s.open(other, sealed)).rejects.toThrow(IntegrityError);
	});

	it('do not open altered, cut, or under another key', async () => {
		const s = await make();
		const sealed = await s.seal(place, 'Zoé');
		const altered = sealed.slice();
		altered[20]! ^= 1;
		await expect(s.open(place, altered)).rejects.toThrow(IntegrityError);
		await expect(s.open(place, sealed.slice(0, -1))).rejects.toThrow(IntegrityError);
		await expect((await make()).open(place, sealed)).rejects.toThrow(IntegrityError);
	});

	it('tell little by their length', async () => {
		const s = await make();
		const lengths = await Promise.all(
			['', 'é', 'a'.repeat(250), 'a'.repeat(255)].map(async (v) => (await s.seal(place, v)).length)
		);
		expect(lengths).toEqual([284, 284, 284, 540]);
	});

	it('never use a nonce twice', async () => {
		const s = await make();
		const nonces = new Set<string>();
		for (let i = 0; i < 100; i++) {
			const many = await Promise.all(Array.from({ length: 200 }, () => s.seal(place, 0)));
			for (const sealed of many) nonces.add(Buffer.from(sealed.subarray(0, 12)).toString('hex'));
		}
		expect(nonces.size).toBe(20_000);
	});
});

describe('wrong tries', () => {
	it.each([
		[0, 0],
		[2, 0],
		[3, 5_000],
		[4, 10_000],
		[8, 160_000],
		[9, 300_000],
		[500, 300_000]
	])('after %i the next waits %i ms', (failures, wait) => {
		expect(waitBeforeTry({ failures, lastAt: 1_000_000 }, 1_000_000)).toBe(wait);
		expect(waitBeforeTry({ failures, lastAt: 1_000_000 }, 1_000_000 + wait)).toBe(0);
		expect(waitBeforeTry({ failures, lastAt: 1_000_000 }, 0)).toBe(wait);
	});
});

describe('passphrases', () => {
	it('are suggested from more than a thousand different words of letters that any keyboard has', () => {
		expect(new Set(words).size).toBe(words.length);
		expect(words.length).toBeGreaterThan(1024);
		expect(words.filter((word) => !/^[a-z]{4,10}$/.test(word))).toEqual([]);
		expect(PHRASE_ENTROPY).toBeGreaterThan(50);
	});

	it('are five words drawn evenly', () => {
		const bytes = [0xff, 0xff, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4];
		const phrase = suggestPassphrase((n) => Uint8Array.from(bytes.splice(0, n)));
		expect(phrase).toBe(words.slice(0, 5).join(' '));
		expect(
			problemOfPassphrase(suggestPassphrase((n) => crypto.getRandomValues(new Uint8Array(n))))
		).toBeUndefined();
	});

	it.each([
		['court', 'too-short'],
		['           a', 'too-short'],
		['aaaaaaaaaaaaaaaa', 'too-simple'],
		['abcabcabcabcabc', 'too-simple'],
		['123456789012345', 'too-simple'],
		['maite larrouy', 'personal'],
		['Maïté Larrouy pau', 'personal'],
		['le chat du moulin', undefined]
	])('%s: %s', (phrase, problem) => {
		expect(problemOfPassphrase(phrase, ['Maite Larrouy', 'maite@demo.escale.test'])).toBe(problem);
	});
});
