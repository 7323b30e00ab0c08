// The list: what an answer does to it, what comes while somebody works in it, many rows at once, keys and small screens.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogues, Demo, until, type Agent } from './program';

let demo: Demo;
let owner: Agent;
let agent: Agent;
beforeAll(async () => {
  demo = await Demo.start();
  owner = demo.agent('owner');
  agent = demo.agent('agent');
});
afterAll(() => demo?.stop());

const words = catalogues.en;

interface Row {
  readonly id: string;
  readonly status: string;
  readonly assignee: { readonly id: string } | null;
  readonly labels: readonly { readonly id: string }[];
  readonly snoozed_until?: string | null;
  readonly unread: number;
  readonly contact: { readonly id: string; readonly name: string | null };
}

const rowOf = (id: string): Promise<Row> => demo.api<Row>('GET', `/conversations/${id}`, owner);

async function says(customer: string, body: string): Promise<void> {
  await demo.sandbox('POST', `customers/${customer}/messages`, { type: 'text', text: { body } });
}

async function opened(
  path: string,
  who: Agent,
  { language = 'en' as const, ...size }: { language?: 'en' | 'ro'; width?: number; height?: number } = {},
): Promise<Page> {
  const page = await demo.window({ language, ...size });
  await demo.signIn(page, who, language, false, path);
  await rows(page).first().waitFor();
  return page;
}

const rows = (page: Page): Locator => page.getByRole('option');
const names = (page: Page): Promise<string[]> => page.locator('[data-conversation] .name').allInnerTexts();
const view = (page: Page, name: keyof typeof words.inbox.view): Promise<void> =>
  page.getByRole('navigation', { name: words.inbox.views }).getByRole('link', { name: words.inbox.view[name] }).click();

async function answer(page: Page, text: string): Promise<void> {
  const field = page.getByRole('textbox', { name: new RegExp(`^${words.composer.replyLabel.split('{{')[0] ?? ''}`) });
  await field.fill(text);
  await field.press('Enter');
  const now = page.getByRole('button', { name: words.thread.sendNow });
  if (await now.isVisible()) await now.press('Enter');
}

describe('an answer', () => {
  test('leaves the row where it is until the next one is opened; then it waits below, in a view of its own', async () => {
    const first = await demo.writes('Ana Răspuns', 'Mai aveți cozonac?');
    const second = await demo.writes('Dan Răspuns', 'La ce oră deschideți?');
    for (const { conversation } of [first, second])
      await demo.api('POST', `/conversations/${conversation}/claim`, agent);
    const page = await opened(`/inbox/mine/${second.conversation}`, agent);
    await page.locator(`[data-conversation="${first.conversation}"]`).waitFor();
    const before = await names(page);
    await answer(page, 'La șapte.');
    await until('it waits', async () => ((await rowOf(second.conversation)).status === 'waiting' ? true : undefined));
    await page
      .getByRole('banner')
      .getByText(words.status.waiting)
      .or(page.locator('header .status.waiting'))
      .first()
      .waitFor();
    expect(await names(page)).toEqual(before);

    await page.locator(`[data-conversation="${first.conversation}"]`).click();
    await page.mouse.move(800, 300);
    await until('the answered one stands below the other', async () => {
      const order = await names(page);
      return order.indexOf('Dan Răspuns') > order.indexOf('Ana Răspuns') ? true : undefined;
    });
    await view(page, 'waiting');
    await page.locator(`[data-conversation="${second.conversation}"]`).waitFor();

    await page.locator(`[data-conversation="${second.conversation}"]`).click();
    await page.waitForURL(new RegExp(`waiting/${second.conversation}`));
    await view(page, 'mine');
    await page.waitForURL(new RegExp(`mine/${first.conversation}`));
    await page.reload();
    await view(page, 'waiting');
    await page.waitForURL(new RegExp(`waiting/${second.conversation}`));
    await page.context().close();
  });
});

describe('while somebody works in the list', () => {
  test.each(['pointer', 'keyboard'] as const)('nothing moves under the %s, and what is new waits', async (hand) => {
    const { customer, conversation } = await demo.writes(`Vechi ${hand}`, 'Prima');
    await demo.writes(`Mijloc ${hand}`, 'A doua');
    const page = await opened('/inbox/all', owner);
    await page.locator(`[data-conversation="${conversation}"]`).waitFor();
    if (hand === 'pointer') await rows(page).first().hover();
    else await page.getByRole('listbox').focus();
    const before = await names(page);
    await says(customer, 'A treia');
    const fresh = await demo.writes(`Nou ${hand}`, 'A patra');
    const pill = page.getByRole('button', { name: words.inbox.new_other.replace('{{count}}', '2') });
    await pill.waitFor();
    expect((await names(page)).slice(0, 5)).toEqual(before.slice(0, 5));
    if (hand === 'pointer') await pill.click();
    else await page.keyboard.press('.');
    await page.locator(`[data-conversation="${fresh.conversation}"]`).waitFor();
    expect((await names(page)).slice(0, 2)).toEqual([`Nou ${hand}`, `Vechi ${hand}`]);
    await pill.waitFor({ state: 'detached' });
    await page.context().close();
  });
});

describe('many rows at once', () => {
  test('all that are listed are labelled, assigned, snoozed and resolved, and each is taken back', async () => {
    const label = await demo.api<{ id: string }>('POST', '/labels', owner, { name: 'Coada', color: '#2f6fe4' });
    const urgent = await demo.api<{ id: string }>('POST', '/labels', owner, { name: 'De sunat', color: '#d92d20' });
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4]) {
      const { conversation } = await demo.writes(`Coadă ${n}`, `Mesajul ${n}`);
      await demo.api('PUT', `/conversations/${conversation}/labels/${label.id}`, owner);
      ids.push(conversation);
    }
    const page = await opened('/inbox/all', owner);
    await page.getByRole('button', { name: words.inbox.filter }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Coada' }).click();
    await until('only those', async () => ((await rows(page).count()) === 4 ? true : undefined));
    await page.getByRole('listbox').focus();

    const all = async (): Promise<void> => {
      await page.getByRole('listbox').focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('x');
      const bar = page.getByRole('toolbar', { name: words.actions.bulk });
      await bar.getByRole('button', { name: words.inbox.chooseAllOf_other.replace('{{count}}', '4') }).click();
      await bar.getByText(words.inbox.chosen_other.replace('{{count}}', '4')).waitFor();
      await page.getByRole('listbox').focus();
    };
    const become = (what: string, holds: (row: Row) => boolean): Promise<true> =>
      until(what, async () => ((await Promise.all(ids.map(rowOf))).every(holds) ? true : undefined));
    const pick = async (name: RegExp): Promise<void> => {
      await page.getByRole('dialog').getByRole('option', { name }).first().click();
    };
    const undo = async (): Promise<void> => {
      await page.getByRole('button', { name: words.actions.undo }).last().click();
    };

    await all();
    await page.keyboard.press('l');
    await pick(/De sunat/);
    await become('labelled', (row) => row.labels.some((one) => one.id === urgent.id));
    await undo();
    await become('not labelled any more', (row) => row.labels.every((one) => one.id !== urgent.id));

    await all();
    await page.keyboard.press('a');
    await pick(new RegExp(agent.name));
    await become('assigned', (row) => row.assignee !== null);
    await undo();
    await become('nobody has them', (row) => row.assignee === null);

    await all();
    await page.keyboard.press('h');
    await page.keyboard.type('tomorrow at 9');
    await page.getByRole('dialog').getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await become('snoozed', (row) => row.status === 'snoozed' && !!row.snoozed_until);
    await rows(page).first().waitFor({ state: 'detached' });
    await undo();
    await become('awake', (row) => row.status === 'open');
    await until('all are back', async () => ((await rows(page).count()) === 4 ? true : undefined));

    await all();
    await page.keyboard.press('e');
    await become('resolved', (row) => row.status === 'resolved');
    await page.keyboard.press('Control+z');
    // The one that was open had been read.
    await become('open again', (row) => row.status === 'open' && (row.unread > 0 || row.id === ids.at(-1)));
    await demo.shoot(page, 'bulk-undone');
    await page.context().close();
  });
});

describe('by keys alone', () => {
  test.each(['Shift+F10', 'ContextMenu'])('%s opens the menu of the active row', async (key) => {
    const { conversation } = await demo.writes(`Meniu ${key}`, 'Bună');
    const page = await opened('/inbox/unassigned', agent);
    await page.locator(`[data-conversation="${conversation}"]`).waitFor();
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Home');
    await page.waitForURL(new RegExp(conversation));
    await page.getByRole('listbox').focus();
    await page.keyboard.press(key);
    await page.getByRole('menuitem', { name: new RegExp(words.actions.claim) }).waitFor();
    const first = page.locator('[role=menuitem][data-highlighted]');
    await first.waitFor();
    expect(await first.innerText()).toContain(words.actions.claim);
    await demo.shoot(page, 'context-menu');
    await page.keyboard.press('Enter');
    await until('it is taken', async () => ((await rowOf(conversation)).assignee === null ? undefined : true));
    await page.context().close();
  });

  test('a moment is typed in Romanian and kept as it was shown', async () => {
    const { conversation } = await demo.writes('Amânare Română', 'Revin mâine');
    const page = await opened(`/inbox/all/${conversation}`, owner, { language: 'ro' });
    await page.getByRole('log').getByText('Revin mâine').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').focus();
    await page.keyboard.press('h');
    await page.keyboard.type('maine la 9');
    const shown = page.getByRole('dialog').getByRole('option').first();
    await until('it is understood', async () => (/09:00/.test(await shown.innerText()) ? true : undefined));
    await page.keyboard.press('Enter');
    const until_ = await until('it sleeps', async () => (await rowOf(conversation)).snoozed_until ?? undefined);
    const wall = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Bucharest', hour: '2-digit', minute: '2-digit' });
    expect(wall.format(new Date(until_))).toBe('09:00');
    expect(new Date(until_).getTime()).toBeGreaterThan(Date.now());
    await page.context().close();
  });
});

test('the customer beside it: a name, a note and a label are given and taken', async () => {
  const { conversation } = await demo.writes('Panou Client', 'Sunt la poartă');
  const page = await opened(`/inbox/all/${conversation}`, owner);
  const panel = page.getByRole('region', { name: words.inbox.panel });
  await panel.getByRole('button', { name: words.customer.rename }).click();
  await panel.getByRole('textbox', { name: words.customer.name }).fill('Doamna de la poartă');
  await page.keyboard.press('Enter');
  await page.locator(`[data-conversation="${conversation}"]`).getByText('Doamna de la poartă').waitFor();

  await panel.getByRole('textbox', { name: words.customer.newNote }).fill('Sună de două ori.');
  await page.keyboard.press('Control+Enter');
  await panel.getByText('Sună de două ori.').waitFor();
  await panel.getByRole('button', { name: words.customer.deleteNote }).click();
  await page
    .getByRole('alertdialog')
    .or(page.getByRole('dialog'))
    .getByRole('button', { name: words.customer.deleteNoteDo })
    .click();
  await panel.getByText(words.customer.noNotes).waitFor();

  await panel.getByRole('button', { name: words.customer.addLabel }).click();
  await page.getByRole('dialog').getByRole('option').first().click();
  await until('labelled', async () => ((await rowOf(conversation)).labels.length === 1 ? true : undefined));
  await panel
    .getByRole('button', { name: new RegExp(words.words.remove) })
    .first()
    .click();
  await until('not labelled', async () => ((await rowOf(conversation)).labels.length === 0 ? true : undefined));
  await page.context().close();
});

test('a small screen shows one part at a time, and the way back', async () => {
  const { conversation } = await demo.writes('Ecran Mic', 'Încape?');
  for (const width of [320, 900]) {
    const page = await opened('/inbox/all', owner, { width, height: 640 });
    await page.locator(`[data-conversation="${conversation}"]`).click();
    await page.getByRole('log').getByText('Încape?').waitFor();
    expect(await page.getByRole('listbox').count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.getByRole('button', { name: words.inbox.panel }).click();
    await page.getByRole('region', { name: words.inbox.panel }).waitFor();
    await demo.shoot(page, `panel-${width}`);
    await page.getByRole('button', { name: words.inbox.panelClose }).click();
    await page.getByRole('button', { name: words.inbox.back }).click();
    await page.getByRole('listbox').waitFor();
    await page.context().close();
  }
});

test('nothing of all this broke the content security policy or threw', () => {
  expect(demo.wrong).toEqual([]);
});
