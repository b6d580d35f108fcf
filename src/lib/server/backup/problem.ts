/** Why a backup can't be made or put back: each is one line for whoever asked. */
export type BackupFault =
	| 'file exists'
	| 'no base'
	| 'newer base'
	| 'no file'
	| 'not a backup'
	| 'another key'
	| 'altered'
	| 'truncated'
	| 'newer backup'
	| 'base not empty'
	| 'no key'
	| 'not a key';

export class BackupProblem extends Error {
	readonly fault: BackupFault;
	constructor(fault: BackupFault) {
		super(fault);
		this.name = 'BackupProblem';
		this.fault = fault;
	}
}
