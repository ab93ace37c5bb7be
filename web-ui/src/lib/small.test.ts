import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { relative } from "./age";
import { isStale, RETRY_MAX_MS, retryDelay } from "./backoff";
import { newUuid, uuidFromBytes } from "./identity";
import { format } from "./message";
import { fitWithin, needsShrinking, PHOTO_EDGE_MAX_PX } from "./size";

// Browsers have it; Node 18, which Debian 12 ships, does not.
globalThis.crypto ??= webcrypto as Crypto;

test("a client-made id is a version 4 UUID whatever the chance", () => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  for (const byte of [0, 255]) assert.match(uuidFromBytes(new Uint8Array(16).fill(byte)), pattern);
  assert.match(newUuid(), pattern);
  assert.notEqual(newUuid(), newUuid());
  assert.throws(() => uuidFromBytes(new Uint8Array(15)), RangeError);
});

test("a photo keeps its proportions and is never enlarged", () => {
  assert.deepEqual(fitWithin(4000, 3000, PHOTO_EDGE_MAX_PX), { width: 2560, height: 1920 });
  assert.deepEqual(fitWithin(3000, 4000, PHOTO_EDGE_MAX_PX), { width: 1920, height: 2560 });
  assert.deepEqual(fitWithin(800, 600, PHOTO_EDGE_MAX_PX), { width: 800, height: 600 });
  assert.deepEqual(fitWithin(100_000, 1, PHOTO_EDGE_MAX_PX), { width: 2560, height: 1 });
  assert.equal(needsShrinking(800, 600, 200_000), false);
  assert.equal(needsShrinking(800, 600, 9_000_000), true);
  assert.equal(needsShrinking(2561, 10, 1), true);
});

test("waiting doubles up to its limit and is spread", () => {
  assert.equal(retryDelay(0, 0), 500);
  assert.equal(retryDelay(2, 0), 2000);
  assert.ok(retryDelay(2, 0.99) > retryDelay(2, 0));
  assert.ok(retryDelay(10_000, 0.999) <= RETRY_MAX_MS);
});

test("one failure is a blink, two in a row are said", () => {
  assert.deepEqual([0, 1, 2, 9].map(isStale), [false, false, true, true]);
});

test("an age is said in the page's language", () => {
  assert.equal(relative(-125, "en"), "2 minutes ago");
  assert.equal(relative(3 * 3600 + 1, "zh-Hans"), "3小时后");
  assert.equal(relative(-40 * 86400, "en"), "last month");
});

test("a missing text shows as its key and a missing value as its place", () => {
  const messages = { "map.age": "数据更新于{age}" };
  assert.equal(format(messages, "map.age", { age: "现在" }), "数据更新于现在");
  assert.equal(format(messages, "map.age"), "数据更新于{age}");
  assert.equal(format(messages, "absent"), "absent");
});

test("one is said as one, where the language does", () => {
  const tried = { "outbox.attempts": "Tried {count} times", "outbox.attempts.one": "Tried once" };
  const english = { language: "en", ...tried };
  assert.deepEqual([0, 1, 2, 21].map((count) => format(english, "outbox.attempts", { count })), ["Tried 0 times", "Tried once", "Tried 2 times", "Tried 21 times"]);
  const chinese = { language: "zh-Hans", "outbox.attempts": "已试过 {count} 次", "outbox.attempts.one": "已试过 {count} 次" };
  assert.equal(format(chinese, "outbox.attempts", { count: 1 }), "已试过 1 次");
  assert.equal(format(english, "outbox.attempts", { count: "1" }), "Tried 1 times", "a number that is written as text is a text");
});
