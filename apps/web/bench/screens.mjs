// Measures the screens against their budgets and prints the lines as JSON, for `centrala bench --screens`:
//   node bench/screens.mjs [--quick] PROGRAM BENCH...
// B8 is what the build weighs; B9 is a headless Chromium in front of PROGRAM with 100,000 conversations in one list.
import { weigh } from '../scripts/weigh.mjs';
import { browse } from './browser.mjs';

const [program, ...benches] = process.argv.slice(2).filter((word) => word !== '--quick');
const isQuick = process.argv.includes('--quick');

function sizes() {
  const { first, whole } = weigh();
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  return [
    {
      bench: 'B8',
      what: 'screens: first load, gzip',
      budget: '< 130 kB',
      stretch: '100 kB',
      measured: kilobytes(first),
      is_met: first < 130_000,
    },
    {
      bench: 'B8',
      what: 'screens: everything, gzip',
      budget: '< 400 kB',
      stretch: '',
      measured: kilobytes(whole),
      is_met: whole < 400_000,
    },
  ];
}

const lines = [];
if (benches.includes('B8')) lines.push(...sizes());
if (benches.includes('B9')) lines.push(...(await browse(program, isQuick)));
console.log(JSON.stringify(lines));
