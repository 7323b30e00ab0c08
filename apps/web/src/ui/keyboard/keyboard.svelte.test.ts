// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { caps, flaw, parse, spell } from '$ui/keyboard/keys';
import { KeyboardRegistry, USUAL, type Command } from '$ui/keyboard/registry.svelte';

interface Held {
  code?: string;
  held?: readonly string[];
  on?: Element;
  at?: number;
  composing?: boolean;
}

/** A key press as a browser reports it. */
function press(
  registry: KeyboardRegistry,
  key: string,
  { code = '', held = [], on = document.body, at, composing }: Held = {},
) {
  const event = new KeyboardEvent('keydown', {
    key,
    code,
    ctrlKey: held.includes('Control'),
    metaKey: held.includes('Meta'),
    altKey: held.includes('Alt'),
    shiftKey: held.includes('Shift'),
    isComposing: composing ?? false,
    cancelable: true,
    bubbles: true,
  });
  Object.defineProperty(event, 'getModifierState', { value: (name: string) => held.includes(name) });
  if (at !== undefined) Object.defineProperty(event, 'timeStamp', { value: at });
  on.addEventListener('keydown', (heard) => registry.handle(heard as KeyboardEvent), { once: true });
  on.dispatchEvent(event);
  return event;
}

function command(id: string, more: Partial<Command> = {}): Command & { run: ReturnType<typeof vi.fn<() => void>> } {
  return { id, title: () => id, ...more, run: vi.fn<() => void>() };
}

function field(): HTMLTextAreaElement {
  const element = document.createElement('textarea');
  document.body.append(element);
  return element;
}

afterEach(() => document.body.replaceChildren());

describe('keys', () => {
  it('are read for the platform at hand', () => {
    expect(parse('$mod+k', 'mac')).toEqual([{ key: 'k', modifiers: ['Meta'] }]);
    expect(parse('$mod+k', 'other')).toEqual([{ key: 'k', modifiers: ['Control'] }]);
    expect(parse('g i', 'other')).toHaveLength(2);
    expect(parse('', 'other')).toBeUndefined();
  });

  it('are shown as the keyboard at hand names them', () => {
    expect(caps('$mod+Shift+Enter', 'mac')).toEqual([['⇧', '⌘', '↵']]);
    expect(caps('$mod+Shift+Enter', 'other')).toEqual([['Ctrl', 'Shift', '↵']]);
    expect(caps('g i', 'other')).toEqual([['G'], ['I']]);
  });

  it('are spelled from what the person pressed', () => {
    const spelled = (key: string, code: string, held: readonly string[], platform: 'mac' | 'other' = 'other') => {
      const event = new KeyboardEvent('keydown', { key, code });
      Object.defineProperty(event, 'getModifierState', { value: (name: string) => held.includes(name) });
      return spell(event, platform);
    };
    expect(spelled('K', 'KeyK', ['Control', 'Shift'])).toBe('$mod+Shift+k');
    expect(spelled('k', 'KeyK', ['Meta'], 'mac')).toBe('$mod+k');
    expect(spelled('л', 'KeyK', ['Control'])).toBe('$mod+k');
    expect(spelled('?', 'Slash', ['Shift'])).toBe('?');
    expect(spelled('Shift', 'ShiftLeft', ['Shift'])).toBeUndefined();
  });

  it.each([
    ['$mod+t', 'other', 'browser'],
    ['$mod+Shift+n', 'other', 'browser'],
    ['$mod+3', 'other', 'browser'],
    ['Control+Tab', 'mac', 'browser'],
    ['Meta+j', 'other', 'browser'],
    ['Control+Alt+a', 'other', 'typing'],
    ['Alt+a', 'mac', 'typing'],
    ['Tab', 'other', 'moving'],
    ['Shift+ArrowDown', 'other', 'moving'],
    ['$mod+c', 'mac', 'editing'],
    ['g Enter', 'other', 'moving'],
    ['e', 'other', undefined],
    ['Alt+a', 'other', undefined],
    ['Control+]', 'other', undefined],
    ['$mod+Shift+l', 'mac', undefined],
  ] as const)('%s on %s is for a command to have, or not: %s', (binding, platform, expected) => {
    expect(flaw(binding, platform)).toBe(expected);
  });
});

describe('the registry', () => {
  it('runs a command by its key and by a sequence', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    const [resolve, inbox] = [command('resolve', { keys: ['e'] }), command('inbox', { keys: ['g i'] })];
    registry.register(resolve, inbox);
    expect(press(registry, 'e').defaultPrevented).toBe(true);
    press(registry, 'g', { at: 5_000 });
    press(registry, 'i', { at: 5_400 });
    expect(resolve.run).toHaveBeenCalledOnce();
    expect(inbox.run).toHaveBeenCalledOnce();
  });

  it('forgets a sequence after a second', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    const inbox = command('inbox', { keys: ['g i'] });
    registry.register(inbox);
    press(registry, 'g', { at: 5_000 });
    press(registry, 'i', { at: 6_500 });
    expect(inbox.run).not.toHaveBeenCalled();
  });

  it('leaves a press alone that nothing answers to', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    registry.register(command('resolve', { keys: ['e'] }));
    expect(press(registry, 'x').defaultPrevented).toBe(false);
    expect(press(registry, 'e', { held: ['Control'] }).defaultPrevented).toBe(false);
  });

  it('never takes a letter typed with AltGr or while composing', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    const all = command('all', { keys: ['Control+Alt+a', 'a'], whileWriting: 'always' });
    registry.register(all);
    press(registry, 'ă', { code: 'KeyA', held: ['Control', 'Alt', 'AltGraph'], on: field() });
    press(registry, 'a', { composing: true, on: field() });
    expect(all.run).not.toHaveBeenCalled();
  });

  it('lets a person write, and still hears keys with a modifier', () => {
    const registry = new KeyboardRegistry({ platform: 'other', scopes: { list: 'never' } });
    const [reply, palette, undo] = [
      command('reply', { keys: ['r'] }),
      command('palette', { keys: ['$mod+k'] }),
      command('undo', { keys: ['$mod+z'], scope: 'list' }),
    ];
    registry.register(reply, palette, undo);
    registry.enter('list');
    const text = field();
    press(registry, 'r', { on: text });
    press(registry, 'k', { held: ['Control'], on: text });
    press(registry, 'z', { held: ['Control'], on: text });
    expect([reply, palette, undo].map((each) => each.run.mock.calls.length)).toEqual([0, 1, 0]);
  });

  it('counts keys of a scope only while it is entered, and of a command only when it makes sense', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    let possible = false;
    const [next, undo] = [
      command('next', { keys: ['j'], scope: 'list' }),
      command('undo', { keys: ['z'], when: () => possible }),
    ];
    registry.register(next, undo);
    press(registry, 'j');
    const leave = registry.enter('list');
    press(registry, 'j');
    leave();
    press(registry, 'j');
    press(registry, 'z');
    possible = true;
    press(registry, 'z');
    expect([next.run.mock.calls.length, undo.run.mock.calls.length]).toEqual([1, 1]);
  });

  it('finds signs on every layout and letters under other alphabets', () => {
    const registry = new KeyboardRegistry({ platform: 'mac' });
    const [help, palette, first] = [
      command('help', { keys: ['?'] }),
      command('palette', { keys: ['$mod+k'] }),
      command('first', { keys: { mac: ['Control+1'], other: ['Alt+1'] } }),
    ];
    registry.register(help, palette, first);
    press(registry, '?', { held: ['Shift'] });
    press(registry, 'л', { code: 'KeyK', held: ['Meta'] });
    press(registry, '&', { code: 'Digit1', held: ['Control'] });
    expect([help, palette, first].map((each) => each.run.mock.calls.length)).toEqual([1, 1, 1]);
  });

  it('follows the preset, then the person', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    registry.register(command('archive', { keys: ['e'], presets: { whatsapp: ['$mod+Shift+a'] } }));
    expect(registry.keys('archive')).toEqual(['e']);
    registry.settings = { ...registry.settings, preset: 'whatsapp' };
    expect(registry.keys('archive')).toEqual(['$mod+Shift+a']);
    registry.rebind('archive', 'y', { old: '$mod+Shift+a' });
    expect(registry.keys('archive')).toEqual(['y']);
    registry.rebind('archive', 'Shift+y');
    expect(registry.keys('archive')).toEqual(['y', 'Shift+y']);
    registry.unbind('archive', 'y');
    expect(registry.keys('archive')).toEqual(['Shift+y']);
    registry.reset('archive');
    expect(registry.keys('archive')).toEqual(['$mod+Shift+a']);
  });

  it('knows who else has keys, whole or as a beginning, also while nobody can run it', () => {
    const registry = new KeyboardRegistry({ platform: 'other', over: ['message'] });
    registry.describe(
      command('resolve', { keys: ['e'] }),
      command('inbox', { keys: ['g i'] }),
      command('next', { keys: ['j'], scope: 'list' }),
      command('down', { keys: ['ArrowDown'], scope: 'thread' }),
      command('react', { keys: ['e'], scope: 'message' }),
      command('undo', { keys: ['z'], shares: ['take back'] }),
      command('take back', { keys: ['z'] }),
    );
    const against = (id: string, binding: string) => registry.conflicts(id, binding).map((one) => one.command.id);
    expect(against('inbox', 'e')).toEqual(['resolve']);
    expect(registry.conflicts('resolve', 'g').map(({ binding }) => binding)).toEqual(['g i']);
    // List and thread are there at the same time; the message in focus comes before both.
    expect(against('down', 'j')).toEqual(['next']);
    expect(against('react', 'j')).toEqual([]);
    expect(against('undo', 'z')).toEqual([]);
  });

  it('swaps the keys of two commands, or takes them from one', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    registry.describe(
      command('resolve', { keys: ['e'] }),
      command('snooze', { keys: ['h', 'b'] }),
      command('send', { keys: ['Enter'], fixed: true }),
    );
    expect(registry.canSwap('resolve', 'h', 'e')).toBe(true);
    registry.rebind('resolve', 'h', { old: 'e', swap: true });
    expect([registry.keys('resolve'), registry.keys('snooze')]).toEqual([['h'], ['e', 'b']]);
    registry.rebind('resolve', 'b');
    expect([registry.keys('resolve'), registry.keys('snooze')]).toEqual([['h', 'b'], ['e']]);
    // Nothing to give in return, and what nobody can change.
    expect([registry.canSwap('resolve', 'e', undefined), registry.canSwap('resolve', 'Enter', 'h')]).toEqual([
      false,
      false,
    ]);
  });

  it('offers no swap that would only move the clash', () => {
    const registry = new KeyboardRegistry({ platform: 'other', over: ['message'] });
    registry.describe(
      command('reply', { keys: ['r'], scope: 'message' }),
      command('copy', { keys: ['c'], scope: 'message' }),
      command('inbox', { keys: ['g i'] }),
      command('doctor', { keys: ['g d'] }),
    );
    expect(registry.canSwap('reply', 'c', 'r')).toBe(true);
    // One after the other: G alone is in the way of both.
    expect(registry.canSwap('inbox', 'g', 'g i')).toBe(false);
  });

  it('hears what is in focus before what is around it', () => {
    const registry = new KeyboardRegistry({ platform: 'other', over: ['message'] });
    const [resolve, react] = [command('resolve', { keys: ['e'] }), command('react', { keys: ['e'], scope: 'message' })];
    registry.register(resolve, react);
    press(registry, 'e');
    const leave = registry.enter('message');
    press(registry, 'e');
    leave();
    expect([resolve.run.mock.calls.length, react.run.mock.calls.length]).toEqual([1, 1]);
  });

  it('leaves Enter and Space to the button that has the focus', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    const open = command('open', { keys: ['Enter'] });
    registry.register(open);
    const button = document.createElement('button');
    document.body.append(button);
    expect(press(registry, 'Enter', { on: button }).defaultPrevented).toBe(false);
    press(registry, 'Enter');
    expect(open.run).toHaveBeenCalledOnce();
  });

  it('takes names and keys from the description, and refuses what nobody described', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    registry.describe({ id: 'resolve', title: () => 'Resolve', keys: ['e'] });
    const run = vi.fn();
    const leave = registry.register({ id: 'resolve', run });
    press(registry, 'e');
    expect([run.mock.calls.length, registry.commands[0]?.title()]).toEqual([1, 'Resolve']);
    leave();
    expect([registry.commands.length, registry.all.map(({ id }) => id)]).toEqual([0, ['resolve']]);
    expect(() => registry.register({ id: 'other', run })).toThrow('nobody says what other does');
  });

  it('offers what is at hand before what is always there', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    const [settings, leave, resolve] = [command('settings'), command('leave'), command('resolve', { scope: 'list' })];
    registry.describe(settings, leave, resolve);
    registry.register(leave, settings, resolve);
    registry.enter('list');
    expect(registry.offered.map(({ id }) => id)).toEqual(['resolve', 'settings', 'leave']);
  });

  it('lets Option type on a Mac', () => {
    const registry = new KeyboardRegistry({ platform: 'mac', scopes: { list: 'modified' } });
    const all = command('all', { keys: ['Alt+l'], scope: 'list' });
    registry.register(all);
    registry.enter('list');
    press(registry, 'ł', { code: 'KeyL', held: ['Alt'], on: field() });
    expect(all.run).not.toHaveBeenCalled();
    press(registry, 'ł', { code: 'KeyL', held: ['Alt'] });
    expect(all.run).toHaveBeenCalledOnce();
  });

  it('can do without single letters', () => {
    const settings = { ...USUAL, single_letters: false };
    const registry = new KeyboardRegistry({ platform: 'other', settings });
    const both = command('palette', { keys: ['k', '$mod+k', 'g p'] });
    registry.register(both);
    press(registry, 'k');
    expect(both.run).not.toHaveBeenCalled();
    expect(registry.keys('palette')).toEqual(['$mod+k']);
  });

  it('comes back whole from a file, and reads no nonsense', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    registry.register(command('resolve', { keys: ['e'] }));
    registry.rebind('resolve', 'y', { old: 'e' });
    registry.settings = { ...registry.settings, send: 'mod_enter', single_letters: false };
    expect(registry.import(registry.export())).toEqual({ settings: registry.settings, unreadable: [] });
    expect(registry.import('[]')).toBeUndefined();
    expect(registry.import('{"version":1,"preset":"gmail"}')).toBeUndefined();
    const file = { ...(JSON.parse(registry.export()) as object), keys: { resolve: ['y'], next: [1], back: ['Tab'] } };
    expect(registry.import(JSON.stringify(file))?.unreadable).toEqual(['next', 'back']);
    expect(registry.import(JSON.stringify({ ...file, preset: 'vim' }))).toBeUndefined();
  });

  it('can be filled from an effect, which then runs once', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    let runs = 0;
    const stop = $effect.root(() => {
      $effect(() => {
        runs += 1;
        const leave = registry.enter('list');
        const take = registry.register(command('next', { keys: ['j'], scope: 'list' }));
        return () => [leave, take].forEach((undo) => undo());
      });
    });
    flushSync();
    expect([runs, registry.keys('next')]).toEqual([1, ['j']]);
    stop();
    expect(registry.commands).toEqual([]);
  });

  it('saves what the person changes, and not what came from elsewhere', () => {
    const save = vi.fn();
    const registry = new KeyboardRegistry({ platform: 'other', save });
    registry.register(command('resolve', { keys: ['e'] }));
    registry.adopt({ ...USUAL, preset: 'gmail' });
    expect(save).not.toHaveBeenCalled();
    registry.rebind('resolve', 'y', { old: 'e' });
    expect(save).toHaveBeenCalledWith({ ...USUAL, preset: 'gmail', keys: { resolve: ['y'] } });
  });
});
