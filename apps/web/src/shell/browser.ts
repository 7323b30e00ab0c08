import { Install } from '$shell/install.svelte';
import { browserPush } from '$shell/push';
import type { Notice, Permission, PickOptions, Shell, Storage } from '$shell/shell';
import { Updates } from '$shell/updates.svelte';
import { Windows } from '$shell/windows';
import { container, keepWords, type Open } from '$shell/worker';

/** `entry` is the address of the script that began this page. */
export function browserShell(entry: string, prefix = 'centrala.'): Shell {
  return {
    kind: 'browser',
    storage: browserStorage(prefix),
    notices: {
      permission,
      ask,
      onPermission,
      chime: async () => (await import('$shell/chime')).chime(),
      show,
      clear,
      keepWords,
      onOpen,
    },
    windows: new Windows(),
    push: browserPush,
    updates: new Updates(entry),
    install: new Install(),
    badge(count) {
      // Firefox and WebKit have no badge for tabs; there the title carries the number.
      if (!('setAppBadge' in navigator)) return;
      void (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => undefined);
    },
    clipboard: { write },
    pickFiles,
    saveFile(name, content) {
      const url = URL.createObjectURL(content);
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      // The browser reads the address after the click returns.
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
    online: () => navigator.onLine,
    onOnline: (changed) =>
      listen(window, ['online', 'offline'], () => {
        changed(navigator.onLine);
      }),
    visible: () => document.visibilityState === 'visible',
    onVisible: (changed) =>
      listen(document, ['visibilitychange'], () => {
        changed(document.visibilityState === 'visible');
      }),
  };
}

function listen(target: EventTarget, events: readonly string[], heard: () => void): () => void {
  for (const event of events) target.addEventListener(event, heard);
  return () => {
    for (const event of events) target.removeEventListener(event, heard);
  };
}

/** localStorage, or memory where the browser forbids it: the app then works and forgets. */
function browserStorage(prefix: string): Storage {
  const memory = new Map<string, string>();
  const attempt = <T>(task: () => T, otherwise: () => T): T => {
    try {
      return task();
    } catch {
      return otherwise();
    }
  };
  return {
    get: (key) =>
      memory.get(key) ??
      attempt(
        () => localStorage.getItem(prefix + key) ?? undefined,
        () => undefined,
      ),
    set(key, value) {
      attempt(
        () => {
          localStorage.setItem(prefix + key, value);
          memory.delete(key);
        },
        () => void memory.set(key, value),
      );
    },
    remove(key) {
      memory.delete(key);
      attempt(
        () => localStorage.removeItem(prefix + key),
        () => undefined,
      );
    },
    keys: () => [
      ...new Set([
        ...memory.keys(),
        ...attempt(
          () => Object.keys(localStorage),
          () => [],
        )
          .filter((key) => key.startsWith(prefix))
          .map((key) => key.slice(prefix.length)),
      ]),
    ],
  };
}

function permission(): Permission {
  if (!isSecureContext) return 'insecure';
  if (!('Notification' in window)) return 'impossible';
  return Notification.permission === 'default' ? 'unasked' : Notification.permission;
}

async function ask(): Promise<Permission> {
  if (permission() === 'unasked') await Notification.requestPermission();
  return permission();
}

function onPermission(changed: () => void): () => void {
  let stop: (() => void) | undefined = () => undefined;
  const heard = (status: PermissionStatus): void => {
    if (stop === undefined) return;
    status.addEventListener('change', changed);
    stop = () => status.removeEventListener('change', changed);
  };
  // Where it cannot be asked, coming back to the page is the moment to look.
  if ('permissions' in navigator) navigator.permissions.query({ name: 'notifications' }).then(heard, () => undefined);
  const unfocus = listen(window, ['focus'], changed);
  return () => {
    stop?.();
    stop = undefined;
    unfocus();
  };
}

async function show({ title, body, tag, silent = false, conversation, message }: Notice): Promise<boolean> {
  if (permission() !== 'granted') return false;
  const worker = await container()?.getRegistration();
  // By the worker, so that a push of the same finds it, and that a click is answered when this page is gone.
  await worker?.showNotification(title, {
    body,
    tag,
    silent,
    lang: document.documentElement.lang,
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    data: { conversation: conversation ?? null, message: message ?? null },
    // Browsers forbid it for silent ones. TypeScript does not know it.
    ...(!silent && { renotify: true }),
  });
  return worker !== undefined;
}

async function clear(tag?: string): Promise<void> {
  const worker = await container()?.getRegistration();
  const shown = await worker?.getNotifications(tag === undefined ? {} : { tag });
  for (const notice of shown ?? []) notice.close();
}

function onOpen(open: (path: string) => void): () => void {
  const workers = container();
  if (workers === undefined) return () => undefined;
  const heard = ({ data }: MessageEvent): void => {
    const said = data as Partial<Open> | null;
    if (said?.type === 'open' && said.path !== undefined) open(said.path);
  };
  workers.addEventListener('message', heard);
  return () => workers.removeEventListener('message', heard);
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function pickFiles({ accept = '', multiple = false }: PickOptions = {}): Promise<readonly File[]> {
  const field = document.createElement('input');
  field.type = 'file';
  field.accept = accept;
  field.multiple = multiple;
  return new Promise((resolve) => {
    field.onchange = () => resolve([...(field.files ?? [])]);
    field.oncancel = () => resolve([]);
    field.click();
  });
}

/** The files in a drop or a paste; none when there is only text. */
export function filesOf(transfer: DataTransfer | null): readonly File[] {
  return [...(transfer?.files ?? [])];
}

/** Whether what is being dragged has files; the files themselves are readable only once dropped. */
export function hasFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}
