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
 * letters that are merely in the right order count least.
 */
export function score(text: string, query: string): number {
  const hay = fold(text);
  const needle = fold(query).trim();
  if (needle === '' || hay.startsWith(needle)) return 4;
  const words = needle.split(/\s+/);
  const starts = hay.split(/[^\p{L}\p{N}]+/u);
  if (words.every((word) => starts.some((start) => start.startsWith(word)))) return 3;
  if (words.every((word) => hay.includes(word))) return 2;
  return inOrder(hay, needle.replaceAll(/\s/g, '')) ? 1 : 0;
}

function inOrder(hay: string, needle: string): boolean {
  let from = 0;
  for (const letter of needle) {
    const at = hay.indexOf(letter, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}
