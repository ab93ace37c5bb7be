/** Body of `/api/v1/counts` and of the server-sent event `counts`. */
export interface Figures {
  readonly open: number;
  readonly overdue: number;
  readonly closed: number;
}
export interface AreaFigures extends Figures {
  readonly code: string;
  readonly name: string;
}
export interface Counts {
  /** RFC 3339: when these figures were true. */
  readonly as_of: string;
  readonly areas: readonly AreaFigures[];
  readonly total: Figures;
}

export const MEASURES = ["open", "overdue", "closed"] as const;

/** `data-count` keys to numbers: `150902:open`, and `total:open` for the sum. */
export function countKeys(counts: Counts): Map<string, number> {
  const keys = new Map<string, number>();
  for (const measure of MEASURES) {
    keys.set(`total:${measure}`, counts.total[measure]);
    for (const area of counts.areas) keys.set(`${area.code}:${measure}`, area[measure]);
  }
  return keys;
}

/** Five steps of the choropleth, 0 (fewest) to 4 (most), by rank: one very busy county must not grey out the ten others. */
export function choroplethSteps(counts: Counts): Map<string, number> {
  const distinct = [...new Set(counts.areas.map((area) => area.open))].sort((left, right) => left - right);
  const last = Math.max(1, distinct.length - 1);
  return new Map(
    counts.areas.map((area) => [area.code, area.open === 0 ? 0 : Math.round((distinct.indexOf(area.open) / last) * 4)]),
  );
}

/** True when `next` is not older than what is shown; a late answer never overwrites a fresher event. */
export function isFresher(shown: Counts | null, next: Counts): boolean {
  return shown === null || Date.parse(next.as_of) >= Date.parse(shown.as_of);
}
