import { retryDelay } from "../lib/backoff";
import type { Counts } from "../lib/counts";

/** Data of the server-sent event `case`: one step of one case, with no person in it. */
export interface CaseEvent {
  readonly id: string;
  readonly area_code: string;
  readonly county_code: string;
  readonly stage: string;
  readonly status: string;
  readonly overdue: boolean;
  /** Degrees; null when the case has only a text location. */
  readonly longitude: number | null;
  readonly latitude: number | null;
  readonly at: string;
}

export interface Listener {
  onCounts(counts: Counts): void;
  onCase(event: CaseEvent): void;
  /** Cases may have moved that nobody told: the stream was just opened, or its viewer was behind. */
  onMissed(): void;
  /** Null while connected, else the moment the connection was lost. */
  onState(lostSince: Date | null): void;
}

/** Silence longer than this is a lost connection: the server sends a comment or event at least every 15 s. */
const SILENCE_MAX_MS = 45_000;

function parse<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

/**
 * Follows the event stream for as long as the page is open. The browser's own reconnect gives up on an HTTP error,
 * so a lost stream is opened anew with back-off, and after each opening counts and cases are read once more:
 * what happened in between is in them.
 */
export function follow(eventsAddress: string, countsAddress: string, listener: Listener): void {
  let attempt = 0;
  let lostSince: Date | null = null;
  let source: EventSource | null = null;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const readCounts = async (): Promise<void> => {
    const response = await fetch(countsAddress, { headers: { accept: "application/json" }, credentials: "same-origin" });
    if (response.ok) listener.onCounts((await response.json()) as Counts);
  };
  const lose = (): void => {
    clearTimeout(silence);
    source?.close();
    source = null;
    lostSince ??= new Date();
    listener.onState(lostSince);
    setTimeout(open, retryDelay(attempt, Math.random()));
    attempt += 1;
  };
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENCE_MAX_MS);
  };
  const open = (): void => {
    const opened = new EventSource(eventsAddress);
    source = opened;
    heard();
    opened.onopen = () => {
      attempt = 0;
      lostSince = null;
      listener.onState(null);
      heard();
      readCounts().catch(() => undefined);
      listener.onMissed();
    };
    opened.onerror = () => source === opened && lose();
    opened.addEventListener("ping", heard);
    // Counts follow by themselves.
    opened.addEventListener("missed", () => {
      heard();
      listener.onMissed();
    });
    opened.addEventListener("counts", (event) => {
      heard();
      const counts = parse<Counts>((event as MessageEvent<string>).data);
      if (counts) listener.onCounts(counts);
    });
    opened.addEventListener("case", (event) => {
      heard();
      const moved = parse<CaseEvent>((event as MessageEvent<string>).data);
      if (moved) listener.onCase(moved);
    });
  };
  readCounts().catch(() => undefined);
  open();
}
