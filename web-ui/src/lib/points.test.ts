import assert from "node:assert/strict";
import { test } from "node:test";
import { CasePoints, POINTS_MAX, type ListedCase } from "./points";

const listed = (id: string, overdue = false) => ({ id, overdue, position: { longitude: 113, latitude: 41 } });
const moved = (id: string, status: string, overdue = false) => ({ id, status, overdue, longitude: 113, latitude: 41 });
const ids = (points: CasePoints): string[] => points.all().map((it) => it.id);

function mapOf(...cases: ListedCase[]): CasePoints {
  const points = new CasePoints();
  points.list(cases, points.ask());
  return points;
}

test("a case that is closed leaves the map, one that opens comes onto it", () => {
  const points = mapOf(listed("a"), { id: "b", overdue: false, position: null });
  points.move(moved("c", "open", true));
  points.move(moved("a", "closed"));
  assert.deepEqual(points.all().map(({ id, overdue }) => [id, overdue]), [["c", true]]);
});

test("a list that comes late does not undo what moved meanwhile", () => {
  const points = mapOf();
  const asked = points.ask();
  points.move(moved("a", "open", true));
  points.move(moved("b", "closed"));
  points.list([listed("a", false), listed("b")], asked);
  assert.deepEqual(points.all().map(({ id, overdue }) => [id, overdue]), [["a", true]], "nor does it open again what was closed");
});

test("after a lost connection what closed is gone and what opened is there", () => {
  const points = mapOf(listed("closed while away"), listed("still open"));
  points.move(moved("moved before", "open"));
  points.list([listed("still open"), listed("opened while away")], points.ask());
  assert.deepEqual(ids(points), ["still open", "opened while away"]);
});

test("of two lists the one that was asked for last counts, whichever comes first", () => {
  const points = mapOf();
  const [first, second] = [points.ask(), points.ask()];
  assert.equal(points.list([listed("new")], second), true);
  assert.equal(points.list([listed("old")], first), false);
  assert.deepEqual(ids(points), ["new"]);
});

test("a busy city does not fill the map without end, and says when it is full", () => {
  const points = mapOf(...Array.from({ length: POINTS_MAX + 9 }, (_, index) => listed(String(index))));
  assert.equal(points.all().length, POINTS_MAX);
  assert.equal(points.move(moved("one more", "open")), false);
  assert.equal(points.move(moved("0", "open", true)), true);
  points.list([listed("0")], points.ask());
  assert.equal(points.move(moved("one more", "open")), true);
});
