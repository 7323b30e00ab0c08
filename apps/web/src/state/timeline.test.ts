import { describe, expect, test } from 'vitest';
import type { Activity, Message } from '$api/index';
import { timelineOf } from './timeline';

const noon = (seconds: string): string => `2026-11-22T12:00:${seconds}Z`;

function message(id: string, position: string): Message {
  return { id, position, client_id: null, reactions: [] } as unknown as Message;
}

function line(seq: number, kind: string, at: string, position = at): Activity {
  return { seq, kind, at, position, actor: { kind: 'system', id: null, name: null } };
}

describe('the order of a thread', () => {
  test('what a message brought about stands before it, although it was noted later', () => {
    const items = timelineOf({
      messages: [message('msg_1', noon('01.200')), message('msg_2', noon('30'))],
      notes: [],
      activity: [
        line(9, 'conversation_reopened', noon('31.500'), noon('30')),
        line(7, 'conversation_resolved', noon('20')),
        line(5, 'conversation_opened', noon('02.700'), noon('01.200')),
      ],
      entries: [],
      hasOlder: false,
      hasNewer: false,
    });
    expect(items.map((item) => item.key)).toEqual(['fact_5', 'msg_1', 'fact_7', 'fact_9', 'msg_2']);
  });
});
