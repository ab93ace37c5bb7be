import assert from "node:assert/strict";
import { test } from "node:test";
import { restoredOf } from "./restore";

const fields: Array<[string, string]> = [
  ["request", "an old id"],
  ["organization", "lead"],
  ["supporting", "water"],
  ["supporting", "power"],
  ["finding", "exists"],
  ["note", "现场看过"],
];
const box = (name: string, value: string) => ({ name, type: "checkbox", value });

test("all bodies that were to support are ticked again, and no other", () => {
  const ticked = ["roads", "water", "heat", "power"].filter((it) => restoredOf(fields, box("supporting", it)) === true);
  assert.deepEqual(ticked, ["water", "power"]);
});

test("a tick that was taken away stays away", () => {
  assert.equal(restoredOf(fields, box("public", "yes")), false);
});

test("texts and choices come back, one-time ids and photos do not", () => {
  assert.equal(restoredOf(fields, { name: "note", type: "textarea", value: "" }), "现场看过");
  assert.equal(restoredOf(fields, { name: "organization", type: "select-one", value: "" }), "lead");
  assert.equal(restoredOf(fields, { name: "finding", type: "radio", value: "exists" }), true);
  assert.equal(restoredOf(fields, { name: "ground", type: "select-one", value: "" }), null);
  assert.equal(restoredOf(fields, { name: "request", type: "text", value: "a new id" }), null);
  assert.equal(restoredOf([["photos", "a.jpg"]], { name: "photos", type: "file", value: "" }), null);
});
