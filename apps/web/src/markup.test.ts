import { expect, test } from 'vitest';
import { blocksOf, inlineOf, textOf } from './markup';

const plain = (text: string) => [{ type: 'text', text }];

test('marks nest, and need the edges of a word', () => {
  expect(inlineOf('*da _și_ da*')).toEqual([
    {
      type: 'bold',
      children: [
        { type: 'text', text: 'da ' },
        { type: 'italic', children: plain('și') },
        { type: 'text', text: ' da' },
      ],
    },
  ]);
  for (const text of ['2*3*4', 'nume_de_fișier', '* nu *', 'un ~ semn', '**'])
    expect(inlineOf(text)).toEqual(plain(text));
  expect(inlineOf('`*a*`')).toEqual([{ type: 'code', text: '*a*' }]);
});

test('links keep their signs and lose the sentence around them', () => {
  expect(inlineOf('(vezi https://a.ro/x_y_z?b=*c).')).toEqual([
    { type: 'text', text: '(vezi ' },
    { type: 'link', href: 'https://a.ro/x_y_z?b=*c', text: 'https://a.ro/x_y_z?b=*c' },
    { type: 'text', text: ').' },
  ]);
  expect(inlineOf('www.a.ro')).toEqual([{ type: 'link', href: 'https://www.a.ro', text: 'www.a.ro' }]);
  expect(inlineOf('javascript:alert(1)')).toEqual(plain('javascript:alert(1)'));
});

test('lines become lists, quotes and code; what is between stays as written', () => {
  expect(blocksOf('Bună\n\n- unu\n- doi\n3. trei\n> zis\n> iar\n```\nx *y*\n```')).toEqual([
    { type: 'paragraph', children: plain('Bună') },
    { type: 'list', isOrdered: false, start: 1, items: [plain('unu'), plain('doi')] },
    { type: 'list', isOrdered: true, start: 3, items: [plain('trei')] },
    { type: 'quote', children: [...plain('zis'), ...plain('\n'), ...plain('iar')] },
    { type: 'code', text: 'x *y*' },
  ]);
  expect(blocksOf('a\n\nb')).toEqual([{ type: 'paragraph', children: plain('a\n\nb') }]);
});

test('one line of it has the words alone', () => {
  expect(textOf('Da, *240 lei*, _vineri_:\n- mere\n- pere\n\n> sigur?\n```x *y*```')).toBe(
    'Da, 240 lei, vineri: mere, pere sigur? x *y*',
  );
  expect(textOf('2*3*4  ~ ')).toBe('2*3*4 ~');
});
