// A unit's report by hand on a phone, and those of many units on one sheet: what does not fit is told, and nothing changes unseen.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DESK, openCity, PHONE, sound, visit } from "./city.mjs";

const MONTH = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 7).replace("-", "");
const REPORT = `/statistics/data-sets/duty/report?area=150902001&period=${MONTH}`;
const PROGRESS = `/statistics/data-sets/duty?area=150902&period=${MONTH}`;
let city;

before(async () => (city = await openCity()));
after(() => city?.close());

test("a report that does not fit together wants a word, and the county sees who has reported", async () => {
  const page = await visit(city, { role: "leader", viewport: PHONE });
  await page.goto("/statistics/data-sets");
  await sound(page);
  await page.goto(REPORT);
  await sound(page);
  for (const [field, value] of [["TEAMS", "5"], ["CHECKPOINTS", "2"], ["VOLUNTEERS", "3"]]) await page.locator(`#${field}`).fill(value);
  await page.locator("main form .button--primary").click();
  await page.locator("#broken-title").waitFor();
  assert.equal(await page.locator("#TEAMS").inputValue(), "5", "nothing that was typed is lost");
  await sound(page);
  await page.locator("#reason").fill("两支队伍由干部组成");
  await page.locator("main form .button--primary").click();
  await page.locator("[role=status]", { hasText: "已登记 3 项" }).waitFor();
  await page.goto(PROGRESS);
  await page.locator("tr", { hasText: "新体路街道" }).locator("text=按时报齐").waitFor();
  await sound(page);
  await page.context().close();
});

test("the sheet that is downloaded is sent back, looked at, and changes nothing until somebody says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "olzii-sheet-"));
  try {
    for (const [viewport, language] of [[PHONE, "zh-Hans"], [DESK, "en"]]) {
      const page = await visit(city, { role: "leader", viewport, language });
      await page.goto(PROGRESS);
      await sound(page);
      const loaded = page.waitForEvent("download");
      await page.locator("main a[download]").click();
      const sheet = join(folder, `${language}.xlsx`);
      await (await loaded).saveAs(sheet);
      await page.locator("#file").setInputFiles(sheet);
      await page.locator("form:has(#file) .button--primary").click();
      await page.waitForURL(/\/statistics\/uploads\//);
      await page.locator("main", { hasText: language === "en" ? "0 to change, 3 as they are" : "改动 0 项，3 项与现有数字相同" }).waitFor();
      await page.locator("main details summary").click();
      await sound(page);
      // What a column means is the reader's to say: the checkpoints as teams are another number.
      await page.locator("#c2").selectOption("CHECKPOINTS");
      await page.locator("#c3").selectOption("TEAMS");
      await page.locator("main details form button").click();
      await page.locator("#changes-title").waitFor();
      await sound(page);
      await page.context().close();
    }
    const page = await visit(city, { role: "leader", viewport: PHONE });
    await page.goto(REPORT);
    assert.equal(await page.locator("#TEAMS").inputValue(), "5");
    await page.context().close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
