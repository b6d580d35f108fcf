import { device } from './fr/device.ts';
import { opening } from './fr/opening.ts';
import { openings } from './fr/openings.ts';
import { outreach } from './fr/outreach.ts';
import { parcels } from './fr/parcels.ts';
import { partners } from './fr/partners.ts';
import { shell } from './fr/shell.ts';
import { teamTablets } from './fr/tablets.ts';
import { today } from './fr/today.ts';
import { vocabulary } from './fr/vocabulary.ts';
import { youths } from './fr/youths.ts';

export const fr = {
	...shell,
	vocabulary,
	opening,
	device,
	outreach,
	openings,
	youths,
	parcels,
	partners,
	teamTablets,
	today
};

/** What another language has to say. */
export type Messages = typeof fr;
