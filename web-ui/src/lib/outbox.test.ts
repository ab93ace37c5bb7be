import assert from "node:assert/strict";
import { test } from "node:test";
import { dueIn, ENTRY_RETRY_MAX_MS, heldBack, nextToSend, outcomeOf, reasonOf, subjectOf, triedOnce, type Entry } from "./outbox";

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

/** Sequences in the order in which a round sends them, each answered as `answers` says: taken where it says nothing. */
function round(entries: readonly Entry[], answers: Record<number, "later" | "refused"> = {}, now = 0): number[] {
  const [tried, sent] = [new Set<string>(), [] as number[]];
  let left = [...entries];
  for (let next = nextToSend(left, tried, now); next; next = nextToSend(left, tried, now)) {
    const { sequence } = next;
    sent.push(sequence);
    if (answers[sequence] === "later") tried.add(subjectOf(next));
    left = left.flatMap((it) => (it.sequence !== sequence ? [it] : answers[sequence] ? [{ ...it, state: answers[sequence] === "refused" ? { kind: "refused", reason: "" } : triedOnce(it, true, now, 0) }] : []));
    assert.ok(sent.length <= entries.length, `goes round: ${sent}`);
  }
  return sent;
}

test("entries go in the order they were kept; what follows a refused one in the same case waits", () => {
  const entries = [entry(3, "/cases/a/notes"), entry(1, "/cases/a/verify", "refused"), entry(2, "/cases/b/close"), entry(4, "/report")];
  assert.deepEqual(round(entries), [2, 4]);
  assert.deepEqual(round([entry(2, "/cases/a/x"), entry(1, "/cases/a/y")]), [1, 2]);
  assert.deepEqual(round([entry(1, "/cases/a/y"), entry(2, "/cases/a/x")], { 1: "refused" }), [1]);
});

test("one that cannot be sent holds up its own case and nothing else", () => {
  const entries = [entry(1, "/cases/a/verify"), entry(2, "/cases/a/notes"), entry(3, "/cases/b/close"), entry(4, "/report")];
  assert.deepEqual(round(entries, { 1: "later" }), [1, 3, 4]);
});

test("one that cannot be sent is tried again later and later, by itself; a person's word goes before", () => {
  let stuck = entry(1, "/cases/a/verify");
  const waits: number[] = [];
  for (let time = 0; time < 12; time += 1) {
    stuck = { ...stuck, state: triedOnce(stuck, true, 0, 0.5) };
    waits.push(dueIn([stuck], 0)!);
  }
  assert.ok(waits.every((it, index) => it > 0 && it >= (waits[index - 1] ?? 0)), `${waits}`);
  assert.ok(waits[0]! < 1_000 && waits.at(-1)! > ENTRY_RETRY_MAX_MS / 2 && waits.at(-1)! <= ENTRY_RETRY_MAX_MS, `${waits}`);
  assert.deepEqual(round([stuck, entry(2, "/report")]), [2], "others do not wait for it");
  assert.deepEqual(round([stuck], {}, waits.at(-1)!), [1]);
  assert.deepEqual(round([stuck], {}, Infinity), [1]);
  assert.equal(stuck.state.kind === "waiting" && stuck.state.attempts, 12);
  const cut = { ...stuck, state: triedOnce(stuck, false, 0, 0.5) };
  assert.equal(dueIn([cut], 0), 0, "without network nobody waits longer than the network is away");
});

test("only what waits for a time has one to wait for", () => {
  assert.equal(dueIn([entry(1, "/cases/a/x", "refused"), entry(2, "/cases/a/y")], 0), null);
  assert.equal(dueIn([entry(1, "/cases/a/x", "refused"), entry(2, "/report")], 0), 0);
});

test("what waits behind a refused one is told from what waits for a network", () => {
  const entries = [entry(1, "/cases/a/verify", "refused"), entry(2, "/cases/a/notes"), entry(3, "/cases/b/close"), entry(4, "/report", "refused"), entry(5, "/report")];
  assert.deepEqual([...heldBack(entries)], [2]);
});

test("one refused report holds no other back", () => {
  assert.notEqual(subjectOf(entry(1, "/report")), subjectOf(entry(2, "/report")));
  assert.deepEqual(round([entry(1, "/report", "refused"), entry(2, "/report")]), [2]);
});
