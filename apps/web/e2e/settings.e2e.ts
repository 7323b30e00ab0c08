// Everything that can be changed in the settings, changed by a person, and seen: by the program and after a reload.
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { catalogues, Demo, until, type Agent } from './program';

const words = catalogues.en;
let demo: Demo;
let owner: Agent;
/** Windows that a test opened for itself. */
let pages: Page[] = [];
/** Windows of agents, used by one test after the other: opening one takes longer than most of what is done in it. */
const lent: { readonly email: string; readonly page: Page }[] = [];
const free: typeof lent = [];
beforeAll(async () => {
  demo = await Demo.start();
  owner = demo.agent('owner');
});
afterAll(() => demo?.stop());
beforeEach(() => {
  pages = [];
});
afterEach(async () => {
  for (const page of pages) await page.context().close();
  free.push(...lent.splice(0));
  expect(demo.wrong).toEqual([]);
});

/** A section of the settings on the screen of somebody: in a session and a window of its own if `anew`. */
async function settings(agent: Agent, section: string, anew = false): Promise<Page> {
  const known = anew ? -1 : free.findIndex(({ email }) => email === agent.email);
  const page = free.splice(known, known < 0 ? 0 : 1)[0]?.page ?? (await demo.window());
  if (anew) pages.push(page);
  else lent.push({ email: agent.email, page });
  await demo.signIn(page, agent, 'en', anew, `/settings/${section}`);
  await page.locator('.section h1').first().waitFor();
  return page;
}

function card(page: Page, name: string): Locator {
  return page.getByRole('form', { name, exact: true }).or(page.getByRole('region', { name, exact: true }));
}

/** The row of a list that is about something. */
function row(page: Page, name: string | RegExp): Locator {
  return page.getByRole('main').getByRole('listitem').filter({ hasText: name });
}

/** Where a finished deed is told; a notice of an earlier one is sent away first. */
async function told(page: Page, text: string): Promise<void> {
  const notices = page.getByRole('region', { name: words.words.notifications });
  const notice = notices.locator('.toast', { hasText: text });
  await notice.first().waitFor();
  await notice.getByRole('button', { name: words.words.dismiss }).first().click();
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option }).click();
}

async function atTheDoor(page: Page): Promise<void> {
  await page.locator('input[type=password]').waitFor({ timeout: 5_000 });
}

const signsIn = async (email: string, password: string): Promise<number> => (await demo.door(email, password)).status;

interface Named {
  readonly id: string;
  readonly name: string;
}

async function listed<T extends Named>(path: string, name: string): Promise<T | undefined> {
  const { items } = await demo.api<{ items: T[] }>('GET', path, owner);
  return items.find((one) => one.name === name);
}

describe('profile', () => {
  test('a new name is kept, and colleagues see it at once', async () => {
    const agent = demo.agent('agent');
    const [page, watching] = [await settings(agent, 'profile'), await settings(owner, 'agents')];
    const about = card(page, words.settings.profile.you);
    const save = about.getByRole('button', { name: words.settings.save });
    expect(await save.isDisabled()).toBe(true);
    await about.getByRole('textbox', { name: words.settings.profile.name }).fill('  Ionuț Dumitru-Pop ');
    await save.click();
    await told(page, words.settings.saved);
    const { agent: me } = await demo.api<{ agent: Named }>('GET', '/me', agent);
    expect(me.name).toBe('Ionuț Dumitru-Pop');
    await row(watching, 'Ionuț Dumitru-Pop').waitFor();
    await page.reload();
    const field = about.getByRole('textbox', { name: words.settings.profile.name });
    await field.waitFor();
    expect(await field.inputValue()).toBe('Ionuț Dumitru-Pop');
    await demo.api('PATCH', '/me', agent, { name: agent.name });
  });

  test('the language changes at once, on every screen of that agent, and stays', async () => {
    const agent = demo.agent('agent');
    const [page, other] = [await settings(agent, 'profile'), await settings(agent, 'profile')];
    await page.getByRole('main').getByText('Română', { exact: true }).click();
    for (const each of [page, other])
      await each.getByRole('heading', { name: catalogues.ro.settings.profile.title, level: 1, exact: true }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ro');
    await until('the server knows', async () => {
      const { agent: me } = await demo.api<{ agent: { language: string } }>('GET', '/me', agent);
      return me.language === 'ro' ? true : undefined;
    });
    await page.reload();
    await page.getByRole('heading', { name: catalogues.ro.settings.profile.title, level: 1, exact: true }).waitFor();
    await page.getByRole('main').getByText('English', { exact: true }).click();
    await page.getByRole('heading', { name: words.settings.profile.title, level: 1, exact: true }).waitFor();
  });

  /** The form for a new password, with its fields. */
  function password(page: Page): { form: Locator; fill: (current: string, next: string) => Promise<void> } {
    const form = card(page, words.settings.profile.password);
    return {
      form,
      async fill(current, next) {
        await form.getByLabel(words.settings.profile.current).fill(current);
        await form.getByLabel(words.settings.profile.next).fill(next);
        await form.getByRole('button', { name: words.settings.profile.change }).click();
      },
    };
  }

  test('a new password needs the old one', async () => {
    const agent = demo.agent('admin');
    const { form, fill } = password(await settings(agent, 'profile'));
    await fill('not it', 'trei mere acre pe masă');
    await form.getByText(words.settings.profile.wrong).waitFor();
    expect(await form.getByLabel(words.settings.profile.current).getAttribute('aria-invalid')).toBe('true');
    expect(await signsIn(agent.email, agent.password)).toBe(200);
  });

  // Few tries, by somebody who signs in nowhere else: the door counts them for each account.
  test('a new password needs some care, ends other sessions, and is the only one that works', async () => {
    const agent = demo.links.agents.filter(({ role }) => role === 'agent').at(-1);
    if (agent === undefined) throw new Error('there is no agent');
    const [page, elsewhere] = [await settings(agent, 'profile', true), await settings(agent, 'profile', true)];
    const { form, fill } = password(page);
    await fill(agent.password, 'password1');
    await form.getByText(words.problem.field.tooCommon).waitFor();
    await demo.shoot(page, 'password-refused');
    await form.getByLabel(words.settings.profile.next).fill('trei mere acre pe masă');
    await form.getByText(words.password.strong).first().waitFor();
    await form.getByRole('button', { name: words.settings.profile.change }).click();
    await told(page, words.settings.profile.changed);
    await atTheDoor(elsewhere);
    await page.reload();
    await form.waitFor();
    expect(await signsIn(agent.email, agent.password)).toBe(401);
    expect(await signsIn(agent.email, 'trei mere acre pe masă')).toBe(200);
  });
});

describe('sessions', () => {
  test('one other session is ended, and its screen shows the door', async () => {
    const agent = demo.agent('admin');
    const there = await settings(agent, 'profile', true);
    const here = await settings(agent, 'sessions', true);
    await row(here, words.sessions.this).waitFor();
    const others = row(here, 'Chrome, Linux').filter({ hasNotText: words.sessions.this });
    // Newest first would be guessing: the one that was used last is the other window.
    const before = await others.count();
    expect(before).toBeGreaterThan(0);
    await others.first().getByRole('button', { name: words.sessions.end }).click();
    await told(here, words.sessions.ended);
    await until('the row is gone', async () => ((await others.count()) === before - 1 ? true : undefined));
    await atTheDoor(there);
  });

  test('all others are ended after a question, and this one stays', async () => {
    const agent = demo.agent('admin');
    const there = await settings(agent, 'profile', true);
    const here = await settings(agent, 'sessions', true);
    await here.getByRole('button', { name: words.sessions.endOthers }).click();
    const dialog = here.getByRole('dialog');
    await dialog.getByRole('button', { name: words.words.cancel }).click();
    await dialog.waitFor({ state: 'hidden' });
    await here.getByRole('button', { name: words.sessions.endOthers }).click();
    await dialog.getByRole('button', { name: words.sessions.end }).click();
    await told(here, words.sessions.ended);
    await atTheDoor(there);
    await here.reload();
    await row(here, words.sessions.this).waitFor();
    expect(
      await here.getByRole('main').getByRole('list', { name: words.sessions.title }).getByRole('listitem').count(),
    ).toBe(1);
    expect(await here.getByRole('button', { name: words.sessions.endOthers }).count()).toBe(0);
  });
});

test('appearance changes what is seen, and is kept on this computer', async () => {
  const page = await settings(owner, 'appearance');
  const root = page.locator('html');
  const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByText(words.look.theme.dark, { exact: true }).click();
  await page.getByText(words.look.density.compact, { exact: true }).click();
  const more = page.getByRole('group', { name: words.settings.appearance.contrast });
  await more.getByText(words.look.contrast.more, { exact: true }).click();
  const look = {
    'data-theme': await root.getAttribute('data-theme'),
    'data-density': await root.getAttribute('data-density'),
    'data-contrast': await root.getAttribute('data-contrast'),
  };
  expect(look).toEqual({ 'data-theme': 'dark', 'data-density': 'compact', 'data-contrast': 'more' });
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.reload();
  await page.getByText(words.look.theme.dark, { exact: true }).waitFor();
  expect(await ground()).toBe(dark);
  expect(await page.getByRole('radio', { name: words.look.theme.dark }).isChecked()).toBe(true);
  expect(await page.getByRole('radio', { name: words.look.density.compact }).isChecked()).toBe(true);
  for (const [name, value] of Object.entries(look)) expect(await root.getAttribute(name)).toBe(value);
  await page.evaluate(() => localStorage.clear());
});

test('a token is shown once, works, and stops working when it is revoked', async () => {
  const page = await settings(owner, 'tokens');
  await page.getByRole('button', { name: words.tokens.create }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: words.tokens.name }).fill('Legătura cu magazinul');
  await dialog.getByRole('button', { name: words.tokens.create }).click();
  await dialog.getByText(words.tokens.once).waitFor();
  const secret = await dialog.getByRole('textbox', { name: 'Legătura cu magazinul' }).inputValue();
  const uses = async (): Promise<number> =>
    (await fetch(`${demo.links.url}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } })).status;
  expect(await uses()).toBe(200);
  await demo.shoot(page, 'token-once');
  await dialog.getByRole('button', { name: words.tokens.kept }).click();
  await dialog.waitFor({ state: 'hidden' });
  const made = row(page, 'Legătura cu magazinul');
  await made.waitFor();
  expect(await page.content()).not.toContain(secret);
  await page.reload();
  await made.waitFor();
  expect(await page.content()).not.toContain(secret);
  await made.getByRole('button', { name: words.tokens.revoke }).click();
  await dialog.getByRole('button', { name: words.tokens.revoke }).click();
  await told(page, words.tokens.revoked);
  await made.waitFor({ state: 'detached' });
  expect(await uses()).toBe(401);
});

test('the workspace takes a name, a language and a time zone', async () => {
  const page = await settings(owner, 'workspace');
  const form = page.getByRole('main').locator('form').first();
  const save = form.getByRole('button', { name: words.settings.save });
  const zone = form.getByRole('combobox', { name: words.workspace.zone });
  expect(await save.isDisabled()).toBe(true);
  await form.getByRole('textbox', { name: words.workspace.name }).fill('Brutăria „Spicul” & fiii');
  await zone.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('lisb');
  await page.getByRole('option', { name: /Lisbon/ }).click();
  await choose(page, words.workspace.language, 'English');
  await save.click();
  await told(page, words.settings.saved);
  const workspace = await demo.api<{ name: string; settings: Record<string, unknown> }>('GET', '/workspace', owner);
  expect(workspace).toMatchObject({
    name: 'Brutăria „Spicul” & fiii',
    settings: { time_zone: 'Europe/Lisbon', language: 'en' },
  });
  await page.reload();
  await form.waitFor();
  expect(await form.getByRole('textbox', { name: words.workspace.name }).inputValue()).toBe('Brutăria „Spicul” & fiii');
  expect(await zone.inputValue()).toBe('Lisbon');
});

test('working hours are edited by keyboard, day by day, and kept', async () => {
  const page = await settings(owner, 'workspace');
  const form = card(page, words.hours.title);
  const save = form.getByRole('button', { name: words.settings.save });
  const field = (part: 'from' | 'to', day: string): Locator =>
    form.getByRole('textbox', { name: words.hours[part].replace('{{day}}', day) });
  expect(await save.isDisabled()).toBe(true);

  // A break at noon on Monday, the same for Monday to Friday.
  await field('to', 'Monday').focus();
  await page.keyboard.type('12.30');
  await form.getByRole('button', { name: words.hours.add.replace('{{day}}', 'Monday') }).press('Enter');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Monday, from');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  await page.keyboard.type('1730');
  await form.getByRole('button', { name: words.hours.copy.replace('{{day}}', 'Monday') }).press('Enter');
  await page.getByRole('menuitem', { name: words.hours.toWorkdays }).press('Enter');
  // A Saturday until midnight, a Friday off.
  await form.getByRole('checkbox', { name: 'Friday' }).press('Space');
  await form.getByRole('checkbox', { name: 'Saturday' }).press('Space');
  await field('to', 'Saturday').fill('9');
  await form.getByText(words.hours.backwards).waitFor();
  expect(await field('to', 'Saturday').getAttribute('aria-invalid')).toBe('true');
  expect(await save.isDisabled()).toBe(true);
  await field('to', 'Saturday').fill('noon');
  await form.getByText(words.hours.noTime).waitFor();
  await demo.shoot(page, 'hours-wrong');
  await field('to', 'Saturday').fill('24');
  await save.click();
  await told(page, words.settings.saved);
  const day = [
    { from: '09:00', to: '12:30' },
    { from: '13:45', to: '17:30' },
  ];
  const { hours } = await demo.api<{ hours: { days: unknown } }>('GET', '/workspace', owner);
  expect(hours.days).toEqual({
    monday: day,
    tuesday: day,
    wednesday: day,
    thursday: day,
    friday: [],
    saturday: [{ from: '09:00', to: '24:00' }],
    sunday: [],
  });
  await page.reload();
  await form.waitFor();
  expect(await field('to', 'Saturday').inputValue()).toBe('24:00');
  expect(await form.getByRole('checkbox', { name: 'Friday' }).isChecked()).toBe(false);
  expect(await save.isDisabled()).toBe(true);
  await demo.shoot(page, 'hours');
});

describe('agents', () => {
  const email = 'sorina@spicul.example';
  const password = 'patru lămâi galbene';

  test('is added with a first password, and signs in with it', async () => {
    const page = await settings(owner, 'agents');
    await page.getByRole('button', { name: words.agents.add }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: words.settings.profile.name }).fill('Sorina Pană');
    await dialog.getByRole('textbox', { name: words.signIn.email }).fill(owner.email);
    await dialog.getByLabel(words.agents.first).fill(password);
    await dialog.getByRole('button', { name: words.agents.add }).click();
    await dialog.getByText(words.problem.emailTaken).waitFor();
    await dialog.getByRole('textbox', { name: words.signIn.email }).fill(email);
    await dialog.getByRole('button', { name: words.agents.add }).click();
    await told(page, words.agents.added);
    await row(page, 'Sorina Pană').getByText(email).waitFor();
    expect(await signsIn(email, password)).toBe(200);
  });

  test('gets another role, and may do more at once', async () => {
    const page = await settings(owner, 'agents');
    const hers = await demo.window();
    pages.push(hers);
    await demo.knock(hers, email, password);
    await hers.getByRole('link', { name: words.nav.settings }).waitFor();
    expect(await hers.getByRole('link', { name: words.nav.doctor }).count()).toBe(0);
    await page.getByRole('button', { name: `${words.settings.edit}: Sorina Pană` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: words.settings.profile.name }).fill('Sorina Pană-Radu');
    await choose(page, `${words.agents.role}: ${words.role.agent}`, words.role.admin);
    await dialog.getByRole('button', { name: words.settings.save }).click();
    await told(page, words.settings.saved);
    await row(page, 'Sorina Pană-Radu').getByText(words.role.admin, { exact: true }).waitFor();
    expect(await listed('/agents', 'Sorina Pană-Radu')).toMatchObject({ role: 'admin' });
    await hers.getByRole('link', { name: words.nav.doctor }).waitFor();
  });

  test('is disabled, which shows the door at once, and is let in again', async () => {
    const page = await settings(owner, 'agents');
    const hers = await demo.window();
    pages.push(hers);
    await demo.knock(hers, email, password);
    await hers.getByRole('link', { name: words.nav.doctor }).waitFor();
    await page.getByRole('button', { name: `${words.agents.disable}: Sorina Pană-Radu` }).click();
    await page.getByRole('dialog').getByRole('button', { name: words.agents.disable }).click();
    await told(page, words.agents.disabled);
    await atTheDoor(hers);
    await row(page, 'Sorina Pană-Radu').getByText(words.agents.off, { exact: true }).waitFor();
    expect(await signsIn(email, password)).toBe(401);
    await page.reload();
    await page.getByRole('button', { name: `${words.agents.enable}: Sorina Pană-Radu` }).click();
    await told(page, words.agents.enabled);
    expect(await signsIn(email, password)).toBe(200);
  });

  test('gets a new password from an admin, and the old one ends', async () => {
    const page = await settings(owner, 'agents');
    await page.getByRole('button', { name: `${words.agents.password}: Sorina Pană-Radu` }).click();
    const dialog = page.getByRole('dialog');
    const field = dialog.getByLabel(words.settings.profile.next);
    await field.fill('parola');
    await dialog.getByRole('button', { name: words.agents.password }).click();
    await dialog.getByText(words.problem.field.tooShort).first().waitFor();
    await field.fill('cinci pere coapte');
    await dialog.getByRole('button', { name: words.agents.password }).click();
    await told(page, words.agents.passwordSet);
    expect(await signsIn(email, password)).toBe(401);
    expect(await signsIn(email, 'cinci pere coapte')).toBe(200);
  });

  test('an admin cannot touch an owner, and nobody can disable himself', async () => {
    const page = await settings(demo.agent('admin'), 'agents', true);
    await row(page, owner.email).waitFor();
    expect(await row(page, owner.email).getByRole('button').count()).toBe(0);
    const mine = row(page, words.agents.you);
    expect(await mine.getByRole('button', { name: words.agents.disable }).count()).toBe(0);
    await page.getByRole('button', { name: words.agents.add }).click();
    await page.getByRole('combobox', { name: `${words.agents.role}: ${words.role.agent}` }).click();
    expect(await page.getByRole('option', { name: words.role.owner }).getAttribute('aria-disabled')).toBe('true');
  });

  test('the last owner stays one, and is told why', async () => {
    const page = await settings(owner, 'agents');
    await page.getByRole('button', { name: `${words.settings.edit}: ${owner.name}` }).click();
    const dialog = page.getByRole('dialog');
    await choose(page, `${words.agents.role}: ${words.role.owner}`, words.role.agent);
    await dialog.getByRole('button', { name: words.settings.save }).click();
    await dialog.getByText(words.problem.lastOwner).waitFor();
    expect(await listed('/agents', owner.name)).toMatchObject({ role: 'owner' });
  });
});

describe('inboxes', () => {
  async function inbox(): Promise<Page> {
    const page = await settings(owner, 'inboxes');
    await page.getByRole('link', { name: words.inboxes.open }).first().click();
    await card(page, words.inboxes.healthTitle).waitFor();
    return page;
  }

  test('gets another name', async () => {
    const page = await inbox();
    const form = card(page, words.connect.name);
    await form.getByRole('textbox', { name: words.connect.name }).fill('Comenzi & livrări');
    await form.getByRole('button', { name: words.settings.save }).click();
    await told(page, words.settings.saved);
    await page.getByRole('heading', { name: 'Comenzi & livrări', level: 1 }).waitFor();
    expect(await listed('/inboxes', 'Comenzi & livrări')).toBeDefined();
    await page.reload();
    await page.getByRole('heading', { name: 'Comenzi & livrări', level: 1 }).waitFor();
  });

  test('who is taken out of it no longer sees it, and who is put in does', async () => {
    const agent = demo.agent('agent');
    const page = await inbox();
    const id = page.url().split('/').at(-1) ?? '';
    const members = async (): Promise<readonly string[]> =>
      (await demo.api<{ agents: string[] }>('GET', `/inboxes/${id}/members`, owner)).agents;
    const { agent: me } = await demo.api<{ agent: Named }>('GET', '/me', agent);
    expect(await members()).toContain(me.id);
    const form = card(page, words.inboxes.members);
    const save = form.getByRole('button', { name: words.settings.save });
    await form.getByRole('checkbox', { name: agent.name }).waitFor();
    expect(await save.isDisabled()).toBe(true);
    for (const isIn of [false, true]) {
      await form.getByText(agent.name, { exact: true }).click();
      await save.click();
      await told(page, words.settings.saved);
      expect((await members()).includes(me.id)).toBe(isIn);
      await page.reload();
      const box = form.getByRole('checkbox', { name: agent.name });
      await box.waitFor();
      expect(await box.isChecked()).toBe(isIn);
    }
  });

  test('asks WhatsApp, tells what each value is worth, and takes others', async () => {
    const page = await inbox();
    const health = card(page, words.inboxes.healthTitle);
    await health.getByRole('button', { name: words.inboxes.verify }).click();
    await health.getByText(words.evidence.token, { exact: true }).waitFor();
    expect(await health.locator('li.broken').count()).toBe(0);

    const secrets = card(page, words.inboxes.secrets);
    const replace = secrets.getByRole('button', { name: words.inboxes.replace });
    const { numbers } = await demo.sandbox<{ numbers: readonly Credentials[] }>('GET', 'numbers');
    const number = numbers[0];
    if (number === undefined) throw new Error('the town has no number');
    const fill = async (token: string): Promise<void> => {
      await secrets.getByLabel(words.connect.token).fill(token);
      await secrets.getByLabel(words.connect.secret).fill(number.app_secret);
      await secrets.getByLabel(words.connect.verifyToken).fill('un-cuvant-al-nostru');
      await replace.click();
      await told(page, words.settings.saved);
    };
    await fill('EAAwrong');
    await health.locator('li.broken', { has: page.getByText(words.evidence.token, { exact: true }) }).waitFor();
    await health.getByText(words.evidence.tokenRemedy).waitFor();
    await demo.shoot(page, 'inbox-refused');
    await fill(number.access_token);
    await health.locator('li.fine', { has: page.getByText(words.evidence.token, { exact: true }) }).waitFor();
    expect(await secrets.getByLabel(words.connect.token).inputValue()).toBe('');
    const deliver = card(page, words.connect.deliver);
    await deliver.getByRole('button', { name: words.connect.subscribe }).click();
    await told(page, words.connect.subscribed);
  });
});

interface Credentials {
  readonly access_token: string;
  readonly app_secret: string;
}

describe('labels', () => {
  test('is made, renamed, recoloured, and deleted from every conversation that has it', async () => {
    const page = await settings(owner, 'labels');
    await page.getByRole('button', { name: words.labels.create }).click();
    const dialog = page.getByRole('dialog');
    const name = dialog.getByRole('textbox', { name: words.labels.name });
    await name.fill('Reclamație');
    await dialog.getByRole('button', { name: words.settings.save }).click();
    await told(page, words.settings.saved);
    const made = await listed<Named & { color: string }>('/labels', 'Reclamație');
    if (made === undefined) throw new Error('it is not kept');

    await page.getByRole('button', { name: words.labels.create }).click();
    await name.fill('reclamatie');
    await dialog.getByRole('button', { name: words.settings.save }).click();
    await dialog.getByText(words.problem.labelTaken).waitFor();
    await dialog.getByRole('button', { name: words.words.cancel }).click();

    await page.getByRole('button', { name: `${words.settings.edit}: Reclamație` }).click();
    await name.fill('Reclamație: pâine');
    const colour = dialog.getByRole('radio', { name: words.labels.colorNumber.replace('{{number}}', '6') });
    await colour.focus();
    await page.keyboard.press('Space');
    await dialog.getByRole('button', { name: words.settings.save }).click();
    await told(page, words.settings.saved);
    const changed = await listed<Named & { color: string }>('/labels', 'Reclamație: pâine');
    expect(changed?.id).toBe(made.id);
    expect(changed?.color).toBe('#3e63dd');
    await page.reload();
    await row(page, 'Reclamație: pâine').waitFor();

    const conversation = await until('somebody wrote', async () => {
      await demo.sandbox('POST', 'customers/ana/messages', { type: 'text', text: { body: 'Pâinea era arsă.' } });
      const { items } = await demo.api<{ items: readonly { id: string }[] }>('GET', '/conversations?limit=1', owner);
      return items[0]?.id;
    });
    await demo.api('PUT', `/conversations/${conversation}/labels/${made.id}`, owner);
    const inbox = await settings(owner, 'profile');
    await inbox.goto(`${demo.links.url}/inbox/all/${conversation}`);
    await inbox.getByText('Reclamație: pâine').first().waitFor();
    await page.getByRole('button', { name: `${words.labels.delete}: Reclamație: pâine` }).click();
    await dialog.getByText(words.labels.deleteText).waitFor();
    await dialog.getByRole('button', { name: words.labels.delete }).click();
    await told(page, words.labels.deleted);
    await row(page, 'Reclamație: pâine').waitFor({ state: 'detached' });
    const { labels } = await demo.api<{ labels: string[] }>('GET', `/conversations/${conversation}`, owner);
    expect(labels).not.toContain(made.id);
    await inbox.getByRole('log').waitFor();
    await until('the chip is gone', async () =>
      (await inbox.locator('.chip', { hasText: 'Reclamație: pâine' }).count()) === 0 ? true : undefined,
    );
  });
});
