// What a checkpoint keeps on the phone: the bundle, whose word it takes, its own link, and how many looks came to what. No
// pass, no person, no moment of a look: the link, an hour and an outcome are all that a look leaves behind.
import { openDB, type DBSchema, type IDBPDatabase, type IDBPObjectStore } from "idb";
import { newUuid } from "../lib/identity";
import type { ClockState } from "./clock";
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
  /** Of the link with which it was counted, and by which alone it can be sent. */
  readonly token: string;
  readonly hour: number;
  readonly outcome: Outcome;
  readonly looks: number;
}

export interface Batch {
  readonly id: string;
  readonly token: string;
  readonly counts: ReadonlyArray<Omit<Count, "token">>;
}

interface Schema extends DBSchema {
  /** `token`, `next`, `policy`, `places`, `bundle`, `etag`, that of the bundle, and `clock`. */
  kept: { key: string; value: unknown };
  /** Looks that are in no batch yet. */
  count: { key: [token: string, hour: number, outcome: string]; value: Count };
  /** Batches that may have arrived or not. */
  batch: { key: string; value: Batch };
}

interface Kept {
  token: string;
  /** Another link, for which the city has to answer before it takes the place of this one. */
  next: string;
  policy: string;
  /** Of each link that this phone ever had, so that it can go back to one without a network. */
  places: Readonly<Record<string, Place>>;
  bundle: KeptBundle;
  etag: string;
  clock: ClockState;
}

/** What other tabs may have changed. */
export type State = { readonly [K in "token" | "next" | "etag"]: Kept[K] | undefined } & { readonly place: Place | undefined };

/** What became of a link: it is the phone's now; it was before; it will be when the city has answered for it. */
export type Bound = "own" | "same" | "next";

/** It has to be on the disk, not on its way there: phones at a gate lose their power. */
const STRICT = { durability: "strict" } as const;
/** Lines of a batch, as the server takes them. */
const COUNTS_MAX = 1_000;

let opened: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("olzii-checkpoint", 1, {
    upgrade(made) {
      made.createObjectStore("kept");
      made.createObjectStore("count", { keyPath: ["token", "hour", "outcome"] });
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
  const transaction = (await database()).transaction("kept", "readwrite", STRICT);
  await transaction.store.put(value, name);
  await transaction.done;
}

export async function state(): Promise<State> {
  const { store } = (await database()).transaction("kept");
  const [token, next, places, etag] = await Promise.all([store.get("token"), store.get("next"), store.get("places"), store.get("etag")]);
  return { token, next, etag, place: (places as Kept["places"] | undefined)?.[String(token)] } as State;
}

export async function keepBundle(bundle: KeptBundle): Promise<void> {
  const transaction = (await database()).transaction("kept", "readwrite", STRICT);
  await transaction.store.put(bundle, "bundle");
  await transaction.store.put(bundle.etag, "etag");
  await transaction.done;
}

type Keeping = IDBPObjectStore<Schema, ["kept"], "kept", "readwrite">;

async function settle(work: (store: Keeping) => Promise<Bound | void>): Promise<Bound | void> {
  const transaction = (await database()).transaction("kept", "readwrite", STRICT);
  const done = await work(transaction.store);
  await transaction.done;
  return done;
}

/** Whose word is taken is settled anew; the list that is there goes on until a new one came. */
async function unpin(store: Keeping): Promise<void> {
  await Promise.all([store.delete("policy"), store.delete("etag")]);
}

/** What was counted with the link before stays, and is sent with that. */
async function take(store: Keeping, token: string): Promise<void> {
  await Promise.all([store.put(token, "token"), store.delete("next"), unpin(store)]);
}

/** How the checkpoint of this link stands. One that waited for the city's answer is the phone's own from now on. */
export async function keepPlace(token: string, place: Place): Promise<void> {
  await settle(async (store) => {
    const places = ((await store.get("places")) ?? {}) as Kept["places"];
    await store.put({ ...places, [token]: place }, "places");
    if ((await store.get("next")) === token) await take(store, token);
  });
}

/** A link was opened or scanned. In place of another it is taken only when the city has answered for it, now or before: a phone
 * at a gate is not led away by a code that somebody made. */
export async function bind(token: string): Promise<Bound> {
  const bound = await settle(async (store) => {
    const [own, places] = await Promise.all([store.get("token"), store.get("places")]);
    if (own !== token && own !== undefined && !(places as Kept["places"] | undefined)?.[token]) {
      await store.put(token, "next");
      return "next";
    }
    await (own === token ? store.delete("next") : take(store, token));
    return own === token ? "same" : "own";
  });
  return bound ?? "same";
}

/** The city does not know the link that waited. */
export async function leaveNext(): Promise<void> {
  await settle((store) => store.delete("next"));
}

/** The guard agreed that another log's word is taken from now on. */
export async function pinAnew(): Promise<void> {
  await settle(unpin);
}

/** One look more. It is on disk before the next one. */
export async function countLook(token: string, hour: number, outcome: Outcome): Promise<void> {
  const transaction = (await database()).transaction("count", "readwrite", STRICT);
  const before = await transaction.store.get([token, hour, outcome]);
  await transaction.store.put({ token, hour, outcome, looks: (before?.looks ?? 0) + 1 });
  await transaction.done;
}

/** The batch to send next: one that waits, or, if none does, a new one of hours that are over (`hour`, which runs, stays). What
 * is in no batch yet stops being counted apart in the same moment. Nothing of links that are set `aside`. */
export async function nextBatch(hour: number | null, aside: ReadonlySet<string>): Promise<Batch | null> {
  const transaction = (await database()).transaction(["count", "batch"], "readwrite", STRICT);
  const [counts, batches] = [transaction.objectStore("count"), transaction.objectStore("batch")];
  let batch = (await batches.getAll()).find((it) => !aside.has(it.token));
  const ready = batch ? [] : (await counts.getAll()).filter((it) => it.hour !== hour && !aside.has(it.token));
  if (ready[0]) {
    const { token } = ready[0];
    const all = ready.filter((it) => it.token === token).slice(0, COUNTS_MAX);
    batch = { id: newUuid(), token, counts: all.map(({ hour, outcome, looks }) => ({ hour, outcome, looks })) };
    await batches.put(batch);
    for (const it of all) await counts.delete([it.token, it.hour, it.outcome]);
  }
  await transaction.done;
  return batch ?? null;
}

export async function removeBatch(id: string): Promise<void> {
  const transaction = (await database()).transaction("batch", "readwrite", STRICT);
  await transaction.store.delete(id);
  await transaction.done;
}

/** Looks on this phone that the city has not counted yet, and how many of them are of the hour that runs. */
export async function unsent(hour: number): Promise<{ readonly all: number; readonly running: number }> {
  const transaction = (await database()).transaction(["count", "batch"]);
  const counts = await transaction.objectStore("count").getAll();
  const batches = await transaction.objectStore("batch").getAll();
  const sum = (of: readonly { readonly looks: number }[]): number => of.reduce((sum, it) => sum + it.looks, 0);
  return { all: sum([...counts, ...batches.flatMap((it) => it.counts)]), running: sum(counts.filter((it) => it.hour === hour)) };
}
