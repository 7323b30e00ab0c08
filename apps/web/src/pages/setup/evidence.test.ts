import { expect, test } from 'vitest';
import type { Schema } from '$api/index';
import type { I18n } from '$i18n/i18n.svelte';
import { tellEvidence } from '$pages/setup/evidence';

const t = ((key: string, values?: Record<string, unknown>) =>
  values ? `${key} ${Object.values(values).join(',')}` : key) as I18n['t'];
const told = (said: Schema<'EvidenceSaid'>) => tellEvidence({ t }, said, (at) => at.toISOString().slice(0, 10));

test('what needs no explanation of the channel is said in words alone', () => {
  expect(told({ code: 'token_fine' })).toEqual({ text: 'evidence.said.tokenFine', details: [] });
  expect(told({ code: 'token_expires', params: { at: '2026-12-01T08:00:00Z' } }).text).toBe(
    'evidence.said.tokenExpires 2026-12-01',
  );
  expect(told({ code: 'token_lacks', params: { permission: 'whatsapp_business_messaging' } }).text).toBe(
    'evidence.said.tokenLacks whatsapp_business_messaging',
  );
});

test('what the channel said stands below', () => {
  expect(told({ code: 'refused', params: { why: 'Invalid OAuth access token' } })).toEqual({
    text: 'evidence.said.refused',
    details: ['Invalid OAuth access token'],
  });
  const obstacles = [{ part: 'WABA', error_code: 141006, description: 'No payment.', solution: 'Add a card.' }];
  expect(told({ code: 'sending', params: { state: 'BLOCKED', obstacles } })).toEqual({
    text: 'evidence.state.BLOCKED',
    details: ['No payment. Add a card.'],
  });
});

test('a number is told by what matters of it, and by a new word as it came', () => {
  const number = (params: Partial<Extract<Schema<'EvidenceSaid'>, { code: 'number' }>['params']>): string =>
    told({ code: 'number', params: { is_test: false, ...params } }).text;
  expect(number({ status: 'CONNECTED', quality: 'GREEN', name_status: 'APPROVED' })).toBe(
    'evidence.numberStatus.CONNECTED · evidence.quality.GREEN',
  );
  expect(number({ status: 'PAUSED', quality: 'UNKNOWN', name_status: 'DECLINED', is_test: true })).toBe(
    'PAUSED · evidence.displayName.DECLINED · evidence.test',
  );
  expect(number({})).toBe('evidence.said.numberSilent');
  expect(told({ code: 'sending', params: { state: null, obstacles: [] } }).text).toBe('evidence.said.sendingSilent');
});
