/** Draws the PNG icons of the installed app from `static/icon.svg`: `node scripts/icons.ts`. */
import { chromium } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.ts';

const folder = fileURLToPath(new URL('../static/', import.meta.url));
const svg = readFileSync(`${folder}icon.svg`, 'utf8');
/** A maskable icon fills its square and keeps the drawing within the middle 80 %. */
const maskable = svg
	.replace('rx="112"', 'rx="0"')
	.replace(/(<path[\s\S]*)<\/svg>/, '<g transform="translate(51 51) scale(0.8)">$1</g></svg>');

const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
for (const [name, drawing, size] of [
	['icon-192.png', svg, 192],
	['icon-512.png', svg, 512],
	['icon-maskable-512.png', maskable, 512]
] as const) {
	const page = await browser.newPage({ viewport: { width: size, height: size } });
	await page.setContent(
		`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`
	);
	writeFileSync(`${folder}${name}`, await page.screenshot({ omitBackground: true }));
	await page.close();
}
await browser.close();
