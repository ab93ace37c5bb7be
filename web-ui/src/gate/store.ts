// What a checkpoint keeps on the phone: the bundle, whose word it takes, its own link, and how many looks came to what. No
// pass, no person, no moment of a look: an hour, a kind of place and an outcome are all that a look leaves behind.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { newUuid } from "../lib/identity";
import type { Outcome } from "./verdict";

export interface KeptBundle {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** The checkpoint as the server knows it. */
export interface Place {
  readonly name: string;
  readonly regime: number;
  readonly place: number;
  /** Seconds since 1970. */
  readonly end: number;
  /** Of this device. */
  readonly number: number;
}

export interface Count {
  readonly hour: number;
  /** A bit of a scope. */
  readonly place: number;
  readonly outcome: Outcome;
  readonly looks: number;
}

export interface Batch {
  readonly id: string;
  readonly counts: ReadonlyArray<Omit<Count, "place">>;
}

interface Schema extends DBSchema {
  /** `token`, `policy`, `place` and `bundle`. */
  kept: { key: string; value: unknown };
  /** Looks that are in no batch yet. */
  count: { key: [hour: number, place: number, outcome: string]; value: Count };
  /** Batches that may have arrived or not. */
  batch: { key: string; value: Batch };
}

interface Kept {
  token: string;
  policy: string;
  place: Place;
  bundle: KeptBundle;
}

/** Lines of a batch, as the server takes them. */
const COUNTS_MAX = 1_000;

let opened: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("olzii-checkpoint", 1, {
    upgrade(made) {
      made.createObjectStore("kept");
      made.createObjectStore("count", { keyPath: ["hour", "place", "outcome"] });
      made.createObjectStore("batch", { keyPath: "id" });
    },
    terminated: () => (opened = null),
  });
  opened.catch(() => (opened = null));
  return opened;
}

export async function kept<K extends keyof Kept>(name: K): Promise<Kept[K] | undefined> {
  return (await (await database()).get("kept", name)) as Kept[K] | undefined;
}

export async function keep<K extends keyof Kept>(name: K, value: Kept[K]): Promise<void> {
  await (await database()).put("kept", value, name);
}

/** A link for another checkpoint: what was counted for the last one can be sent by its link alone, and goes. */
export async function beginAnew(token: string): Promise<void> {
  const transaction = (await database()).transaction(["kept", "count", "batch"], "readwrite");
  await Promise.all(["kept" as const, "count" as const, "batch" as const].map((name) => transaction.objectStore(name).clear()));
  await transaction.objectStore("kept").put(token, "token");
  await transaction.done;
}

/** One look more. It is on disk before the next one. */
export async function countLook(hour: number, place: number, outcome: Outcome): Promise<void> {
  const transaction = (await database()).transaction("count", "readwrite");
  const before = await transaction.store.get([hour, place, outcome]);
  await transaction.store.put({ hour, place, outcome, looks: (before?.looks ?? 0) + 1 });
  await transaction.done;
}

/** All that was not sent: what is in no batch yet becomes one, in the same moment in which it stops being counted apart. */
export async function toSend(place: number): Promise<Batch[]> {
  const transaction = (await database()).transaction(["count", "batch"], "readwrite");
  const [counts, batches] = [transaction.objectStore("count"), transaction.objectStore("batch")];
  const all = (await counts.getAll()).filter((it) => it.place === place).slice(0, COUNTS_MAX);
  if (all.length > 0) {
    await batches.put({ id: newUuid(), counts: all.map(({ hour, outcome, looks }) => ({ hour, outcome, looks })) });
    for (const it of all) await counts.delete([it.hour, it.place, it.outcome]);
  }
  const found = await batches.getAll();
  await transaction.done;
  return found;
}

export async function removeBatch(id: string): Promise<void> {
  await (await database()).delete("batch", id);
}

/** Looks on this phone that the city has not counted yet. */
export async function unsent(): Promise<number> {
  const transaction = (await database()).transaction(["count", "batch"]);
  const counts = await transaction.objectStore("count").getAll();
  const batches = await transaction.objectStore("batch").getAll();
  const all = [...counts, ...batches.flatMap((it) => it.counts)];
  return all.reduce((sum, it) => sum + it.looks, 0);
}
