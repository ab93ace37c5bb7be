import { ACCOUNT_HEADER, KEPT_HEADER, LATER_MAX, SEND_WAIT_MS, dueIn, nextToSend, outcomeOf, reasonOf, subjectOf, triedOnce, type Entry, type Outcome } from "../lib/outbox";
import { tellChange } from "./changes";
import { entriesOf, mark, photosOf, remove } from "./database";

/** Of one round: how many arrived, and why not all that could be sent did. */
export interface Round {
  readonly sent: number;
  readonly stopped: null | "unreachable" | "busy" | "sign-in";
}

const LOCK = "olzii-outbox";
/** Answers as long as the process lives, and to everybody. */
const PROBE = "/healthz";
const PROBE_WAIT_MS = 10_000;

interface Answer {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** Sends one entry as the form that it is. Fails where there is no network. */
async function post(entry: Entry): Promise<Answer> {
  const body = new FormData();
  for (const [name, value] of entry.fields) body.append(name, value);
  for (const { name, type, bytes } of await photosOf(entry.sequence)) body.append("photos", new File([bytes], name, { type }));
  const wait = new AbortController();
  const timer = setTimeout(() => wait.abort(), SEND_WAIT_MS);
  try {
    const response = await fetch(entry.action, {
      method: "POST",
      body,
      headers: { accept: "application/json", [ACCOUNT_HEADER]: entry.account, [KEPT_HEADER]: new Date(entry.keptAt).toISOString() },
      credentials: "same-origin",
      redirect: "manual",
      signal: wait.signal,
    });
    const answer: unknown = await response.json().catch(() => null);
    const outcome = outcomeOf(response.status, (answer as { location?: unknown } | null)?.location);
    return { outcome, reason: reasonOf(answer) ?? String(response.status) };
  } finally {
    clearTimeout(timer);
  }
}

/** Whether anything answers. What fails then fails by itself: too large for the line, or cut by what stands between. */
async function isReachable(): Promise<boolean> {
  const wait = new AbortController();
  const timer = setTimeout(() => wait.abort(), PROBE_WAIT_MS);
  const request = { cache: "no-store", credentials: "omit", signal: wait.signal } as const;
  return fetch(PROBE, request).then(() => true, () => false).finally(() => clearTimeout(timer));
}

async function sendOne(entry: Entry): Promise<Outcome | "unreachable"> {
  const answer = await post(entry).catch(() => null);
  if (answer?.outcome === "taken") await remove(entry.sequence);
  if (answer?.outcome === "refused") await mark(entry.sequence, { kind: "refused", reason: answer.reason });
  if (answer && answer.outcome !== "later") return answer.outcome;
  const reachable = answer !== null || (await isReachable());
  await mark(entry.sequence, triedOnce(entry, reachable, Date.now(), Math.random()));
  return reachable ? "later" : "unreachable";
}

/** One entry that cannot be sent holds up its own case; only when nothing comes through the round ends. */
async function sendAll(account: string, now: number): Promise<Round> {
  const tried = new Set<string>();
  let [sent, inARow] = [0, 0];
  for (;;) {
    const entries = await entriesOf(account);
    const next = nextToSend(entries, tried, now);
    if (!next) return { sent, stopped: dueIn(entries, now) === null ? null : "busy" };
    const outcome = await sendOne(next);
    tellChange();
    if (outcome === "taken") sent += 1;
    if (outcome === "unreachable" || outcome === "sign-in") return { sent, stopped: outcome };
    if (outcome === "later") tried.add(subjectOf(next));
    inARow = outcome === "later" ? inARow + 1 : 0;
    if (inARow >= LATER_MAX) return { sent, stopped: "busy" };
  }
}

/**
 * Sends what a person's outbox holds, in order within each case. Of several pages and the service worker one sends at a
 * time, where the browser has locks; without them each entry still counts once, by its one-time id. When a person asks
 * for it (`isAsked`), what was to be tried later is tried now.
 */
export async function sendOutbox(account: string, isAsked = false): Promise<Round> {
  if (!navigator.onLine) return { sent: 0, stopped: "unreachable" };
  const now = isAsked ? Infinity : Date.now();
  if (!("locks" in navigator)) return sendAll(account, now);
  return navigator.locks.request(LOCK, () => sendAll(account, now));
}
