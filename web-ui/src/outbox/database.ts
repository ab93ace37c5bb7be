import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { ENTRIES_MAX, type Entry, type Photo } from "../lib/outbox";

interface Schema extends DBSchema {
  entry: { key: number; value: Entry; indexes: { account: string } };
  /** Apart from entries, so that listing these reads no pictures. */
  photo: { key: [sequence: number, index: number]; value: Photo };
  /** Whose pages are on the phone, for the service worker. */
  state: { key: "account"; value: string };
}

export class OutboxIsFull extends Error {}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("olzii", 1, {
    upgrade(made) {
      made.createObjectStore("entry", { keyPath: "sequence", autoIncrement: true }).createIndex("account", "account");
      made.createObjectStore("photo");
      made.createObjectStore("state");
    },
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    terminated: () => (opened = null),
  });
  opened.catch(() => (opened = null));
  return opened;
}

const photosOfEntry = (sequence: number): IDBKeyRange => IDBKeyRange.bound([sequence, 0], [sequence, Infinity]);

/**
 * Resolves once it is on disk, with its place in the order. `mended` is the entry whose place it takes: what was kept after
 * that in the same case goes after this too.
 */
export async function put(entry: Omit<Entry, "sequence">, photos: readonly Photo[], mended: number | null): Promise<number> {
  const transaction = (await database()).transaction(["entry", "photo"], "readwrite", { durability: "strict" });
  const [entries, pictures] = [transaction.objectStore("entry"), transaction.objectStore("photo")];
  // Without this a failed transaction is told twice, once to nobody.
  transaction.done.catch(() => undefined);
  try {
    if (mended !== null) {
      await pictures.delete(photosOfEntry(mended));
    } else if ((await entries.index("account").count(entry.account)) >= ENTRIES_MAX) throw new OutboxIsFull();
    const sequence = await entries.put((mended === null ? entry : { ...entry, sequence: mended }) as Entry);
    for (const [index, photo] of photos.entries()) await pictures.put(photo, [sequence, index]);
    await transaction.done;
    return sequence;
  } catch (error) {
    // All or nothing. A full disk has ended the transaction already, and stands as its error.
    const cause = transaction.error ?? error;
    if (!transaction.error) transaction.abort();
    throw cause;
  }
}

/** One person's entries, in order. */
export async function entriesOf(account: string): Promise<Entry[]> {
  return (await database()).getAllFromIndex("entry", "account", account);
}

export async function entryAt(sequence: number): Promise<Entry | undefined> {
  return (await database()).get("entry", sequence);
}

/** How many entries other people left on this phone; of those nothing else is told. */
export async function countOfOthers(account: string): Promise<number> {
  const all = await database();
  return (await all.count("entry")) - (await all.countFromIndex("entry", "account", account));
}

export async function photosOf(sequence: number): Promise<Photo[]> {
  return (await database()).getAll("photo", photosOfEntry(sequence));
}

/** Changes where an entry stands; one that is gone stays gone. */
export async function mark(sequence: number, state: Entry["state"]): Promise<void> {
  const transaction = (await database()).transaction("entry", "readwrite");
  const entry = await transaction.store.get(sequence);
  if (entry) await transaction.store.put({ ...entry, state });
  await transaction.done;
}

export async function remove(sequence: number): Promise<void> {
  const transaction = (await database()).transaction(["entry", "photo"], "readwrite");
  await transaction.objectStore("entry").delete(sequence);
  await transaction.objectStore("photo").delete(photosOfEntry(sequence));
  await transaction.done;
}

export async function lastAccount(): Promise<string> {
  return (await (await database()).get("state", "account")) ?? "";
}

export async function setLastAccount(account: string): Promise<void> {
  await (await database()).put("state", account, "account");
}
