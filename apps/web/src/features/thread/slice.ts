// Which lines of a thread exist on the page. Long threads are a slice in the ordinary flow of the page, with gaps that
// are as high as what they stand for; lines that must live on (the focus, a voice that plays) stay where they are. Pure.
//
// In the flow, because the end of a thread is then right in the first paint: nothing must be measured before it.

import type { Line } from './grouping';

/** From one line to before another. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

export type Drawn =
  | { readonly type: 'line'; readonly key: string; readonly at: number; readonly line: Line }
  | ({ readonly type: 'gap'; readonly key: string; readonly height: number } & Slice);

/** Pixels of a line, measured or guessed. */
export type HeightOf = (line: Line) => number;

/** Days, the unread line and folded events begin elsewhere when older messages come; nothing is held by them. */
export const isFirm = ({ type }: Line): boolean => type === 'message' || type === 'note' || type === 'pending';

/** A slice with the days and the like that belong to it. */
export function withMarks(lines: readonly Line[], { from, to }: Slice): Slice {
  let [first, last] = [from, to];
  while (first > 0 && !isFirm(lines[first - 1] as Line)) first--;
  while (last < lines.length && !isFirm(lines[last] as Line)) last++;
  return { from: first, to: last };
}

/** So many pixels exist above and below what is seen. */
export const AHEAD = 900;

export function drawnOf(lines: readonly Line[], slice: Slice, kept: readonly number[], heightOf: HeightOf): Drawn[] {
  const drawn: Drawn[] = [];
  let next = 0;
  const skip = (to: number): void => {
    if (to <= next) return;
    let height = 0;
    for (let at = next; at < to; at++) height += heightOf(lines[at] as Line);
    // Named by the line below it: lines that are put on top only make it higher.
    drawn.push({ type: 'gap', key: `gap before ${lines[to]?.key ?? 'the end'}`, height, from: next, to });
    next = to;
  };
  const draw = (at: number): void => {
    const line = lines[at];
    if (at < next || line === undefined) return;
    skip(at);
    drawn.push({ type: 'line', key: line.key, at, line });
    next = at + 1;
  };
  const ordered = [...kept].sort((a, b) => a - b);
  for (const at of ordered) if (at < slice.from) draw(at);
  for (let at = slice.from; at < slice.to; at++) draw(at);
  for (const at of ordered) if (at >= slice.to) draw(at);
  skip(lines.length);
  return drawn;
}

/** The slice for somebody who sees a line at the top of so many pixels. */
export function sliceAt(lines: readonly Line[], top: number, height: number, heightOf: HeightOf): Slice {
  let [from, to] = [top, top];
  for (let above = 0; from > 0 && above < AHEAD; from--) above += heightOf(lines[from - 1] as Line);
  for (let below = 0; to < lines.length && below < height + AHEAD; to++) below += heightOf(lines[to] as Line);
  return { from, to };
}

/** The line so many pixels below the beginning of a gap, and where it begins there. */
export function lineIn(
  lines: readonly Line[],
  { from, to }: Slice,
  pixels: number,
  heightOf: HeightOf,
): { at: number; top: number } {
  let top = 0;
  for (let at = from; at < to - 1; at++) {
    const height = heightOf(lines[at] as Line);
    if (top + height > pixels) return { at, top };
    top += height;
  }
  return { at: Math.max(from, to - 1), top };
}

const TEXT_LINE = 21;
const LETTERS = 58;

/** What a line will be as high as, more or less; it is measured when it has been on the page. */
export function guessHeight(line: Line): number {
  switch (line.type) {
    case 'day':
    case 'unread':
      return 42;
    case 'events':
      return 12 + 21 * Math.min(2, line.events.length);
    case 'note':
      return 58 + textHeight(line.item.note.body);
    case 'pending':
      return 110;
    case 'message': {
      const { content } = line.item.message;
      const frame = (line.isFirst ? 34 : 3) + 32;
      if (content.type === 'text') return frame + textHeight(content.body);
      if (content.type === 'image' || content.type === 'video') return frame + 240;
      return frame + (content.type === 'sticker' ? 130 : 60);
    }
  }
}

function textHeight(text: string): number {
  return text.split('\n').reduce((sum, part) => sum + Math.max(1, Math.ceil(part.length / LETTERS)), 0) * TEXT_LINE;
}
