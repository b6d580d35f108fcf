/**
 * Age in completed years on a calendar day, both `YYYY-MM-DD` in the same zone. Somebody born on 29 February is a year
 * older on 1 March of a common year (Code civil counts completed years). `undefined` before the birth.
 */
export function ageOn(birthDate: string, day: string): number | undefined {
	if (birthDate > day) return undefined;
	const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
	return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** What a birth date can't be: not yet come, or of somebody older than anybody alive. */
export function birthProblem(birthDate: string, today: string): 'future' | 'too-old' | undefined {
	if (birthDate > today) return 'future';
	return (ageOn(birthDate, today) ?? 0) > 110 ? 'too-old' : undefined;
}
