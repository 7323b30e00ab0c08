// Says what the build weighs. Fails over the budget.
import { LIMITS, weigh } from './weigh.mjs';

const { files, first, whole, fonts } = weigh();
for (const [file, size] of files) console.log(`${(size / 1000).toFixed(1).padStart(7)} kB gz  ${file}`);
console.log(`first load ${(first / 1000).toFixed(1)} kB gz of ${LIMITS.first / 1000}`);
console.log(`everything ${(whole / 1000).toFixed(1)} kB gz of ${LIMITS.whole / 1000}`);
console.log(`fonts ${(fonts / 1000).toFixed(1)} kB of ${LIMITS.fonts / 1000}`);
if (first > LIMITS.first || whole > LIMITS.whole || fonts > LIMITS.fonts) process.exit(1);
