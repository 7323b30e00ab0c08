// What the app asks of the place it runs in: a browser tab, an installed app, the desktop program.
import { createContext } from 'svelte';
import type { Installable } from '$shell/install.svelte';
import type { KeptWords } from '$shell/worker';

export interface Notice {
  /** A later notice with the same tag takes the place of the earlier one. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly silent?: boolean;
  /** What it is about: a click opens the conversation. */
  readonly conversation?: string;
  /** Of which message it tells, so that a push of the same is no second notice. */
  readonly message?: string;
}

/** `insecure`: browsers tell only of pages that came by https. */
export type Permission = 'granted' | 'denied' | 'unasked' | 'insecure' | 'impossible';

/** Small values that stay on this machine. Nothing that must be kept secret. */
export interface Storage {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): readonly string[];
}

export interface PickOptions {
  /** As in `accept` of a file field: ".pdf,image/*". */
  readonly accept?: string;
  readonly multiple?: boolean;
}

/** Where a push service takes messages for this device (RFC 8030), and the keys that they are encrypted with. */
export interface PushAddress {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface Push {
  isPossible(): boolean;
  current(): Promise<PushAddress | undefined>;
  /** With the server's public key, base64url. Rejects when the browser or its push service refuses. */
  subscribe(key: string): Promise<PushAddress>;
  unsubscribe(): Promise<void>;
}

export interface Shell {
  readonly kind: 'browser' | 'desktop';
  readonly storage: Storage;
  readonly push: Push;

  /** New builds of the app itself. */
  readonly updates: {
    /** Whether another build than this one waits. */
    readonly isReady: boolean;
    start(): Promise<void>;
    /** Reloads with it. What is being written must be kept before. */
    take(): void;
  };

  /** Becoming an app of its own. */
  readonly install: {
    readonly state: Installable;
    /** Only from a click or a key. */
    ask(): Promise<void>;
  };

  readonly notices: {
    permission(): Permission;
    /** Only from a click or a key: browsers refuse to ask otherwise. */
    ask(): Promise<Permission>;
    /** Calls back when it changes, in the browser's own settings too; the answer stops it. */
    onPermission(changed: () => void): () => void;
    /** A sound of our own; answers whether the browser allowed it. */
    chime(): Promise<boolean>;
    /** Answers whether it was shown. */
    show(notice: Notice): Promise<boolean>;
    /** Takes away those with a tag, which were read; without one all. */
    clear(tag?: string): Promise<void>;
    /** Leaves words for notices that come while no page is open. */
    keepWords(words: KeptWords): Promise<void>;
    /** Calls back with the address that a clicked notice leads to; the answer stops it. */
    onOpen(open: (path: string) => void): () => void;
  };

  /** The windows of the app in this browser, as one. */
  readonly windows: {
    /** Whether this one speaks for all. */
    readonly isFirst: boolean;
    /** Whether somebody looks at any of them. */
    isLookedAt(): Promise<boolean>;
  };

  /** The number on the icon, where there is one; 0 takes it away. */
  badge(count: number): void;

  readonly clipboard: {
    write(text: string): Promise<boolean>;
  };

  pickFiles(options?: PickOptions): Promise<readonly File[]>;
  saveFile(name: string, content: Blob): void;

  online(): boolean;
  /** Calls back at each change; the answer stops it. */
  onOnline(changed: (online: boolean) => void): () => void;
  /** Whether the person can see us now. */
  visible(): boolean;
  onVisible(changed: (visible: boolean) => void): () => void;
}

const [shell, setShell] = createContext<Shell>();
export { shell, setShell };
