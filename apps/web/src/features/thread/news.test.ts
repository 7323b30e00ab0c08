import { expect, test } from 'vitest';
import type { Item } from '$state/index';
import { message } from '$state/testing';
import { endOf, newsSince } from './news';

const said = (at: number, author: { kind: 'contact' | 'phone' | 'agent'; id?: string }): Item => ({
  type: 'message',
  key: `msg_${at}`,
  at,
  message: message(`msg_${at}`, at, { author: author as never, direction: author.kind === 'contact' ? 'in' : 'out' }),
});
const noted = (at: number, author: string): Item => ({
  type: 'note',
  key: `note_${at}`,
  at,
  note: { id: `note_${at}`, author, body: 'x', conversation: 'conv_1', created_at: '' },
});

const contact = { kind: 'contact', id: 'con_1' } as const;
const me = { kind: 'agent', id: 'agt_me' } as const;
const ana = { kind: 'agent', id: 'agt_ana' } as const;

test.each<[string, Item[], object | null]>([
  ['nothing came', [said(1, contact)], null],
  ['what one wrote oneself is no news', [said(1, contact), said(5, me), noted(6, 'agt_me')], null],
  [
    'the customer went on',
    [said(1, contact), said(5, contact), said(6, contact)],
    { who: 'customer', count: 2, at: 6 },
  ],
  [
    'a colleague answered',
    [said(5, contact), said(7, ana)],
    { who: 'agent', agent: 'agt_ana', isNote: false, count: 2 },
  ],
  ['a colleague left a note', [noted(7, 'agt_ana')], { who: 'agent', agent: 'agt_ana', isNote: true }],
  ['somebody answered from the phone', [said(7, { kind: 'phone' })], { who: 'phone', agent: null }],
])('%s', (_, items, expected) => {
  const news = newsSince(items, 2, 'agt_me');
  if (expected === null) expect(news).toBe(null);
  else expect(news).toMatchObject(expected);
});

test('a thread ends where its last message or note stands', () => {
  expect(endOf([])).toBe(-Infinity);
  expect(endOf([said(1, contact), noted(4, 'agt_me')])).toBe(4);
});
