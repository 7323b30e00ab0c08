// New builds: found while the page is open, taken when its person says so.
import { container, knows, register, type Asked } from '$shell/worker';

/** Looking at the page again asks for a new build, but not at each glance. */
const ASK_AT_MOST_EVERY_MS = 60_000;
/** A page that is never left asks as well. */
const ASK_EVERY_MS = 30 * 60_000;
/** After so long without the new worker the page reloads anyway: the server has the new build too. */
const TAKE_OVER_MS = 3_000;

export class Updates {
  #isReady = $state(false);
  readonly #entry: string;
  #registration: ServiceWorkerRegistration | undefined;
  #askedAt = 0;

  /** `entry` is the address of the script that began this page: a build has its own. */
  constructor(entry: string) {
    this.#entry = new URL(entry, location.origin).pathname;
  }

  /** Whether another build than this one waits. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Registers the worker and follows what becomes of it. */
  async start(): Promise<void> {
    const workers = container();
    if (workers === undefined) return;
    this.#registration = await register();
    const registration = this.#registration;
    if (registration === undefined) return;
    this.#askedAt = Date.now();
    // Another window took the new build: what runs here is the old one.
    workers.addEventListener('controllerchange', () => void this.#look(workers.controller));
    registration.addEventListener('updatefound', () => {
      const found = registration.installing;
      found?.addEventListener('statechange', () => {
        if (found.state === 'installed') void this.#look(registration.waiting);
      });
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#ask(ASK_AT_MOST_EVERY_MS);
    });
    setInterval(() => this.#ask(ASK_EVERY_MS), ASK_EVERY_MS);
    await this.#look(registration.waiting);
  }

  /** Reloads with the new build. What is being written must be kept before. */
  take(): void {
    const reload = (): void => location.reload();
    const waiting = this.#registration?.waiting;
    if (!waiting) return reload();
    container()?.addEventListener('controllerchange', reload, { once: true });
    setTimeout(reload, TAKE_OVER_MS);
    waiting.postMessage({ type: 'take_over' } satisfies Asked);
  }

  #ask(atMostEveryMs: number): void {
    const now = Date.now();
    if (now - this.#askedAt < atMostEveryMs) return;
    this.#askedAt = now;
    // Without a connection there is no news either.
    this.#registration?.update().catch(() => undefined);
  }

  async #look(worker: ServiceWorker | null | undefined): Promise<void> {
    if (!worker) return;
    const { knows: isOurs, isAlone } = await knows(worker, this.#entry);
    if (!isOurs) this.#isReady = true;
    // The page came with the new build already: nobody else runs the old one.
    else if (isAlone && worker === this.#registration?.waiting)
      worker.postMessage({ type: 'take_over' } satisfies Asked);
  }
}
