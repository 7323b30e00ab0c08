import { describe, expect, it } from 'vitest';
import { keymap, OVER } from '$app/keymap';
import { caps, flaw, parse } from '$ui/keyboard/keys';
import en from '$messages/en.json';
import { catalogue, Language, type Translate } from '$i18n/i18n.svelte';
import { KeyboardRegistry, PRESETS, USUAL } from '$ui/keyboard/registry.svelte';

const english = new Language('en', catalogue(en));
const t: Translate = (key, ...[vars]) => english.say(key, vars);
const cases = PRESETS.flatMap((preset) => (['mac', 'other'] as const).map((platform) => ({ preset, platform })));

describe.each(cases)('the keys of $preset on $platform', ({ preset, platform }) => {
  const registry = new KeyboardRegistry({ platform, over: OVER, settings: { ...USUAL, preset } });
  registry.describe(...keymap(t, () => true));
  const bound = registry.all.flatMap((command) => registry.keysOf(command).map((keys) => ({ command, keys })));

  it('are each for one command at a time', () => {
    const clashes = bound.flatMap(({ command, keys }) =>
      registry.conflicts(command.id, keys).map((other) => `${keys}: ${command.id}, ${other.command.id}`),
    );
    expect(clashes).toEqual([]);
  });

  it('reach a page in every browser and type no letter', () => {
    const free = bound.filter(
      ({ command }) => !command.fixed && command.id !== 'inbox.back' && command.id !== 'message.open',
    );
    expect(free.filter(({ keys }) => flaw(keys, platform) !== undefined)).toEqual([]);
    expect(free.filter(({ keys }) => /Control\+Alt\+[a-z]$/.test(keys))).toEqual([]);
  });

  it('have names that are texts', () => {
    const all = registry.all.map(({ id, title, group }) => [id, title(), group?.() ?? '']);
    expect(
      all.filter((texts) => texts.some((text) => text === '' || (/^\w+\.\w+\.?\w*$/.test(text) && text !== texts[0]))),
    ).toEqual([]);
  });

  it('can be read and drawn', () => {
    expect(bound.filter(({ keys }) => !parse(keys, platform) || caps(keys, platform).length === 0)).toEqual([]);
    expect(bound.length).toBeGreaterThan(30);
  });
});

describe('presets', () => {
  const keysOf = (preset: (typeof PRESETS)[number], id: string) => {
    const registry = new KeyboardRegistry({ platform: 'other', over: OVER, settings: { ...USUAL, preset } });
    registry.describe(...keymap(t, () => true));
    return registry.keys(id);
  };

  it.each([
    ['gmail', 'inbox.next', ['j']],
    ['gmail', 'inbox.back', ['u', 'Escape']],
    ['gmail', 'conversation.resolve', ['e', '#']],
    ['gmail', 'conversation.snooze', ['b']],
    ['gmail', 'conversation.unread', ['Shift+u']],
    ['gmail', 'inbox.choose', ['x']],
    ['gmail', 'composer.reply', ['r']],
    ['gmail', 'go.inbox', ['g i']],
    ['whatsapp', 'inbox.next', ['Control+]']],
    ['whatsapp', 'conversation.resolve', ['Control+Shift+a']],
    ['whatsapp', 'composer.reply', ['Alt+r']],
    ['whatsapp', 'app.palette', ['$mod+k', 'Alt+k']],
    ['centrala', 'conversation.resolve', ['e']],
  ] as const)('%s has for %s what people have in their fingers', (preset, id, keys) => {
    expect(keysOf(preset, id)).toEqual(keys);
  });
});
