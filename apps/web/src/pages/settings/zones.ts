import type { Option } from '$ui/options';

/** Time zones with their names as people look for them: "Europe/Bucharest" is found by its city. */
export function zones(): readonly Option[] {
  // Servers and computers in UTC are common, and browsers do not list it.
  return [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map((value) => {
    const parts = value.replaceAll('_', ' ').split('/');
    return { value, label: parts.at(-1) ?? value, detail: parts.slice(0, -1).join(', ') };
  });
}
