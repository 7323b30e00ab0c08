// What the app asks of the place it runs in: a browser tab, an installed app, the desktop program.
import { createContext } from 'svelte';

export interface Notice {
  /** A later notice with the same tag takes the place of the earlier one. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly silent?: boolean;
  readonly onclick?: () => void;
}

export type Permission = 'granted' | 'denied' | 'unasked' | 'impossible';

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

export interface Shell {
  readonly kind: 'browser' | 'desktop';
  readonly storage: Storage;

  readonly notices: {
    permission(): Permission;
    /** Only from a click or a key: browsers refuse to ask otherwise. */
    ask(): Promise<Permission>;
    /** Answers whether it was shown. */
    show(notice: Notice): Promise<boolean>;
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
