// A working day without a mouse: nothing here points, clicks or scrolls.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogues, Demo, until, type Language } from './program';

let demo: Demo;
beforeAll(async () => {
  demo = await Demo.start();
});
afterAll(() => demo?.stop());

interface Conversation {
  readonly id: string;
  readonly status: string;
  readonly unread: number;
  readonly assignee: { readonly name: string } | null;
  readonly labels: readonly { readonly name: string }[];
  readonly contact: { readonly name: string | null };
}

/** A new customer writes. */
async function writes(name: string, body: string): Promise<{ customer: string; conversation: string }> {
  const { id } = await demo.sandbox<{ id: string }>('POST', 'customers', { name });
  await demo.sandbox('POST', `customers/${id}/messages`, { type: 'text', text: { body } });
  const conversation = await until(`${name} is listed`, async () => {
    const { items } = await demo.api<{ items: readonly Conversation[] }>(
      'GET',
      '/conversations?limit=50',
      demo.agent('owner'),
    );
    return items.find(({ contact }) => contact.name === name)?.id;
  });
  return { customer: id, conversation };
}

/** Waits until the server has it so. */
async function becomes(conversation: string, what: string, is: (it: Conversation) => boolean): Promise<void> {
  await until(what, async () => {
    const it = await demo.api<Conversation>('GET', `/conversations/${conversation}`, demo.agent('owner'));
    return is(it) ? it : undefined;
  });
}

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, there: Locator, most = 120): Promise<void> {
  for (let presses = 0; presses < most; presses++) {
    if (await there.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${String(there)}`);
}

/** What has the focus, in words. */
async function focus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const it = document.activeElement;
    return `${it?.tagName} ${it?.getAttribute('role') ?? ''} ${it?.getAttribute('aria-label') ?? it?.textContent ?? ''}`;
  });
}

/** A letter as AltGr types it on the Romanian layout; says whether a command took it. */
async function altGr(page: Page, letter: string, key: string): Promise<boolean> {
  const isTaken = await page.evaluate(
    ([typed, printed]) => {
      const event = new KeyboardEvent('keydown', {
        key: typed ?? '',
        code: `Key${printed}`,
        ctrlKey: true,
        altKey: true,
        modifierAltGraph: true,
        bubbles: true,
        cancelable: true,
      });
      document.activeElement?.dispatchEvent(event);
      return event.defaultPrevented;
    },
    [letter, key],
  );
  // Where nothing can be written, Chromium would look for a field to put it in.
  const isField = await page.evaluate(() => document.activeElement instanceof HTMLTextAreaElement);
  if (!isTaken && isField) await page.keyboard.insertText(letter);
  return isTaken;
}

const ALT_GR = [
  ['ă', 'A'],
  ['â', 'Q'],
  ['î', 'I'],
  ['ș', 'S'],
  ['ț', 'T'],
] as const;

async function palette(page: Page, language: Language, text: string): Promise<void> {
  const words = catalogues[language];
  await page.keyboard.press('Control+k');
  const field = page.getByRole('dialog').getByRole('combobox');
  await field.waitFor();
  await page.keyboard.type(text);
  await page.getByRole('dialog').getByRole('option', { selected: true }).waitFor();
  await page.getByText(words.palette.searching).first().waitFor({ state: 'detached' });
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

describe.each(['en', 'ro'] as const)('a working day in %s', (language) => {
  const words = catalogues[language];
  const reply = (name: string): string => words.composer.replyLabel.replace('{{to}}', name);

  test('open, take, answer, note, label, snooze, undo, resolve, search, settings', async () => {
    const name = `Ilinca ${language.toUpperCase()}`;
    const { customer, conversation } = await writes(name, 'Bună! Mai aveți cozonac?');
    const agent = demo.agent('agent');
    const page = await demo.window({ language });
    await demo.signIn(page, agent, language);

    // Open.
    await page.keyboard.press('/');
    await page.keyboard.type(name);
    await page
      .getByRole('option', { name: new RegExp(name) })
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(conversation));
    await page.getByRole('log').getByText('Mai aveți cozonac?').waitFor();
    // What was looked for has the focus, so that letters are keys.
    await until('the search has let go', async () => ((await focus(page)).startsWith('INPUT') ? undefined : true));

    // Take.
    await page.keyboard.press('Shift+A');
    await becomes(conversation, 'it is taken', (it) => it.assignee?.name === agent.name);

    // Letters of the layout are letters, and no command hears them, in the text or beside it.
    for (const [letter, key] of ALT_GR) expect([letter, await altGr(page, letter, key)]).toEqual([letter, false]);
    await page.keyboard.press('r');
    const answer = page.getByRole('textbox', { name: reply(name) });
    await until('the composer has the focus', async () =>
      (await answer.evaluate((element) => element === document.activeElement)) ? true : undefined,
    );
    await page.keyboard.type('Da, ');
    for (const [letter, key] of ALT_GR) expect([letter, await altGr(page, letter, key)]).toEqual([letter, false]);
    await page.keyboard.type(' e, r, n, h!');
    expect(await answer.inputValue()).toBe('Da, ăâîșț e, r, n, h!');

    // Answer.
    await page.keyboard.press('Enter');
    const now = page.getByRole('button', { name: words.thread.sendNow });
    await now
      .or(page.getByRole('log').getByText(words.thread.status.read, { exact: true }))
      .first()
      .waitFor();
    if (await now.isVisible()) await now.press('Enter');
    await until('the phone has the answer', async () => {
      const { messages } = await demo.sandbox<{ messages: unknown[] }>('GET', `customers/${customer}/messages`);
      return JSON.stringify(messages).includes('Da, ăâîșț e, r, n, h!') ? true : undefined;
    });

    // Note.
    await answer.focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    const note = page.getByRole('textbox', { name: words.composer.noteLabel, exact: true });
    await note.and(page.locator(':focus')).waitFor();
    await page.keyboard.type('Vrea și cafea.');
    await page.keyboard.press('Enter');
    await until('the note is kept', async () => {
      const { items } = await demo.api<{ items: readonly { body: string }[] }>(
        'GET',
        `/conversations/${conversation}/notes`,
        agent,
      );
      return items.some(({ body }) => body === 'Vrea și cafea.') ? true : undefined;
    });
    await page.keyboard.press('Escape');

    // Label, by a name without its marks.
    await page.keyboard.press('l');
    await page.getByRole('dialog').getByRole('option').first().waitFor();
    await page.keyboard.type('de urmarire');
    await page.keyboard.press('Enter');
    await becomes(conversation, 'it is labelled', ({ labels }) => labels.some((label) => label.name === 'de urmărire'));

    // Snooze, and undo.
    await page.keyboard.press('h');
    await page.getByRole('dialog').getByRole('option').first().waitFor();
    await page.keyboard.type(plain(words.actions.snoozeTo.tomorrow).slice(0, 5));
    await page.keyboard.press('Enter');
    await becomes(conversation, 'it is snoozed', ({ status }) => status === 'snoozed');
    await page.keyboard.press('Control+z');
    await becomes(conversation, 'it is back', ({ status }) => status === 'open');

    // Resolve, and undo.
    await page.goto(`${demo.links.url}/inbox/all/${conversation}`);
    await page.getByRole('log').getByText('Mai aveți cozonac?').waitFor();
    await page.keyboard.press('e');
    await becomes(conversation, 'it is resolved', ({ status }) => status === 'resolved');
    await page.keyboard.press('Control+z');
    await becomes(conversation, 'it is open again', ({ status }) => status !== 'resolved');

    // Anything by name, from anywhere: customers, and settings without their marks.
    await palette(page, language, plain(name));
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(conversation));
    await palette(page, language, plain(words.keyboard.title));
    await page.keyboard.press('Enter');
    await page.waitForURL(/settings\/keyboard/);
    await palette(page, language, plain(name));
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(conversation));
    expect(demo.wrong).toEqual([]);
    await page.context().close();
  });

  test('another key for a command holds at once, on every screen, and after a reload', async () => {
    const { conversation } = await writes(`Oana ${language.toUpperCase()}`, 'Aveți program duminică?');
    const agent = demo.agent('agent');
    const [here, there] = [await demo.window({ language }), await demo.window({ language })];
    await demo.signIn(here, agent, language);
    await demo.signIn(there, agent, language);
    await there.goto(`${demo.links.url}/inbox/all/${conversation}`);
    await there.getByRole('log').getByText('Aveți program duminică?').waitFor();

    await here.goto(`${demo.links.url}/settings/keyboard`);
    const row = here.locator('[data-command="conversation.resolve"]');
    const change = row.getByRole('button', {
      name: words.keyboard.change.replace('{{keys}}', 'E').replace('{{command}}', words.actions.resolve),
    });
    await change.waitFor();
    await tabTo(here, here.getByRole('searchbox', { name: words.keyboard.find }));
    await here.keyboard.type(words.actions.resolve);
    await tabTo(here, change);
    await here.keyboard.press('Enter');
    const dialog = here.getByRole('dialog');
    await dialog.waitFor();
    // H is somebody else's: he is named, and nothing is taken from him by Enter alone.
    await here.keyboard.press('h');
    await dialog
      .getByText(words.keyboard.conflict.replace('{{command}}', words.actions.snooze).replace('{{keys}}', 'H'))
      .waitFor();
    await here.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    // Keys that follow at once are a sequence: as long as a person waits.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await here.keyboard.press('y');
    await here.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' }).catch(() => dialog.waitFor({ state: 'hidden' }));
    expect(await focus(here)).toContain('Y');

    await until('the server has the keys', async () => {
      const { keyboard } = await demo.api<{ keyboard: { keys: Record<string, readonly string[]> } }>(
        'GET',
        '/me/preferences',
        agent,
      );
      return keyboard.keys['conversation.resolve']?.join() === 'y' ? true : undefined;
    });
    // The other screen has not been touched.
    await until('the other screen shows the new key', async () => {
      await there.keyboard.press('?');
      const sheet = there.getByRole('dialog');
      await sheet.waitFor();
      const shown = await sheet
        .locator('dl > div', { has: there.getByText(words.actions.resolve, { exact: true }) })
        .first()
        .innerText();
      await there.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
      return /Y/.test(shown) ? true : undefined;
    });
    await there.keyboard.press('e');
    await there.keyboard.press('y');
    await becomes(conversation, 'it is resolved by the new key', ({ status }) => status === 'resolved');

    await here.reload();
    await row.getByRole('button', { name: /Y/ }).first().waitFor();
    await tabTo(
      here,
      row.getByRole('button', { name: words.keyboard.reset.replace('{{command}}', words.actions.resolve) }),
    );
    await here.keyboard.press('Enter');
    await change.waitFor();
    expect(demo.wrong).toEqual([]);
    await here.context().close();
    await there.context().close();
  });
});

test('every dialog gives the focus back to where it was', async () => {
  const { conversation } = await writes('Focus Ionescu', 'Unde am rămas?');
  const page = await demo.window();
  await demo.signIn(page, demo.agent('admin'), 'en');
  await page.goto(`${demo.links.url}/inbox/all/${conversation}`);
  await page.getByRole('log').getByText('Unde am rămas?').waitFor();
  await tabTo(page, page.getByRole('listbox').first());
  const before = await focus(page);
  for (const key of ['?', 'Control+k', 'a', 'l', 'h']) {
    await page.keyboard.press(key);
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    expect([key, await focus(page)]).toEqual([key, before]);
  }
  // A level of the palette below the first: Backspace goes up, Escape closes from wherever one is.
  await palette(page, 'en', 'assign');
  await page.keyboard.press('Enter');
  await page.locator('dialog[open]').getByRole('option').first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  expect(await focus(page)).toBe(before);
  await page.context().close();
});

test('keys as in Gmail come live from another device, and single letters can be off', async () => {
  const { conversation } = await writes('Gmail Popa', 'Ce mai faceți?');
  const admin = demo.agent('admin');
  const page = await demo.window();
  await demo.signIn(page, admin, 'en');
  await page.goto(`${demo.links.url}/inbox/all/${conversation}`);
  await page.getByRole('log').getByText('Ce mai faceți?').waitFor();
  const keyboard = { preset: 'gmail', single_letters: true, send: 'mod_enter', keys: {} };
  const choose = (more: object): Promise<unknown> =>
    demo.api('PATCH', '/me/preferences', admin, { keyboard: { ...keyboard, ...more } });
  const shown = async (text: string): Promise<void> => {
    await until(`the sheet says ${text}`, async () => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('Show keyboard');
      await page.keyboard.press('Enter');
      const sheet = page.locator('dialog[open]');
      await sheet.getByText('Resolve', { exact: true }).or(sheet.getByText('Undo the last action')).first().waitFor();
      const found = await sheet.innerText();
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
      return found.includes(text) ? true : undefined;
    });
  };
  await choose({});
  await shown('Keys as in Gmail');
  await page.keyboard.press('b');
  await page.locator('dialog[open]').getByRole('option').first().waitFor();
  await page.keyboard.press('Escape');

  await choose({ preset: 'whatsapp', single_letters: false });
  await shown('Keys as in WhatsApp');
  await page.keyboard.press('h');
  await page.keyboard.press('n');
  expect(await page.locator('dialog[open]').count()).toBe(0);
  await page.keyboard.press('Control+Shift+A');
  await becomes(conversation, 'it is resolved as WhatsApp archives', ({ status }) => status === 'resolved');
  await choose({ preset: 'centrala', send: 'enter' });
  await page.context().close();
});

/** What a person meets who walks through a page with Tab alone. */
async function walk(page: Page): Promise<readonly string[]> {
  await page.evaluate(() => {
    const isShown = (element: HTMLElement): boolean => {
      const { width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      return (
        width > 0 && height > 0 && style.visibility !== 'hidden' && !element.closest('[inert], [aria-hidden="true"]')
      );
    };
    const roving =
      '[role="tablist"], [role="listbox"], [role="log"], [role="radiogroup"], [role="toolbar"], [role="menu"], fieldset';
    const all = [
      ...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, [role="button"]'),
    ];
    const expected = all.filter((element) => {
      if (!isShown(element) || element.matches(':disabled')) return false;
      if (element instanceof HTMLInputElement && element.type === 'radio') return element.checked;
      // The arrow of a field with choices: the field itself opens them.
      if (element.hasAttribute('data-combobox-trigger')) return false;
      return !(element.tabIndex < 0 && element.closest(roving));
    });
    Object.assign(window, { expected, visited: new Set<Element>(), seen: [] as string[] });
    (document.activeElement as HTMLElement | null)?.blur();
  });
  let isRound = false;
  for (let presses = 0; presses < 260 && !isRound; presses++) {
    await page.keyboard.press('Tab');
    isRound = await page.evaluate(async () => {
      // What the focus moved or covers is drawn in the next frame.
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      const { visited, seen } = window as unknown as { visited: Set<Element>; seen: string[] };
      const it = document.activeElement;
      if (!(it instanceof HTMLElement) || it === document.body) return visited.size > 0;
      if (visited.has(it)) return true;
      visited.add(it);
      const name = `${it.tagName.toLowerCase()} “${it.getAttribute('aria-label') ?? it.textContent?.trim().slice(0, 40) ?? ''}”`;
      const ringed = (element: Element | null): boolean => {
        if (element === null) return false;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || /rgb.* 0px 0px 0px [1-9]/.test(boxShadow);
      };
      const active = document.getElementById(it.getAttribute('aria-activedescendant') ?? '');
      const around = [it, it.parentElement, it.nextElementSibling, it.closest('label'), active, it.firstElementChild];
      if (!around.some((element) => ringed(element))) seen.push(`no focus ring: ${name}`);
      const label = it.closest('label');
      const isSeen = (): boolean => {
        const box = it.getBoundingClientRect();
        if (box.width <= 2) return true;
        const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height / 2, 20)];
        const isIn = x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight;
        const top = isIn ? document.elementFromPoint(x, y) : null;
        return top !== null && (it.contains(top) || top.contains(it) || label?.contains(top) === true);
      };
      // What comes into sight when it has the focus takes its time.
      for (let frame = 0; frame < 60 && !isSeen(); frame++) await new Promise(requestAnimationFrame);
      if (!isSeen()) seen.push(`hidden while it has the focus: ${name}`);
      return false;
    });
  }
  return page.evaluate(() => {
    const { expected, visited, seen } = window as unknown as {
      expected: HTMLElement[];
      visited: Set<Element>;
      seen: string[];
    };
    const missed = expected
      .filter((element) => element.isConnected && !visited.has(element))
      .map((element) => `never reached: ${element.outerHTML.slice(0, 160)}`);
    return [...seen, ...missed];
  });
}

describe('Tab reaches every control, and one sees where one is', () => {
  const sections = [
    'profile',
    'sessions',
    'appearance',
    'keyboard',
    'tokens',
    'workspace',
    'agents',
    'inboxes',
    'labels',
  ];
  const paths = ['/inbox/all', ...sections.map((section) => `/settings/${section}`), '/doctor', '/receipts'];

  let page: Page;
  beforeAll(async () => {
    page = await demo.window();
    await demo.signIn(page, demo.agent('owner'), 'en');
  });
  afterAll(() => page.context().close());

  test.each(paths)('%s', async (path) => {
    await page.goto(demo.links.url + path);
    await page.getByRole('main').locator('h1, [role=listbox]').first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(await walk(page)).toEqual([]);
  });

  test('a conversation with its composer and its customer', async () => {
    const { conversation } = await writes('Tab Marin', 'Unde vă găsesc?');
    await page.goto(`${demo.links.url}/inbox/all/${conversation}`);
    await page.getByRole('log').getByText('Unde vă găsesc?').waitFor();
    await page.waitForLoadState('networkidle');
    expect(await walk(page)).toEqual([]);
  });
});

test('nothing of all this broke the content security policy or threw', () => {
  expect(demo.wrong).toEqual([]);
});
