// The service worker of this page: how it is registered, and what is said between the two.

/** What a page says to a worker. */
export type Asked = { type: 'take_over' } | { type: 'knows'; path: string };

/** A worker's answer to `knows`. */
export interface Answer {
  /** Whether a file is of the worker's build. */
  knows: boolean;
  /** Whether there is no other window that the new build would surprise. */
  isAlone: boolean;
}

/** A notification was clicked: go there. */
export interface Open {
  type: 'open';
  path: string;
}

/** What a worker must know to speak while no page is open. No data of customers. */
export interface KeptWords {
  locale: string;
  isSilent: boolean;
  message: string;
  unknown: string;
  testTitle: string;
  testBody: string;
  /** Names of messages without a text, by the type of their content. */
  kinds: Readonly<Record<string, string>>;
}

const SCRIPT = '/sw.js';
/** Where the words are kept; as in `sw/sw.ts`. */
const WORDS = 'centrala-words';

// TypeScript does not know Trusted Types yet (https://w3c.github.io/trusted-types/dist/spec/).
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL: (url: string) => unknown;
  };
}

/** The address in the form that the content security policy asks for, where the browser knows such a thing. */
function trusted(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  // The one policy that the server names for us; it lets nothing else pass.
  const policy = trustedTypes?.createPolicy('centrala', { createScriptURL: () => SCRIPT });
  return (policy?.createScriptURL(SCRIPT) as string | undefined) ?? SCRIPT;
}

/** Browsers offer workers to pages by https, and to those of the same machine. */
export function container(): ServiceWorkerContainer | undefined {
  return 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
}

/** Registers it; undefined where the browser has none or refuses, and the app then works without. */
export async function register(): Promise<ServiceWorkerRegistration | undefined> {
  try {
    return await container()?.register(trusted() as unknown as URL, { updateViaCache: 'none' });
  } catch {
    return undefined;
  }
}

/** Asks a worker whether it has a file of the build that runs here. */
export function knows(worker: ServiceWorker, path: string): Promise<Answer> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => {
      resolve(data as Answer);
      port1.close();
    };
    worker.postMessage({ type: 'knows', path } satisfies Asked, [port2]);
  });
}

/** Leaves the worker its words. */
export async function keepWords(words: KeptWords): Promise<void> {
  if (!('caches' in globalThis)) return;
  const cache = await caches.open(WORDS);
  await cache.put('/words', Response.json(words));
}
