// One broken street lamp, from report to a rated closing, by the people who close it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, PHONE, openCity, sound, visit } from "./city.mjs";

const STORY = "校门口路灯不亮，已经三天了";
let city;

before(async () => (city = await openCity()));
after(() => city?.close());

/** Opens the first case of a list that tells the story, and returns its form for a transition. */
async function openFrom(page, list, transition) {
  await page.goto(list);
  await sound(page);
  await page.locator(".case-row__title", { hasText: STORY.slice(0, 6) }).first().click();
  await page.waitForURL(/\/cases\/[0-9a-f-]{36}/);
  await sound(page);
  const form = page.locator(`form[action$="/${transition}"]`);
  const folded = page.locator("details", { has: form });
  if (await folded.count()) await folded.locator("summary").click();
  return form;
}

async function send(page, form) {
  const before = await page.locator(".timeline__item").count();
  await form.locator("button.button").last().click();
  await page.waitForFunction((count) => document.querySelectorAll(".timeline__item").length > count, before);
  await sound(page);
}

async function photo(page, form) {
  const picture = await page.screenshot();
  await form.locator("input[type=file]").setInputFiles({ name: "photo.png", mimeType: "image/png", buffer: picture });
}

test("a resident's lamp goes round the whole loop", async () => {
  const resident = await visit(city, { role: "resident" });
  await resident.goto("/report");
  await sound(resident);
  await resident.locator("main .button-row a.button").first().click();
  await resident.locator("textarea[name=description]").fill(STORY);
  await sound(resident);
  await resident.locator("#send").click();
  await resident.locator(".error-summary").waitFor();
  await sound(resident);
  assert.equal(await resident.locator("textarea[name=description]").inputValue(), STORY, "what was typed is kept");
  await resident.locator("select[name=class]").selectOption("c1-street-lamp");
  await resident.locator("[data-mark]").click();
  await resident.locator("[data-zoom=in]").click();
  await resident.locator(".place-map__picture").click({ position: { x: 60, y: 90 } });
  assert.match(await resident.locator("#longitude").inputValue(), /^11\d\.\d{6}$/);
  await sound(resident);
  await resident.locator("#send").click();
  await resident.waitForURL(/\/cases\//);
  await sound(resident);
  const address = new URL(resident.url()).pathname;

  const grid = await visit(city, { role: "grid_leader" });
  let form = await openFrom(grid, "/today", "verify");
  await form.locator("input[name=finding][value=exists]").check();
  await photo(grid, form);
  await send(grid, form);

  const handler = await visit(city, { role: "handler", viewport: DESK, language: "en" });
  await handler.goto("/me");
  await sound(handler);
  const posts = await handler.locator("main").innerText();
  await resident.goto(address);
  const told = await resident.locator(".timeline").innerText();
  assert.match(told, /按权责清单派遣/, "nobody has to be asked where the list names one body");

  form = await openFrom(handler, "/work", "feed_back");
  const owner = await handler.locator(".record__now strong").innerText();
  assert.ok(posts.includes(owner), `the handler's body has it: ${owner}`);
  assert.equal(await form.locator(".must-see").count(), 1, "what has to be seen stands at the form");
  await form.locator("textarea[name=note]").fill("灯泡已更换，线路已检查");
  await photo(handler, form);
  await send(handler, form);

  const dispatcher = await visit(city, { role: "dispatcher", viewport: DESK });
  form = await openFrom(dispatcher, "/board?show=feedback", "accept");
  await send(dispatcher, form);

  await handler.goto(address);
  assert.equal(await handler.locator('form[action$="/close"]').count(), 0, "the handler is never asked to close");
  const refused = await handler.request.post(`${address}/close`, { multipart: { note: "x" }, headers: { Origin: city.base } });
  assert.equal(refused.status(), 403);

  const checker = await visit(city, { role: "grid_supervisor" });
  form = await openFrom(checker, "/today", "close");
  await photo(checker, form);
  await send(checker, form);

  await resident.goto("/notices");
  await sound(resident);
  await resident.goto(address);
  form = resident.locator('form[action$="/rate"]');
  await form.locator("input[name=rating][value='5']").check();
  await form.locator("input[name=solved][value=yes]").check();
  await send(resident, form);
  assert.equal(await resident.locator(".loop.loop--closed").count(), 1);
  for (const page of [resident, grid, handler, dispatcher, checker]) await page.context().close();
});

test("reporting and following work without any script", async () => {
  const page = await visit(city, { script: false, language: "en" });
  await page.goto("/");
  await page.locator('main a[href="/report"]').first().click();
  for (let depth = 0; depth < 5 && !(await page.locator("textarea[name=description]").count()); depth += 1) {
    await page.locator("main .rows .row__name a").first().click();
  }
  await page.locator("textarea[name=description]").fill("The manhole cover by the market is gone");
  await page.locator("select[name=class]").selectOption("c1-manhole-cover");
  await page.locator("input[name=contact_phone]").fill("not a number");
  await page.locator("#send").click();
  assert.equal(await page.locator(".error-summary a").count(), 1);
  await page.locator("input[name=contact_phone]").fill("0474 0000000");
  await page.locator("#send").click();
  await page.waitForURL(/\/follow\/[\w-]+\?new=1/);
  const link = (await page.locator("#follow-link").textContent()).trim();
  const stranger = await visit(city, { script: false });
  assert.equal((await stranger.goto(new URL(link, city.base).pathname)).status(), 200);
  assert.match(await stranger.locator("main").innerText(), /manhole cover/);
  assert.doesNotMatch(await stranger.content(), /0474/, "how to reach the reporter is not on the page");
  assert.equal((await stranger.goto("/follow/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).status(), 404);
  for (const it of [page, stranger]) await it.context().close();
});

const PAGES = {
  anonymous: ["/", "/report", "/report?area=150902001001", "/follow", "/areas", "/areas/150902", "/sign-in", "/log", "/statistics", "/statistics/pivot?area=1509&element=GRIDS", "/no-such-page"],
  resident: ["/", "/me", "/notices"],
  grid_leader: ["/today", "/areas/150902001001"],
  dispatcher: ["/board", "/command", "/cases"],
  handler: ["/work"],
  leader: ["/supervise", "/evaluation"],
  commander: ["/command", "/evaluation?by=organization", "/statistics/pivot?area=1509&rows=elements&columns=areas&period=2020"],
  administrator: ["/areas/1509", "/me"],
};

for (const [language, viewport, scheme] of [["zh-Hans", PHONE, "light"], ["en", DESK, "dark"], ["en", PHONE, "light"], ["zh-Hans", DESK, "light"]]) {
  test(`every page is sound in ${language} at ${viewport.width} px, ${scheme}`, async () => {
    for (const [role, paths] of Object.entries(PAGES)) {
      const page = await visit(city, { role: role === "anonymous" ? undefined : role, viewport, language });
      await page.emulateMedia({ colorScheme: scheme });
      for (const path of paths) {
        await page.goto(path);
        assert.equal(await page.locator("html").getAttribute("lang"), language);
        await page.locator("main h1").first().waitFor();
        await sound(page);
        if (process.env.OLZII_SHOTS) {
          const name = `${role}${path.replaceAll(/[^\w]+/g, "-")}-${language}-${viewport.width}-${scheme}.png`;
          await page.screenshot({ path: `${process.env.OLZII_SHOTS}/${name}`, fullPage: true });
        }
      }
      await page.context().close();
    }
  });
}

test("the live map shows a case as it moves", async () => {
  const commander = await visit(city, { role: "commander", viewport: DESK });
  await commander.goto("/command");
  const open = commander.locator('[data-count="total:open"]');
  const count = Number((await open.textContent()).replaceAll(",", ""));
  const reporter = await visit(city, { role: "resident" });
  await reporter.goto("/report?area=150902001001");
  await reporter.locator("textarea[name=description]").fill("路面积雪结冰");
  await reporter.locator("select[name=class]").selectOption("c2-snow-ice");
  await reporter.locator("#send").click();
  await reporter.waitForURL(/\/cases\//);
  await commander.waitForFunction(
    (before) => Number(document.querySelector('[data-count="total:open"]').textContent.replaceAll(",", "")) > before,
    count,
  );
  for (const it of [commander, reporter]) await it.context().close();
});
