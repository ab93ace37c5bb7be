import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf, ready, reasonOf, subjectOf, type Entry } from "./outbox";

const entry = (sequence: number, action: string, kind: "waiting" | "refused" = "waiting"): Entry => ({
  sequence,
  account: "a",
  keptAt: 0,
  action,
  page: action,
  title: "",
  fields: [],
  shown: [],
  state: kind === "waiting" ? { kind, attempts: 0 } : { kind, reason: "" },
});

test("only the city's own word counts as taken", () => {
  assert.equal(outcomeOf(200, "/cases/1"), "taken");
  assert.equal(outcomeOf(200, undefined), "later", "a portal answers 200 to everything");
  assert.equal(outcomeOf(0, undefined), "later");
  assert.equal(outcomeOf(303, undefined), "later");
});

test("who must look is told from what only has to wait", () => {
  for (const status of [403, 404, 409, 413, 415, 422, 500]) assert.equal(outcomeOf(status, undefined), "refused", `${status}`);
  for (const status of [408, 429, 502, 503, 504, 507]) assert.equal(outcomeOf(status, undefined), "later", `${status}`);
  assert.equal(outcomeOf(401, undefined), "sign-in");
});

test("a problem is told by its fields, else by its detail, else by its title", () => {
  const errors = [{ field: "photos", message: "At least one" }, { field: "note", message: "Needed" }];
  assert.equal(reasonOf({ title: "Wrong", errors }), "At least one · Needed");
  assert.equal(reasonOf({ title: "Moved", detail: "It has gone on" }), "It has gone on");
  assert.equal(reasonOf({ title: "Not here" }), "Not here");
  assert.equal(reasonOf("<html>"), null);
  assert.equal(reasonOf({}), null);
});

test("entries go in the order they were kept; what follows a refused one in the same case waits", () => {
  const entries = [entry(3, "/cases/a/notes"), entry(1, "/cases/a/verify", "refused"), entry(2, "/cases/b/close"), entry(4, "/report")];
  assert.deepEqual(ready(entries).map((it) => it.sequence), [2, 4]);
  assert.deepEqual(ready([entry(2, "/cases/a/x"), entry(1, "/cases/a/y")]).map((it) => it.sequence), [1, 2]);
});

test("one refused report holds no other back", () => {
  assert.notEqual(subjectOf(entry(1, "/report")), subjectOf(entry(2, "/report")));
  assert.deepEqual(ready([entry(1, "/report", "refused"), entry(2, "/report")]).map((it) => it.sequence), [2]);
});
