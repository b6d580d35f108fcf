import { parsePhoneNumberFromString } from 'libphonenumber-js/mobile';

/** A number as typed in France (or with its country): E.164 when it can exist, whatever kind of line it is. */
export function readPhone(typed: string): { ok: true; e164: string } | { ok: false } {
	const digits = typed.replace(/[^\d+]/g, '');
	const parsed = parsePhoneNumberFromString(digits, 'FR');
	if (
		parsed?.isPossible() &&
		(parsed.isValid() || parsed.country === undefined || isFrenchLine(parsed.number))
	)
		return { ok: true, e164: parsed.number };
	return { ok: false };
}

/** The mobile metadata knows mobile lines only; a family's land line is a way to call back too. */
const isFrenchLine = (e164: string) => /^\+33[1-9]\d{8}$/.test(e164);
