// B9: what a person waits for in front of 100,000 conversations, and what it costs the browser.
//
// Paint is counted from the key (the event's own time) or from the frame of the live socket to the first moment after
// the picture with the change was made. Script and layout are Chromium's own counters over the same stretch.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** So many that 100,000 of them are resolved and stand in one list. */
const CONVERSATIONS = 119_000;
/** Threads that stay at hand. */
const CACHED = 8;

class Town {
  constructor(program, links) {
    this.program = program;
    this.links = links;
    this.owner = links.agents.find((agent) => agent.role === 'owner');
  }

  static async start(binary, conversations) {
    const flags = ['demo', '--json', '--quiet-town', '--listen', '127.0.0.1:0', '--sandbox-listen', '127.0.0.1:0'];
    // The program takes every variable of this prefix for a setting of its own, and refuses unknown ones.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CENTRALA_')));
    const program = spawn(binary, [...flags, '--conversations', String(conversations)], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env,
    });
    let said = '';
    for await (const part of program.stdout) {
      said += String(part);
      if (said.includes('\n')) return new Town(program, JSON.parse(said.split('\n')[0]));
    }
    throw new Error('the program ended before it was ready');
  }

  async api(method, path, body) {
    const answer = await fetch(`${this.links.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.owner.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : await answer.json();
  }

  async stop() {
    if (this.program.exitCode === null && this.program.kill('SIGTERM')) await once(this.program, 'exit');
  }
}

/** Runs in the page before its own scripts: notes when keys and frames came, and tells when something is painted. */
function watch() {
  const seen = { key: 0, frame: 0 };
  window.addEventListener('keydown', (event) => (seen.key = event.timeStamp), { capture: true });
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (String(data).includes('"type":"events"')) seen.frame = performance.now();
      });
    }
  };
  /** Resolves with the time of the first paint in which `is` holds. */
  const painted = (is) =>
    new Promise((resolve, reject) => {
      const end = performance.now() + 15_000;
      const look = () => {
        if (is()) {
          // The frame is made after this callback; a message comes when it is done.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(performance.now());
          port2.postMessage(null);
        } else if (performance.now() > end) reject(new Error('never painted'));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
  Object.assign(window, { bench: { seen, painted } });
}

/** What Chromium has spent on scripts, styles and layout so far, in milliseconds. */
async function spent(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (wanted) => metrics.find(({ name }) => name === wanted)?.value ?? 0;
  return (of('ScriptDuration') + of('LayoutDuration') + of('RecalcStyleDuration')) * 1000;
}

const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? NaN;
const ms = (value) => `${value.toFixed(1)} ms`;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What is left to do after a change has been done. */
const quiet = (page) => page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1000 })));

async function signedIn(town, page) {
  await town.api('PATCH', '/me', { language: 'en' });
  await page.goto(town.links.url);
  await page.locator('input[type=email]').fill(town.owner.email);
  await page.locator('input[type=password]').fill(town.owner.password);
  await page.keyboard.press('Enter');
  await page.getByRole('listbox').waitFor();
}

/** Goes from one open thread to the next and back, among those that are at hand. */
async function switching(town, page, devtools, rounds) {
  await page.goto(`${town.links.url}/inbox/all`);
  const list = page.getByRole('listbox');
  await list.getByRole('option').first().waitFor();
  await list.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  const opened = (id) => page.waitForFunction((id) => location.pathname.endsWith(id), id);
  const ids = await list.evaluate((box) =>
    [...box.querySelectorAll('[data-conversation]')].map((row) => row.getAttribute('data-conversation')),
  );
  const threads = ids.slice(0, CACHED);
  const last = new Map();
  for (const id of threads) {
    const { items } = await town.api('GET', `/conversations/${id}/messages?limit=1`);
    last.set(id, items[0].content.body);
  }
  const shows = (text) =>
    page.evaluate(
      (text) => window.bench.painted(() => document.querySelector('[role=log]')?.textContent.includes(text)),
      text,
    );
  // Once through all of them, so that they are at hand.
  await page.locator('body').press('Escape');
  for (const [n, id] of threads.entries()) {
    if (n > 0) await page.keyboard.press('j');
    await opened(id);
    await shows(last.get(id));
    await pause(200);
  }
  const waits = [];
  const costs = [];
  let at = threads.length - 1;
  let step = -1;
  for (let round = 0; round < rounds; round += 1) {
    if (at + step < 0 || at + step >= threads.length) step = -step;
    at += step;
    const id = threads[at];
    await quiet(page);
    const before = await spent(devtools);
    const painted = page.evaluate(
      ({ id, text }) =>
        window.bench.painted(
          () =>
            location.pathname.endsWith(id) && document.querySelector('[role=log]')?.textContent.includes(text) === true,
        ),
      { id, text: last.get(id) },
    );
    await page.keyboard.press(step > 0 ? 'j' : 'k');
    const paintedAt = await painted;
    costs.push((await spent(devtools)) - before);
    waits.push(paintedAt - (await page.evaluate(() => window.bench.seen.key)));
    await pause(60);
  }
  return { waits, costs };
}

/** Conversations that a colleague resolves come into the list of 100,000, at its top. */
async function updating(town, page, devtools, rounds) {
  await page.goto(`${town.links.url}/inbox/resolved`);
  const list = page.getByRole('listbox');
  await page.waitForFunction(() => {
    const option = document.querySelector('[role=option]:not([aria-busy])');
    return option !== null && Number(option.ariaSetSize) > 1000;
  });
  // Whoever points at the list keeps it as it is.
  await page.mouse.move(1270, 5);
  await page.locator('body').press('Escape');
  const length = Number(await list.getByRole('option').first().getAttribute('aria-setsize'));
  const { items } = await town.api('GET', '/conversations?status=open&limit=200');
  // From old to new, so that each becomes the first.
  const coming = items.slice(0, rounds).reverse();
  const top = await town.api('GET', '/conversations?status=resolved&limit=1');
  const newer = coming.filter((item) => item.last_message_at > top.items[0].last_message_at);
  const waits = [];
  const costs = [];
  for (const { id } of newer) {
    await quiet(page);
    const before = await spent(devtools);
    const painted = page.evaluate(
      (id) => window.bench.painted(() => document.querySelector(`[role=option] [data-conversation="${id}"]`) !== null),
      id,
    );
    await town.api('POST', `/conversations/${id}/resolve`);
    const paintedAt = await painted;
    costs.push((await spent(devtools)) - before);
    waits.push(paintedAt - (await page.evaluate(() => window.bench.seen.frame)));
    await pause(60);
  }
  return { waits, costs, length };
}

/** Jumps to places all over the list, and waits for true rows there. */
async function jumping(page, devtools, rounds) {
  const costs = [];
  let filled = 0;
  for (let round = 0; round < rounds; round += 1) {
    // The golden ratio spreads the places evenly, without order.
    const share = (round * 0.618_033_988_75) % 1;
    await quiet(page);
    const before = await spent(devtools);
    await page.evaluate(async (share) => {
      const box = document.querySelector('[role=listbox]');
      box.scrollTop = share * (box.scrollHeight - box.clientHeight);
      const wanted = box.scrollTop;
      await window.bench.painted(() => {
        const { top, bottom } = box.getBoundingClientRect();
        const rows = [...box.querySelectorAll('[role=option]')].filter((row) => {
          const at = row.getBoundingClientRect();
          return at.bottom > top && at.top < bottom;
        });
        return box.scrollTop === wanted && rows.length > 3 && rows.every((row) => row.ariaBusy !== 'true');
      });
    }, share);
    filled += 1;
    costs.push((await spent(devtools)) - before);
  }
  return { costs, filled };
}

/** The lines of B9. */
export async function browse(program, isQuick) {
  const executablePath = CHROMIUM.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('there is no Chromium: scripts/setup installs it');
  const rounds = isQuick ? 20 : 60;
  const town = await Town.start(program, isQuick ? 10_000 : CONVERSATIONS);
  // Inside of containers Chromium cannot make a sandbox of its own; it meets our own pages alone.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    await context.addInitScript(watch);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable');
    await signedIn(town, page);
    const switched = await switching(town, page, devtools, rounds);
    const updated = await updating(town, page, devtools, rounds / 2);
    const jumped = await jumping(page, devtools, 20);
    const elements = await page.evaluate(() => document.querySelectorAll('*').length);
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    const length = updated.length.toLocaleString('en');
    const line = (what, budget, measured, isMet, stretch = '') => ({
      bench: 'B9',
      what,
      budget,
      stretch,
      measured,
      is_met: isMet,
    });
    const [wait, cost] = [quantile(switched.waits, 0.5), quantile(switched.costs, 0.5)];
    const [updateWait, updateCost] = [quantile(updated.waits, 0.5), quantile(updated.costs, 0.5)];
    const jumpCost = quantile(jumped.costs, 0.5);
    return [
      line(
        'switch between threads at hand, key to paint',
        'p50 <= 50 ms',
        `p50 ${ms(wait)}, p95 ${ms(quantile(switched.waits, 0.95))}`,
        wait <= 50,
        '33 ms',
      ),
      line('switch, script and layout', 'p50 <= 15 ms', `p50 ${ms(cost)}`, cost <= 15, '6 ms'),
      line(
        `live update in a list of ${length}, script and layout`,
        'p50 <= 15 ms',
        `p50 ${ms(updateCost)} (${updated.costs.length} of them; frame to paint p50 ${ms(updateWait)})`,
        updateCost <= 15,
        '6 ms',
      ),
      line(
        `jump in a list of ${length}, script and layout`,
        'rows after each of 20',
        `rows after ${jumped.filled}, p50 ${ms(jumpCost)}`,
        jumped.filled === 20,
      ),
      line(
        `heap with a list of ${length}`,
        '<= 60 MB',
        `${(usedSize / 1024 / 1024).toFixed(1)} MB`,
        usedSize <= 60 * 1024 * 1024,
      ),
      line('elements of the page', '<= 1,500', elements.toLocaleString('en'), elements <= 1500),
    ];
  } finally {
    await browser.close();
    await town.stop();
  }
}
