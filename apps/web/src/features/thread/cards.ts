// Contact cards come in the channel's own shape: read with care, for what a person wants of them. Pure.

export interface Card {
  name: string;
  phones: readonly string[];
  emails: readonly string[];
  company: string;
}

type Known = Readonly<Record<string, unknown>>;
const record = (value: unknown): Known => (typeof value === 'object' && value !== null ? (value as Known) : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const each = (value: unknown, key: string): string[] =>
  (Array.isArray(value) ? value : []).map((one) => text(record(one)[key])).filter((one) => one !== '');

export function cardOf(raw: unknown): Card {
  const card = record(raw);
  const name = record(card['name']);
  const whole = text(name['formatted_name']) || [name['first_name'], name['last_name']].map(text).join(' ').trim();
  return {
    name: whole,
    phones: each(card['phones'], 'phone'),
    emails: each(card['emails'], 'email'),
    company: text(record(card['org'])['company']),
  };
}
