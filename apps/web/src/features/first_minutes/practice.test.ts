import { expect, test } from 'vitest';
import type { Conversation, Inbox } from '$api/index';
import type { Desk } from '$state/index';
import { fits, isSimulated, practiceOf } from './practice';

const at = '2026-11-22T09:00:00Z';
const conversation = (id: string, more: Partial<Conversation> = {}): Conversation => ({
  id,
  status: 'open',
  column: 'new',
  contact: { id: `con_${id}`, name: 'Ion' },
  identity: { id: `idn_${id}` },
  inbox: { id: 'inb_real', name: 'Magazin', channel: 'whatsapp_cloud' },
  assignee: null,
  labels: [],
  unread: 0,
  last_message: null,
  last_message_at: at,
  window: { is_open: true, until: at },
  created_at: at,
  ...more,
});
const inbox = (base_url: string) => ({ whatsapp_cloud: { base_url } }) as unknown as Inbox;

function desk(...all: readonly Conversation[]): Pick<Desk, 'rows' | 'directory'> {
  const rows = { get: (id: string) => all.find((one) => one.id === id) ?? null };
  const inboxById = new Map([
    ['inb_real', inbox('https://graph.facebook.com')],
    ['inb_town', inbox('http://127.0.0.1:43249')],
  ]);
  return { rows, directory: { inboxById } } as unknown as Pick<Desk, 'rows' | 'directory'>;
}

test('each step wants a conversation with which it can be done', () => {
  const owned = conversation('a', { assignee: { id: 'agt_1', name: 'Ana' } });
  const shut = conversation('b', { window: { is_open: false, until: at } });
  const resolved = conversation('c', { status: 'resolved' });
  expect([fits('claim', owned), fits('claim', shut), fits('answer', shut), fits('answer', owned)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
  expect(['claim', 'answer', 'note', 'snooze'].map((step) => fits(step as 'note', resolved))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('only what runs on this computer is a simulator', () => {
  expect(['http://127.0.0.1:43249', 'http://localhost:1', 'http://[::1]:1'].map(isSimulated)).toEqual([
    true,
    true,
    true,
  ]);
  const others = ['https://graph.facebook.com', 'http://127.example.com', 'https://proxy.example', 'x', undefined];
  expect(others.map((url) => isSimulated(url))).toEqual([false, false, false, false, false]);
});

test('one practises on whoever is open, then on the town, then on the next one', () => {
  const town = conversation('town', { inbox: { id: 'inb_town', name: 'Oraș', channel: 'whatsapp_cloud' } });
  const all = desk(conversation('real'), town, conversation('resolved', { status: 'resolved' }));
  const ids = ['real', 'town', 'resolved'];
  expect(practiceOf('note', all, ids, 'real')?.conversation).toBe('real');
  expect(practiceOf('note', all, ids, undefined)).toEqual({ conversation: 'town', isSimulated: true });
  expect(practiceOf('note', all, ids, 'resolved')?.conversation).toBe('town');
  expect(practiceOf('note', all, ['real'], undefined)).toEqual({ conversation: 'real', isSimulated: false });
  expect(practiceOf('note', all, [], undefined)).toBeNull();
});
