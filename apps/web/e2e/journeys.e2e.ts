// What people do with the whole: the program, its screens, the phones of the town.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogues, Demo, type Agent, type Language } from './program';

let demo: Demo;
beforeAll(async () => {
  demo = await Demo.start();
});
afterAll(() => demo?.stop());

interface Found {
  readonly items: readonly { readonly id: string }[];
}

async function axe(page: Page): Promise<readonly string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { target: unknown; html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id} ${String(target)} ${html}`));
  });
  return found;
}

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

describe('every page', () => {
  const pages = [
    ['inbox', '/inbox/all'],
    ['settings', '/settings'],
    ['doctor', '/doctor'],
    ['receipts', '/receipts'],
  ] as const;

  test.each(pages)('%s is readable by everybody, light and dark, and fits a small phone', async (name, path) => {
    const found: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      const page = await demo.window({ theme });
      await demo.signIn(page, demo.agent('owner'), 'en');
      await page.goto(demo.links.url + path);
      await page.getByRole('main').locator('h1, [role=listbox], section').first().waitFor();
      await page.waitForTimeout(500);
      found.push(...(await axe(page)).map((finding) => `${theme}: ${finding}`));
      await demo.shoot(page, `${name}-${theme}`);
      await page.setViewportSize({ width: 320, height: 640 });
      await page.waitForTimeout(200);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 320) found.push(`${theme}: ${width} px wide at 320`);
      await demo.shoot(page, `${name}-${theme}-320`);
      await page.context().close();
    }
    expect(found).toEqual([]);
  });

  test('the inbox with a conversation, and in Romanian', async () => {
    const { items } = await demo.api<Found>('GET', '/conversations?limit=1', demo.agent('owner'));
    const page = await demo.window({ language: 'ro' });
    await demo.signIn(page, demo.agent('owner'), 'ro');
    await page.goto(`${demo.links.url}/inbox/all/${items[0]?.id}`);
    await page.getByRole('log').waitFor();
    await page.waitForTimeout(500);
    await demo.shoot(page, 'conversation-ro');
    expect(await axe(page)).toEqual([]);
    await page.context().close();
  });
});
