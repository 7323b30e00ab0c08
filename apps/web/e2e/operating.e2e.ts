// What whoever looks after the server does: deliveries that could not be applied, and the doctor.
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { catalogues, Demo, until, type Connected } from './program';

const words = catalogues.en;
let demo: Demo;
let number: Connected;
beforeAll(async () => {
  demo = await Demo.start();
  const [first] = demo.links.numbers;
  if (first === undefined) throw new Error('there is no number');
  number = first;
});
afterAll(() => demo?.stop());
afterEach(() => expect(demo.wrong).toEqual([]));

interface Receipt {
  readonly id: string;
  readonly state: string;
  readonly applied_at: string | null;
}

async function rejected(): Promise<readonly Receipt[]> {
  const path = '/receipts?state=rejected';
  return (await demo.api<{ items: readonly Receipt[] }>('GET', path, demo.agent('owner'))).items;
}

test('a delivery that nobody can apply is found by its state, looked at, and applied again', async () => {
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: 7, changes: 'nothing' }] });
  const signature = createHmac('sha256', number.app_secret).update(body).digest('hex');
  await fetch(number.webhook_url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    body,
  });
  const [bad] = await until('it is rejected', async () => ((await rejected()).length > 0 ? rejected() : undefined));
  const page = await demo.window();
  await demo.signIn(page, demo.agent('owner'), 'en', false, '/receipts');
  const rows = page.getByRole('main').getByRole('list', { name: words.nav.receipts }).getByRole('listitem');
  await rows.first().waitFor();
  const all = await rows.count();
  expect(all).toBeGreaterThan(1);
  await page.getByText(words.receipts.states.rejected, { exact: true }).first().click();
  await until('only that one', async () => ((await rows.count()) === 1 ? true : undefined));
  expect(page.url()).toContain('state=rejected');
  await page.reload();
  await rows.first().waitFor();
  expect(await rows.count()).toBe(1);
  await page.getByRole('combobox', { name: words.receipts.inbox }).click();
  await page
    .getByRole('option', { name: number.display_phone_number })
    .or(page.getByRole('option').nth(1))
    .first()
    .click();
  await until('the address has the inbox', () => (page.url().includes(`inbox=${number.inbox_id}`) ? true : undefined));
  expect(await rows.count()).toBe(1);

  await rows.first().getByRole('link').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('/entry/0/changes').waitFor();
  await dialog.getByText('"changes": "nothing"').waitFor();
  await dialog.getByRole('button', { name: words.receipts.replay }).click();
  await dialog.getByText(words.receipts.replayText).waitFor();
  await dialog.getByRole('button', { name: words.receipts.replay }).click();
  await until('it was tried again', async () => {
    const [again] = await rejected();
    return again !== undefined && again.applied_at !== bad?.applied_at ? true : undefined;
  });
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  expect(page.url()).toContain('state=rejected');
  await page.getByText(words.receipts.states.received, { exact: true }).first().click();
  await page.getByText(words.receipts.none).waitFor();
  await page.context().close();
});

test.each(['en', 'ro'] as const)(
  'the doctor says in %s what is wrong, of which inbox, and what to do',
  async (language) => {
    const { nav, doctor } = catalogues[language];
    const owner = demo.agent('owner');
    const { items } = await demo.api<{ items: readonly { id: string; name: string }[] }>('GET', '/inboxes', owner);
    const inbox = items.find(({ id }) => id === number.inbox_id);
    const secrets = { access_token: 'EAAwrong', app_secrets: [number.app_secret], verify_token: 'un-cuvant' };
    const page = await demo.window({ language });
    await demo.signIn(page, owner, language, false, '/doctor');
    await page.getByRole('heading', { name: nav.doctor, level: 1 }).waitFor();
    const finding = page
      .getByRole('main')
      .getByRole('listitem')
      .filter({ hasText: inbox?.name ?? '?' });
    await finding.waitFor();

    await demo.api('PATCH', `/inboxes/${number.inbox_id}`, owner, { secrets });
    await demo.api('POST', `/inboxes/${number.inbox_id}/verify`, owner);
    await page.getByRole('button', { name: doctor.again }).click();
    await finding.getByText(doctor.inbox.refused).waitFor();
    await finding.getByText(doctor.do.inbox.refused).waitFor();
    expect(await page.getByRole('main').innerText()).not.toMatch(/inb_[0-9a-z]{20}|\d{4}-\d\d-\d\dT/);
    await demo.shoot(page, `doctor-broken-${language}`);

    secrets.access_token = number.access_token;
    await demo.api('PATCH', `/inboxes/${number.inbox_id}`, owner, { secrets });
    await demo.api('POST', `/inboxes/${number.inbox_id}/verify`, owner);
    await page.getByRole('button', { name: doctor.again }).click();
    // It works again; that something was wrong lately stays to be looked at.
    await finding.getByText(doctor.inbox.refused).waitFor({ state: 'detached' });
    expect(await finding.getByText(doctor.state.broken, { exact: true }).count()).toBe(0);
    await page.context().close();
  },
);
