// WhatsApp's light markup as a tree. It is drawn as elements, never as HTML. Pure.

export type Inline =
  | { type: 'text'; text: string }
  | { type: 'bold' | 'italic' | 'strike'; children: readonly Inline[] }
  | { type: 'code'; text: string }
  | { type: 'link'; href: string; text: string };

export type Block =
  | { type: 'paragraph'; children: readonly Inline[] }
  | { type: 'quote'; children: readonly Inline[] }
  | { type: 'list'; isOrdered: boolean; start: number; items: readonly (readonly Inline[])[] }
  | { type: 'code'; text: string };

const MARKS = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const LINK = /(?:https?:\/\/|www\.)[^\s<>"]+/iy;
const BULLET = /^[*-] +(.+)$/;
const NUMBER = /^(\d{1,3})\. +(.+)$/;
const QUOTE = /^> ?(.*)$/;
const WORD = /[\p{L}\p{N}]/u;

export function blocksOf(text: string): Block[] {
  // Three back ticks go over lines, so they are cut out first.
  return text.split(/```([\s\S]+?)```/).flatMap((part, at): Block[] => {
    if (at % 2 === 1) return [{ type: 'code', text: part.replace(/^\n|\n$/g, '') }];
    return part === '' ? [] : linesOf(part);
  });
}

function linesOf(text: string): Block[] {
  const blocks: Block[] = [];
  let plain: string[] = [];
  const flush = (): void => {
    const body = plain.join('\n').replace(/^\n+|\n+$/g, '');
    if (body.trim() !== '') blocks.push({ type: 'paragraph', children: inlineOf(body) });
    plain = [];
  };
  const add = (block: Block): void => {
    const isFresh = plain.length > 0;
    flush();
    const last = blocks.at(-1);
    if (!isFresh && last?.type === 'list' && block.type === 'list' && last.isOrdered === block.isOrdered) {
      blocks[blocks.length - 1] = { ...last, items: [...last.items, ...block.items] };
    } else if (!isFresh && last?.type === 'quote' && block.type === 'quote') {
      const children = [...last.children, { type: 'text', text: '\n' } as const, ...block.children];
      blocks[blocks.length - 1] = { type: 'quote', children };
    } else blocks.push(block);
  };
  for (const line of text.split('\n')) {
    const bullet = BULLET.exec(line);
    const numbered = NUMBER.exec(line);
    const quote = QUOTE.exec(line);
    if (bullet) add({ type: 'list', isOrdered: false, start: 1, items: [inlineOf(bullet[1] ?? '')] });
    else if (numbered)
      add({ type: 'list', isOrdered: true, start: Number(numbered[1]), items: [inlineOf(numbered[2] ?? '')] });
    else if (quote) add({ type: 'quote', children: inlineOf(quote[1] ?? '') });
    else plain.push(line);
  }
  flush();
  return blocks;
}

export function inlineOf(text: string): Inline[] {
  const out: Inline[] = [];
  let plain = '';
  const push = (node: Inline): void => {
    if (plain !== '') out.push({ type: 'text', text: plain });
    plain = '';
    out.push(node);
  };
  for (let at = 0; at < text.length;) {
    const sign = text[at] ?? '';
    const link = startsWord(text, at) ? linkAt(text, at) : null;
    if (link !== null) {
      push({ type: 'link', href: /^www\./i.test(link) ? `https://${link}` : link, text: link });
      at += link.length;
      continue;
    }
    const end = sign === '`' || sign in MARKS ? closing(text, at, sign) : -1;
    if (end > 0) {
      const inner = text.slice(at + 1, end);
      push(
        sign === '`'
          ? { type: 'code', text: inner }
          : { type: MARKS[sign as keyof typeof MARKS], children: inlineOf(inner) },
      );
      at = end + 1;
      continue;
    }
    plain += sign;
    at += 1;
  }
  if (plain !== '') out.push({ type: 'text', text: plain });
  return out;
}

/** The words without their marks, on one line, for where there is room for one. */
export function textOf(text: string): string {
  const words = (nodes: readonly Inline[]): string =>
    nodes.map((node) => ('children' in node ? words(node.children) : node.text)).join('');
  const blocks = blocksOf(text).map((block) => {
    if (block.type === 'code') return block.text;
    return block.type === 'list' ? block.items.map(words).join(', ') : words(block.children);
  });
  return blocks.join(' ').replaceAll(/\s+/g, ' ').trim();
}

const startsWord = (text: string, at: number): boolean => at === 0 || !WORD.test(text[at - 1] ?? '');

function linkAt(text: string, at: number): string | null {
  LINK.lastIndex = at;
  const found = LINK.exec(text)?.[0];
  if (found === undefined) return null;
  // A full stop or bracket after an address belongs to the sentence, unless the address opened the bracket.
  const bare = found.replace(/[.,;:!?'*_~]+$/, '');
  const trimmed = bare.endsWith(')') && !bare.includes('(') ? bare.slice(0, -1) : bare;
  return URL.canParse(/^www\./i.test(trimmed) ? `https://${trimmed}` : trimmed) ? trimmed : null;
}

/** Where a mark that opens here closes, on the same line; a sign between letters is no mark. */
function closing(text: string, at: number, sign: string): number {
  const next = text[at + 1];
  if (!startsWord(text, at) || next === undefined || /\s/.test(next) || next === sign) return -1;
  for (let end = at + 2; end < text.length && text[end] !== '\n'; end++) {
    if (text[end] !== sign || /\s/.test(text[end - 1] ?? ' ')) continue;
    if (!WORD.test(text[end + 1] ?? '')) return end;
  }
  return -1;
}
