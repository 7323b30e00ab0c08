// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { caps, parse, spell } from '$ui/keyboard/keys';
import { KeyboardRegistry, type Command } from '$ui/keyboard/registry.svelte';

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
    const event = new KeyboardEvent('keydown', { key: 'K', ctrlKey: true, shiftKey: true });
    Object.defineProperty(event, 'getModifierState', { value: (name: string) => ['Control', 'Shift'].includes(name) });
    expect(spell(event)).toBe('Control+Shift+k');
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
    expect(registry.remap('archive', ['y'])).toEqual([]);
    expect(registry.keys('archive')).toEqual(['y']);
    registry.reset('archive');
    expect(registry.keys('archive')).toEqual(['$mod+Shift+a']);
  });

  it('refuses keys that another command has, whole or as a beginning', () => {
    const registry = new KeyboardRegistry({ platform: 'other' });
    registry.register(
      command('resolve', { keys: ['e'] }),
      command('inbox', { keys: ['g i'] }),
      command('next', { keys: ['j'], scope: 'list' }),
      command('down', { keys: ['ArrowDown'], scope: 'thread' }),
    );
    expect(registry.remap('inbox', ['e']).map(({ command: { id } }) => id)).toEqual(['resolve']);
    expect(registry.conflicts('resolve', 'g').map(({ binding }) => binding)).toEqual(['g i']);
    expect(registry.conflicts('resolve', 'j').map(({ command: { id } }) => id)).toEqual(['next']);
    expect(registry.conflicts('down', 'j')).toEqual([]);
    expect(registry.keys('inbox')).toEqual(['g i']);
  });

  it('can do without single letters', () => {
    const settings = { preset: 'centrala', characterKeys: false, bindings: {} } as const;
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
    registry.remap('resolve', ['y']);
    expect(registry.import(registry.export())).toEqual({ settings: registry.settings, unreadable: [] });
    expect(registry.import('[]')).toBeUndefined();
    expect(registry.import('{"version":1,"preset":"vim"}')).toBeUndefined();
    const broken = registry.import('{"version":1,"preset":"gmail","bindings":{"resolve":["y"],"next":[1]}}');
    expect(broken?.unreadable).toEqual(['next']);
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

  it('saves what the person changes', () => {
    const save = vi.fn();
    const registry = new KeyboardRegistry({ platform: 'other', save });
    registry.register(command('resolve', { keys: ['e'] }));
    registry.remap('resolve', ['y']);
    expect(save).toHaveBeenCalledWith({ preset: 'centrala', characterKeys: true, bindings: { resolve: ['y'] } });
  });
});
