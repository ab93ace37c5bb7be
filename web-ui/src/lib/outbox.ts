/** What a server said to a form that it did not take, for people. */
export interface RefusedState {
  readonly kind: "refused";
  readonly reason: string;
}

export interface WaitingState {
  readonly kind: "waiting";
  /** How often it was sent without an answer. */
  readonly attempts: number;
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
/** Longer than the photos of one step take on one bar of signal. */
export const SEND_WAIT_MS = 120_000;
/** Header by which the server refuses what was kept for another account than that of the session. */
export const ACCOUNT_HEADER = "olzii-account";

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

/** The entries to be sent now, in order: what follows a refused one in the same case waits for a person. */
export function ready(entries: readonly Entry[]): Entry[] {
  const held = new Set<string>();
  const inOrder = [...entries].sort((left, right) => left.sequence - right.sequence);
  return inOrder.filter((entry) => {
    const subject = subjectOf(entry);
    if (entry.state.kind === "refused") held.add(subject);
    return !held.has(subject);
  });
}
