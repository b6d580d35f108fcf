import type { TabletSystem } from '../system.ts';
import { escale } from './escale.ts';

declare global {
	interface Window {
		system: TabletSystem;
	}
}

window.system = escale;
