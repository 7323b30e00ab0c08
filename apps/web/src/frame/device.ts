// What a browser says it is, as far as a person recognises it: "Firefox, Windows".

const PROGRAMS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const SYSTEMS = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const;

export function deviceName(agent: string): string {
  const named = (table: readonly (readonly [mark: string, name: string])[]): string | undefined =>
    table.find(([mark]) => agent.includes(mark))?.[1];
  const known = [named(PROGRAMS), named(SYSTEMS)].filter((name) => name !== undefined);
  return known.length > 0 ? known.join(', ') : (agent.split(' ')[0] ?? agent);
}
