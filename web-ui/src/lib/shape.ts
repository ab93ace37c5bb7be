import type { MultiPolygon, Polygon, Position } from "geojson";

export type Bounds = [west: number, south: number, east: number, north: number];

function outerRings(shape: Polygon | MultiPolygon): Position[][] {
  const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  return polygons.flatMap((polygon) => (polygon[0] ? [polygon[0]] : []));
}

/** West, south, east, north in degrees over all shapes; null when there is no point. */
export function boundsOf(shapes: ReadonlyArray<Polygon | MultiPolygon>): Bounds | null {
  let bounds: Bounds | null = null;
  for (const ring of shapes.flatMap(outerRings)) {
    for (const [x = 0, y = 0] of ring) {
      bounds = bounds
        ? [Math.min(bounds[0], x), Math.min(bounds[1], y), Math.max(bounds[2], x), Math.max(bounds[3], y)]
        : [x, y, x, y];
    }
  }
  return bounds;
}

function signedArea(ring: Position[]): number {
  let twice = 0;
  for (let index = 0; index + 1 < ring.length; index += 1) {
    twice += ring[index]![0]! * ring[index + 1]![1]! - ring[index + 1]![0]! * ring[index]![1]!;
  }
  return twice / 2;
}

/** Where each horizontal line at `y` is inside the ring, widest span first. */
function widestSpan(ring: Position[], y: number): [number, number] | null {
  const crossings: number[] = [];
  for (let index = 0; index + 1 < ring.length; index += 1) {
    const [x1 = 0, y1 = 0] = ring[index]!;
    const [x2 = 0, y2 = 0] = ring[index + 1]!;
    if (y1 > y !== y2 > y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
  }
  crossings.sort((left, right) => left - right);
  let widest: [number, number] | null = null;
  for (let index = 0; index + 1 < crossings.length; index += 2) {
    const span: [number, number] = [crossings[index]!, crossings[index + 1]!];
    if (!widest || span[1] - span[0] > widest[1] - widest[0]) widest = span;
  }
  return widest;
}

/**
 * A point inside the largest part, where a label has room: the middle of the widest span among lines near the
 * middle of its height. A centroid can fall outside a crescent such as 察右前旗, which wraps around 集宁区.
 */
export function labelPoint(shape: Polygon | MultiPolygon): [number, number] | null {
  const ring = outerRings(shape).sort((left, right) => Math.abs(signedArea(right)) - Math.abs(signedArea(left)))[0];
  if (!ring) return null;
  const heights = ring.map((position) => position[1] ?? 0);
  const low = Math.min(...heights);
  const height = Math.max(...heights) - low;
  let best: { score: number; point: [number, number] } | null = null;
  for (const share of [0.5, 0.4, 0.6, 0.3, 0.7]) {
    const y = low + height * share;
    const span = widestSpan(ring, y);
    // A line off the middle must be clearly wider to win.
    const score = span ? (span[1] - span[0]) * (1 - Math.abs(share - 0.5) * 0.6) : 0;
    if (span && (!best || score > best.score)) best = { score, point: [(span[0] + span[1]) / 2, y] };
  }
  return best?.point ?? null;
}

export interface Box {
  /** Middle of the box in pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const PASSES_MAX = 24;

/** Vertical shifts in pixels that move overlapping boxes apart, each pair by equal halves; zero where nothing overlaps. */
export function separate(boxes: readonly Box[], gap: number): number[] {
  const shifts = boxes.map(() => 0);
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    let moved = false;
    for (let upper = 0; upper < boxes.length; upper += 1) {
      for (let lower = upper + 1; lower < boxes.length; lower += 1) {
        const [one, two] = [boxes[upper]!, boxes[lower]!];
        if (Math.abs(one.x - two.x) >= (one.width + two.width) / 2) continue;
        const distance = two.y + shifts[lower]! - (one.y + shifts[upper]!);
        const missing = (one.height + two.height) / 2 + gap - Math.abs(distance);
        if (missing <= 0.5) continue;
        const direction = distance < 0 ? -1 : 1;
        shifts[upper]! -= (direction * missing) / 2;
        shifts[lower]! += (direction * missing) / 2;
        moved = true;
      }
    }
    if (!moved) break;
  }
  return shifts;
}
