import assert from "node:assert/strict";
import { test } from "node:test";
import { CasePoints, POINTS_MAX } from "./points";

const listed = (id: string, overdue = false) => ({ id, overdue, position: { longitude: 113, latitude: 41 } });
const moved = (id: string, status: string, overdue = false) => ({ id, status, overdue, longitude: 113, latitude: 41 });

test("a case that is closed leaves the map, one that opens comes onto it", () => {
  const points = new CasePoints();
  points.list([listed("a"), { id: "b", overdue: false, position: null }]);
  points.move(moved("c", "open", true));
  points.move(moved("a", "closed"));
  assert.deepEqual(points.all().map(({ id, overdue }) => [id, overdue]), [["c", true]]);
});

test("a list that comes late does not undo what moved meanwhile", () => {
  const points = new CasePoints();
  points.move(moved("a", "open", true));
  points.list([listed("a", false)]);
  assert.equal(points.all()[0]?.overdue, true);
});

test("a busy city does not fill the map without end", () => {
  const points = new CasePoints();
  points.list(Array.from({ length: POINTS_MAX + 9 }, (_, index) => listed(String(index))));
  assert.equal(points.all().length, POINTS_MAX);
});
