// Somebody on the first day: five things, each ticked because it was really done, by keyboard alone.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogues, Demo, until, type Agent } from './program';

let demo: Demo;
beforeAll(async () => {
  demo = await Demo.start();
});
afterAll(() => demo?.stop());

interface FirstMinutes {
  readonly done: readonly string[];
  readonly dismissed: boolean;
}

async function kept(agent: Agent): Promise<FirstMinutes> {
  const { first_minutes } = await demo.api<{ first_minutes: FirstMinutes }>('GET', '/me/preferences', agent);
  return first_minutes;
}

async function ticked(panel: Locator, title: string): Promise<void> {
  await panel.locator('li.done', { hasText: title }).waitFor({ state: 'attached', timeout: 20_000 });
}

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, there: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (await there.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${String(there)}`);
}

test('five things are ticked by doing them, and by nothing else', async () => {
  const words = catalogues.en;
  const { step } = words.firstMinutes;
  const agent = demo.agent('agent');
  const page = await demo.window();
  await demo.signIn(page, agent, 'en');
  const panel = page.getByRole('region', { name: words.firstMinutes.title });
  await panel.waitFor();
  expect(await panel.locator('li.done').count()).toBe(0);
  await demo.shoot(page, 'first-minutes-start');

  // Somebody of the town to practise with; opening him is not yet doing anything.
  const practise = panel.getByRole('button', { name: words.firstMinutes.practise.replace('{{name}}', '').trim() });
  await tabTo(page, practise);
  await page.keyboard.press('Enter');
  await page.getByRole('log').getByRole('article').first().waitFor();
  expect(await panel.locator('li.done').count()).toBe(0);

  await page.keyboard.press('Shift+A');
  await ticked(panel, step.claim);

  await panel.getByText(words.firstMinutes.simulated).waitFor();
  await page.keyboard.press('r');
  const answer = page.getByRole('region', { name: words.composer.title }).getByRole('textbox');
  await answer.and(page.locator(':focus')).waitFor();
  await page.keyboard.type('Bună ziua!');
  await page.keyboard.press('Enter');
  // While it can still be taken back it is not done.
  const now = page.getByRole('button', { name: words.thread.sendNow });
  await now.waitFor();
  expect(await panel.locator('li.done').count()).toBe(1);
  await now.press('Enter');
  await ticked(panel, step.answer);

  await answer.focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await page
    .getByRole('textbox', { name: words.composer.noteLabel, exact: true })
    .and(page.locator(':focus'))
    .waitFor();
  await page.keyboard.type('Client nou.');
  await page.keyboard.press('Enter');
  const goes = page.getByRole('button', { name: words.thread.sendNow });
  await goes
    .or(panel.locator('li.done', { hasText: step.note }))
    .first()
    .waitFor();
  if (await goes.isVisible()) await goes.press('Enter');
  await ticked(panel, step.note);

  await page.getByRole('textbox', { name: words.composer.noteLabel, exact: true }).focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('h');
  await page.getByRole('dialog').getByRole('option').first().waitFor();
  // Choosing from the levels of the palette is not the palette.
  expect(await panel.locator('li.done', { hasText: step.palette }).count()).toBe(0);
  await page.keyboard.press('Enter');
  await ticked(panel, step.snooze);

  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: words.firstMinutes.finished }).waitFor();
  await demo.shoot(page, 'first-minutes-end');
  expect((await kept(agent)).done).toHaveLength(5);

  const close = page.getByRole('button', { name: words.firstMinutes.close, exact: true });
  await tabTo(page, close);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: words.firstMinutes.finished }).waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('listbox');
  await page.reload();
  await page.getByRole('listbox').first().waitFor();
  await until('it is remembered', async () => ((await kept(agent)).dismissed ? true : undefined));
  expect(await panel.count()).toBe(0);
  expect(demo.wrong).toEqual([]);
  await page.context().close();
});

test('put away on a small phone in Romanian, it covers nothing and comes back from the palette', async () => {
  const words = catalogues.ro;
  const agent = demo.agent('admin');
  const page = await demo.window({ width: 320, height: 640, language: 'ro' });
  await demo.signIn(page, agent, 'ro');
  const panel = page.getByRole('region', { name: words.firstMinutes.title });
  await panel.waitFor();
  await demo.shoot(page, 'first-minutes-320');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  const list = await page.getByRole('region', { name: words.inbox.list }).boundingBox();
  const box = await panel.boundingBox();
  expect(list !== null && box !== null && list.y + list.height <= box.y + 1).toBe(true);

  await tabTo(page, panel.getByRole('button', { name: words.firstMinutes.later }));
  await page.keyboard.press('Enter');
  await panel.waitFor({ state: 'detached' });
  await until('it is remembered', async () => ((await kept(agent)).dismissed ? true : undefined));

  await page.keyboard.press('Control+k');
  await page.keyboard.type('primele cinci');
  await page.getByRole('dialog').getByRole('option', { name: words.firstMinutes.open }).waitFor();
  await page.keyboard.press('Enter');
  await panel.waitFor();
  // Whoever asked for it is there.
  await panel.and(page.locator(':focus')).waitFor();
  await until('it is remembered', async () => ((await kept(agent)).dismissed ? undefined : true));
  expect(demo.wrong).toEqual([]);
  await page.context().close();
});
