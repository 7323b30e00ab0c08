import { expect, test } from 'vitest';
import type { Inbox, Schema } from '$api/index';
import type { I18n } from '$i18n/i18n.svelte';
import { tell } from '$pages/doctor/words';

const t = ((key: string, values?: Record<string, unknown>) =>
  values ? `${key} ${Object.values(values).join(',')}` : key) as I18n['t'];
const ago = (): string => 'yesterday';
const health = { forged_webhooks: 0 } as Schema<'HealthOut'>;
const problem = { at: '2026-11-22T12:00:00Z', detail: 'Invalid OAuth access token' } as Schema<'HealthProblemOut'>;
const found = (check: string, condition: Schema<'Condition'>, seen: string): ReturnType<typeof tell> =>
  told({ check, condition, said: { code: 'no_inbox' }, seen, remedy: 'Do this.' });

function told(finding: Schema<'Finding'>, of: Schema<'HealthOut'> = health): ReturnType<typeof tell> {
  const inbox = { id: 'inb_06h0', name: 'Comenzi', health: of } as Inbox;
  return tell({ t }, finding, new Map([[inbox.id, inbox]]), ago);
}

test('what works needs neither a remedy nor English', () => {
  expect(found('database', 'fine', 'answers')).toMatchObject({
    text: 'doctor.says.database.fine',
    remedy: undefined,
    detail: undefined,
  });
});

test('what does not has words, a remedy, and what the server saw', () => {
  expect(found('disk_space', 'broken', '3 MB are free')).toMatchObject({
    title: 'doctor.check.diskSpace',
    text: 'doctor.says.diskSpace.broken',
    remedy: 'doctor.do.diskSpace',
    detail: '3 MB are free',
  });
});

test('what a newer server looks at is shown as it says it', () => {
  expect(found('phase_of_the_moon', 'warning', 'it wanes')).toEqual({
    title: 'phase of the moon',
    inbox: undefined,
    text: undefined,
    remedy: 'Do this.',
    detail: 'it wanes',
  });
});

test.each([
  ['broken', { ...health, credential_problem: problem }, 'doctor.inbox.refused', 'doctor.do.inbox.refused'],
  ['broken', { ...health, forged_webhooks: 3 }, 'doctor.inbox.forged 3', 'doctor.do.inbox.forged'],
  [
    'warning',
    { ...health, last_problem: problem },
    `doctor.inbox.trouble ${problem.detail}`,
    'doctor.do.inbox.trouble',
  ],
  ['warning', health, 'doctor.inbox.silent', 'doctor.do.inbox.silent'],
  ['fine', { ...health, last_inbound_at: problem.at }, 'doctor.inbox.heard yesterday', undefined],
] as const)('an inbox that is %s is told by its name, from what is known of it', (condition, of, text, remedy) => {
  const said = { code: 'inbox_silent', params: { inbox: 'inb_06h0', name: 'Comenzi' } } as const;
  const finding = { check: 'inboxes', condition, said, seen: 'Comenzi: something', remedy: 'Do this.' };
  expect(told(finding, of)).toMatchObject({ inbox: { name: 'Comenzi' }, text, remedy, detail: undefined });
});
