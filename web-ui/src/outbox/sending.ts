import { ACCOUNT_HEADER, SEND_WAIT_MS, outcomeOf, ready, reasonOf, type Entry, type Outcome } from "../lib/outbox";
import { tellChange } from "./changes";
import { entriesOf, mark, photosOf, remove } from "./database";

/** Of one round: how many arrived, and what stopped it. */
export interface Round {
  readonly sent: number;
  readonly stopped: null | "unreachable" | "busy" | "sign-in";
}

const LOCK = "olzii-outbox";

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
      headers: { accept: "application/json", [ACCOUNT_HEADER]: entry.account },
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

async function sendOne(entry: Entry): Promise<Outcome | "unreachable"> {
  let answer: Answer;
  try {
    answer = await post(entry);
  } catch {
    const attempts = entry.state.kind === "waiting" ? entry.state.attempts + 1 : 1;
    await mark(entry.sequence, { kind: "waiting", attempts });
    return "unreachable";
  }
  if (answer.outcome === "taken") await remove(entry.sequence);
  if (answer.outcome === "refused") await mark(entry.sequence, { kind: "refused", reason: answer.reason });
  return answer.outcome;
}

async function sendAll(account: string): Promise<Round> {
  let sent = 0;
  let last = 0;
  for (;;) {
    const next = ready(await entriesOf(account)).find((entry) => entry.sequence > last);
    if (!next) return { sent, stopped: null };
    last = next.sequence;
    const outcome = await sendOne(next);
    tellChange();
    if (outcome === "taken") sent += 1;
    else if (outcome !== "refused") return { sent, stopped: outcome === "later" ? "busy" : outcome };
  }
}

/**
 * Sends what a person's outbox holds, in order. Of several pages and the service worker one sends at a time, where the
 * browser has locks; without them each entry still counts once, by its one-time id.
 */
export async function sendOutbox(account: string): Promise<Round> {
  if (!navigator.onLine) return { sent: 0, stopped: "unreachable" };
  if (!("locks" in navigator)) return sendAll(account);
  return navigator.locks.request(LOCK, () => sendAll(account));
}
