// A shop with years behind it: one list of 100,000 conversations, scrolled like any other.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogues, Demo, until, type Agent } from './program';

/** So many that 100,000 of them are resolved and stand in one list. */
const CONVERSATIONS = 119_000;
const LISTED = 100_000;
const JUMPS = 20;

let demo: Demo;
let owner: Agent;
beforeAll(async () => {
  demo = await Demo.start('--conversations', String(CONVERSATIONS));
  owner = demo.agent('owner');
}, 240_000);
afterAll(() => demo?.stop());

const words = catalogues.en;

interface Row {
  readonly id: string;
  readonly contact: { readonly name: string | null };
}

interface Sight {
  readonly setSize: number;
  readonly rows: readonly { readonly position: number; readonly id: string; readonly text: string }[];
}

/** Every resolved conversation as the server orders them, read in parts. */
async function truth(): Promise<string[]> {
  const ids: string[] = [];
  for (let next = ''; ;) {
    const path = `/conversations/order?status=resolved${next}`;
    const part = await demo.api<{ ids: readonly string[]; next?: string }>('GET', path, owner);
    ids.push(...part.ids);
    if (part.next === undefined) return ids;
    next = `&after=${part.next}`;
  }
}

/** What a person sees of the list, once rows fill its height and none is still on its way. */
async function sight(list: Locator): Promise<Sight> {
  return await until('rows fill the list', () =>
    list.evaluate((box: HTMLElement) => {
      const { top, bottom } = box.getBoundingClientRect();
      const options = [...box.querySelectorAll<HTMLElement>('[role=option]')]
        .map((element) => ({ element, at: element.getBoundingClientRect() }))
        .filter(({ at }) => at.bottom > top + 1 && at.top < bottom - 1)
        .sort((a, b) => a.at.top - b.at.top);
      const first = options[0];
      const last = options.at(-1);
      if (!first || !last || first.at.top > top + 1 || last.at.bottom < bottom - 1) return undefined;
      const hasGap = options.some(({ at }, n) => n > 0 && Math.abs(at.top - (options[n - 1]?.at.bottom ?? 0)) > 1);
      if (hasGap || options.some(({ element }) => element.ariaBusy === 'true')) return undefined;
      const sizes = new Set(options.map(({ element }) => Number(element.ariaSetSize)));
      return {
        setSize: sizes.size === 1 ? Number(first.element.ariaSetSize) : Number.NaN,
        rows: options.map(({ element }) => ({
          position: Number(element.ariaPosInSet),
          id: element.querySelector('[data-conversation]')?.getAttribute('data-conversation') ?? '',
          text: element.innerText,
        })),
      };
    }),
  );
}

/** Whether what is shown is what the server has at these places, names included. */
async function isTrue({ setSize, rows }: Sight, ids: readonly string[]): Promise<void> {
  expect(setSize).toBe(ids.length);
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.map((row) => row.id)).toEqual(rows.map((row) => ids[row.position - 1]));
  expect(rows.map((row) => row.position)).toEqual(rows.map((_, n) => (rows[0]?.position ?? 0) + n));
  const path = `/conversations?ids=${rows.map((row) => row.id).join(',')}&limit=100`;
  const { items } = await demo.api<{ items: readonly Row[] }>('GET', path, owner);
  const names = new Map(items.map((item) => [item.id, item.contact.name]));
  for (const row of rows) expect(row.text).toContain(names.get(row.id));
}

const elements = (page: Page): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length);

test('a list of 100,000 conversations is scrolled to its end, and shows true rows wherever one jumps', async () => {
  const ids = await truth();
  expect(ids.length).toBeGreaterThanOrEqual(LISTED);
  const page = await demo.window();
  await demo.signIn(page, owner, 'en');
  await page.goto(`${demo.links.url}/inbox/resolved`);
  const list = page.getByRole('listbox', { name: words.inbox.view.resolved });
  await list.getByRole('option').first().waitFor();
  await until('the whole length is known', async () => {
    const { setSize } = await sight(list);
    return setSize === ids.length || undefined;
  });
  await isTrue(await sight(list), ids);
  let most = await elements(page);

  // The same places in every run; the multiplier of Knuth's MMIX generator spreads them.
  let dice = 42n;
  for (let jump = 0; jump < JUMPS; jump += 1) {
    dice = (dice * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    const share = Number(dice >> 40n) / 2 ** 24;
    await list.evaluate((box, to) => (box.scrollTop = to * (box.scrollHeight - box.clientHeight)), share);
    const seen = await sight(list);
    expect(Math.abs((seen.rows[0]?.position ?? 0) / ids.length - share)).toBeLessThan(0.001);
    await isTrue(seen, ids);
    most = Math.max(most, await elements(page));
  }

  await list.focus();
  await page.keyboard.press('End');
  const end = await until('the last row is in sight', async () => {
    const seen = await sight(list);
    return seen.rows.at(-1)?.position === ids.length ? seen : undefined;
  });
  await isTrue(end, ids);
  await demo.shoot(page, 'hundred-thousand-end');
  await page.keyboard.press('Home');
  const start = await until('the first row is in sight', async () => {
    const seen = await sight(list);
    return seen.rows[0]?.position === 1 ? seen : undefined;
  });
  await isTrue(start, ids);

  // One turn of the wheel after another, as a hand does it.
  await list.hover();
  for (let turn = 0; turn < 30; turn += 1) await page.mouse.wheel(0, 400);
  const rolled = await until('the wheel has moved the list', async () => {
    const seen = await sight(list);
    return (seen.rows[0]?.position ?? 0) > 100 ? seen : undefined;
  });
  await isTrue(rolled, ids);
  most = Math.max(most, await elements(page));
  expect(most).toBeLessThanOrEqual(1500);
  expect(demo.wrong).toEqual([]);
  await page.context().close();
}, 120_000);
