// A line that breaks in the middle or is slow: what was sent counts once.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { visit } from "./city.mjs";
import { city, closeTown, emptied, fillVerify, goOffline, GRID, GRID_LEADER, keepToday, kept, line, openTown, report, timesInTimeline, writeNote } from "./phone.mjs";

before(openTown);
beforeEach(() => line.mend());
after(closeTown);

test("an answer lost on the way is no second step", async () => {
  const address = await report("回答丢失的路灯");
  const page = await visit(city, GRID_LEADER);
  await page.goto(address);
  const form = await fillVerify(page, "答复丢失也只算一次");
  const lostBefore = line.lost;
  line.losesAnswers = true;
  await form.locator("button.button").last().click();
  await kept(page);
  assert.ok(line.lost > lostBefore, "the server had it, and its answer was lost");
  assert.equal(await timesInTimeline(address, "只算一次"), 1, "it counts already");
  line.mend();
  await page.goto("/outbox");
  await emptied(page);
  assert.equal(await timesInTimeline(address, "只算一次"), 1);

  await page.goto(`/report?area=${GRID}`);
  await page.locator("textarea[name=description]").fill("回答丢失的上报");
  await page.locator("select[name=class]").selectOption("c1-street-lamp");
  line.losesAnswers = true;
  await page.locator("#send").click();
  await kept(page);
  line.mend();
  await page.goto("/outbox");
  await emptied(page);
  await page.goto("/cases?status=open");
  assert.equal(await page.locator(".case-row__title", { hasText: "回答丢失的上报" }).count(), 1);
  await page.context().close();
});

test("a form that was cut off in the middle is sent again whole, and counts once", async () => {
  const address = await report("发到一半断了的路灯");
  const page = await visit(city, GRID_LEADER);
  await page.goto(address);
  const form = await fillVerify(page, "发到一半断线的核实");
  line.cutsFormsAt = 6_000;
  await form.locator("button.button").last().click();
  await kept(page);
  assert.ok(line.halves > 0, "the server had a part of it");
  assert.equal(await timesInTimeline(address, "发到一半断线"), 0, "a part is nothing");
  // From the outbox it is cut off as well: other things would still be sent, and this one again.
  const before = line.halves;
  await page.goto("/outbox");
  await page.locator("[data-outbox-send] button").click();
  await page.locator("[data-outbox-news]", { hasText: "过一会儿" }).waitFor();
  assert.ok(line.halves > before);
  line.mend();
  await page.locator("[data-outbox-send] button").click();
  await emptied(page);
  assert.equal(await timesInTimeline(address, "发到一半断线"), 1);
  await page.goto(address);
  assert.equal(await page.locator(".photos img").count(), 1, "with its photo");
  await page.context().close();
});

test("a slow line carries a step with its photo, and the page waits for it", async () => {
  const address = await report("网很慢的路灯");
  const page = await visit(city, GRID_LEADER);
  await page.goto(address);
  const form = await fillVerify(page, "网很慢也送到");
  line.bytesPerSecond = 20_000;
  await form.locator("button.button").last().click();
  await page.locator("form.is-sending").waitFor();
  assert.equal(await form.locator("button.button").last().getAttribute("aria-disabled"), "true", "a second press does nothing");
  await page.waitForURL(/moved=1/);
  line.mend();
  assert.equal(await timesInTimeline(address, "网很慢也送到"), 1);
  await page.context().close();
});

test("two pages that send at once send each thing once, in order", async () => {
  const address = await report("两个页面一起发");
  const page = await visit(city, GRID_LEADER);
  await keepToday(page, address);
  await goOffline(page);
  for (const number of [1, 2, 3]) {
    await page.goto(address);
    await writeNote(page, address, `第${number}条备注`);
  }
  await page.goto("/outbox");
  const other = await page.context().newPage();
  await other.goto("/outbox");
  line.mend();
  line.delayMs = 150;
  await page.context().setOffline(false);
  const press = (it) => it.locator("[data-outbox-send] button").click({ timeout: 2_000 }).catch(() => undefined);
  await Promise.all([press(page), press(other)]);
  await Promise.all([emptied(page), emptied(other)]);
  for (const number of [1, 2, 3]) assert.equal(await timesInTimeline(address, `第${number}条备注`), 1, `note ${number}`);
  line.mend();
  await page.goto(address);
  const notes = (await page.locator(".timeline__item", { hasText: "条备注" }).allInnerTexts()).map((it) => /第(\d)条/.exec(it)[1]);
  assert.deepEqual(notes, ["3", "2", "1"], "latest first, as they were written");
  await page.context().close();
});
