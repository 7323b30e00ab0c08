// Text that means harm or trouble, through every field that a person or a customer can fill, shown on every page: it is
// text and nothing else. No script runs, no policy is broken, nothing grows out of the screen.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogues, Demo, until } from './program';

const words = catalogues.en;
const PHONE = { width: 320, height: 640 };
const DESK = { width: 1280, height: 800 };
/** What each string would do if it ran: the page is asked afterwards whether anybody did. */
const RUN = 'window.owned=1';

const HOSTILE: readonly string[] = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}">`,
  `<svg><script href="data:text/javascript,${RUN}"/></svg>`,
  `<svg><animate onbegin="${RUN}" attributeName=x dur=1s>`,
  `<math><maction actiontype="statusline" xlink:href="javascript:${RUN}">x</maction></math>`,
  `<math><mtext><table><mglyph><style><img src=x onerror="${RUN}">`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<object data="javascript:${RUN}"></object>`,
  `<embed src="javascript:${RUN}">`,
  `<a href="javascript:${RUN}" autofocus onfocus="${RUN}">x</a>`,
  `<details open ontoggle="${RUN}">x</details>`,
  `<video><source onerror="${RUN}"></video>`,
  `<input autofocus onfocus="${RUN}">`,
  `<body onload="${RUN}">`,
  `<base href="https://evil.example/">`,
  `<meta http-equiv="refresh" content="0;url=javascript:${RUN}">`,
  `<link rel=stylesheet href="data:text/css,*{display:none}">`,
  `<style>*{display:none!important}</style>`,
  `<form action="javascript:${RUN}"><button>x</button></form>`,
  `<template shadowrootmode=open><script>${RUN}</script></template>`,
  `"><script>${RUN}</script>`,
  `' onmouseover='${RUN}' x='`,
  `" autofocus onfocus="${RUN}" x="`,
  `--><script>${RUN}</script><!--`,
  `</title><script>${RUN}</script>`,
  `</textarea><script>${RUN}</script>`,
  `javascript:${RUN}//https://example.com`,
  `JaVaScRiPt:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `vbscript:msgbox(1) https://example.com/"onmouseover="${RUN}`,
  `https://example.com/'onclick='${RUN}' *bold* _it_ ~no~ \`\`\`<b>code</b>\`\`\``,
  `{{constructor.constructor('${RUN}')()}}`,
  `\${${RUN}} #{${RUN}} <%= ${RUN} %> {@html '<img src=x onerror=${RUN}>'} {{count}} {{name}}`,
  `__proto__ constructor toString hasOwnProperty`,
  `'; DROP TABLE messages; -- %_\\ " OR "1"="1`,
  `../../../etc/passwd %2e%2e%2f %00 ..\\..\\`,
  `+ADw-script+AD4-${RUN}+ADw-/script+AD4-`,
  `\u202Egnp.exe \u2066left\u2069 \u200Fשלום עולם\u200F مرحبا بالعالم`,
  `\u001b[31mred\u001b[0m \u0007bell\u0008 \u009b1m`,
  `zero\u200Bwidth\u200D\uFEFF joiner \u00AD soft`,
  `Z${'\u0335\u0321\u0322\u0327\u0360'.repeat(12)}algo`,
  `👨‍👩‍👧‍👦👩🏽‍🚀🏳️‍🌈🇷🇴${'🎉'.repeat(30)}`,
  `${'Nemaipomenit'.repeat(12)}`,
  `\ud800 lonely \udfff`,
  `﷽﷽﷽ ﷽﷽﷽`,
  `   \u00a0\u3000leading and trailing \u2003  `,
];
/** Names are at most 100 characters, labels 40: what is longer is cut where the field ends. */
const short = (text: string, most: number): string => [...text.toWellFormed()].slice(0, most).join('');
/** What a database or a channel would refuse is not what this is about. */
const sendable = HOSTILE.map((text) => text.toWellFormed());
const pick = (at: number): string => sendable[at % sendable.length] ?? '';

let demo: Demo;
let page: Page;
const conversations: string[] = [];

interface Listed {
  readonly items: readonly { readonly id: string }[];
}

/** Whether the server takes it is for the server's tests; what it takes is looked at here. */
async function offer(method: string, path: string, body: unknown): Promise<boolean> {
  try {
    await demo.api(method, path, demo.agent('owner'), body);
    return true;
  } catch (refusal) {
    if (/: 4\d\d /.test(String(refusal))) return false;
    throw refusal;
  }
}

beforeAll(async () => {
  demo = await Demo.start();
  const owner = demo.agent('owner');
  // A customer for every tenth string, so that the list shows hostile names and hostile last messages.
  for (let from = 0; from < sendable.length; from += 10) {
    const part = sendable.slice(from, from + 10);
    const customer = await demo.sandbox<{ id: string }>('POST', 'customers', { name: short(pick(from), 100) });
    const writes = (message: object): Promise<unknown> =>
      demo.sandbox('POST', `customers/${customer.id}/messages`, message);
    for (const body of part) await writes({ type: 'text', text: { body } });
    for (const text of part.slice(0, 3)) {
      await writes({ type: 'image', image: { caption: text } });
      await writes({ type: 'document', document: { filename: short(text, 200), caption: text } });
      await writes({
        type: 'location',
        location: { latitude: 44.4, longitude: 26.1, name: text, address: text, url: text },
      });
      await writes({
        type: 'contacts',
        contacts: [
          {
            name: { formatted_name: text, first_name: text },
            phones: [{ phone: text, type: text }],
            emails: [{ email: text }],
            urls: [{ url: `javascript:${RUN}` }],
            org: { company: text },
          },
        ],
      });
      await writes({
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id: text, title: text } },
      });
    }
  }
  const expected = Math.ceil(sendable.length / 10);
  const { items } = await until('everybody wrote', async () => {
    const found = await demo.api<Listed>('GET', '/conversations?limit=50', owner);
    return found.items.length >= expected ? found : undefined;
  });
  conversations.push(...items.map(({ id }) => id));
  for (const [at, text] of sendable.entries()) {
    const conversation = conversations[at % conversations.length] ?? '';
    await offer('POST', `/conversations/${conversation}/notes`, { client_id: `n${at}`, body: text });
    await offer('POST', `/conversations/${conversation}/messages`, {
      client_id: `m${at}`,
      content: { type: 'text', body: text, preview_url: true },
    });
  }
  const [first = ''] = conversations;
  for (const [at, text] of sendable.entries()) {
    await offer('POST', '/labels', { name: short(text, 40), color: '#3e63dd' });
    await offer('POST', '/api_tokens', { name: short(text, 100) });
    if (at % 4 === 0)
      await offer('POST', '/agents', {
        name: short(text, 100),
        email: `h${at}@spicul.example`,
        role: 'agent',
        password: 'covrigi calzi la colț',
        language: 'en',
      });
  }
  const labels = await demo.api<Listed>('GET', '/labels', owner);
  for (const { id } of labels.items.slice(0, 20)) await offer('PUT', `/conversations/${first}/labels/${id}`, undefined);
  await fetch(`${demo.links.url}/api/v1/session`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: demo.links.url,
      'user-agent': '<img src=x onerror=window.owned=1>',
    },
    body: JSON.stringify({ email: owner.email, password: owner.password }),
  });
  page = await demo.window();
  await page.context().addInitScript(() => {
    // What a script of theirs would set; dialogs, too, are something only a script opens.
    Object.defineProperty(globalThis, 'alert', { value: () => Object.assign(globalThis, { owned: 1 }) });
  });
  page.on('dialog', (dialog) => {
    demo.wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.context().on('page', (other) => demo.wrong.push(`a window was opened: ${other.url()}`));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== demo.links.url && protocol !== 'data:' && protocol !== 'blob:' && !protocol.startsWith('ws'))
      demo.wrong.push(`asked somebody else: ${request.url()}`);
  });
  await demo.signIn(page, owner, 'en');
}, 180_000);
afterAll(() => demo?.stop());

/** Nothing ran, nothing was asked elsewhere, no link leads into a script, and no page is wider than its screen. */
async function harmless(what: string): Promise<void> {
  for (const size of [DESK, PHONE]) {
    await page.setViewportSize(size);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    const seen = await page.evaluate(() => ({
      ran: 'owned' in globalThis,
      links: [
        ...document.querySelectorAll('a[href], form[action], iframe, object, embed, base, math, script:not([src])'),
      ]
        .filter(
          (one) => !(one instanceof HTMLAnchorElement) || !/^https?:$|^mailto:$|^tel:$|^blob:$/.test(one.protocol),
        )
        .map((one) => one.outerHTML.slice(0, 120)),
      wide: document.documentElement.scrollWidth - innerWidth,
    }));
    expect({ what, ...seen }).toEqual({ what, ran: false, links: [], wide: 0 });
  }
  await page.setViewportSize(DESK);
  expect(demo.wrong).toEqual([]);
}

async function goes(path: string): Promise<void> {
  await page.goto(demo.links.url + path);
  await page.getByRole('main').waitFor();
}

test('in the list and in every thread', async () => {
  await goes('/inbox/all');
  await page
    .getByRole('option')
    .nth(conversations.length - 1)
    .waitFor();
  await harmless('list');
  for (const conversation of conversations) {
    await goes(`/inbox/all/${conversation}`);
    await page.getByRole('log').locator('article, [data-message], li').first().waitFor();
    await page.mouse.move(700, 400);
    await harmless(conversation);
  }
  await demo.shoot(page, 'hostile-thread');
});

test('as it was written: the whole string stands there, and nothing of it is gone', async () => {
  const [conversation = ''] = conversations;
  const { items } = await demo.api<{ items: { direction: string; content: { type: string; body?: string } }[] }>(
    'GET',
    `/conversations/${conversation}/messages?limit=50`,
    demo.agent('owner'),
  );
  await goes(`/inbox/all/${conversation}`);
  await page.getByRole('log').locator('article, [data-message], li').first().waitFor();
  const shown = (await page.getByRole('log').innerText()).replaceAll(/\s+/g, '');
  const plain = items
    .flatMap(({ content }) => (content.type === 'text' ? [content.body ?? ''] : []))
    .filter((body) => body.startsWith('<'))
    .slice(-3);
  expect(plain.length).toBeGreaterThan(0);
  for (const body of plain) expect(shown).toContain(body.replaceAll(/\s+/g, ''));
});

test('in every section of the settings, and on the pages of the server', async () => {
  for (const path of [
    '/settings/profile',
    '/settings/sessions',
    '/settings/tokens',
    '/settings/agents',
    '/settings/labels',
    '/settings/inboxes',
    '/settings/workspace',
    '/doctor',
    '/receipts',
  ]) {
    await goes(path);
    await page.locator('.section h1, h1').filter({ visible: true }).first().waitFor();
    await harmless(path);
    await demo.shoot(page, `hostile${path.replaceAll('/', '-')}`);
  }
});

test('as the name of the workspace, of an inbox, and of oneself', async () => {
  const owner = demo.agent('owner');
  const { items } = await demo.api<Listed>('GET', '/inboxes', owner);
  for (const text of [pick(1), pick(38), pick(43)]) {
    const name = short(text, 100);
    await offer('PATCH', '/workspace', { name });
    await offer('PATCH', `/inboxes/${items[0]?.id}`, { name });
    await offer('PATCH', '/me', { name });
    for (const path of [
      '/settings/workspace',
      `/settings/inboxes/${items[0]?.id}`,
      '/settings/profile',
      '/receipts',
      '/doctor',
      '/inbox/all',
    ]) {
      await goes(path);
      await page.locator('h1, [role=option]').filter({ visible: true }).first().waitFor();
      await harmless(`${path} with ${name}`);
    }
  }
});

test('in what is searched, typed into the palette, drafted, and in every part of the address', async () => {
  const [conversation = ''] = conversations;
  for (const text of [pick(1), pick(32), pick(42)]) {
    await goes('/inbox/all');
    await page.getByRole('combobox', { name: words.inbox.search }).fill(text);
    await harmless(`search for ${text}`);
    await goes('/inbox/all');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder(words.palette.placeholder).fill(text);
    await harmless(`palette with ${text}`);
    await goes(`/inbox/all/${conversation}`);
    const composer = page.getByRole('textbox', { name: /Reply to/ });
    await composer.fill(text);
    await harmless(`draft of ${text}`);
    await goes('/inbox/all');
    await page.getByRole('option').first().waitFor();
    await harmless(`row with the draft ${text}`);
  }
  for (const text of [pick(1), pick(27)]) {
    const part = encodeURIComponent(text);
    for (const path of [
      `/${part}`,
      `/inbox/${part}`,
      `/inbox/all/${part}`,
      `/settings/${part}`,
      `/settings/inboxes/${part}`,
      `/receipts/${part}`,
      `/receipts?state=${part}&inbox=${part}`,
      `/inbox/all?q=${part}#${part}`,
      `/sign-in?to=${part}`,
      `/sign-in?to=${encodeURIComponent(`javascript:${RUN}`)}`,
      `/setup#${part}`,
    ]) {
      await page.goto(demo.links.url + path);
      await page.locator('main, h1').first().waitFor();
      await harmless(path);
      expect(new URL(page.url()).origin).toBe(demo.links.url);
    }
  }
}, 180_000);
