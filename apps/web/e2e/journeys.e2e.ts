// What people do with the whole: the program, its screens, the phones of the town.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogues, Demo, type Agent, type Language } from './program';

let demo: Demo;
beforeAll(async () => {
  demo = await Demo.start();
});
afterAll(() => demo?.stop());

describe.each(['en', 'ro'] as const)('in %s', (language: Language) => {
  const words = catalogues[language];

  test('a newcomer answers a customer without a mouse, and the phone shows it read', async () => {
    const name = `Elena ${language.toUpperCase()}`;
    const { customer, conversation } = await demo.writes(name, 'Aveți pâine fără gluten?');
    const agent = demo.agent('agent');
    const page = await demo.window({ language });
    await demo.signIn(page, agent, language);
    await page.keyboard.press('/');
    await page.keyboard.type(name);
    const found = page.getByRole('option', { name: new RegExp(name) }).first();
    await found.waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(conversation));
    await page.getByRole('log').getByText('Aveți pâine fără gluten?').waitFor();
    await page.keyboard.press('Escape');
    const reply = page.getByRole('textbox', { name: words.composer.replyLabel.replace('{{to}}', name) });
    await reply.focus();
    await page.keyboard.type('Bună ziua! Avem, până la 18:00.');
    await page.keyboard.press('Enter');
    const now = page.getByRole('button', { name: words.thread.sendNow });
    if (await now.isVisible()) await now.press('Enter');
    await page.getByRole('log').getByText(words.thread.status.read, { exact: true }).waitFor({ timeout: 20_000 });
    const seen = await demo.sandbox<{ messages: unknown[] }>('GET', `customers/${customer}/messages`);
    expect(seen.messages.filter((message) => JSON.stringify(message).includes('Bună ziua! Avem'))).toHaveLength(1);
    await demo.shoot(page, `answered-${language}`);
    await page.context().close();
  });
});

test('two agents, one conversation: the first to take it has it, and the other sees that at once', async () => {
  const { conversation } = await demo.writes('Doi Agenti', 'Cine răspunde?');
  const [first, second] = [demo.agent('admin'), demo.agent('owner')];
  const pages: Page[] = [];
  for (const agent of [first, second]) {
    const page = await demo.window();
    await demo.signIn(page, agent, 'en');
    await page.goto(`${demo.links.url}/inbox/all/${conversation}`);
    await page.getByRole('log').getByText('Cine răspunde?').waitFor();
    pages.push(page);
  }
  await pages[0]?.keyboard.press('Shift+A');
  await pages[1]?.getByText(first.name).first().waitFor({ timeout: 5_000 });
  const { assignee } = await demo.api<{ assignee: string | null }>('GET', `/conversations/${conversation}`, second);
  expect(assignee).not.toBeNull();
  for (const page of pages) await page.context().close();
});

test('what customers write is shown as text, whatever it looks like', async () => {
  const evil = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  const { conversation } = await demo.writes(`<b onmouseover=alert(1)>Ion</b>`, evil);
  const page = await demo.window();
  await demo.signIn(page, demo.agent('owner'), 'en');
  await page.goto(`${demo.links.url}/inbox/all/${conversation}`);
  await page.getByRole('log').getByText(evil).waitFor();
  expect(await page.title()).not.toContain('owned');
  expect(demo.wrong).toEqual([]);
  await page.context().close();
});

test('ending the other sessions shows their screens the door within two seconds', async () => {
  const agent: Agent = demo.agent('admin');
  const [here, there] = [await demo.window(), await demo.window()];
  await demo.signIn(here, agent, 'en', true);
  await demo.signIn(there, agent, 'en', true);
  await here.goto(`${demo.links.url}/settings/sessions`);
  const others = here.getByRole('button', { name: /others/i });
  await others.click();
  const confirm = here.getByRole('dialog').getByRole('button').last();
  if (await confirm.isVisible().catch(() => false)) await confirm.click();
  await there.locator('input[type=password]').waitFor({ timeout: 2_000 });
  await here.context().close();
  await there.context().close();
});

test('nothing of all this broke the content security policy or threw', () => {
  expect(demo.wrong).toEqual([]);
});
