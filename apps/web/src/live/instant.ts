// Instants of the server, to the microsecond. `Date` knows milliseconds only, and as texts `...00Z` would stand
// after `...00.5Z`.

/** Microseconds since 1970; exact, as they fit into 53 bits until the year 2255. */
export function micros(instant: string): number {
  const [, seconds = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(instant) ?? [];
  const whole = Date.parse(`${seconds}Z`);
  if (Number.isNaN(whole)) return Date.parse(instant) * 1000;
  return whole * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** The way back, as the server writes it: no fraction when there is none. */
export function instant(at: number): string {
  const text = new Date(Math.floor(at / 1000)).toISOString().slice(0, 19);
  const rest = ((at % 1_000_000) + 1_000_000) % 1_000_000;
  return rest === 0 ? `${text}Z` : `${text}.${String(rest).padStart(6, '0').replace(/0+$/, '')}Z`;
}

/** Order of instants, and among equal ones that of ids: negative when the first is the earlier. */
export function compareAt(a: string, aId: string, b: string, bId: string): number {
  const difference = a === b ? 0 : micros(a) - micros(b);
  if (difference !== 0) return difference;
  return aId < bId ? -1 : aId > bId ? 1 : 0;
}
