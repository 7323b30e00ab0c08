import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generated, kindsOf } from '../scripts/generated.mjs';

test('generated files are what the sources give; `npm run generate` writes them', async () => {
  for (const [path, text] of Object.entries(await generated())) {
    const kept = await readFile(new URL(`../${path}`, import.meta.url), 'utf8');
    expect(kept === text, `${path} is not up to date`).toBe(true);
  }
});

test('variants are read with and without members', () => {
  const source = `pub enum Event {
    /// One, of a kind { strange }.
    LabelCreated,
    /// Two.
    ConversationAssigned {
        conversation: ConversationId,
        from: Option<AgentId>,
    },
}
`;
  expect(kindsOf(source)).toEqual({
    label_created: {},
    conversation_assigned: {
      conversation: 'ConversationId',
      from: 'Option<AgentId>',
    },
  });
});

test('every kind that the server names is known', async () => {
  const source = await readFile(new URL('../../../crates/domain/src/event.rs', import.meta.url), 'utf8');
  const named = [...source.matchAll(/Self::\w+(?: \{ \.\. \})? => "(\w+)"/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(40);
  expect(Object.keys(kindsOf(source)).sort()).toEqual(named.sort());
});
