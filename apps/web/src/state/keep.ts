// What stays on this computer: a snapshot for an instant start, and messages that are not sent yet. One database for
// each agent, so that nobody sees or sends what is another's.

export type Room = 'snapshot' | 'outbox';

export interface Keep {
  get: <T>(room: Room, key: string) => Promise<T | undefined>;
  all: <T>(room: Room) => Promise<T[]>;
  put: (room: Room, key: string, value: unknown) => Promise<void>;
  remove: (room: Room, key: string) => Promise<void>;
  /** Deletes everything; the keep is of no use afterwards. */
  wipe: () => Promise<void>;
}

const VERSION = 1;
const ROOMS: readonly Room[] = ['snapshot', 'outbox'];

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the local database failed'));
  });
}

/** Opens the database of an agent; where the browser has none, things are kept as long as the page lives. */
export async function openKeep(agent: string, factory: IDBFactory | undefined): Promise<Keep> {
  if (factory === undefined) return memoryKeep();
  const name = `centrala-${agent}`;
  try {
    const opening = factory.open(name, VERSION);
    opening.onupgradeneeded = () => {
      for (const room of ROOMS) opening.result.createObjectStore(room);
    };
    const database = await settled(opening);
    // Another tab signs out: let go, so that its deletion is not held up.
    database.onversionchange = () => database.close();
    return indexedKeep(database, factory, name);
  } catch {
    // A private window may refuse.
    return memoryKeep();
  }
}

function indexedKeep(database: IDBDatabase, factory: IDBFactory, name: string): Keep {
  const room = (of: Room, mode: IDBTransactionMode): IDBObjectStore => database.transaction(of, mode).objectStore(of);
  const written = (of: Room, change: (store: IDBObjectStore) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(of, 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onerror = transaction.onabort = () =>
        reject(transaction.error ?? new Error('the local database failed'));
      change(transaction.objectStore(of));
    });
  return {
    get: <T>(of: Room, key: string) => settled<T | undefined>(room(of, 'readonly').get(key)),
    all: <T>(of: Room) => settled<T[]>(room(of, 'readonly').getAll()),
    put: (of, key, value) => written(of, (store) => store.put(value, key)),
    remove: (of, key) => written(of, (store) => store.delete(key)),
    wipe: async () => {
      database.close();
      await settled(factory.deleteDatabase(name));
    },
  };
}

export function memoryKeep(): Keep {
  const rooms = new Map<Room, Map<string, unknown>>(ROOMS.map((room) => [room, new Map<string, unknown>()]));
  const of = (room: Room): Map<string, unknown> => rooms.get(room) ?? new Map<string, unknown>();
  return {
    get: <T>(room: Room, key: string) => Promise.resolve(of(room).get(key) as T | undefined),
    all: <T>(room: Room) => Promise.resolve([...of(room).values()] as T[]),
    put: (room, key, value) => {
      of(room).set(key, structuredClone(value));
      return Promise.resolve();
    },
    remove: (room, key) => {
      of(room).delete(key);
      return Promise.resolve();
    },
    wipe: () => {
      for (const room of rooms.values()) room.clear();
      return Promise.resolve();
    },
  };
}
