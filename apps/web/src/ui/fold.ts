/** The text as someone types it in a hurry: no capitals, no diacritics. "Șterge" and "sterge" become one. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('æ', 'ae')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l');
}

/**
 * How well `text` answers `query`, from 0 (not at all) to 4 (starts with it). Every word of the query has to be found;
 * the first letters of its words count least: "mau" for "Mark as unread".
 */
export function score(text: string, query: string): number {
  const hay = fold(text);
  const needle = fold(query).trim();
  if (needle === '' || hay.startsWith(needle)) return 4;
  const words = needle.split(/\s+/);
  const starts = hay.split(/[^\p{L}\p{N}]+/u);
  if (words.every((word) => starts.some((start) => start.startsWith(word)))) return 3;
  if (words.every((word) => hay.includes(word))) return 2;
  const firsts = starts.map((start) => start.slice(0, 1)).join('');
  return needle.length > 1 && firsts.includes(needle) ? 1 : 0;
}
