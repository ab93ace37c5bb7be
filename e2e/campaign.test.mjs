// A city asks its villages by a day: a clerk fills in online, sends while the network is cut, and the city's total moves when the
// phone sends it later.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, sound, visit } from "./city.mjs";
import { city, closeTown, goOffline, goOnline, openTown } from "./phone.mjs";

before(openTown);
after(closeTown);

const CLERK = { role: "grid_supervisor" };
const office = () => visit({ ...city, base: city.direct }, { role: "commander", viewport: DESK });

async function campaign(page) {
  await page.goto("/campaigns");
  await sound(page);
  const address = await page.locator("#campaigns .rows a").first().getAttribute("href");
  await page.goto(address);
  await sound(page);
  return address;
}

/** Arrived and silent, as the city's page shows them now. */
async function total(page, address) {
  await page.goto(address);
  const numbers = await page.locator(".campaign-doors .door__number").allInnerTexts();
  return numbers.slice(1, 3).map(Number);
}

const next = async (page) => {
  const moved = page.waitForEvent("framenavigated");
  await page.locator("button.button--primary[value=next]").click();
  await moved;
  await page.waitForLoadState();
};

test("what a village filled in online and sent without network waits on the phone, and the city's total moves when it is back", async () => {
  const desk = await office();
  const address = await campaign(desk);
  const [arrived, silent] = await total(desk, address);
  const page = await visit(city, CLERK);
  await page.goto("/today");
  await sound(page);
  assert.match(await page.locator("#asked + *, section[aria-labelledby=asked]").first().innerText(), /冬季保供摸底/);
  await page.locator("section[aria-labelledby=asked] form[action$='/begin'] button").click();
  await page.waitForURL(/drafts/);
  await sound(page);
  await page.locator("[name='/data/base/households']").fill("420");
  await page.locator("[name='/data/base/alone']").fill("500");
  await page.locator("input[name='/data/base/heating'][value=central]").check();
  await next(page);
  assert.match(await page.locator(".error-summary").innerText(), /不能多于常住户数/);
  await page.locator("[name='/data/base/alone']").fill("31");
  await next(page);
  await page.waitForURL(/page=1/);
  await page.locator("input[name='/data/roads/plough'][value=yes]").check();
  await next(page);
  await page.waitForURL(/page=2/);
  await goOffline(page);
  await page.locator("form[action$='/send'] button").click();
  await page.locator("[data-kept]").waitFor();
  assert.deepEqual(await total(desk, address), [arrived, silent], "nothing has come yet");

  await goOnline(page);
  await page.goto("/outbox");
  await page.locator("[data-outbox-none]:not([hidden])").waitFor();
  assert.deepEqual(await total(desk, address), [arrived + 1, silent - 1]);
  await page.goto("/forms");
  assert.match(await page.locator("#asked").innerText(), /有效/);
  await sound(page);
  await page.locator("#asked a[href*='/records/']").click();
  await page.waitForURL(/records/);
  assert.match(await page.locator("main").innerText(), /420/);
  await sound(page);
  await page.context().close();
  await desk.context().close();
});

test("the office opens the analysis of a campaign, crosses two questions, weighs units alike and searches what was written", async () => {
  const desk = await office();
  await campaign(desk);
  await desk.locator("a[href*='/analysis?campaign=']").first().click();
  await desk.waitForURL(/analysis/);
  await sound(desk);
  assert.match(await desk.locator("main").innerText(), /取暖方式以哪种为主/);
  await desk.locator("#rows").selectOption("/data/base/heating");
  await desk.locator("#columns").selectOption("area");
  await desk.locator("#weights").selectOption("units");
  await desk.locator(".analysis-form .button--primary").click();
  await desk.waitForURL(/columns=area/);
  await sound(desk);
  assert.match(await desk.locator(".cross-table").innerText(), /集中供热[\s\S]*合计/);
  assert.match(await desk.locator("dl.facts").innerText(), /相当于/);
  await desk.locator("a[href*='/analysis/answers']").first().click();
  await desk.waitForURL(/answers/);
  await sound(desk);
  await desk.locator("#text").fill("路灯　不亮");
  await desk.locator("form[role=search] .button--primary").click();
  await desk.waitForURL(/text=/);
  await sound(desk);
  assert.deepEqual([...new Set(await desk.locator("mark").allInnerTexts())], ["路灯不亮"]);
  await desk.locator("#text").fill("wifi");
  await desk.locator("form[role=search] .button--primary").click();
  await desk.waitForURL(/text=wifi/);
  assert.match(await desk.locator("mark").first().innerText(), /ＷＩＦＩ/);
  await desk.locator(".analysis-texts a").first().click();
  await desk.waitForURL(/records/);
  await desk.context().close();
  // The same on a phone, in the other language.
  const phone = await visit({ ...city, base: city.direct }, { role: "commander", language: "en", script: false });
  await phone.goto("/forms/winter_supply/analysis?rows=%2Fdata%2Fbase%2Fheating&columns=%2Fdata%2Froads%2Fplough");
  assert.match(await phone.locator("h2").allInnerTexts().then((it) => it.join()), /How do most people heat\?/);
  await phone.context().close();
});

test("the office finds the silent ones by one press, reminds them, and sees who was told", async () => {
  const desk = await visit({ ...city, base: city.direct }, { role: "leader", language: "en" });
  const address = await campaign(desk);
  await desk.locator(".campaign-doors a[href*='show=silent']").click();
  await desk.waitForURL(/show=silent/);
  await sound(desk);
  const count = Number(await desk.locator(".chip[aria-current] .chip__count").innerText());
  assert.equal(await desk.locator("#units .row").count(), Math.min(count, 50));
  await desk.locator("form[action$='/remind'] .button--primary").click();
  await desk.waitForURL(/news=reminded/);
  assert.match(await desk.locator("[role=status]").innerText(), /reminded/);
  await desk.goto(address);
  await desk.locator("summary", { hasText: "Reminders" }).click();
  assert.match(await desk.locator("main").innerText(), /Reminded/);
  await sound(desk);
  await desk.context().close();
});
