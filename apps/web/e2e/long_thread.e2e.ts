// A customer of many years: 20,000 messages in one thread, and a browser that never has more than a slice of them.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogues, Demo, until } from './program';

const MESSAGES = 20_000;
const words = catalogues.en.thread;

let demo: Demo;
let thread: string;
let page: Page;

beforeAll(async () => {
  demo = await Demo.start('--long-thread', String(MESSAGES));
  thread = demo.links.past?.long_thread ?? '';
  const agent = demo.agent('owner');
  // Years of unread messages are another journey.
  await demo.api('POST', `/conversations/${thread}/read`, agent);
  page = await demo.window();
  await demo.signIn(page, agent, 'en');
});
afterAll(() => demo?.stop());

interface Seen {
  /** Keys of what stands in the view, whole or in part, from the top. */
  readonly keys: readonly string[];
  readonly top: number;
  readonly height: number;
  readonly isAtEnd: boolean;
  readonly articles: number;
  /** Elements inside of the thread. */
  readonly nodes: number;
}

const look = (): Promise<Seen> =>
  page.getByRole('log').evaluate((box) => {
    const frame = box.getBoundingClientRect();
    const articles = [...box.querySelectorAll<HTMLElement>('article')];
    const seen = articles.filter((one) => {
      const { top, bottom } = one.getBoundingClientRect();
      return bottom > frame.top && top < frame.bottom;
    });
    return {
      keys: seen.map((one) => one.dataset['key'] ?? ''),
      top: box.scrollTop,
      height: box.scrollHeight,
      isAtEnd: box.scrollHeight - box.scrollTop - box.clientHeight < 2,
      articles: articles.length,
      nodes: box.querySelectorAll('*').length,
    };
  });

interface Part {
  readonly items: readonly { readonly id: string; readonly client_id?: string | null; readonly content: Content }[];
  readonly before?: string;
}
interface Content {
  readonly type: string;
  readonly body?: string;
}

const part = (query: string): Promise<Part> =>
  demo.api<Part>('GET', `/conversations/${thread}/messages?${query}`, demo.agent('owner'));
const keyOf = ({ id, client_id }: Part['items'][number]): string => client_id ?? id;

/** Ids of the whole thread, oldest first, as the server tells them. */
async function wholeThread(): Promise<string[]> {
  const all: string[] = [];
  for (let query = 'limit=200'; ;) {
    const { items, before } = await part(query);
    if (items.length === 0 || before === undefined) return all;
    all.unshift(...items.map(keyOf));
    query = `limit=200&before=${encodeURIComponent(before)}`;
  }
}

test(
  'the whole thread is scrolled through, and nothing is blank, lost or out of order',
  { timeout: 180_000 },
  async () => {
    const all = await wholeThread();
    expect(all.length).toBeGreaterThanOrEqual(MESSAGES);
    const places = new Map(all.map((key, at) => [key, at]));
    await page.goto(`${demo.links.url}/inbox/all/${thread}`);
    const log = page.getByRole('log');
    await log.getByRole('article').last().waitFor();
    await until('the end of the thread is shown', async () =>
      (await look()).keys.at(-1) === all.at(-1) ? true : undefined,
    );
    expect((await look()).articles).toBeLessThanOrEqual(30);

    /** What is seen is a run of the thread without gaps; gives its place. */
    const inOrder = (seen: Seen): number => {
      const at = seen.keys.flatMap((key) => places.get(key) ?? []);
      expect(at.length).toBeGreaterThan(0);
      expect(at).toEqual(at.map((_, n) => (at[0] ?? 0) + n));
      expect(seen.articles).toBeLessThanOrEqual(120);
      expect(seen.nodes).toBeLessThanOrEqual(1_500);
      return at[0] ?? 0;
    };

    // To the top, by leaps: each brings older messages.
    let highest = inOrder(await look());
    while (highest > 0) {
      const above = highest;
      highest = await until(`something above message ${above}`, async () => {
        await log.evaluate((box) => (box.scrollTop = 0));
        const seen = await look();
        const first = places.get(seen.keys[0] ?? '');
        return first !== undefined && first < above ? inOrder(seen) : undefined;
      });
    }
    await log.getByText(words.beginning).waitFor();

    // Anywhere in between, the way a scrollbar is dragged.
    for (const share of [0.5, 0.1, 0.93, 0.27, 0.74]) {
      await log.evaluate((box, to) => (box.scrollTop = box.scrollHeight * to), share);
      const at = await until(`messages at ${share}`, async () => {
        const seen = await look();
        return seen.keys.length > 0 ? inOrder(seen) : undefined;
      });
      expect(Math.abs(at / all.length - share)).toBeLessThan(0.15);
    }

    await page.getByRole('button', { name: words.toNewest }).click();
    await until('the newest again', async () => ((await look()).keys.at(-1) === all.at(-1) ? true : undefined));
  },
);

test('older messages come in above without moving what one reads', async () => {
  await page.reload();
  const log = page.getByRole('log');
  await log.getByRole('article').last().waitFor();
  await page.waitForLoadState('networkidle');
  await until('the end', async () => ((await look()).isAtEnd ? true : undefined));
  await log.hover();
  for (let step = 0; step < 40; step++) {
    const before = await look();
    const middle = before.keys[Math.floor(before.keys.length / 2)] ?? '';
    const place = (): Promise<number | null> =>
      log.evaluate((box, key) => {
        const found = box.querySelector(`[data-key="${CSS.escape(key)}"]`);
        return found ? found.getBoundingClientRect().top - box.getBoundingClientRect().top : null;
      }, middle);
    const from = (await place()) ?? 0;
    await page.mouse.wheel(0, -150);
    const moved = await until('the wheel turned', async () => {
      const to = await place();
      return to !== null && Math.abs(to - from) > 75 ? to - from : undefined;
    });
    // The line of the author above a run may go when older ones join it.
    expect(Math.abs(moved - 150), `step ${step}`).toBeLessThanOrEqual(40);
  }
});

test('by keyboard one walks message by message far up, and what has the focus is in sight', async () => {
  await page.reload();
  const log = page.getByRole('log');
  await log.getByRole('article').last().waitFor();
  await log.getByRole('article').last().focus();
  for (let step = 0; step < 90; step++) await page.keyboard.press('ArrowUp');
  const focused = await page.evaluate(() => (document.activeElement as HTMLElement).dataset['key'] ?? '');
  await until('the focus is in sight', async () => ((await look()).keys.includes(focused) ? true : undefined));
  await page.keyboard.press('End');
  await until('the end is in sight', async () => ((await look()).isAtEnd ? true : undefined));
});

test('a message that was looked for is shown with its neighbours, and one reads on from there', async () => {
  const old = await part('limit=1&before=' + encodeURIComponent((await middleOfThread()) ?? ''));
  const [sought] = old.items;
  if (sought === undefined) throw new Error('the thread has no middle');
  await page.goto(`${demo.links.url}/inbox/all/${thread}?message=${sought.id}`);
  await until('it is in sight', async () => ((await look()).keys.includes(keyOf(sought)) ? true : undefined));
  const first = (await look()).keys[0];
  // Downwards the thread goes on; at the end nothing is claimed to be the newest that is not.
  const log = page.getByRole('log');
  for (let leap = 0; leap < 4; leap++) {
    await log.evaluate((box) => (box.scrollTop = box.scrollHeight));
    await until('more below', async () => ((await look()).isAtEnd ? undefined : true));
  }
  expect((await look()).keys[0]).not.toBe(first);
  await page.getByRole('button', { name: words.toNewest }).click();
  const newest = keyOf((await part('limit=1')).items[0] as Part['items'][number]);
  await until('the newest', async () => ((await look()).keys.at(-1) === newest ? true : undefined));
});

test('nothing of all this broke the content security policy or threw', () => {
  expect(demo.wrong).toEqual([]);
});

/** A place in the middle of the thread. */
async function middleOfThread(): Promise<string | undefined> {
  let before: string | undefined;
  for (let n = 0; n < 40; n++) {
    const query = before === undefined ? '' : `&before=${encodeURIComponent(before)}`;
    before = (await part(`limit=200${query}`)).before;
  }
  return before;
}
