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

  list(cases: readonly ListedCase[]): void {
    for (const { id, overdue, position } of cases) {
      // What moved meanwhile is known better.
      if (position && !this.points.has(id)) this.put({ id, overdue, ...position });
    }
  }

  move({ id, status, overdue, longitude, latitude }: MovedCase): void {
    this.points.delete(id);
    if (status === "open" && longitude !== null && latitude !== null) this.put({ id, overdue, longitude, latitude });
  }

  all(): CasePoint[] {
    return [...this.points.values()];
  }

  private put(point: CasePoint): void {
    if (this.points.size < POINTS_MAX) this.points.set(point.id, point);
  }
}
