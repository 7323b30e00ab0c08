import { expect, test } from 'vitest';
import { message } from '$state/testing';
import type { Line } from './grouping';
import { AHEAD, drawnOf, guessHeight, lineIn, sliceAt, withMarks } from './slice';

const said = (n: number, body = 'x'): Line => {
  const key = `msg_${n}`;
  const it = message(key, n, { content: { type: 'text', body, preview_url: false } });
  return { type: 'message', key, isFirst: false, isLast: false, item: { type: 'message', key, at: n, message: it } };
};
const day = (key: string): Line => ({ type: 'day', key, at: new Date(0) });
const lines = Array.from({ length: 1_000 }, (_, n) => said(n));
const high = (): number => 100;

test('everything has its place: what is not drawn stands as gaps of its height', () => {
  const drawn = drawnOf(lines, { from: 400, to: 420 }, [10, 410, 900], high);
  const shape = drawn.map((one) => (one.type === 'gap' ? `${one.height}` : one.key));
  expect(shape.slice(0, 4)).toEqual(['1000', 'msg_10', '38900', 'msg_400']);
  expect(shape.slice(-4)).toEqual(['msg_419', '48000', 'msg_900', '9900']);
  const pixels = drawn.reduce((sum, one) => sum + (one.type === 'gap' ? one.height : 100), 0);
  expect(pixels).toBe(100_000);
  expect(new Set(drawn.map(({ key }) => key)).size).toBe(drawn.length);
});

test('a gap keeps its name when older lines come above it', () => {
  const before = drawnOf(lines.slice(100), { from: 50, to: 60 }, [], high)[0];
  const after = drawnOf(lines, { from: 150, to: 160 }, [], high)[0];
  expect([before?.key, before?.type === 'gap' && before.height]).toEqual([after?.key, 5_000]);
  expect(after?.type === 'gap' && after.height).toBe(15_000);
});

test('around what is seen there is enough to scroll, and no more', () => {
  const { from, to } = sliceAt(lines, 500, 600, high);
  expect([500 - from, to - 500]).toEqual([AHEAD / 100, (600 + AHEAD) / 100]);
  expect(sliceAt(lines, 0, 600, high)).toEqual({ from: 0, to: 15 });
  expect(sliceAt(lines, 999, 600, high)).toEqual({ from: 990, to: 1_000 });
  expect(sliceAt([], 0, 600, high)).toEqual({ from: 0, to: 0 });
});

test('a day belongs to the message below it', () => {
  const some = [day('day_1'), said(1), day('day_2'), said(2), said(3), day('day_3')];
  expect(withMarks(some, { from: 3, to: 5 })).toEqual({ from: 2, to: 6 });
  expect(withMarks(some, { from: 1, to: 2 })).toEqual({ from: 0, to: 3 });
});

test('a place in a gap is the line that will stand there', () => {
  const gap = { from: 100, to: 200 };
  expect(lineIn(lines, gap, 0, high)).toEqual({ at: 100, top: 0 });
  expect(lineIn(lines, gap, 1_250, high)).toEqual({ at: 112, top: 1_200 });
  expect(lineIn(lines, gap, 1_000_000, high)).toEqual({ at: 199, top: 9_900 });
});

test('a longer text is guessed higher', () => {
  const heights = ['x', 'x'.repeat(200), 'x\n'.repeat(30)].map((body) => guessHeight(said(1, body)));
  expect(heights).toEqual([...heights].sort((a, b) => a - b));
  expect(new Set(heights).size).toBe(3);
});
