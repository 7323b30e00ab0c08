// Answering a customer: everything that may go wrong on the way, and what a person then sees and does.
import { Buffer } from 'node:buffer';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogues, Demo, until } from './program';

let demo: Demo;
/** Whoever answers in most of these; signing in again and again would be waiting. */
let page: Page;
beforeAll(async () => {
  demo = await Demo.start();
  page = await demo.window();
  await demo.signIn(page, demo.agent('agent'), 'en');
});
afterAll(() => demo?.stop());

const words = catalogues.en;

interface Seen {
  readonly customer: string;
  readonly conversation: string;
}

/** A customer has written, and somebody has his conversation open. */
async function at(name: string, body: string, where = page): Promise<Seen> {
  const written = await demo.writes(name, body);
  await where.goto(`${demo.links.url}/inbox/all/${written.conversation}`);
  await log(where).getByText(body).waitFor();
  return written;
}

const composer = (page: Page, name: string) =>
  page.getByRole('textbox', { name: words.composer.replyLabel.replace('{{to}}', name) });
const log = (page: Page) => page.getByRole('log');

/** Writes and sends at once, without a mouse. */
async function say(page: Page, name: string, text: string): Promise<void> {
  await composer(page, name).fill(text);
  await composer(page, name).press('Enter');
  await page.getByRole('button', { name: words.thread.sendNow }).press('Enter');
}

/** What of this stands on the customer's phone. */
async function onPhone(customer: string, text: string): Promise<number> {
  const { messages } = await demo.sandbox<{ messages: unknown[] }>('GET', `customers/${customer}/messages`);
  return messages.filter((message) => JSON.stringify(message).includes(text)).length;
}

const fault = (spec: Record<string, unknown>): Promise<unknown> => demo.sandbox('POST', 'faults', spec);

test('a message that was refused says why, is sent again, and the phone has it once', async () => {
  const name = 'Relu Refuzat';
  const { customer } = await at(name, 'Mai aveți covrigi?');
  await fault({ kind: 'error_code', code: 131_026, recipient: customer, once: true });
  await say(page, name, 'Da, cu susan.');
  const again = log(page).getByRole('button', { name: words.thread.failed.again });
  await again.waitFor();
  await log(page).getByText('131026').waitFor();
  await demo.shoot(page, 'failed');
  await again.press('Enter');
  await log(page).getByText(words.thread.status.read, { exact: true }).waitFor();
  expect(await onPhone(customer, 'Da, cu susan.')).toBe(1);
  expect(await again.count()).toBe(0);
});

test('a message that was refused is put right and sent anew', async () => {
  const name = 'Gina Greșită';
  const { customer } = await at(name, 'Cât costă?');
  await fault({ kind: 'error_code', code: 131_026, recipient: customer, once: true });
  await say(page, name, 'Costa 12 lei');
  await log(page).getByRole('button', { name: words.thread.failed.fix }).press('Enter');
  await until('the text is back', async () =>
    (await composer(page, name).inputValue()) === 'Costa 12 lei' ? true : undefined,
  );
  await say(page, name, 'Costă 12 lei.');
  await log(page).getByText(words.thread.status.read, { exact: true }).waitFor();
  expect([await onPhone(customer, 'Costă 12 lei.'), await onPhone(customer, 'Costa 12 lei')]).toEqual([1, 0]);
});

test('when nobody knows whether a message arrived, that is said, and a tick settles it', async () => {
  const name = 'Nina Nesigur';
  const { customer } = await at(name, 'Sunteți deschis?');
  // It is taken, but the answer is lost, and what is told of it comes late.
  await fault({ kind: 'cut_after_accept', recipient: customer, once: true });
  await fault({ kind: 'webhook_delay', ms: 4_000, count: 3 });
  await say(page, name, 'Da, până la 20.');
  await log(page).getByText(words.thread.unsure.waiting).waitFor();
  await demo.shoot(page, 'uncertain');
  await log(page).getByText(words.thread.status.read, { exact: true }).waitFor({ timeout: 30_000 });
  expect(await log(page).getByText(words.thread.unsure.waiting).count()).toBe(0);
  expect(await onPhone(customer, 'Da, până la 20.')).toBe(1);
});

test('when the window closes while one writes, the composer says so, keeps the text and sends nothing', async () => {
  const name = 'Ferestruică Ion';
  // The clock of this window is set, and of no other.
  const page = await demo.window();
  await page.clock.install();
  await demo.signIn(page, demo.agent('agent'), 'en');
  const { customer } = await at(name, 'Bună!', page);
  await composer(page, name).fill('Răspund îndată');
  await until('the draft is kept', async () => {
    const { items } = await demo.api<{ items: { text: string }[] }>('GET', '/drafts', demo.agent('agent'));
    return items.find(({ text }) => text === 'Răspund îndată');
  });
  // A day passes for this screen.
  await page.clock.fastForward(24 * 3_600_000 + 60_000);
  await page.getByText(words.composer.closed.title).waitFor({ timeout: 30_000 });
  await page.getByText(words.composer.closed.kept).waitFor();
  expect(await composer(page, name).count()).toBe(0);
  await demo.shoot(page, 'window-closed');
  // A note is still possible; the answer waits in its mode.
  await page.getByRole('button', { name: words.composer.writeNote }).press('Enter');
  await page.getByRole('textbox', { name: words.composer.noteLabel }).waitFor();
  expect(await onPhone(customer, 'Răspund îndată')).toBe(0);
  await page.context().close();
});

test('a note is for the team: the phone never has it', async () => {
  const name = 'Nicu Notat';
  const { customer, conversation } = await at(name, 'Vreau o factură.');
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  const note = page.getByRole('textbox', { name: words.composer.noteLabel });
  await note.waitFor();
  await page.keyboard.type('Sunat la contabilitate.');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: words.thread.sendNow }).press('Enter');
  await until('the note is kept', async () => {
    const { items } = await demo.api<{ items: { body: string }[] }>(
      'GET',
      `/conversations/${conversation}/notes`,
      demo.agent('owner'),
    );
    return items.find(({ body }) => body === 'Sunat la contabilitate.');
  });
  await log(page).getByText('Sunat la contabilitate.').waitFor();
  expect(await onPhone(customer, 'contabilitate')).toBe(0);
});

describe('files', () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );

  test('one is picked, captioned and sent; it goes to the phone as a picture with its words', async () => {
    const name = 'Poza Pavel';
    const { customer } = await at(name, 'Cum arată tortul?');
    const choosing = page.waitForEvent('filechooser');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: words.composer.attach }).press('Enter');
    await (await choosing).setFiles({ name: 'tort.png', mimeType: 'image/png', buffer: png });
    await page.getByText('tort.png').waitFor();
    await say(page, name, 'Așa arată.');
    await log(page).getByText(words.thread.status.read, { exact: true }).waitFor();
    expect(await onPhone(customer, 'Așa arată.')).toBe(1);
    await log(page).getByRole('button', { name: words.media.open }).waitFor();
  });

  test('a screenshot is pasted, a file is dropped, and both go out in order', async () => {
    const name = 'Lipit Lucia';
    const { customer } = await at(name, 'Trimiteți-mi lista.');
    await composer(page, name).focus();
    const hand = (how: 'paste' | 'drop', file: string, type: string): Promise<void> =>
      composer(page, name).evaluate(
        (area, { how, file, type, bytes }) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], file, { type }));
          const options = { bubbles: true, cancelable: true };
          area.dispatchEvent(
            how === 'paste'
              ? new ClipboardEvent('paste', { ...options, clipboardData: data })
              : new DragEvent('drop', { ...options, dataTransfer: data }),
          );
        },
        { how, file, type, bytes: png.toString('base64') },
      );
    await hand('paste', 'captura.png', 'image/png');
    await page.getByText('captura.png').waitFor();
    await hand('drop', 'lista.pdf', 'application/pdf');
    await page.getByText('lista.pdf').waitFor();
    await demo.shoot(page, 'attachments');
    await composer(page, name).press('Enter');
    const now = page.getByRole('button', { name: words.thread.sendNow });
    await now.first().press('Enter');
    await now.first().press('Enter');
    await until('both are on the phone', async () => {
      const { messages } = await demo.sandbox<{ messages: { type: string; direction?: string }[] }>(
        'GET',
        `customers/${customer}/messages`,
      );
      const kinds = messages.map(({ type }) => type).filter((type) => type === 'image' || type === 'document');
      return kinds.join() === 'image,document' ? true : undefined;
    });
  });

  test('too large or empty is refused in words before anything is uploaded', async () => {
    const name = 'Mare Marin';
    await at(name, 'Aveți un film?');
    const uploads: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().includes('/media')) uploads.push(request.url());
    });
    await composer(page, name).evaluate((area) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(101 * 1024 * 1024)], 'film.bin', { type: 'application/zip' }));
      data.items.add(new File([], 'gol.txt', { type: 'text/plain' }));
      area.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
    });
    await page.getByText(words.composer.emptyFile).waitFor();
    await page
      .getByRole('alert')
      .filter({ hasText: words.composer.tooLarge.split('{{')[0] ?? '' })
      .waitFor();
    await demo.shoot(page, 'refused-files');
    await composer(page, name).fill('Poftim');
    expect(await page.getByRole('button', { name: new RegExp(`^${words.composer.send}\\b`) }).isDisabled()).toBe(true);
    expect(uploads).toEqual([]);
  });

  test('an upload shows how far it is, and can be given up', async () => {
    const name = 'Încet Ilie';
    await at(name, 'Și contractul?');
    // The upload is held until the test lets it go.
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    await page.route('**/api/v1/media**', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await gate;
      await route.abort().catch(() => undefined);
    });
    await composer(page, name).evaluate((area) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(200_000)], 'contract.pdf', { type: 'application/pdf' }));
      area.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
    });
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('button', { name: words.composer.detach.replace('{{name}}', 'contract.pdf') }).press('Enter');
    expect(await page.getByText('contract.pdf').count()).toBe(0);
    letGo();
    await page.unrouteAll({ behavior: 'wait' });
  });
});

test('what was just sent is taken back by key, and the phone never has it', async () => {
  const name = 'Undo Una';
  const { customer } = await at(name, 'Îmi faceți reducere?');
  await composer(page, name).fill('Da, 90%');
  await composer(page, name).press('Enter');
  await log(page).getByText('Da, 90%').waitFor();
  await page.keyboard.press('Control+z');
  await until('the text is back', async () =>
    (await composer(page, name).inputValue()) === 'Da, 90%' ? true : undefined,
  );
  await say(page, name, 'Da, 9%');
  await log(page).getByText(words.thread.status.read, { exact: true }).waitFor();
  expect([await onPhone(customer, '90%'), await onPhone(customer, 'Da, 9%')]).toEqual([0, 1]);
});

test('emoji, a quote, a reaction and the journey of a message, without a mouse', async () => {
  const name = 'Toate Tina';
  const { customer } = await at(name, 'Două cozonace, vă rog!');
  await composer(page, name).focus();
  // Up into the thread, the quote by its key.
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await page.keyboard.type('Le pun deoparte ');
  await page.getByRole('button', { name: words.composer.emoji }).press('Enter');
  await page.getByRole('dialog').getByRole('button').first().press('Enter');
  const text = await until('an emoji is in the text', async () => {
    const value = await composer(page, name).inputValue();
    return value.length > 'Le pun deoparte '.length ? value : undefined;
  });
  await composer(page, name).press('Enter');
  await page.getByRole('button', { name: words.thread.sendNow }).press('Enter');
  await log(page).getByText(words.thread.status.read, { exact: true }).waitFor();
  expect(await onPhone(customer, text.trim())).toBe(1);
  await log(page).getByRole('button').filter({ hasText: 'Două cozonace, vă rog!' }).first().waitFor();
  // A reaction.
  await composer(page, name).press('Escape');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('e');
  await page.getByRole('button', { name: '❤️' }).press('Enter');
  await until('the reaction is on the phone', async () => ((await onPhone(customer, '❤')) > 0 ? true : undefined));
  await log(page)
    .getByRole('button', { name: words.thread.takeReaction.replace('{{emoji}}', '❤️') })
    .waitFor();
  // Its journey.
  await log(page).getByRole('article').last().focus();
  await page.keyboard.press('t');
  await page.getByRole('dialog', { name: words.trace.title }).getByText(words.trace.part.attempt).first().waitFor();
  await demo.shoot(page, 'trace');
  await page.keyboard.press('Escape');
});

test('a draft goes on in another browser, also while both are open, and is gone when it was sent', async () => {
  const name = 'Ciornă Corina';
  const { conversation } = await at(name, 'Mă sunați?');
  const other = await demo.window();
  await demo.signIn(other, demo.agent('agent'), 'en');
  await other.goto(`${demo.links.url}/inbox/all/${conversation}`);
  await composer(page, name).fill('Vă sun la');
  const shows = (where: Page, text: string): Promise<true> =>
    until(`"${text}"`, async () => ((await composer(where, name).inputValue()) === text ? true : undefined));
  await shows(other, 'Vă sun la');
  await composer(other, name).fill('Vă sun la 15.');
  await shows(page, 'Vă sun la 15.');
  await page.reload();
  await shows(page, 'Vă sun la 15.');
  await composer(page, name).press('Enter');
  await page.getByRole('button', { name: words.thread.sendNow }).press('Enter');
  await shows(other, '');
  await until('nothing is left at the server', async () => {
    const { items } = await demo.api<{ items: { conversation: string }[] }>('GET', '/drafts', demo.agent('agent'));
    return items.some((draft) => draft.conversation === conversation) ? undefined : true;
  });
  await other.context().close();
});

test('two who answer at once see each other, and the second is asked before two answers collide', async () => {
  const name = 'Doi Deodată';
  const { customer, conversation } = await at(name, 'E gata comanda?');
  const colleague = demo.agent('admin');
  const other = await demo.window();
  await demo.signIn(other, colleague, 'en');
  await other.goto(`${demo.links.url}/inbox/all/${conversation}`);
  await log(other).getByText('E gata comanda?').waitFor();
  const status = page.getByRole('status');
  await composer(other, name).pressSequentially('Da, e gata.');
  await status.getByText(words.thread.present.replying_one.replace('{{who}}', colleague.name)).waitFor();
  await demo.shoot(page, 'collision');
  await composer(page, name).fill('Da, poftiți!');
  await composer(other, name).press('Enter');
  await other.getByRole('button', { name: words.thread.sendNow }).press('Enter');
  await log(page).getByText('Da, e gata.').waitFor();
  await composer(page, name).press('Enter');
  const asked = page.getByRole('alert').filter({ hasText: colleague.name });
  await asked.waitFor();
  await demo.shoot(page, 'collision-asked');
  expect(await composer(page, name).inputValue()).toBe('Da, poftiți!');
  expect(await onPhone(customer, 'Da, poftiți!')).toBe(0);
  // Asked once: the same key again is the answer.
  await composer(page, name).press('Enter');
  await page.getByRole('button', { name: words.thread.sendNow }).press('Enter');
  await until('it is sent anyway', async () => ((await onPhone(customer, 'Da, poftiți!')) === 1 ? true : undefined));
  await other.context().close();
});

test('nothing of all this broke the content security policy or threw', () => {
  expect(demo.wrong).toEqual([]);
});
