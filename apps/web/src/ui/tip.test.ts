// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GRACE, SOON, Tip, WAIT } from './tip.svelte';

let tip: Tip;
let one: HTMLElement;
let two: HTMLElement;
let plain: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '<button data-tip="One"><span></span></button><button data-tip="Two"></button><p></p>';
  [one, two, plain] = ['button', 'button + button', 'p'].map((which) => document.querySelector(which)) as [
    HTMLElement,
    HTMLElement,
    HTMLElement,
  ];
  tip = new Tip();
});
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

test('whoever points at something for a while is told about it, and about its neighbour at once', () => {
  tip.point(one.firstElementChild);
  vi.advanceTimersByTime(WAIT - 1);
  expect(tip.anchor).toBeNull();
  vi.advanceTimersByTime(1);
  expect(tip.anchor).toBe(one);
  tip.point(two);
  vi.advanceTimersByTime(0);
  expect(tip.anchor).toBe(two);
});

test('soon after a tooltip the next comes at once, later it waits again', () => {
  tip.point(one);
  vi.advanceTimersByTime(WAIT);
  tip.point(plain);
  vi.advanceTimersByTime(GRACE + SOON - 1);
  tip.point(two);
  vi.advanceTimersByTime(0);
  expect(tip.anchor).toBe(two);
  tip.point(plain);
  vi.advanceTimersByTime(GRACE + SOON);
  tip.point(one);
  vi.advanceTimersByTime(WAIT - 1);
  expect(tip.anchor).toBeNull();
});

test('passing over shows nothing', () => {
  tip.point(one);
  vi.advanceTimersByTime(WAIT - 1);
  tip.point(plain);
  vi.advanceTimersByTime(10 * WAIT);
  expect(tip.anchor).toBeNull();
});

test('the pointer may move onto the tooltip, and leave by it', () => {
  tip.point(one);
  vi.advanceTimersByTime(WAIT);
  tip.point(plain);
  vi.advanceTimersByTime(GRACE - 1);
  tip.point(plain, true);
  vi.advanceTimersByTime(10 * GRACE);
  expect(tip.anchor).toBe(one);
  tip.point(plain);
  vi.advanceTimersByTime(GRACE);
  expect(tip.anchor).toBeNull();
});

test('the focus is told at once, and the tooltip goes with it', () => {
  tip.focus(two);
  expect(tip.anchor).toBe(two);
  tip.focus(plain);
  expect(tip.anchor).toBeNull();
});

test('what was pressed has said enough until the pointer comes back', () => {
  tip.point(one);
  vi.advanceTimersByTime(WAIT);
  tip.press();
  tip.point(one.firstElementChild);
  vi.advanceTimersByTime(WAIT);
  expect(tip.anchor).toBeNull();
  tip.point(plain);
  tip.point(one);
  vi.advanceTimersByTime(WAIT);
  expect(tip.anchor).toBe(one);
});

test('what has a menu open, or is gone from the page, gets none', () => {
  one.ariaExpanded = 'true';
  tip.focus(one);
  expect(tip.anchor).toBeNull();
  tip.point(two);
  two.remove();
  vi.advanceTimersByTime(WAIT);
  expect(tip.anchor).toBeNull();
});
