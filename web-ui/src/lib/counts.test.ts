import assert from "node:assert/strict";
import { test } from "node:test";
import { choroplethSteps, countKeys, isFresher, type Counts } from "./counts";

const counts = (asOf: string, open: number[]): Counts => ({
  as_of: asOf,
  areas: open.map((cases, index) => ({ code: `15090${index}`, name: "", open: cases, overdue: 1, closed: 2 })),
  total: { open: open.reduce((sum, cases) => sum + cases, 0), overdue: open.length, closed: 2 * open.length },
});

test("each figure has the key that the panel asks for", () => {
  const keys = countKeys(counts("2026-11-22T00:00:00Z", [5, 7]));
  assert.equal(keys.get("150901:open"), 7);
  assert.equal(keys.get("150900:overdue"), 1);
  assert.equal(keys.get("total:open"), 12);
});

test("the map's steps go by rank, so that one busy county does not pale the others", () => {
  const steps = choroplethSteps(counts("2026-11-22T00:00:00Z", [0, 10, 20, 30, 40_000]));
  assert.deepEqual([...steps.values()], [0, 1, 2, 3, 4]);
});

test("counties with as many cases look alike, and none is none", () => {
  const steps = choroplethSteps(counts("2026-11-22T00:00:00Z", [0, 0, 9, 9]));
  assert.deepEqual([...steps.values()], [0, 0, 4, 4]);
});

test("a late answer does not overwrite a fresher one", () => {
  const early = counts("2026-11-22T01:00:00Z", [1]);
  const late = counts("2026-11-22T09:00:01+08:00", [2]);
  assert.equal(isFresher(null, early), true);
  assert.equal(isFresher(early, late), true);
  assert.equal(isFresher(late, early), false);
});
