export const RETRY_FIRST_MS = 1_000;
export const RETRY_MAX_MS = 30_000;

/** One failure is a blink; after so many in a row what is shown has to say that it stands still. */
const STALE_AFTER = 2;

export function isStale(failures: number): boolean {
  return failures >= STALE_AFTER;
}

/** Wait in milliseconds before attempt `attempt` (0 is the first retry): doubling, capped, half of it spread by `chance` in [0, 1). */
export function retryDelay(attempt: number, chance: number, maxMs = RETRY_MAX_MS): number {
  const ceiling = Math.min(maxMs, RETRY_FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}
