// The wall of a command centre, by keyboard, while cases move and the network goes away.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, PHONE, sound, visit } from "./city.mjs";
import { city, closeTown, line, openTown, report } from "./phone.mjs";

const TABLET = { width: 768, height: 1024 };
const WALL = { width: 3840, height: 2160 };

before(openTown);
after(closeTown);

for (const [language, viewport, scheme] of [["zh-Hans", DESK, "light"], ["en", TABLET, "dark"], ["en", PHONE, "light"], ["zh-Hans", WALL, "dark"]]) {
  test(`the wall is sound in ${language} at ${viewport.width} px, ${scheme}`, async () => {
    const page = await visit(city, { role: "commander", viewport, language });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.goto("/command/wall");
    await page.locator("[data-wall-panel]").nth(3).waitFor();
    // What is left out is painted last: the map.
    await page.waitForTimeout(process.env.OLZII_SHOTS ? 3_000 : 0);
    await sound(page);
    if (viewport.width >= 1440) {
      const height = await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
      assert.ok(height <= 0, "all of it is seen at once");
    }
    if (process.env.OLZII_SHOTS) await page.screenshot({ path: `${process.env.OLZII_SHOTS}/wall-${language}-${viewport.width}-${scheme}.png`, fullPage: true });
    await page.context().close();
  });
}

test("each number of the wall opens a list of as many cases", async () => {
  const page = await visit(city, { role: "commander", viewport: DESK });
  await page.goto("/command/wall");
  const doors = await page.locator('#wall-panels a[href^="/command/cases"]').evaluateAll((links) => links.map((it) => [it.getAttribute("href"), Number(it.textContent.replaceAll(",", ""))]));
  assert.ok(doors.length >= 8, `${doors}`);
  for (const [address, number] of doors) {
    let count = 0;
    for (let next = address; next; ) {
      await page.goto(next);
      count += await page.locator(".case-row").count();
      next = (await page.locator("a[rel=next]").count()) ? await page.locator("a[rel=next]").getAttribute("href") : null;
    }
    assert.equal(count, number, address);
  }
  await page.context().close();
});

test("by keyboard alone a dispatcher opens a case beside the wall and sends it on", async () => {
  const page = await visit(city, { role: "dispatcher", viewport: DESK });
  await page.goto("/command/wall");
  await page.keyboard.press("?");
  await page.locator("[data-keys-dialog][open]").waitFor();
  await sound(page);
  const keys = page.locator("[data-keys-dialog] [data-keys-switch]");
  await keys.click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("2");
  assert.notEqual(await page.evaluate(() => document.activeElement.id), "wall-queue", "whose keys are off types no commands");
  await page.locator("[data-keys-help]").click();
  await keys.click();
  await page.keyboard.press("Escape");
  for (const [key, id] of [["1", "wall-today"], ["4", "wall-silent"], ["3", "wall-breaking"]]) {
    await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => document.activeElement.id), id);
  }
  // The demo has one that waits here.
  const address = await page.locator('#wall-breaking .case-row:has([data-step="3"]) a[data-key-item]').first().getAttribute("href");
  for (let index = 0; index < 40; index += 1) {
    await page.keyboard.press("j");
    if ((await page.evaluate(() => document.activeElement.getAttribute("href"))) === address) break;
  }
  await page.keyboard.press("Enter");
  const panel = page.locator("[data-panel]");
  const form = panel.locator('form[action$="/dispatch"]');
  await form.waitFor();
  await sound(page);
  const before = await panel.locator(".timeline__item").count();
  await form.locator("select[name=organization]").selectOption("");
  await form.locator("button.button").last().click();
  await panel.locator(".error-summary").waitFor();
  assert.equal(new URL(page.url()).pathname, "/command/wall", "a refusal stays in the panel");
  const body = await panel.locator("select[name=organization] option").nth(1).getAttribute("value");
  await panel.locator("select[name=organization]").selectOption(body);
  await panel.locator('form[action$="/dispatch"] button.button').last().click();
  await page.waitForFunction((count) => document.querySelectorAll("[data-panel] .timeline__item").length > count, before);
  await sound(page);
  assert.equal(new URL(page.url()).pathname, "/command/wall");
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  await page.context().close();
});

test("what is half written in the opened case stays, whatever Escape was meant for", async () => {
  const page = await visit(city, { role: "dispatcher", viewport: DESK });
  await page.goto("/command/wall");
  await page.locator("#wall-breaking a[data-key-item]").first().click();
  const panel = page.locator("[data-panel]");
  const note = panel.locator('form[action$="/notes"]');
  const escape = (isComposing) => note.locator("textarea").evaluate((it, isComposing) => it.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, isComposing })), isComposing);
  await panel.locator('details:has(form[action$="/notes"]) > summary').click();
  await note.locator("textarea").focus();
  // The first letters of pinyin, given up: nothing stands in the box yet.
  await escape(true);
  assert.ok(await panel.isVisible(), "the candidate goes, the case stays");
  await note.locator("textarea").fill("还没写完的备注");
  await page.keyboard.press("Escape");
  assert.equal(await note.locator("textarea").inputValue(), "还没写完的备注");
  await sound(page);
  await note.locator("textarea").fill("");
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  await page.context().close();
});

test("how to reach a reporter is shown on the page that is open, wherever the case was opened", async () => {
  const address = await report("看联系方式的一件");
  const page = await visit(city, { role: "grid_leader", viewport: DESK });
  await page.goto(address);
  const note = page.locator('form[action$="/notes"]');
  await page.locator("details", { has: note }).locator("summary").click();
  await note.locator("textarea").fill("还没写完的备注");
  await page.locator('form[action$="/contact"] button').click();
  await page.locator("#contact").waitFor();
  assert.equal(new URL(page.url()).pathname, address, "the page is still the case's own");
  assert.equal(await note.locator("textarea").inputValue(), "还没写完的备注");
  assert.equal(await page.evaluate(() => document.activeElement.id), "contact");
  await sound(page);
  await page.context().close();
});

test("the wall moves with the city, says when it cannot, and comes back by itself", async () => {
  const page = await visit(city, { role: "commander", viewport: DESK });
  await page.goto("/command/wall");
  const open = page.locator('[data-count="total:open"]');
  const numberOf = async () => Number((await open.textContent()).replaceAll(",", ""));
  const moved = (before) => page.waitForFunction((count) => Number(document.querySelector('[data-count="total:open"]').textContent.replaceAll(",", "")) > count, before);
  const first = await numberOf();
  const place = () => page.locator("#wall-queue").boundingBox();
  const placed = await place();
  await report("大屏上会动的一件");
  await moved(first);
  const received = page.locator('#wall-today a[href*="what=received"]').first();
  const total = await received.textContent();
  await received.focus();
  const before = await received.getAttribute("href");
  await report("大屏上会动的又一件");
  await page.waitForFunction((text) => document.querySelector('#wall-today a[href*="what=received"]').textContent !== text, total);
  assert.notEqual(await received.getAttribute("href"), before, "the number has another moment");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.focus), "today-1", "who works by keyboard stays where they were");
  assert.deepEqual(await place(), placed, "nothing jumps");

  line.cut();
  await page.locator("[data-connection]:not([hidden])").waitFor();
  const second = await numberOf();
  await page.locator("#wall-panels > [data-stale]").waitFor();
  assert.match(await page.locator("[data-stale]").innerText(), /没有更新/, "the panels say that they stand still, and since when");
  await sound(page);
  await report("断网时发生的一件");
  line.mend();
  await page.locator("[data-connection]").waitFor({ state: "hidden", timeout: 45_000 });
  await moved(second);
  await page.locator("[data-stale]").waitFor({ state: "detached", timeout: 45_000 });
  await page.context().close();
});
