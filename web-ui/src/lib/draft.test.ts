import assert from "node:assert/strict";
import { test } from "node:test";
import { DRAFT_AGE_MAX_MS, draftOf, parseDraft, type Control } from "./draft";

const control = (name: string, value: string, more: Partial<Control> = {}): Control => ({
  name,
  value,
  type: "text",
  keep: true,
  ...more,
});

test("a draft holds the report and never who wrote it", () => {
  const draft = draftOf(
    "an-id",
    [
      control("description", "路灯不亮", { type: "textarea" }),
      control("class", "lighting", { type: "radio", checked: true }),
      control("class", "road", { type: "radio", checked: false }),
      control("phone", "13800000000", { type: "tel" }),
      control("contact", "13800000000", { autocomplete: "section-a tel-national tel" }),
      control("reporter", "someone", { autocomplete: "name" }),
      control("csrf", "secret", { type: "hidden" }),
      control("unmarked", "text", { keep: false }),
    ],
    1000,
  );
  assert.deepEqual(draft, { id: "an-id", savedAt: 1000, fields: { description: "路灯不亮", class: "lighting" } });
});

test("an untouched form leaves no draft", () => {
  assert.equal(draftOf("an-id", [control("description", "  "), control("place", "")], 0), null);
});

test("a draft comes back as it was, until it is too old", () => {
  const draft = draftOf("an-id", [control("description", "ice")], 5000);
  const stored = JSON.stringify(draft);
  assert.deepEqual(parseDraft(stored, 5000 + DRAFT_AGE_MAX_MS), draft);
  assert.equal(parseDraft(stored, 5001 + DRAFT_AGE_MAX_MS), null);
});

test("what is not a draft is no draft", () => {
  for (const text of [null, "", "{", "null", "7", '{"id":1}', '{"id":"x","savedAt":1,"fields":{"a":2}}']) {
    assert.equal(parseDraft(text, 1), null, String(text));
  }
});
