import type { Server } from '#lib/server/context.ts';

declare global {
	/** The version in package.json, put in by Vite. */
	const __APP_VERSION__: string;

	namespace App {
		interface Locals {
			server: Server;
		}
		interface Error {
			message: string;
		}
	}
}

export {};
