// Being told while looking elsewhere: by a window in the background, and by a push that wakes the browser.
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { catalogues, Demo, until, type Agent, type Language } from './program';

let demo: Demo;
let agent: Agent;

beforeAll(async () => {
  demo = await Demo.start();
  agent = demo.agent('agent');
});
afterAll(() => demo?.stop());
beforeEach(async () => {
  const notifications = { about: 'mine_and_unassigned', sound: true, quiet_hours: null };
  await demo.api('PATCH', '/me/preferences', agent, { notifications });
});

interface Listed {
  readonly items: readonly { readonly id: string; readonly contact: { readonly name: string | null } }[];
}

interface Customer {
  readonly name: string;
  readonly id: string;
}

async function customer(name: string): Promise<Customer> {
  const { id } = await demo.sandbox<{ id: string }>('POST', 'customers', { name });
  return { name, id };
}

async function writes({ id }: Customer, body: string): Promise<void> {
  await demo.sandbox('POST', `customers/${id}/messages`, { type: 'text', text: { body } });
}

function conversationOf({ name }: Customer): Promise<string> {
  return until(`${name} is listed`, async () => {
    const { items } = await demo.api<Listed>('GET', '/conversations?limit=50', agent);
    return items.find(({ contact }) => contact.name === name)?.id;
  });
}

/** A window that may show notifications, counts those that it shows, and is looked away from on demand. */
async function opens(language: Language): Promise<Page> {
  const page = await demo.window({ language });
  await prepare(page.context());
  await demo.signIn(page, agent, language);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  return page;
}

async function prepare(context: BrowserContext): Promise<void> {
  await context.grantPermissions(['notifications'], { origin: demo.links.url });
  await context.addInitScript(() => {
    // A browser without a screen says of every window that it has the focus.
    document.hasFocus = () => Reflect.get(globalThis, 'isAway') !== true;
    // No page of ours.
    if (!('ServiceWorkerRegistration' in globalThis)) return;
    const { showNotification } = ServiceWorkerRegistration.prototype;
    ServiceWorkerRegistration.prototype.showNotification = function (...args) {
      Reflect.set(globalThis, 'shownHere', Number(Reflect.get(globalThis, 'shownHere') ?? 0) + 1);
      return showNotification.apply(this, args);
    };
  });
}

async function looks(page: Page, isHere: boolean): Promise<void> {
  await page.evaluate((isLooking) => {
    Reflect.set(globalThis, 'isAway', !isLooking);
    dispatchEvent(new Event(isLooking ? 'focus' : 'blur'));
  }, isHere);
  await page.waitForFunction(async (isLooking) => {
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name === 'centrala-looked-at') === isLooking;
  }, isHere);
}

interface Shown {
  readonly title: string;
  readonly body: string;
}

/** What the browser shows now. */
async function shown(context: BrowserContext): Promise<readonly Shown[]> {
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  return worker.evaluate(async () => {
    const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration };
    return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
  });
}

async function tells(context: BrowserContext, title: string): Promise<Shown> {
  return until(`${title} is told`, async () => (await shown(context)).find((one) => one.title === title));
}

/** What comes together is told together, 400 ms after the first: until then it counts what is wanted then. */
async function isListed(page: Page, { name }: Customer): Promise<void> {
  await page.getByText(name).first().waitFor();
  await page.waitForTimeout(1_000);
}

/** Has another customer write, so that whatever was to be told before has been. */
async function untold(context: BrowserContext, title: string): Promise<void> {
  const last = await customer(`Semn ${Date.now()}`);
  await demo.api('PATCH', '/me/preferences', agent, {
    notifications: { about: 'all', sound: false, quiet_hours: null },
  });
  // The page reads what is wanted when it hears that it changed: what comes before that is still not told.
  let written = 0;
  await until(`${last.name} is told`, async () => {
    if (Date.now() - written > 3_000) {
      await writes(last, 'Acum.');
      written = Date.now();
    }
    return (await shown(context)).find((one) => one.title === last.name);
  });
  expect((await shown(context)).map((one) => one.title)).not.toContain(title);
}

describe.each(['en', 'ro'] as const)('in %s', (language) => {
  test('whoever looks elsewhere is told once, by one of two windows, and a click leads there', async () => {
    const page = await opens(language);
    const context = page.context();
    const second = await context.newPage();
    await second.goto(demo.links.url);
    await second.getByRole('combobox', { name: catalogues[language].inbox.search }).waitFor();
    await looks(second, false).catch(() => undefined);
    await looks(page, false);
    const ion = await customer(`Ion ${language.toUpperCase()}`);
    await writes(ion, 'Aveți covrigi?');
    expect(await tells(context, ion.name)).toEqual({ title: ion.name, body: 'Aveți covrigi?' });
    const times = await Promise.all(
      [page, second].map((one) => one.evaluate(() => Number(Reflect.get(globalThis, 'shownHere') ?? 0))),
    );
    expect(times.toSorted()).toEqual([0, 1]);
    expect(await page.title()).toMatch(/^\(\d+\) /);

    const conversation = await conversationOf(ion);
    await context.serviceWorkers()[0]?.evaluate(async (title) => {
      const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration };
      const notification = (await registration.getNotifications()).find((one) => one.title === title);
      const made = (globalThis as unknown as { NotificationEvent: new (type: string, init: object) => Event })
        .NotificationEvent;
      dispatchEvent(new made('notificationclick', { notification }));
    }, ion.name);
    await until('a window went there', () =>
      [page, second].some((one) => one.url().includes(conversation)) ? true : undefined,
    );
    await context.close();
  });

  test('a push wakes the browser with ids, and the name and the text come by the session', async () => {
    const page = await opens(language);
    const context = page.context();
    const session = await context.newCDPSession(page);
    const found = new Promise<string>((resolve) => {
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const own = registrations.find(({ scopeURL }) => scopeURL.startsWith(demo.links.url));
        if (own !== undefined) resolve(own.registrationId);
      });
    });
    await session.send('ServiceWorker.enable');
    const registrationId = await found;
    const deliver = async (data: object): Promise<void> => {
      await session.send('ServiceWorker.deliverPushMessage', {
        origin: demo.links.url,
        registrationId,
        data: JSON.stringify(data),
      });
    };
    const maria = await customer(`Maria ${language.toUpperCase()}`);
    await looks(page, false);
    await writes(maria, 'Vreau un tort.');
    await tells(context, maria.name);
    const conversation = await conversationOf(maria);
    const { items } = await demo.api<{ items: readonly { id: string }[] }>(
      'GET',
      `/conversations/${conversation}/messages`,
      agent,
    );
    const message = items.at(-1)?.id;
    // The window in the background was quicker: still one.
    await deliver({ kind: 'message', conversation, message });
    await deliver({ kind: 'test' });
    await tells(context, catalogues[language].notices.testTitle);
    expect((await shown(context)).filter(({ title }) => title === maria.name)).toHaveLength(1);

    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      for (const one of (await registration?.getNotifications()) ?? []) one.close();
    });
    await page.goto('about:blank');
    // As long as the browser counts the window that was left, it is looked at.
    await until('no window is left', async () => {
      const count = await context.serviceWorkers()[0]?.evaluate(async () => {
        const { clients } = globalThis as unknown as { clients: { matchAll: () => Promise<readonly unknown[]> } };
        return (await clients.matchAll()).length;
      });
      return count === 0 ? true : undefined;
    });
    await deliver({ kind: 'message', conversation, message });
    expect(await tells(context, maria.name)).toEqual({ title: maria.name, body: 'Vreau un tort.' });

    // Without a session there is something, and nobody learns what.
    await context.clearCookies();
    await deliver({ kind: 'message', conversation, message });
    expect(await tells(context, 'Centrala')).toEqual({ title: 'Centrala', body: catalogues[language].notices.message });
    await context.close();
  });
});

test('nothing is told of what one looks at, in quiet hours, of the conversations of others, and of nothing', async () => {
  const page = await opens('ro');
  const context = page.context();
  const [seen, quiet, others, none] = [
    await customer('Văzută Vera'),
    await customer('Liniștit Liviu'),
    await customer('Altuia Alina'),
    await customer('Nimic Nae'),
  ];
  await looks(page, true);
  await writes(seen, 'Vezi?');
  await isListed(page, seen);

  await looks(page, false);
  const wants = async (change: object): Promise<void> => {
    const notifications = { about: 'mine_and_unassigned', sound: false, quiet_hours: null, ...change };
    await demo.api('PATCH', '/me/preferences', agent, { notifications });
  };
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  await wants({ quiet_hours: { from: '00:00', to: '23:59', days } });
  await writes(quiet, 'Doarme?');
  await isListed(page, quiet);
  await untold(context, quiet.name);

  await writes(others, 'Pentru altcineva.');
  const conversation = await conversationOf(others);
  await tells(context, others.name);
  const owner = demo.agent('owner');
  const { agent: me } = await demo.api<{ agent: { id: string } }>('GET', '/me', owner);
  await demo.api('POST', `/conversations/${conversation}/assign`, owner, { to: me.id });
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    for (const one of (await registration?.getNotifications()) ?? []) one.close();
  });
  await wants({});
  await writes(others, 'Încă o dată.');
  await page.waitForTimeout(1_000);
  await untold(context, others.name);

  await wants({ about: 'none' });
  await writes(none, 'Nimic?');
  await isListed(page, none);
  await untold(context, none.name);
  expect((await shown(context)).map(({ title }) => title)).not.toContain(seen.name);
  await context.close();
});

test('what is chosen in the settings holds at once, after a reload, and at the server', async () => {
  const page = await opens('en');
  const words = catalogues.en.notifications;
  await page.goto(`${demo.links.url}/settings/notifications`);
  await page.getByText(words.here.granted).waitFor();
  await page.getByRole('switch', { name: words.about.sound }).press('Space');
  await page.getByRole('switch', { name: words.quiet.on }).press('Space');
  await page.getByLabel(words.quiet.from).fill('21:30');
  await page.getByLabel(words.quiet.from).press('Tab');
  await page.getByRole('checkbox', { name: 'Saturday' }).press('Space');
  interface Kept {
    notifications: { sound: boolean; quiet_hours: { from: string; to: string; days: string[] } | null };
  }
  const kept = await until('the server has it', async () => {
    const { notifications } = await demo.api<Kept>('GET', '/me/preferences', agent);
    return notifications.quiet_hours?.days.length === 6 ? notifications : undefined;
  });
  expect(kept).toMatchObject({ sound: false, quiet_hours: { from: '21:30', to: '08:00' } });
  expect(kept.quiet_hours?.days).not.toContain('saturday');
  await page.reload();
  await page.getByLabel(words.quiet.from).waitFor();
  expect(await page.getByLabel(words.quiet.from).inputValue()).toBe('21:30');
  await page.getByRole('button', { name: words.here.test }).press('Enter');
  await tells(page.context(), catalogues.en.notices.testTitle);
  // The key that a browser subscribes with, in a workspace where nobody asked before.
  const { public_key } = await demo.api<{ public_key: string }>('GET', '/push/key', agent);
  expect(public_key).toMatch(/^B[\w-]{86}$/);
  await demo.shoot(page, 'notifications-en');
  await page.context().close();
});

test('nothing of all this broke the content security policy or threw', () => {
  expect(demo.wrong).toEqual([]);
});
