import phonetic from 'talisman/phonetics/french/phonetic';
import { describe, expect, it } from 'vitest';
import { resemblance, type Reason } from '#lib/domain/look-alike.ts';
import type { Values } from '#lib/domain/records.ts';

type Youth = Values<'youth'>;
const kenza: Youth = {
	firstName: 'Kenza',
	lastName: 'Amrani',
	birthDate: '2007-04-09',
	phone: '+33639980001'
};

describe('look-alikes', () => {
	it.each<[string, Youth, Reason[]]>([
		['the same phone', { phone: '+33639980001' }, ['phone']],
		['nobody has a phone', { phone: { no: 'none' } }, []],
		['accents and case', { firstName: 'KÉNZA', lastName: 'amrani' }, ['same-name']],
		['names in each other’s place', { firstName: 'Amrani', lastName: 'Kenza' }, ['same-name']],
		['another spelling', { firstName: 'Quenza', lastName: 'Amranie' }, ['sounds-alike']],
		['a first name alone says nothing', { firstName: 'Kenza' }, []],
		['first name and birth date', { firstName: 'Kenza', birthDate: '2007-04-09' }, ['birth-date']],
		['day and month inverted', { firstName: 'Kenza', birthDate: '2007-09-04' }, ['birth-date-inverted']],
		['a birth date alone says nothing', { birthDate: '2007-04-09' }, []],
		['all of it', { ...kenza }, ['phone', 'same-name', 'birth-date']],
		['somebody else', { firstName: 'Lina', lastName: 'Duval', birthDate: '2006-01-01' }, []]
	])('%s', (_, written, reasons) => {
		expect(resemblance(written, kenza, phonetic)).toEqual(reasons);
	});
});
