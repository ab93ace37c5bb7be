// A clerk fills in a form on a phone, page by page; the office that asks gives it back, and it is mended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, openCity, sound, visit } from "./city.mjs";

let city;
before(async () => {
  city = await openCity();
});
after(() => city?.close());

const CLERK = { role: "grid_leader" };
const next = async (page) => {
  const moved = page.waitForEvent("framenavigated");
  await page.locator("button.button--primary[value=next]").click();
  await moved;
  await page.waitForLoadState();
};

test("a form is answered page by page, and what is wrong is told where it is", async () => {
  const page = await visit(city, CLERK);
  await page.goto("/forms");
  await sound(page);
  await page.locator("form[action$='/begin'] button").first().click();
  await page.waitForURL(/drafts/);
  await sound(page);
  await page.locator("[name='/data/base/code']").fill("123");
  await page.locator("[name='/data/base/households']").fill("100");
  await page.locator("input[name='/data/base/branch'][value=yes]").check();
  await next(page);
  assert.equal(await page.locator("[name='/data/base/members']").count(), 1, "an answer makes a question of it");
  await next(page);
  assert.match(await page.locator(".error-summary").innerText(), /14 或 15 位数字/);
  await sound(page);
  await page.locator("[name='/data/base/code']").fill("150902001001001");
  await page.locator("[name='/data/base/people']").fill("260");
  await page.locator("[name='/data/base/members']").fill("12");
  await page.locator("input[name='/data/base/posts'][value=leader]").check();
  await next(page);

  // The phone dies here: what was kept is there on another one.
  const address = page.url();
  await page.context().close();
  const other = await visit(city, { ...CLERK, script: false });
  await other.goto(address);
  await other.locator("input[name='/data/shop[1]/kind'][value=food]").check();
  await other.locator("button[value='add:/data/shop']").click();
  await other.waitForLoadState();
  await other.locator("input[name='/data/shop[2]/kind'][value=retail]").check();
  await next(other);
  assert.match(await other.locator("main").innerText(), /户均 2.6 人，商户 2 家/);
  await other.locator("[name='/data/end/on']").fill("2026-01-31");
  await next(other);
  assert.match(await other.locator("main").innerText(), /要填的都填好了/);
  await other.locator("form[action$='/send'] button").click();
  await other.waitForURL(/sent=valid/);
  await other.context().close();
});

test("an office reads what was sent, gives it back with grounds, and its author mends it", async () => {
  const office = await visit(city, { role: "leader", viewport: DESK });
  await office.goto("/forms/office");
  await sound(office);
  await office.locator("a[href$='/forms/grid_annual/records']").click();
  await office.waitForURL(/records/);
  await sound(office);
  await office.locator(".rows a").first().click();
  await office.waitForLoadState();
  assert.match(await office.locator("main").innerText(), /餐饮/);
  await sound(office);
  await office.locator("#body").fill("从业人数漏填，请补上");
  await office.locator("button[value=hasIssues]").click();
  await office.waitForLoadState();
  await office.context().close();

  const page = await visit(city, { ...CLERK, language: "en" });
  await page.goto("/notices");
  await page.locator("a[href='/forms']", { hasText: "given back" }).click();
  await page.waitForURL(/forms/);
  assert.match(await page.locator("main").innerText(), /从业人数漏填，请补上/);
  await sound(page);
  await page.locator("form[action$='/mend'] button").first().click();
  await page.waitForURL(/drafts/);
  assert.equal(await page.locator("h1").innerText(), "The grid", "it is asked in the language of its author");
  await next(page);
  await page.locator("[name='/data/shop[1]/staff']").fill("4");
  await next(page);
  await next(page);
  await page.locator("form[action$='/send'] button").click();
  await page.waitForURL(/sent=valid/);
  await page.context().close();
});

test("a form that is sent without network waits on the phone, and the office's count moves when it is back", async () => {
  const office = await visit(city, { role: "leader", viewport: DESK });
  const count = async () => {
    await office.goto("/forms/grid_annual/records");
    return Number(await office.locator("dl.facts dd").first().innerText());
  };
  const before = await count();
  const page = await visit(city, CLERK);
  await page.goto("/forms");
  await page.locator("form[action$='/begin'] button").first().click();
  await page.waitForURL(/drafts/);
  await page.locator("[name='/data/base/code']").fill("150902001001002");
  await page.locator("[name='/data/base/households']").fill("80");
  await page.locator("[name='/data/base/people']").fill("170");
  await page.locator("input[name='/data/base/branch'][value=no]").check();
  await page.context().setOffline(true);
  await page.locator("button.button--primary[value=next]").click();
  await page.locator("[data-send-status]").waitFor();
  assert.equal(await page.locator("[name='/data/base/people']").inputValue(), "170", "what was written stays on the page");
  await page.context().setOffline(false);
  await next(page);
  await page.waitForURL(/page=1/);
  await page.locator("button[value='remove:/data/shop[1]']").click();
  await page.locator("button[value^='remove:']").waitFor({ state: "detached" });
  await next(page);
  await page.waitForURL(/page=2/);
  await page.locator("[name='/data/end/on']").fill("2026-01-31");
  await next(page);
  await page.waitForURL(/page=3/);
  await page.context().setOffline(true);
  await page.locator("form[action$='/send'] button").click();
  await page.locator("[data-kept]").waitFor();
  assert.equal(await count(), before);
  await page.context().setOffline(false);
  await page.goto("/outbox");
  await page.locator("[data-outbox-none]:not([hidden])").waitFor();
  assert.equal(await count(), before + 1);
  await page.context().close();
  await office.context().close();
});
