// A phone in several hands: a session that ends, another person's, and what is left of each.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sound, visit } from "./city.mjs";
import { city, closeTown, emptied, fillVerify, freshened, goOffline, goOnline, GRID, GRID_LEADER, keepToday, kept, keptPaths, line, openTown, report, signIn, signOut, timesInTimeline } from "./phone.mjs";

before(openTown);
beforeEach(() => line.mend());
after(closeTown);

test("a sign-in that ended keeps all, and another person neither sees nor sends it", async () => {
  const address = await report("登录过期的核实");
  const page = await visit({ ...city, signedIn: new Map() }, GRID_LEADER);
  await keepToday(page, address);
  await goOffline(page);
  await page.goto(address);
  const form = await fillVerify(page, "过期前写的话");
  await form.locator("button.button").last().click();
  await kept(page);

  const desk = await visit({ ...city, base: city.direct, signedIn: new Map() }, GRID_LEADER);
  const ended = await desk.request.post("/me/sessions/revoke-others", { headers: { Origin: city.direct } });
  assert.ok(ended.ok());
  await desk.context().close();
  city.signedIn.delete("grid_leader");

  await goOnline(page);
  await page.locator('[data-banner="sign-in"] a').waitFor();
  await sound(page);
  await page.locator('[data-banner="sign-in"] a').click();
  await page.locator("[data-outbox-others]:not([hidden])").waitFor();
  await signIn(page, city.names.handler);
  await page.goto("/outbox");
  await page.locator("[data-outbox-others]:not([hidden])").waitFor();
  assert.equal(await page.locator("[data-entry]").count(), 0);
  assert.doesNotMatch(await page.content(), /过期前写的话/);
  assert.equal(await timesInTimeline(address, "过期前写的话"), 0);
  await signOut(page);
  await page.goto("/sign-in?next=/outbox");
  await signIn(page, city.names.grid_leader);
  await emptied(page);
  assert.equal(await timesInTimeline(address, "过期前写的话"), 1);
  await page.context().close();
});

test("a report whose page was left open is not lost when somebody else has signed in since", async () => {
  const page = await visit({ ...city, signedIn: new Map() }, GRID_LEADER);
  await page.goto(`/report?area=${GRID}`);
  await page.locator("textarea[name=description]").fill("别人登录后才发的上报");
  await page.locator("select[name=class]").selectOption("c1-street-lamp");
  const reported = await page.locator('input[name="id"]').inputValue();
  const other = await page.context().newPage();
  await signOut(other);
  await other.goto("/sign-in");
  await signIn(other, city.names.resident);

  await page.locator("#send").click();
  await kept(page);
  assert.match(await page.locator("[data-kept]").innerText(), /登录的是别人/);
  await sound(page);
  assert.equal((await other.goto(`/cases/${reported}`)).status(), 404, "it is not reported in the other's name");
  await other.goto("/outbox");
  await other.locator("[data-outbox-others]:not([hidden])").waitFor();
  assert.doesNotMatch(await other.content(), /别人登录后才发的上报/);
  await signOut(other);
  await other.goto("/sign-in?next=/outbox");
  await signIn(other, city.names.grid_leader);
  await other.locator("[data-outbox-none]:not([hidden])").waitFor();
  await other.goto(`/cases/${reported}`);
  assert.match(await other.locator("h1").innerText(), /别人登录后才发的上报/);
  await page.context().close();
});

test("an order written in a session that has ended stays on the page until it can be sent", async () => {
  const page = await visit({ ...city, signedIn: new Map() }, { role: "leader" });
  await page.goto("/supervise");
  await page.locator('.case-row:has(form[action$="/supervisions"]) .case-row__title').first().click();
  const form = page.locator('#supervision form[action$="/supervisions"]');
  await page.locator('#supervision details:has(form[action$="/supervisions"]) summary').click();
  await form.locator("textarea").fill("三日内办结并书面答复");
  await page.context().clearCookies({ name: "olzii" });
  await form.locator("button.button").click();
  const link = form.locator('[data-send-status] a[target="_blank"]');
  await link.waitFor();
  await sound(page);
  assert.equal(await form.locator("textarea").inputValue(), "三日内办结并书面答复");
  const opened = page.context().waitForEvent("page");
  await link.click();
  await signIn(await opened, city.names.leader);
  await form.locator("button.button").click();
  await page.waitForURL(/supervised=1/);
  assert.match(await page.locator("#supervision").innerText(), /三日内办结并书面答复/);
  await page.context().close();
});

test("signing out leaves no page on the phone, and none stays longer than a day", async () => {
  const address = await report("只给网格员看的内容");
  const page = await visit({ ...city, signedIn: new Map() }, GRID_LEADER);
  await keepToday(page, address);
  await goOffline(page);
  await page.goto(address);
  await page.locator("h1", { hasText: "只给网格员看的内容" }).waitFor();
  await page.evaluate(async (path) => {
    const cache = await caches.open((await caches.keys()).find((it) => it.startsWith("olzii-pages-")));
    const copy = await cache.match(path);
    const headers = new Headers(copy.headers);
    headers.set("olzii-kept-at", String(Date.now() - 25 * 3600 * 1000));
    await cache.put(path, new Response(await copy.text(), { headers }));
  }, address);
  await page.goto(address);
  await page.locator("[data-outbox-missing]").waitFor();
  assert.doesNotMatch(await page.content(), /只给网格员看的内容/);

  await goOnline(page);
  await freshened(page);
  await keepToday(page, address);
  await signOut(page);
  while ((await keptPaths(page)).length === 0) await page.waitForTimeout(50);
  assert.deepEqual(await keptPaths(page), ["/outbox"]);
  await goOffline(page);
  await page.goto(address);
  assert.doesNotMatch(await page.content(), /只给网格员看的内容/);
  await page.context().close();
  city.signedIn.delete("grid_leader");
});
