// Every page and what it can show, in both languages, light and dark, on a desk and on the smallest phone: readable by
// everybody (axe), nothing wider than the screen, no text cut off. And a picture of each, for people.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogues, Demo, until, type Connected, type Language } from './program';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 320, height: 640 };
const LONG = 'Nemaipomenit-de-lungă-dar-adevărată denumire a unei brutării din Câmpulung Moldovenesc';

let demo: Demo;
let conversation = '';
let receipt = '';
let inbox = '';

interface Listed {
  readonly items: readonly { readonly id: string; readonly name?: string }[];
}
beforeAll(async () => {
  demo = await Demo.start();
  const owner = demo.agent('owner');
  const { id: customer } = await demo.sandbox<{ id: string }>('POST', 'customers', { name: LONG });
  const phone = `customers/${customer}/messages`;
  const says = (body: string): object => ({ type: 'text', text: { body } });
  for (const message of [
    says('Bună ziua! Aveți cozonac cu nucă pentru sâmbătă?'),
    { type: 'image', image: { caption: 'Așa arăta anul trecut.' } },
    { type: 'document', document: { filename: `${LONG}.pdf` } },
    { type: 'audio', audio: { voice: true } },
    { type: 'location', location: { latitude: 44.43, longitude: 26.1, name: LONG, address: 'Str. Cuptorului 7' } },
    says(`${LONG.repeat(3)} https://example.com/${'lung/'.repeat(20)}`),
  ])
    await demo.sandbox('POST', phone, message);
  conversation = await until('all of it is there', async () => {
    const { items } = await demo.api<{ items: readonly { id: string; contact: { name: string | null } }[] }>(
      'GET',
      '/conversations?limit=50',
      owner,
    );
    const id = items.find(({ contact }) => contact.name === LONG)?.id;
    if (id === undefined) return undefined;
    const thread = await demo.api<Listed>('GET', `/conversations/${id}/messages`, owner);
    return thread.items.length === 6 ? id : undefined;
  });
  for (const name of ['mihai', 'ioana', 'emma'])
    await demo.sandbox('POST', `customers/${name}/messages`, says('O franzelă, vă rog.'));
  await demo.api('POST', `/conversations/${conversation}/claim`, owner);
  await demo.api('POST', `/conversations/${conversation}/notes`, owner, {
    client_id: 'n1',
    body: `Sună mâine. ${LONG}`,
  });
  const labels = await demo.api<Listed>('GET', '/labels', owner);
  for (const { id } of labels.items) await demo.api('PUT', `/conversations/${conversation}/labels/${id}`, owner);
  await demo.api('POST', `/conversations/${conversation}/messages`, owner, {
    client_id: 'm1',
    content: { type: 'text', body: 'Avem! Vi-l punem deoparte.' },
  });
  await demo.api('POST', '/api_tokens', owner, { name: LONG });
  const [number] = demo.links.numbers;
  if (number === undefined) throw new Error('there is no number');
  inbox = number.inbox_id;
  receipt = await rejected(number);
});
afterAll(() => demo?.stop());

/** A delivery that is signed and says nothing that anybody could apply. */
async function rejected({ app_secret, webhook_url }: Connected): Promise<string> {
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: 7, changes: 'nothing' }] });
  const signature = createHmac('sha256', app_secret).update(body).digest('hex');
  await fetch(webhook_url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    body,
  });
  return await until('it is rejected', async () => {
    const { items } = await demo.api<Listed>('GET', '/receipts?state=rejected', demo.agent('owner'));
    return items[0]?.id;
  });
}

type Words = (typeof catalogues)[Language];

interface Scene {
  readonly name: string;
  /** Where it is; the conversation of the town where it takes one. */
  readonly path: () => string;
  /** What makes the page show it, and waits until it does. */
  readonly show: (page: Page, words: Words) => Promise<unknown>;
}

const heading =
  (text: (words: Words) => string) =>
  (page: Page, words: Words): Promise<void> =>
    page
      .getByRole('heading', { name: text(words), exact: true })
      .filter({ visible: true })
      .first()
      .waitFor();
const listed = (page: Page): Promise<void> => page.getByRole('option').first().waitFor();
const thread = (page: Page): Promise<void> => page.getByRole('log').getByText('Vi-l punem deoparte').waitFor();
const section = (name: string, text: (words: Words) => string): Scene => ({
  name: `settings-${name}`,
  path: () => `/settings/${name}`,
  show: heading(text),
});

const INSIDE: readonly Scene[] = [
  { name: 'inbox', path: () => '/inbox/all', show: listed },
  { name: 'inbox-nothing', path: () => '/inbox/snoozed', show: (page) => page.locator('.empty').first().waitFor() },
  { name: 'conversation', path: () => `/inbox/all/${conversation}`, show: thread },
  {
    name: 'trace',
    path: () => `/inbox/all/${conversation}`,
    async show(page, words) {
      await thread(page);
      await page.getByRole('log').getByText('Vi-l punem deoparte').click();
      await page.keyboard.press('t');
      await page.getByRole('heading', { name: words.trace.title }).waitFor();
    },
  },
  {
    name: 'palette',
    path: () => '/inbox/all',
    async show(page, words) {
      await listed(page);
      await page.keyboard.press('Control+k');
      await page
        .getByRole('combobox', { name: words.palette.title })
        .or(page.getByPlaceholder(words.palette.placeholder))
        .first()
        .waitFor();
    },
  },
  {
    name: 'cheat-sheet',
    path: () => '/doctor',
    async show(page, words) {
      await page.getByRole('heading', { name: words.nav.doctor, level: 1 }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'settings',
    path: () => '/settings',
    show: (page) => page.getByRole('heading', { level: 1 }).filter({ visible: true }).first().waitFor(),
  },
  section('profile', (words) => words.settings.profile.title),
  section('sessions', (words) => words.sessions.title),
  section('appearance', (words) => words.settings.appearance.title),
  section('keyboard', (words) => words.keyboard.title),
  section('tokens', (words) => words.tokens.title),
  section('workspace', (words) => words.workspace.title),
  section('agents', (words) => words.agents.title),
  section('inboxes', (words) => words.inboxes.title),
  section('labels', (words) => words.labels.title),
  {
    name: 'settings-agent',
    path: () => '/settings/agents',
    async show(page, words) {
      await page.getByRole('button', { name: words.agents.add }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'settings-inbox',
    path: () => `/settings/inboxes/${inbox}`,
    show: (page, words) =>
      page
        .getByRole('checkbox')
        .first()
        .waitFor()
        .then(() => heading(() => words.inboxes.healthTitle)(page, words)),
  },
  {
    name: 'settings-connect',
    path: () => '/settings/inboxes/new',
    show: heading((words) => words.connect.values),
  },
  {
    name: 'doctor',
    path: () => '/doctor',
    show: (page) => page.getByRole('main').getByRole('listitem').nth(3).waitFor(),
  },
  {
    name: 'receipts',
    path: () => '/receipts',
    show: (page) => page.getByRole('main').getByRole('listitem').first().waitFor(),
  },
  {
    name: 'receipts-nothing',
    path: () => '/receipts?state=received',
    show: (page, words) => page.getByText(words.receipts.none).waitFor(),
  },
  {
    name: 'receipt',
    path: () => `/receipts/${receipt}`,
    show: (page, words) => page.getByRole('dialog').getByText(words.receipts.problems).waitFor(),
  },
  { name: 'not-found', path: () => '/nowhere', show: heading((words) => words.notFound.title) },
];

const OUTSIDE: readonly Scene[] = [
  { name: 'sign-in', path: () => '/sign-in', show: heading((words) => words.signIn.title) },
  {
    name: 'town',
    path: () => `${demo.links.sandbox_url}/sandbox`,
    show: (page) => page.getByRole('heading').first().waitFor(),
  },
  { name: 'set-up-already', path: () => '/setup', show: heading((words) => words.setUp.already) },
];

/**
 * What there is to find that was not found before: colours are those of the desk on a phone too, and both languages
 * are the same page. Each run costs as much as drawing the page; all rules where undefined.
 */
function rulesFor(language: Language, theme: 'light' | 'dark', isPhone: boolean): readonly string[] | undefined {
  if (language === 'ro' || (isPhone && theme === 'dark')) return [];
  return theme === 'dark' ? ['color-contrast', 'link-in-text-block'] : undefined;
}

/** What axe finds; for a second theme only what colours change. */
async function axe(page: Page, rules: readonly string[] | undefined): Promise<readonly string[]> {
  if (rules?.length === 0) return [];
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  return await page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as {
      axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const options = { resultTypes: ['violations'], ...(only && { runOnly: { type: 'rule', values: only } }) };
    const { violations } = await axe.run(options);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  }, rules);
}

/** Text that somebody cannot read: cut off by a box around it, or outside of the screen without a way to scroll. */
async function unreadable(page: Page): Promise<readonly string[]> {
  return await page.evaluate(() => {
    const found = new Set<string>();
    if (document.documentElement.scrollWidth > innerWidth)
      found.add(`the page is ${document.documentElement.scrollWidth} px wide`);
    const isForEars = (host: Element | null): boolean =>
      host !== null && (getComputedStyle(host).clipPath === 'inset(50%)' || isForEars(host.parentElement));
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode()) {
      const node = walker.currentNode as Text;
      const host = node.parentElement;
      if (node.data.trim() === '' || !host?.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        continue;
      if (host.closest('.visually-hidden, .skip') !== null || isForEars(host)) continue;
      range.selectNodeContents(node);
      const text = [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
      let [isCutAcross, isCutDown] = [true, true];
      for (let box: Element | null = host; box !== null && (isCutAcross || isCutDown); box = box.parentElement) {
        const style = getComputedStyle(box);
        // Dots say that there is more; what scrolls can be reached.
        if (style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none')
          [isCutAcross, isCutDown] = [false, false];
        if (/auto|scroll/.test(style.overflowX)) isCutAcross = false;
        if (/auto|scroll/.test(style.overflowY)) isCutDown = false;
        const { left, right, top, bottom } = box.getBoundingClientRect();
        const across = isCutAcross && /hidden|clip/.test(style.overflowX);
        // A box with a border says where its content ends, also when nothing cuts it there.
        const out = isCutAcross && style.borderInlineEndStyle !== 'none' && style.borderInlineStartStyle !== 'none';
        const down = isCutDown && /hidden|clip/.test(style.overflowY);
        for (const rect of text) {
          if (out && (rect.right > right + 1 || rect.left < left - 1))
            found.add(`out of its box: ${node.data.trim().slice(0, 80)}`);
          if (across && (rect.right > right + 2 || rect.left < left - 2))
            found.add(`cut across: ${node.data.trim().slice(0, 80)}`);
          if (down && (rect.bottom > bottom + 5 || rect.top < top - 5))
            found.add(`cut down: ${node.data.trim().slice(0, 80)}`);
        }
        if (style.position === 'fixed') break;
      }
      if (isCutAcross && text.some((rect) => rect.right > innerWidth + 1 || rect.left < -1))
        found.add(`outside of the screen: ${node.data.trim().slice(0, 80)}`);
    }
    return [...found];
  });
}

async function still(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  });
}

describe.each(['en', 'ro'] as const)('in %s', (language) => {
  let page: Page;
  beforeAll(async () => {
    page = await demo.window({ language, ...DESK });
  });
  afterAll(() => page?.context().close());

  /** Inside, as links lead: without loading the program anew. */
  async function goes(path: string): Promise<void> {
    const inside = page.getByRole('navigation', { name: catalogues[language].app.navigation });
    if (!URL.canParse(path) && (await inside.count()) > 0) {
      await page.keyboard.press('Escape');
      await page.locator('dialog[open]').waitFor({ state: 'detached' });
      await page.evaluate((to) => {
        history.pushState(null, '', to);
        dispatchEvent(new PopStateEvent('popstate'));
      }, path);
    } else await page.goto(new URL(path, demo.links.url).href);
  }

  async function look({ name, path, show }: Scene): Promise<void> {
    const found: string[] = [];
    await page.setViewportSize(DESK);
    await page.emulateMedia({ colorScheme: 'light' });
    await goes(path());
    await show(page, catalogues[language]);
    for (const [where, size] of [
      ['', DESK],
      ['-320', PHONE],
    ] as const) {
      await page.setViewportSize(size);
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme });
        await still(page);
        await demo.shoot(page, `${name}-${language}-${theme}${where}`);
        const wrong = await axe(page, rulesFor(language, theme, size === PHONE));
        const cut = theme === 'light' ? await unreadable(page) : [];
        found.push(...[...wrong, ...cut].map((one) => `${theme}${where} ${one}`));
      }
    }
    expect(found).toEqual([]);
  }

  test.each(OUTSIDE)('$name', look);

  test.each(INSIDE)('$name', async (scene) => {
    const known = await page.context().cookies();
    if (known.length === 0) {
      await page.setViewportSize(DESK);
      await demo.signIn(page, demo.agent('owner'), language);
    }
    await look(scene);
  });
});

test('nothing of all this broke the content security policy or threw', () => {
  expect(demo.wrong).toEqual([]);
});
