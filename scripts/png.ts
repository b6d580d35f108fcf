import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');
type Pixels = { width: number; height: number; rgb: Uint8Array };

/**
 * The same picture with a palette, about four times smaller: a screen holds few colours beside the edges of its letters.
 * @param png 8 bits per channel, RGB or RGBA, not interlaced, as Chromium's screenshots are; transparency is dropped
 * @param colours at most 256
 */
export function withFewColours(png: Buffer, colours: number): Buffer {
	const { width, height, rgb } = decode(png);
	const { palette, indexOf } = quantise(rgb, colours);
	const rows = Buffer.alloc(height * (width + 1));
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) rows[y * (width + 1) + x + 1] = indexOf(colourAt(rgb, y * width + x));
	}
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, 3, 0, 0, 0], 8);
	return Buffer.concat([
		signature,
		chunk('IHDR', header),
		chunk('PLTE', Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]))),
		chunk('IDAT', deflateSync(rows, { level: 9 })),
		chunk('IEND', Buffer.alloc(0))
	]);
}

const colourAt = (rgb: Uint8Array, pixel: number): number =>
	(rgb[pixel * 3]! << 16) | (rgb[pixel * 3 + 1]! << 8) | rgb[pixel * 3 + 2]!;

function decode(png: Buffer): Pixels {
	let at = signature.length;
	let header: Buffer | undefined;
	const data: Buffer[] = [];
	while (at < png.length) {
		const length = png.readUInt32BE(at);
		const type = png.toString('latin1', at + 4, at + 8);
		const body = png.subarray(at + 8, at + 8 + length);
		if (type === 'IHDR') header = body;
		if (type === 'IDAT') data.push(body);
		at += length + 12;
	}
	if (!header) throw new Error('not a PNG');
	const [depth, colour, , , interlace] = header.subarray(8);
	const channels = colour === 2 ? 3 : colour === 6 ? 4 : 0;
	if (depth !== 8 || channels === 0 || interlace !== 0) throw new Error('not a plain RGB picture');
	const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
	const bytes = unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels);
	const rgb = new Uint8Array(width * height * 3);
	for (let i = 0; i < width * height; i++) rgb.set(bytes.subarray(i * channels, i * channels + 3), i * 3);
	return { width, height, rgb };
}

/** Undoes the five row filters of PNG. */
function unfilter(raw: Uint8Array, stride: number, height: number, step: number): Uint8Array {
	const out = new Uint8Array(stride * height);
	for (let y = 0; y < height; y++) {
		const filter = raw[y * (stride + 1)];
		for (let x = 0; x < stride; x++) {
			const left = x >= step ? out[y * stride + x - step]! : 0;
			const up = y > 0 ? out[(y - 1) * stride + x]! : 0;
			const corner = x >= step && y > 0 ? out[(y - 1) * stride + x - step]! : 0;
			const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
			out[y * stride + x] = raw[y * (stride + 1) + x + 1]! + predicted;
		}
	}
	return out;
}

function paeth(left: number, up: number, corner: number): number {
	const guess = left + up - corner;
	const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
	if (a <= b && a <= c) return left;
	return b <= c ? up : corner;
}

type Counted = [colour: number, count: number];

/** Median cut: the box whose colours differ most, weighted by how often they occur, is halved until there are enough. */
function quantise(rgb: Uint8Array, size: number): { palette: number[]; indexOf: (colour: number) => number } {
	const counts = new Map<number, number>();
	for (let i = 0; i < rgb.length / 3; i++) {
		const colour = colourAt(rgb, i);
		counts.set(colour, (counts.get(colour) ?? 0) + 1);
	}
	const boxes: Counted[][] = [[...counts]];
	while (boxes.length < size) {
		const widest = boxes
			.map((box, i) => ({ i, ...widestChannel(box) }))
			.sort((a, b) => b.weight - a.weight)[0];
		if (!widest || widest.weight === 0) break;
		const box = boxes[widest.i]!.sort((a, b) => channel(a[0], widest.shift) - channel(b[0], widest.shift));
		const half = total(box) / 2;
		let seen = 0;
		const cut = box.findIndex(([, count]) => (seen += count) >= half);
		const at = Math.min(Math.max(cut, 1), box.length - 1);
		boxes.splice(widest.i, 1, box.slice(0, at), box.slice(at));
	}
	const index = new Map(boxes.flatMap((box, i) => box.map(([colour]) => [colour, i] as const)));
	return { palette: boxes.map(meanOf), indexOf: (colour) => index.get(colour) ?? 0 };
}

const channel = (colour: number, shift: number): number => (colour >> shift) & 255;
const total = (box: Counted[]): number => box.reduce((sum, [, count]) => sum + count, 0);

function widestChannel(box: Counted[]): { shift: number; weight: number } {
	const spans = [16, 8, 0].map((shift) => {
		let [low, high] = [255, 0];
		for (const [colour] of box) {
			low = Math.min(low, channel(colour, shift));
			high = Math.max(high, channel(colour, shift));
		}
		return { shift, weight: (high - low) * Math.sqrt(total(box)) };
	});
	return spans.reduce((a, b) => (b.weight > a.weight ? b : a));
}

/** The mean, or the one colour that fills nearly the whole box, so that large surfaces keep theirs. */
function meanOf(box: Counted[]): number {
	const all = total(box);
	const main = box.reduce((a, b) => (b[1] > a[1] ? b : a));
	if (main[1] > all * 0.6) return main[0];
	const mean = (shift: number) =>
		Math.round(box.reduce((sum, [colour, count]) => sum + channel(colour, shift) * count, 0) / all);
	return (mean(16) << 16) | (mean(8) << 8) | mean(0);
}

function chunk(type: string, body: Buffer): Buffer {
	const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
	const out = Buffer.alloc(named.length + 8);
	out.writeUInt32BE(body.length, 0);
	named.copy(out, 4);
	out.writeUInt32BE(crc32(named), named.length + 4);
	return out;
}
