/** "06 12 34 56 78" at home, E.164 elsewhere. Apart from reading numbers, which needs a library and only forms do. */
export function showPhone(e164: string): string {
	const french = /^\+33(\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(e164);
	return french ? `0${french[1]} ${french.slice(2).join(' ')}` : e164;
}
