import assert from "node:assert/strict";
import { test } from "node:test";
import type { MultiPolygon, Polygon } from "geojson";
import { boundsOf, labelPoint, separate } from "./shape";

const square = (west: number, south: number, size: number): number[][] => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];

/** A horseshoe, open to the north: its centroid lies in the gap. */
const horseshoe: Polygon = {
  type: "Polygon",
  coordinates: [[[0, 0], [10, 0], [10, 10], [7, 10], [7, 3], [3, 3], [3, 10], [0, 10], [0, 0]]],
};

function isInside(ring: number[][], x: number, y: number): boolean {
  let inside = false;
  for (let index = 0; index + 1 < ring.length; index += 1) {
    const [x1 = 0, y1 = 0] = ring[index]!;
    const [x2 = 0, y2 = 0] = ring[index + 1]!;
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
  }
  return inside;
}

test("a label stands inside its county even when the centroid does not", () => {
  const [x, y] = labelPoint(horseshoe)!;
  assert.ok(isInside(horseshoe.coordinates[0]!, x, y), `${x}, ${y}`);
});

test("a county of several parts is named on its largest", () => {
  const parts: MultiPolygon = { type: "MultiPolygon", coordinates: [[square(0, 0, 1)], [square(10, 10, 4)]] };
  assert.deepEqual(labelPoint(parts), [12, 12]);
  assert.deepEqual(boundsOf([parts]), [0, 0, 14, 14]);
});

test("nothing to draw has no bounds", () => {
  assert.equal(boundsOf([]), null);
});

test("labels that lie on each other move apart, the others stay", () => {
  const label = { width: 100, height: 40 };
  const boxes = [{ x: 0, y: 0, ...label }, { x: 30, y: 10, ...label }, { x: 500, y: 0, ...label }];
  const [first = 0, second = 0, far = 0] = separate(boxes, 4);
  assert.ok(10 + second - first >= 44 - 1, `${first} ${second}`);
  assert.equal(far, 0);
});
