import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOfPage, reasonOfPage, type PageAnswer } from "./answer";

const answer = (more: Partial<PageAnswer>): PageAnswer => ({ status: 200, redirected: true, path: "/cases/1", account: "a", ...more });

test("a form counts as taken where it led on to a page of whoever sent it", () => {
  assert.equal(outcomeOfPage(answer({}), "a"), "taken");
  assert.equal(outcomeOfPage(answer({ account: "" }), ""), "taken", "a resident without an account");
  assert.equal(outcomeOfPage(answer({ account: "b" }), ""), "taken", "who has signed in since");
  assert.equal(outcomeOfPage(answer({ redirected: false }), "a"), "shown");
});

test("a session that has ended is never taken for a form that was", () => {
  assert.equal(outcomeOfPage(answer({ path: "/sign-in", account: "" }), "a"), "sign-in");
  assert.equal(outcomeOfPage(answer({ path: "/sign-in", account: "" }), ""), "sign-in");
  assert.equal(outcomeOfPage(answer({ status: 401, redirected: false, account: "" }), "a"), "sign-in");
});

test("where somebody else has signed in since, nothing was taken, whatever page is shown", () => {
  assert.equal(outcomeOfPage(answer({ status: 401, redirected: false, path: "/report", account: "b" }), "a"), "other-account");
  assert.equal(outcomeOfPage(answer({ path: "/report", account: "b" }), "a"), "other-account");
});

test("a portal is not the city, wherever it leads", () => {
  assert.equal(outcomeOfPage(answer({ account: null }), "a"), "later");
  assert.equal(outcomeOfPage(answer({ account: null, redirected: false }), ""), "later");
});

test("who must look is shown the page, and what only has to wait waits", () => {
  for (const status of [403, 404, 409, 422, 500]) assert.equal(outcomeOfPage(answer({ status, redirected: false }), "a"), "shown", `${status}`);
  for (const status of [429, 502, 503, 507]) assert.equal(outcomeOfPage(answer({ status, redirected: false, account: "" }), "a"), "later", `${status}`);
});

test("a refusal is told with the sentence that explains it", () => {
  assert.equal(reasonOfPage("Things have moved on", ["The case has gone on to\n another stage"], 409), "Things have moved on · The case has gone on to another stage");
  assert.equal(reasonOfPage(null, [null, " "], 502), "502");
});
