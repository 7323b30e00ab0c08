// Draws the pictures of the installed app from the shapes of public/icon.svg. Run by hand after a change of it; the
// pictures are in the repository, because not every computer that builds has a browser.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const folder = join(import.meta.dirname, '../public');
const whole = readFileSync(join(folder, 'icon.svg'), 'utf8');
const inner = /<g .*<\/g>/s.exec(whole)?.[0] ?? '';
const ground = /fill="(#\w+)"/.exec(whole)?.[1] ?? '';
const svg = (body) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${body}</svg>`;
// Launchers cut any shape out of it: what matters stays inside of the middle 80 %
// (https://www.w3.org/TR/appmanifest/#icon-masks).
const full = svg(
  `<rect width="32" height="32" fill="${ground}"/><g transform="translate(16 16) scale(.82) translate(-16 -16)">${inner}</g>`,
);
// Android draws the mark of a notification in one colour, from its transparency alone.
const mark = svg(`<g transform="translate(16 16) scale(1.35) translate(-16 -16)">${inner}</g>`);

const pictures = [
  ['icon-192.png', 192, whole],
  ['icon-512.png', 512, whole],
  ['icon-maskable-512.png', 512, full],
  ['apple-touch-icon.png', 180, full],
  ['badge-96.png', 96, mark],
];
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const [name, size, picture] of pictures) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${picture}`);
  writeFileSync(join(folder, name), await page.screenshot({ omitBackground: true }));
}
await browser.close();
