import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Conversation, KnownEvent, Message } from '$api/index';
import { foldConversation, foldDelivery, type ConversationFacts, type DeliveryFacts } from './fold';
import { compareAt, instant, micros } from './instant';
import { foldMessage } from './message';
import { needsOf } from './needs';
import { factsOf, foldRow, type Names } from './row';

interface Fact {
  at: string;
  event: KnownEvent;
}
type Fixture =
  | { of: 'conversation'; before: ConversationFacts; facts: Fact[]; after: ConversationFacts }
  | { of: 'delivery'; before: DeliveryFacts; facts: Fact[]; after: DeliveryFacts };

const folder = resolve(process.cwd(), '../../fixtures/fold');
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name): [string, Fixture] => [name, JSON.parse(readFileSync(resolve(folder, name), 'utf8')) as Fixture]);

const names: Names = {
  agent: (id) => ({ id, name: 'Ana' }),
  label: (id) => ({ id, name: 'urgent', color: '#d92d20' }),
  windowHours: () => 24,
};

function rowOf(it: ConversationFacts): Conversation {
  const { inbox, contact, identity, assignee, last_message, last_inbound_at, ...same } = it;
  return {
    ...same,
    column: null,
    inbox: { id: inbox, name: 'Magazin', channel: 'whatsapp_cloud' },
    contact: { id: contact, name: null },
    identity: { id: identity, phone: null, username: null },
    assignee: assignee === null ? null : { id: assignee, name: 'Ana' },
    labels: [],
    last_message:
      last_message === null
        ? null
        : {
            id: last_message,
            direction: 'in',
            kind: 'text',
            text: 'Bună',
            status: 'received',
            sent_at: it.last_message_at,
            is_revoked: false,
          },
    window: {
      is_open: last_inbound_at !== null,
      until: last_inbound_at === null ? null : instant(micros(last_inbound_at) + 24 * 3_600_000_000),
    },
  };
}

describe('facts of the command tests, applied to the state before, give the state after', () => {
  test('there are fixtures of both kinds', () => {
    expect(new Set(fixtures.map(([, { of }]) => of))).toEqual(new Set(['conversation', 'delivery']));
  });

  test.each(fixtures)('%s', (_, fixture) => {
    const events = fixture.facts.map(({ event }) => event);
    if (fixture.of === 'conversation') {
      expect(events.reduce(foldConversation, fixture.before)).toEqual(fixture.after);
      // What a screen shows goes the same way.
      const now = Date.parse('2026-11-02T09:00:00Z');
      const row = events.reduce((row, event) => foldRow(row, event, names, now), rowOf(fixture.before));
      expect(factsOf(row, names)).toEqual(fixture.after);
    } else {
      expect(events.reduce(foldDelivery, fixture.before)).toEqual(fixture.after);
    }
  });
});

test('instants are compared to the microsecond, and ids decide between equal ones', () => {
  expect(compareAt('2026-11-02T09:00:00Z', 'b', '2026-11-02T09:00:00.5Z', 'a')).toBeLessThan(0);
  expect(compareAt('2026-11-02T09:00:00.000001Z', 'a', '2026-11-02T09:00:00Z', 'b')).toBe(1);
  expect(compareAt('2026-11-02T09:00:00Z', 'a', '2026-11-02T09:00:00Z', 'b')).toBe(-1);
  expect(instant(micros('2026-11-02T09:00:00.123456Z'))).toBe('2026-11-02T09:00:00.123456Z');
});

test('a fact about something else changes nothing, not even the object', () => {
  const fixture = fixtures.find(([name]) => name === 'conversation_assigned.json')?.[1];
  if (fixture?.of !== 'conversation') throw new Error('the fixture is gone');
  const row = rowOf(fixture.before);
  expect(foldRow(row, { kind: 'conversation_read', conversation: 'conv_other' }, names, 0)).toBe(row);
});

test('a kind that this build does not know fetches what it names, and breaks nothing', () => {
  const later = { kind: 'conversation_praised', conversation: 'conv_1', message: 'msg_1', by: 'con_1', n: 3 };
  const event = later as unknown as KnownEvent;
  expect(needsOf(event)).toEqual(
    expect.arrayContaining([
      { what: 'row', id: 'conv_1', isNew: false },
      { what: 'messages', conversation: 'conv_1' },
      { what: 'message', conversation: 'conv_1', id: 'msg_1' },
      { what: 'contact', id: 'con_1' },
    ]),
  );
  const fixture = fixtures.find(([name]) => name === 'message_received.json')?.[1];
  if (fixture?.of !== 'conversation') throw new Error('the fixture is gone');
  expect(foldConversation(fixture.before, event)).toBe(fixture.before);
  expect(needsOf({ kind: 'strange' } as unknown as KnownEvent)).toEqual([]);
});

test('labels and the newest message of a row follow too', () => {
  const fixture = fixtures.find(([name]) => name === 'message_received_again.json')?.[1];
  if (fixture?.of !== 'conversation') throw new Error('the fixture is gone');
  const row = rowOf({ ...fixture.before, last_message: 'msg_1' });
  const labelled = foldRow(row, { kind: 'conversation_labelled', conversation: row.id, label: 'lbl_1' }, names, 0);
  expect(labelled.labels.map((label) => label.name)).toEqual(['urgent']);
  expect(foldRow(labelled, { kind: 'label_deleted', label: 'lbl_1' }, names, 0).labels).toEqual([]);
  const at = '2026-11-02T09:00:00Z';
  const revoked = foldRow(row, { kind: 'message_revoked', conversation: row.id, message: 'msg_1', at }, names, 0);
  expect(revoked.last_message).toMatchObject({ is_revoked: true, text: null });
});

test('ticks, reactions and decisions show on a message without a fetch', () => {
  const explain = (_: string, code: number) => ({ code, cause: { en: 'Expired', ro: 'Expirat' } });
  const message = { id: 'msg_1', inbox: 'inb_1', status: 'uncertain', attempt: 1, reactions: [] } as unknown as Message;
  const of = { conversation: 'conv_1', message: 'msg_1' };
  const asked = foldMessage(message, { kind: 'message_needs_decision', ...of, attempt: 1 }, explain);
  expect(asked.needs_decision).toBe(true);
  const at = '2026-11-02T09:00:00Z';
  const failed: KnownEvent = {
    kind: 'message_status_changed',
    ...of,
    attempt: 1,
    status: 'failed',
    at,
    error_code: 190,
  };
  expect(foldMessage(asked, failed, explain)).toMatchObject({
    status: 'failed',
    needs_decision: false,
    error: { code: 190, cause: { ro: 'Expirat' } },
  });
  const thumb: KnownEvent = { kind: 'message_reacted', ...of, direction: 'in', emoji: '👍', at };
  const heart: KnownEvent = { ...thumb, emoji: '❤️' };
  const liked = [thumb, heart].reduce((it, event) => foldMessage(it, event, explain), message);
  expect(liked.reactions.map((reaction) => reaction.emoji)).toEqual(['❤️']);
  expect(foldMessage(liked, { ...thumb, emoji: null }, explain).reactions).toEqual([]);
});
