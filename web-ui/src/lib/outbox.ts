import { retryDelay } from "./backoff";

/** What a server said to a form that it did not take, for people. */
export interface RefusedState {
  readonly kind: "refused";
  readonly reason: string;
}

export interface WaitingState {
  readonly kind: "waiting";
  /** How often it was sent without an answer that says yes or no. */
  readonly attempts: number;
  /** How often the line stood and this one still did not come through. */
  readonly delays?: number;
  /** Milliseconds since 1970 before which it is not sent again by itself. */
  readonly after?: number;
}

/** A form that a person sent and that the server has not taken yet. Its one-time id is among the fields. */
export interface Entry {
  /** Order in which entries were kept. */
  readonly sequence: number;
  readonly account: string;
  /** Milliseconds since 1970. */
  readonly keptAt: number;
  /** Path that the form goes to. */
  readonly action: string;
  /** Path and query of the page that has the form. */
  readonly page: string;
  /** What was done, and where, for people. */
  readonly title: string;
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>;
  /** The same as it was read on the page. */
  readonly shown: ReadonlyArray<{ readonly label: string; readonly value: string }>;
  readonly state: WaitingState | RefusedState;
}

/** A photo as it was chosen and made smaller. Bytes, because some engines lose files that a database only points to. */
export interface Photo {
  readonly name: string;
  readonly type: string;
  readonly bytes: ArrayBuffer;
}

/** More of one person's entries than anybody does in a day without network. */
export const ENTRIES_MAX = 200;
/** One entry that cannot be sent is tried at least this often. */
export const ENTRY_RETRY_MAX_MS = 5 * 60_000;
/** So many entries of different cases in a row, and it is not they but the server. */
export const LATER_MAX = 3;
/** Longer than the photos of one step take on one bar of signal. */
export const SEND_WAIT_MS = 120_000;
/** Header by which the server refuses what was kept for another account than that of the session. */
export const ACCOUNT_HEADER = "olzii-account";
/** Header that says when its writer had finished what comes now: the moment it was kept on the phone. */
export const KEPT_HEADER = "olzii-kept-at";

/** `taken`: it is done. `later`: nobody said no. `sign-in`: not under this session. `refused`: a person has to look. */
export type Outcome = "taken" | "later" | "sign-in" | "refused";

/** Of an answer to a form that asks for JSON. `location` is the answer's own word that the form was taken. */
export function outcomeOf(status: number, location: unknown): Outcome {
  if (status === 200 && typeof location === "string") return "taken";
  if (status === 401) return "sign-in";
  // What is neither taken nor refused was not answered by the city: a gateway, or a portal in front of it.
  const isRefusal = status >= 400 && status <= 599 && ![408, 425, 429, 502, 503, 504, 507].includes(status);
  return isRefusal ? "refused" : "later";
}

/** What of a problem (RFC 9457) a person reads; null when it is none. */
export function reasonOf(problem: unknown): string | null {
  if (typeof problem !== "object" || problem === null) return null;
  const { title, detail, errors } = problem as { title?: unknown; detail?: unknown; errors?: unknown };
  const faults = Array.isArray(errors) ? errors.map((it: { message?: unknown }) => it?.message) : [];
  const words = [detail ?? (faults.length > 0 ? null : title), ...faults];
  const said = words.filter((it): it is string => typeof it === "string" && it !== "");
  return said.length > 0 ? said.join(" · ") : null;
}

/** The case that an entry is about; a report is about one of its own. */
export function subjectOf(entry: Pick<Entry, "action" | "sequence">): string {
  return /^\/cases\/[^/]+/.exec(entry.action)?.[0] ?? `report:${entry.sequence}`;
}

/** One that was sent and not answered with yes or no. Where the line stands it is sent again later and later. */
export function triedOnce({ state }: Entry, isReachable: boolean, now: number, chance: number): WaitingState {
  const { attempts, delays = 0 } = state.kind === "waiting" ? state : { attempts: 0 };
  const tried = { kind: "waiting", attempts: attempts + 1 } as const;
  if (!isReachable) return tried;
  return { ...tried, delays: delays + 1, after: now + retryDelay(delays, chance, ENTRY_RETRY_MAX_MS) };
}

/** Each entry that comes first of those about its case, in order. What follows it there waits for it. */
function firsts(entries: readonly Entry[]): Entry[] {
  const seen = new Set<string>();
  const inOrder = [...entries].sort((left, right) => left.sequence - right.sequence);
  return inOrder.filter((entry) => {
    const subject = subjectOf(entry);
    return !seen.has(subject) && seen.add(subject);
  });
}

/**
 * The entry to be sent now: of each case the first, past those cases in which one was refused, cannot be sent before a
 * later moment, or was tried in this round. `now` is infinite when a person asks for it.
 */
export function nextToSend(entries: readonly Entry[], tried: ReadonlySet<string>, now: number): Entry | null {
  const isDue = ({ state }: Entry): boolean => state.kind === "waiting" && (state.after ?? 0) <= now;
  return firsts(entries).find((entry) => isDue(entry) && !tried.has(subjectOf(entry))) ?? null;
}

/** Milliseconds until one of them can be sent; null when none waits for a time alone. */
export function dueIn(entries: readonly Entry[], now: number): number | null {
  const waits = firsts(entries).flatMap(({ state }) => (state.kind === "waiting" ? [Math.max(0, (state.after ?? 0) - now)] : []));
  return waits.length > 0 ? Math.min(...waits) : null;
}

/** Entries that wait only because one before them in the same case was refused, and a person has to look at that. */
export function heldBack(entries: readonly Entry[]): ReadonlySet<number> {
  const refused = new Set(firsts(entries).filter(({ state }) => state.kind === "refused").map(subjectOf));
  const held = entries.filter((it) => it.state.kind === "waiting" && refused.has(subjectOf(it)));
  return new Set(held.map((it) => it.sequence));
}
