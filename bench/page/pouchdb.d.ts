declare module 'pouchdb-browser' {
	/** As much of it as the measures use. */
	export default class PouchDB {
		constructor(name: string);
		info(): Promise<unknown>;
		bulkDocs(docs: object[]): Promise<unknown>;
		allDocs(options: { include_docs: boolean }): Promise<unknown>;
		close(): Promise<void>;
		destroy(): Promise<unknown>;
	}
}
