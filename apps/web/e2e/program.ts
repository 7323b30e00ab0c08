// The real program with its town, and a browser with a person in front of it. Needs CENTRALA_BIN, the program with
// its screens inside.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import en from '$messages/en.json';
import ro from '$messages/ro.json';

export const catalogues = { en, ro } as const;
export type Language = keyof typeof catalogues;

export interface Agent {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly role: string;
  readonly token: string;
}

/** A number of the town with its inbox. */
export interface Connected {
  readonly app_id: string;
  readonly app_secret: string;
  readonly access_token: string;
  readonly waba_id: string;
  readonly phone_number_id: string;
  readonly display_phone_number: string;
  readonly inbox_id: string;
  readonly webhook_url: string;
}

interface Links {
  readonly url: string;
  readonly sandbox_url: string;
  readonly agents: readonly Agent[];
  readonly numbers: readonly Connected[];
  /** What was made up of the past. */
  readonly past: { readonly long_thread?: string };
}

const SHOTS = new URL('./shots/', import.meta.url).pathname;
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** One run of the program, from its start to its end. */
export class Program {
  private readonly process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.process = process;
  }

  /** Starts it, and waits until it has said what `find` looks for in its standard output. */
  static async start<T>(
    flags: readonly string[],
    find: (said: string) => T | undefined,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<{ program: Program; found: T }> {
    const binary = process.env['CENTRALA_BIN'];
    if (!binary) throw new Error('set CENTRALA_BIN to the program, such as target/debug/centrala');
    // The program takes every variable of this prefix for a setting of its own, and refuses unknown ones.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CENTRALA_')));
    const started = spawn(binary, flags, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...env, ...settings } });
    const found = await new Promise<T>((resolve, reject) => {
      let text = '';
      started.stdout.on('data', (part: unknown) => {
        text += String(part);
        const wanted = find(text);
        if (wanted !== undefined) resolve(wanted);
      });
      started.stdout.on('end', () => reject(new Error(`the program ended before it was ready: ${text}`)));
    });
    return { program: new Program(started), found };
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.kill('SIGTERM')) await once(this.process, 'exit');
  }
}

/** What `--json` makes a command print when it is ready: one line. */
export function line<T>(said: string): T | undefined {
  const [first = '', ...rest] = said.split('\n');
  return rest.length > 0 ? (JSON.parse(first) as T) : undefined;
}

/** A browser, and what went wrong in its pages. */
export class Screens {
  /** Violations of the content security policy and errors of scripts, over all pages. */
  readonly wrong: string[] = [];
  private readonly browser: Browser;

  protected constructor(browser: Browser) {
    this.browser = browser;
  }

  static async open(): Promise<Screens> {
    return new Screens(await Screens.browser());
  }

  protected static async browser(): Promise<Browser> {
    const executablePath = CHROMIUM.find((path) => existsSync(path));
    if (executablePath === undefined) throw new Error('there is no Chromium: scripts/setup installs it');
    mkdirSync(SHOTS, { recursive: true });
    // Inside of containers Chromium cannot make a sandbox of its own; it meets our own pages alone.
    return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /** A window of its own, with storage of its own. */
  async window(
    options: { width?: number; height?: number; theme?: 'light' | 'dark'; language?: Language } = {},
  ): Promise<Page> {
    const { width = 1280, height = 800, theme = 'light', language = 'en' } = options;
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      locale: language === 'ro' ? 'ro-RO' : 'en-GB',
      reducedMotion: 'reduce',
    });
    // What a policy only reports is an event, and stands on no console.
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, sample }) =>
        reportError(new Error(`content security policy: ${effectiveDirective} ${sample}`)),
      );
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => this.wrong.push(String(error)));
    page.on('console', (said) => {
      if (/content security policy|trusted ?type/i.test(said.text())) this.wrong.push(said.text());
    });
    return page;
  }

  /** A picture for people: kept beside the tests, never compared. */
  async shoot(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: `${SHOTS}${name}.png` });
  }
}

/** The program with its town, and people who look at its screens. */
export class Demo extends Screens {
  /** Cookies of who signed in: the door counts how often somebody knocks. */
  private readonly cookies = new Map<string, Awaited<ReturnType<BrowserContext['cookies']>>>();
  readonly links: Links;
  private program: Program;

  private constructor(links: Links, program: Program, browser: Browser) {
    super(browser);
    this.links = links;
    this.program = program;
  }

  /** A town where nobody writes but those whom a journey lets write. */
  static async start(...more: readonly string[]): Promise<Demo> {
    return await Demo.with('--quiet-town', ...more);
  }

  /** The town that newcomers see: customers write by themselves, and a morning of work is behind. */
  static async startAtWork(): Promise<Demo> {
    return await Demo.with();
  }

  private static async with(...more: readonly string[]): Promise<Demo> {
    const flags = ['demo', '--json', '--listen', '127.0.0.1:0', '--sandbox-listen', '127.0.0.1:0'];
    const { program, found } = await Program.start([...flags, ...more], line<Links>);
    return new Demo(found, program, await Screens.browser());
  }

  async stop(): Promise<void> {
    await this.close();
    await this.program.stop();
  }

  /** Stops the program; browsers stay. */
  async halt(): Promise<void> {
    await this.program.stop();
  }

  /** Starts the server again at the same address, with the data that a demo with `--data` left; without its town. */
  async serve(data: string): Promise<void> {
    const { host } = new URL(this.links.url);
    const { program } = await Program.start(['serve', '--json', '--data', data, '--listen', host], line<object>);
    this.program = program;
  }

  agent(role: string): Agent {
    const found = this.links.agents.find((agent) => agent.role === role);
    if (found === undefined) throw new Error(`nobody is ${role}`);
    return found;
  }

  /** Opens a page, the first one unless told, and signs in by keyboard. */
  async knock(page: Page, email: string, password: string, path = '/'): Promise<void> {
    await page.goto(this.links.url + path);
    await page.locator('input[type=email]').fill(email);
    await page.locator('input[type=password]').fill(password);
    await page.keyboard.press('Enter');
  }

  /** What the door answers without a screen. Whoever knocks too often is asked to wait, and does. */
  async door(email: string, password: string, browser = 'somebody'): Promise<Response> {
    for (;;) {
      const answer = await fetch(`${this.links.url}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: this.links.url, 'user-agent': browser },
        body: JSON.stringify({ email, password }),
      });
      if (answer.status !== 429) return answer;
      const wait = Number(answer.headers.get('retry-after')) * 1_000;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /** A session of its own for this window. */
  private async letIn(page: Page, { email, password }: Agent): Promise<void> {
    const answer = await this.door(email, password, await page.evaluate(() => navigator.userAgent));
    const [cookie = ''] = answer.headers.getSetCookie();
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    await page.context().addCookies([{ name, value, url: this.links.url, httpOnly: true, sameSite: 'Lax' }]);
  }

  /** As `knock`, in a language; again without the door, and anew in a session that nobody else has. */
  async signIn(page: Page, agent: Agent, language: Language, anew = false, path = '/'): Promise<void> {
    await this.api('PATCH', '/me', agent, { language });
    const known = this.cookies.get(agent.email);
    if (anew) await this.letIn(page, agent);
    else if (known !== undefined) await page.context().addCookies(known);
    if (anew || known !== undefined) await page.goto(this.links.url + path);
    else await this.knock(page, agent.email, agent.password, path);
    const { app, inbox } = catalogues[language];
    const inside = page.getByRole('navigation', { name: app.navigation });
    await (path === '/' ? page.getByRole('combobox', { name: inbox.search }) : inside).waitFor();
    if (!anew) this.cookies.set(agent.email, await page.context().cookies());
  }

  /** A new customer writes; gives his conversation. */
  async writes(name: string, body: string): Promise<{ customer: string; conversation: string }> {
    const { id } = await this.sandbox<{ id: string }>('POST', 'customers', { name });
    await this.sandbox('POST', `customers/${id}/messages`, { type: 'text', text: { body } });
    const conversation = await until(`${name} is listed`, async () => {
      const { items } = await this.api<{ items: readonly { id: string; contact: { name: string | null } }[] }>(
        'GET',
        '/conversations?limit=50',
        this.agent('owner'),
      );
      return items.find(({ contact }) => contact.name === name)?.id;
    });
    return { customer: id, conversation };
  }

  async api<T>(method: string, path: string, agent: Agent, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.links.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${agent.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  async sandbox<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.links.sandbox_url}/sandbox/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never happened: ${what}`);
}
