import { describe, expect, it, vi } from 'vitest';
import { Palette, type PaletteItem } from '$ui/keyboard/palette.svelte';
import { KeyboardRegistry, type Command } from '$ui/keyboard/registry.svelte';

const words = () => ({ title: 'Palette', placeholder: 'Type', recent: 'Recent', commands: 'Commands' });
const command = (id: string, title: string, more: Partial<Command> = {}): Command => ({
  id,
  title: () => title,
  run: () => undefined,
  ...more,
});

function setUp(commands: readonly Command[], recent: readonly string[] = []) {
  const registry = new KeyboardRegistry({ platform: 'other' });
  registry.register(...commands);
  const save = vi.fn();
  return { save, palette: new Palette({ registry, words, recent, save }) };
}

const titles = (palette: Palette): string[] => palette.groups.flatMap(({ items }) => items.map(({ title }) => title));

describe('the palette', () => {
  it('finds Romanian typed without diacritics', () => {
    const { palette } = setUp([command('a', 'Șterge eticheta'), command('b', 'Trimite și închide')]);
    palette.show();
    palette.search('sterge');
    expect(titles(palette)).toEqual(['Șterge eticheta']);
    palette.search('si inch');
    expect(titles(palette)).toEqual(['Trimite și închide']);
  });

  it('puts what starts with the words before what merely has them', () => {
    const { palette } = setUp([command('a', 'Unassign'), command('b', 'Go to assigned'), command('c', 'Assign to me')]);
    palette.show();
    palette.search('assign');
    expect(titles(palette)).toEqual(['Assign to me', 'Go to assigned', 'Unassign']);
  });

  it('puts the group with the best answer first, and what is searched for below', () => {
    const { palette } = setUp([command('a', 'Show keyboard shortcuts')]);
    const item = (title: string): PaletteItem => ({ id: title, title, run: () => undefined });
    palette.provide({ id: 'people', title: () => 'People', searches: true, items: () => [item('Keyboard Ion')] });
    palette.provide({ id: 'settings', title: () => 'Settings', items: () => [item('Keyboard')] });
    palette.show();
    palette.search('keyboard');
    expect(titles(palette)).toEqual(['Keyboard', 'Show keyboard shortcuts', 'Keyboard Ion']);
  });

  it('shows recent ones first, then remembers what was chosen', () => {
    const { palette, save } = setUp([command('a', 'Assign'), command('b', 'Block'), command('c', 'Close')], ['c']);
    palette.show();
    expect(titles(palette)).toEqual(['Close', 'Assign', 'Block']);
    palette.move(2);
    palette.choose();
    expect(save).toHaveBeenCalledWith(['b', 'c']);
    expect(palette.open).toBe(false);
  });

  it('offers only what makes sense now, with its keys', () => {
    const { palette } = setUp([
      command('a', 'Assign', { keys: ['a'] }),
      command('b', 'Block', { when: () => false }),
      command('c', 'Next row', { keysOnly: true }),
    ]);
    palette.show();
    expect(palette.groups.flatMap(({ items }) => items.map(({ id, keys }) => [id, keys]))).toEqual([['a', 'a']]);
  });

  it('goes into the choices of an item and back', () => {
    const chosen = vi.fn();
    const people = { id: 'people', title: () => 'People', items: () => [{ id: 'ana', title: 'Ana', run: chosen }] };
    const item: PaletteItem = { id: 'assign', title: 'Assign…', run: { title: 'Assign', providers: [people] } };
    const { palette } = setUp([]);
    palette.provide({ id: 'own', title: () => 'Own', items: () => [item] });
    palette.show();
    palette.choose();
    expect([palette.path, titles(palette)]).toEqual([['Assign'], ['Ana']]);
    palette.back();
    expect(titles(palette)).toEqual(['Assign…']);
    palette.choose();
    palette.choose();
    expect(chosen).toHaveBeenCalledOnce();
  });

  it('shows no answer that comes after the question changed', async () => {
    const answers = new Map<string, (items: readonly PaletteItem[]) => void>();
    const { palette } = setUp([]);
    palette.provide({
      id: 'far',
      title: () => 'Far',
      searches: true,
      items: (query) => new Promise((resolve) => answers.set(query, resolve)),
    });
    palette.show();
    palette.search('a');
    palette.search('ab');
    answers.get('ab')?.([{ id: '2', title: 'New', run: () => undefined }]);
    answers.get('a')?.([{ id: '1', title: 'Old', run: () => undefined }]);
    await vi.waitFor(() => expect(titles(palette)).toEqual(['New']));
  });

  it('says that a source has not answered yet, and when it could not', async () => {
    let refuse = (): void => undefined;
    const { palette } = setUp([command('a', 'Assign')]);
    palette.provide({
      id: 'far',
      title: () => 'Far',
      searches: true,
      items: (query) =>
        query === '' ? [] : new Promise((_, reject) => (refuse = () => reject(new Error('no connection')))),
    });
    palette.show();
    expect([palette.isSearching, palette.hasFailed]).toEqual([false, false]);
    palette.search('as');
    expect([palette.isSearching, titles(palette)]).toEqual([true, ['Assign']]);
    refuse();
    await vi.waitFor(() => expect(palette.hasFailed).toBe(true));
    expect([palette.isSearching, titles(palette)]).toEqual([false, ['Assign']]);
    palette.search('ass');
    expect([palette.isSearching, palette.hasFailed]).toEqual([true, false]);
    palette.close();
    expect(palette.isSearching).toBe(false);
  });

  it('finds by the first letters of words, and not by letters that merely stand somewhere', () => {
    const { palette } = setUp([command('a', 'Mark as unread'), command('b', 'Remove the owner')]);
    palette.show();
    palette.search('mau');
    expect(titles(palette)).toEqual(['Mark as unread']);
    palette.search('moe');
    expect(titles(palette)).toEqual([]);
  });
});
