// What a broken line, a stopped server and a new build do to somebody in the middle of the work.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Line } from './line';
import { catalogues, Demo, until, type Language } from './program';

let demo: Demo;
let line: Line;
const data = mkdtempSync(join(tmpdir(), 'centrala-e2e-'));

beforeAll(async () => {
  demo = await Demo.start('--data', data);
  line = await Line.to(demo.links.url);
});
afterAll(async () => {
  await line?.close();
  await demo?.stop();
  rmSync(data, { recursive: true, force: true });
});

beforeEach(() => line.set('open'));

/** A new customer writes; gives his conversation. */
async function writes(name: string, body: string): Promise<{ customer: string; conversation: string }> {
  const { id } = await demo.sandbox<{ id: string }>('POST', 'customers', { name });
  await demo.sandbox('POST', `customers/${id}/messages`, { type: 'text', text: { body } });
  const conversation = await until(`${name} is listed`, async () => {
    const { items } = await demo.api<{ items: readonly { id: string; contact: { name: string | null } }[] }>(
      'GET',
      '/conversations?limit=50',
      demo.agent('owner'),
    );
    return items.find(({ contact }) => contact.name === name)?.id;
  });
  return { customer: id, conversation };
}

/** Opens a conversation over the line, with everything kept that a reload without it needs. */
async function opens(language: Language, conversation: string, said: string): Promise<Page> {
  const page = await demo.window({ language });
  page.setDefaultTimeout(20_000);
  // Time goes on by itself, and faster when a test says so.
  await page.clock.install();
  // In a session of its own: one of the walks ends it.
  await demo.signIn(page, demo.agent('agent'), language, true);
  await page.goto(`${line.url}/inbox/all/${conversation}`);
  await page.getByRole('log').getByText(said).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  return page;
}

/** Goes on when the browser keeps a snapshot with this text. */
async function isKept(page: Page, text: string): Promise<void> {
  // The app keeps one when somebody looks away.
  await page.evaluate(() => dispatchEvent(new Event('pagehide')));
  await page.waitForFunction(async (wanted) => {
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => resolve(opening.result);
      });
      const kept = await new Promise<unknown>((resolve) => {
        const asking = database.transaction('snapshot').objectStore('snapshot').getAll();
        asking.onsuccess = () => resolve(asking.result);
      });
      database.close();
      if (JSON.stringify(kept).includes(wanted)) return true;
    }
    return false;
  }, text);
}

/** By keyboard, to somebody whose conversation is open. */
async function reply(page: Page, to: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name: new RegExp(to) }).focus();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

interface Sent {
  readonly items: readonly { readonly direction: string; readonly content: { readonly body?: string } }[];
}

async function sentTimes(conversation: string, body: string): Promise<number> {
  const { items } = await demo.api<Sent>('GET', `/conversations/${conversation}/messages`, demo.agent('owner'));
  return items.filter((one) => one.direction === 'out' && one.content.body === body).length;
}

describe.each(['en', 'ro'] as const)('in %s', (language) => {
  const words = catalogues[language];

  test('without a connection the inbox is read, and what is written there is sent once when it is back', async () => {
    const name = `Radu ${language.toUpperCase()}`;
    const { customer, conversation } = await writes(name, 'Mai am o întrebare.');
    const page = await opens(language, conversation, 'Mai am o întrebare.');
    await isKept(page, 'Mai am o întrebare.');

    line.set('cut');
    await page.reload();
    const away = page.getByText(words.connection.offline, { exact: false });
    await away.waitFor();
    // How old it is: a time of today.
    expect(await away.textContent()).toMatch(/\d\d:\d\d/);
    await page.getByRole('log').getByText('Mai am o întrebare.').waitFor();
    await page.getByRole('listbox').getByText(name).first().waitFor();

    const [first, second] = [`Vă ascultăm ${language}.`, `Scris din greșeală ${language}.`];
    await reply(page, name, first);
    await page.getByRole('log').getByText(words.thread.offline, { exact: true }).first().waitFor({ timeout: 15_000 });
    await reply(page, name, second);
    await page.getByRole('log').getByText(second).waitFor();
    await demo.shoot(page, `offline-${language}`);

    await page.reload();
    await away.waitFor();
    await page.getByRole('log').getByText(first).waitFor();
    await page.getByRole('log').getByText(words.thread.offline, { exact: true }).nth(1).waitFor({ timeout: 15_000 });
    // Taken back before it went anywhere.
    await page.getByRole('log').getByRole('button', { name: words.thread.cancelSend, exact: true }).last().click();
    await page.getByRole('log').getByText(second).waitFor({ state: 'detached' });
    expect(await sentTimes(conversation, first)).toBe(0);

    line.set('open');
    await page.getByRole('button', { name: words.connection.now }).click();
    await page.getByRole('log').getByText(words.thread.status.read, { exact: true }).waitFor({ timeout: 20_000 });
    await away.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('log').getByText(first).waitFor();
    expect([await sentTimes(conversation, first), await sentTimes(conversation, second)]).toEqual([1, 0]);
    const phone = await demo.sandbox<{ messages: unknown[] }>('GET', `customers/${customer}/messages`);
    expect(phone.messages.filter((message) => JSON.stringify(message).includes(first))).toHaveLength(1);
    await page.context().close();
  });
});

test('a line that falls silent without breaking is noticed within 45 seconds', async () => {
  const { conversation } = await writes('Tăcut Silviu', 'Mai sunteți acolo?');
  const page = await opens('en', conversation, 'Mai sunteți acolo?');
  const { connection } = catalogues.en;
  line.set('mute');
  await page.clock.fastForward(45_000);
  await page.getByText(connection.reconnecting, { exact: false }).waitFor({ timeout: 5_000 });
  line.set('cut');
  line.set('open');
  await page
    .getByText(connection.age.split('{{')[0] ?? '', { exact: false })
    .waitFor({ state: 'detached', timeout: 40_000 });
  await page.context().close();
});

test('where live sockets are blocked the news comes all the same, and the screen says how', async () => {
  const { customer, conversation } = await writes('Blocat Barbu', 'Prima.');
  const page = await opens('ro', conversation, 'Prima.');
  line.set('plain');
  await page.getByText(catalogues.ro.connection.polling).waitFor({ timeout: 30_000 });
  await demo.sandbox('POST', `customers/${customer}/messages`, { type: 'text', text: { body: 'A doua.' } });
  await page.getByRole('log').getByText('A doua.').waitFor({ timeout: 15_000 });
  line.set('open');
  await page.getByText(catalogues.ro.connection.polling).waitFor({ state: 'detached', timeout: 40_000 });
  await page.context().close();
});

test('a new build waits for its person, and takes nothing of what is being written', async () => {
  const { conversation } = await writes('Noua Nora', 'Bună!');
  const page = await opens('en', conversation, 'Bună!');
  const worker = await (await fetch(`${line.url}/sw.js`)).text();
  const entry = await page.evaluate(() => document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? '');
  const other = worker
    .replaceAll(new URL(entry).pathname, '/icon.svg?newer')
    .replace(/"version":"\w+"/, '"version":"newer"');
  expect(other).not.toBe(worker);
  await page.getByRole('textbox', { name: /Noua Nora/ }).fill('Neterminat');
  await page.evaluate(() => Reflect.set(globalThis, 'isOld', true));
  line.answer('/sw.js', other);
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  await page.getByText(catalogues.en.update.ready).waitFor();
  expect(await page.evaluate(() => Reflect.get(globalThis, 'isOld') as unknown)).toBe(true);
  await demo.shoot(page, 'update-ready');
  await page.getByRole('button', { name: catalogues.en.update.take }).click();
  await page.waitForFunction(() => Reflect.get(globalThis, 'isOld') === undefined);
  await page.waitForFunction(async () => (await caches.keys()).includes('centrala-shell-newer'));
  expect(await page.getByRole('textbox', { name: /Noua Nora/ }).inputValue()).toBe('Neterminat');
  await page.context().close();
});

test('signing out asks for what is not sent, and leaves nothing of customers on the computer', async () => {
  const { conversation } = await writes('Plecată Paula', 'Mesaj cu date personale.');
  const page = await opens('en', conversation, 'Mesaj cu date personale.');
  const { account } = catalogues.en;
  await isKept(page, 'Mesaj cu date personale.');
  line.set('cut');
  await page.getByText(catalogues.en.connection.offline, { exact: false }).waitFor({ timeout: 30_000 });
  await reply(page, 'Plecată Paula', 'Netrimis.');
  await page.getByRole('log').getByText('Netrimis.').waitFor();
  const leave = async (): Promise<void> => {
    await page.getByRole('button', { name: new RegExp(account.menu.split('{{')[0] ?? '') }).press('Enter');
    await page.getByRole('menuitem', { name: account.signOut }).press('Enter');
  };
  await leave();
  const dialog = page.getByRole('dialog', { name: account.leaveTitle });
  await dialog.getByText(account.leaveText_one.replace('{{count}}', '1')).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  line.set('open');
  await page.getByRole('log').getByText(catalogues.en.thread.status.read, { exact: true }).waitFor({ timeout: 40_000 });
  await leave();
  await page.locator('input[type=password]').waitFor();
  const left = await page.evaluate(async () => ({
    databases: await indexedDB.databases(),
    storage: Object.keys({ ...localStorage, ...sessionStorage }).filter((key) => !key.startsWith('centrala.')),
    caches: (await caches.keys()).filter((name) => !/^centrala-(shell-|words$)/.test(name)),
    text: JSON.stringify({ ...localStorage, ...sessionStorage }),
  }));
  expect(left).toMatchObject({ databases: [], storage: [], caches: [] });
  expect(left.text).not.toMatch(/conv_|agt_|Paula/);
  await page.reload();
  await page.locator('input[type=password]').waitFor();
  await page.context().close();
});

test('a stopped server: the inbox is read, and the answer goes out once when it runs again', async () => {
  const { conversation } = await writes('Oprit Octav', 'Când deschideți?');
  const page = await opens('en', conversation, 'Când deschideți?');
  await isKept(page, 'Când deschideți?');
  await demo.halt();
  await page.reload();
  await page.getByText(catalogues.en.connection.offline, { exact: false }).waitFor();
  await page.getByRole('log').getByText('Când deschideți?').waitFor();
  await reply(page, 'Oprit Octav', 'La opt.');
  await page.getByRole('log').getByText(catalogues.en.thread.offline, { exact: true }).waitFor({ timeout: 15_000 });
  await demo.serve(data);
  await page.getByRole('button', { name: catalogues.en.connection.now }).click();
  await page
    .getByText(catalogues.en.connection.offline, { exact: false })
    .waitFor({ state: 'detached', timeout: 40_000 });
  await until('the answer is at the server', async () =>
    (await sentTimes(conversation, 'La opt.')) > 0 ? true : undefined,
  );
  await page.reload();
  await page.getByRole('log').getByText('La opt.').waitFor();
  expect(await sentTimes(conversation, 'La opt.')).toBe(1);
  await page.context().close();
});

test('nothing of all this broke the content security policy or threw', () => {
  expect(demo.wrong).toEqual([]);
});
