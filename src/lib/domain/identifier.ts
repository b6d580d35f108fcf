/**
 * UUIDv7: sortable by creation, random enough to be made on a tablet that nobody talks to.
 * @param now milliseconds since 1970 UTC
 * @param random at least 10 fresh random bytes
 */
export function uuidv7(now: number, random: Uint8Array): string {
	const bytes = new Uint8Array(16);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.max(0, Math.floor(now))) << 16n);
	bytes.set(random.subarray(0, 10), 6);
	bytes[6] = (bytes[6]! & 0x0f) | 0x70;
	bytes[8] = (bytes[8]! & 0x3f) | 0x80;
	const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
