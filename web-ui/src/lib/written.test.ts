import assert from "node:assert/strict";
import { test } from "node:test";
import { isWritten } from "./written";

const select = (defaults: boolean[], chosen: number) => ({
  type: "select-one",
  value: String(chosen),
  options: defaults.map((defaultSelected, index) => ({ defaultSelected, selected: index === chosen })),
});

test("words, ticks and photos that the page did not come with are somebody's writing", () => {
  assert.equal(isWritten({ type: "textarea", value: "三日内办结", defaultValue: "" }), true);
  assert.equal(isWritten({ type: "text", value: "", defaultValue: "was there" }), true);
  assert.equal(isWritten({ type: "checkbox", value: "yes", defaultValue: "yes", checked: true, defaultChecked: false }), true);
  assert.equal(isWritten({ type: "radio", value: "1", defaultValue: "1", checked: false, defaultChecked: true }), true);
  assert.equal(isWritten({ type: "file", value: "C:\\fakepath\\a.jpg", defaultValue: "", files: { length: 1 } }), true);
});

test("a choice is writing too, whether the page chose one or the browser the first", () => {
  assert.equal(isWritten(select([false, false, false], 0)), false);
  assert.equal(isWritten(select([false, false, false], 2)), true);
  assert.equal(isWritten(select([false, true, false], 1)), false);
  assert.equal(isWritten(select([false, true, false], 0)), true);
});

test("what the page came with is nobody's writing", () => {
  assert.equal(isWritten({ type: "textarea", value: "as it came", defaultValue: "as it came" }), false);
  assert.equal(isWritten({ type: "checkbox", checked: true, defaultChecked: true }), false);
  assert.equal(isWritten({ type: "file", value: "", defaultValue: "", files: { length: 0 } }), false);
  assert.equal(isWritten({ type: "hidden", value: "a new id", defaultValue: "" }), false);
});
