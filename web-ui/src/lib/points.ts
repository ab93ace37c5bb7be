/** A case on the map. */
export interface CasePoint {
  readonly id: string;
  readonly overdue: boolean;
  /** Degrees. */
  readonly longitude: number;
  readonly latitude: number;
}

/** An item of `/api/v1/cases`, as far as the map needs it. */
export interface ListedCase {
  readonly id: string;
  readonly overdue: boolean;
  readonly position: { readonly longitude: number; readonly latitude: number } | null;
}

/** What a step says of where a case is and stands. */
export interface MovedCase {
  readonly id: string;
  readonly status: string;
  readonly overdue: boolean;
  readonly longitude: number | null;
  readonly latitude: number | null;
}

/** More dots than this hide each other. */
export const POINTS_MAX = 500;

/** Open cases that have a place, kept up with what moves. */
export class CasePoints {
  private readonly points = new Map<string, CasePoint>();
  /** What moved since the list was asked for, and is known better than the list knows it. */
  private readonly moved = new Set<string>();
  private asked = 0;

  /** Says that a list is asked for; its number comes back with it. */
  ask(): number {
    this.moved.clear();
    this.asked += 1;
    return this.asked;
  }

  /** The list in place of all that was known before it was asked for; false when another was asked for since. */
  list(cases: readonly ListedCase[], asked: number): boolean {
    if (asked !== this.asked) return false;
    for (const id of [...this.points.keys()]) if (!this.moved.has(id)) this.points.delete(id);
    for (const { id, overdue, position } of cases) {
      if (position && !this.moved.has(id)) this.put({ id, overdue, ...position });
    }
    return true;
  }

  /** False when there is no room for it: then it is time for a new list. */
  move({ id, status, overdue, longitude, latitude }: MovedCase): boolean {
    this.points.delete(id);
    const isShown = status === "open" && longitude !== null && latitude !== null;
    const isKnown = !isShown || this.put({ id, overdue, longitude, latitude });
    if (isKnown) this.moved.add(id);
    return isKnown;
  }

  all(): CasePoint[] {
    return [...this.points.values()];
  }

  private put(point: CasePoint): boolean {
    if (this.points.size >= POINTS_MAX) return false;
    this.points.set(point.id, point);
    return true;
  }
}
