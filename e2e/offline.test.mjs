// A grid worker's day with the network away, cut in the middle, back, and the phone in other hands.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { openCity, sound, visit } from "./city.mjs";
import { openLine } from "./line.mjs";

const GRID = "150902001001001";
const GRID_LEADER = { role: "grid_leader" };
let city;
let line;

before(async () => {
  city = await openCity();
  line = await openLine(city.base);
  city.direct = city.base;
  city.base = line.base;
});
beforeEach(() => line.mend());
after(async () => {
  await line?.close();
  await city?.close();
});

/** No network, for the page, for the service worker, and below both. */
async function goOffline(page) {
  line.cut();
  await page.context().setOffline(true);
}

async function goOnline(page) {
  line.mend();
  await page.context().setOffline(false);
}

/** The page has been loaded again, from the server. */
function freshened(page) {
  return page.waitForFunction(() => document.readyState === "complete" && !document.body.dataset.keptAt);
}

/** Reports something as a resident would, with a network of their own. Returns the path of its case. */
async function report(words) {
  const page = await visit({ ...city, base: city.direct }, { role: "resident" });
  await page.goto(`/report?area=${GRID}`);
  await page.locator("textarea[name=description]").fill(words);
  await page.locator("select[name=class]").selectOption("c1-street-lamp");
  await page.locator("#send").click();
  await page.waitForURL(/\/cases\//);
  const { pathname } = new URL(page.url());
  await page.context().close();
  return pathname;
}

/** Today's list, once the phone has it and the pages that it leads to. */
async function keepToday(page, address) {
  await page.goto("/today");
  while (!(await keptPaths(page)).includes(address)) await page.waitForTimeout(50);
}

/** Paths of the pages that are on the phone. */
function keptPaths(page) {
  return page.evaluate(async () => {
    const names = (await caches.keys()).filter((it) => it.startsWith("olzii-pages-"));
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map((it) => new URL(it.url).pathname);
  });
}

/** Signs in on the page for it, as a person would. */
async function signIn(page, name) {
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(city.password);
  await page.locator("form:has(#password) .button--primary").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

async function signOut(page) {
  await page.goto("/me");
  await page.locator('form[action="/sign-out"] button').click();
  await page.waitForURL((url) => url.pathname === "/");
}

/** Writes a note in the case whose page this is, to be kept. */
async function writeNote(page, address, words) {
  const note = page.locator(`form[action="${address}/notes"]`);
  await page.locator("details", { has: note }).locator("summary").click();
  await note.locator("textarea").fill(words);
  await note.locator("button").click();
  await kept(page);
}

async function kept(page) {
  await page.locator("[data-kept]").waitFor();
}

async function outboxOf(page) {
  await page.goto("/outbox");
  await page.waitForFunction(() => document.querySelector("[data-outbox-entry]") && !document.querySelector("[data-outbox-none]").hidden !== (document.querySelectorAll("[data-entry]").length > 0));
  return page.locator("[data-entry]");
}

/** The outbox has nothing more to send. */
async function emptied(page) {
  await page.waitForFunction(() => document.querySelector("[data-outbox-link]")?.hidden === true);
}

async function fillVerify(page, note, { photo = true } = {}) {
  const form = page.locator('form[action$="/verify"]');
  await form.locator("input[name=finding][value=exists]").check();
  await form.locator("textarea[name=note]").fill(note);
  if (photo) {
    const buffer = await page.screenshot();
    await form.locator("input[type=file]").setInputFiles({ name: "photo.png", mimeType: "image/png", buffer });
    await form.locator(".photo-previews img").waitFor();
  }
  return form;
}

/** How often these words stand in the timeline, asked of the server with a network of one's own. */
async function timesInTimeline(address, words) {
  const page = await visit({ ...city, base: city.direct }, { role: "dispatcher" });
  await page.goto(address);
  const count = await page.locator(".timeline__item", { hasText: words }).count();
  await page.context().close();
  return count;
}

test("the site can be installed", async () => {
  const page = await visit(city, GRID_LEADER);
  await page.goto("/today");
  await page.waitForFunction(() => navigator.serviceWorker.ready.then((it) => it.active?.state === "activated"));
  const devtools = await page.context().newCDPSession(page);
  const { errors, data } = await devtools.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const manifest = JSON.parse(data);
  assert.deepEqual([manifest.display, manifest.scope, manifest.start_url], ["standalone", "/", "/"]);
  for (const icon of manifest.icons) {
    const bytes = await (await page.request.get(icon.src)).body();
    assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, icon.sizes, icon.src);
  }
  assert.ok(manifest.icons.some((it) => it.sizes === "512x512" && it.purpose === "maskable"));
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // A browser without a window of its own installs nothing.
  assert.deepEqual(installabilityErrors.filter((it) => it.errorId !== "in-incognito"), []);
  await page.context().close();
});

test("in a dead zone a worker reads today's list, verifies, reports, and all of it arrives once", async () => {
  const address = await report("没网时核实的路灯");
  const page = await visit(city, GRID_LEADER);
  await keepToday(page, address);
  await goOffline(page);

  await page.goto("/today");
  await page.locator('[data-banner="kept"] time').waitFor();
  await sound(page);
  await page.locator(`a[href="${address}"]`).click();
  await page.waitForURL(`**${address}`);
  assert.match(await page.locator("h1").innerText(), /没网时核实的路灯/);
  const form = await fillVerify(page, "现场看过，灯杆歪了");
  await sound(page);
  await form.locator("button.button").last().click();
  await kept(page);
  assert.match(await page.locator("[data-kept]").innerText(), /已存在这部手机上/);
  await sound(page);
  await page.reload();
  assert.equal(await page.locator('form[action$="/verify"]').count(), 0, "what waits is not offered again");
  await page.goto("/today");
  await page.locator(`.case-row:has(a[href="${address}"]) [data-outbox-tag]`).waitFor();

  await page.goto("/report");
  await page.locator("main .button-row a.button").first().click();
  await page.locator("textarea[name=description]").fill("没网时上报的垃圾");
  await page.locator("select[name=class]").selectOption("c1-street-lamp");
  const reported = await page.locator('input[name="id"]').inputValue();
  await page.locator("#send").click();
  await kept(page);

  assert.equal(await (await outboxOf(page)).count(), 2);
  await page.locator("[data-entry] details summary").first().click();
  await page.locator("[data-entry] .photo-previews img").first().waitFor();
  await sound(page);
  await page.goto("/areas");
  await page.locator("[data-outbox-missing]").waitFor();
  await sound(page);

  await goOnline(page);
  await emptied(page);
  assert.equal(await timesInTimeline(address, "灯杆歪了"), 1);
  await page.goto(`/cases/${reported}`);
  assert.match(await page.locator("h1").innerText(), /没网时上报的垃圾/);
  await page.goto(address);
  assert.equal(await page.locator(".photos img").count(), 1);
  await page.context().close();
});

test("a form that was looked at with network leaves today's list on the phone", async () => {
  const address = await report("先看了表单的路灯");
  const page = await visit(city, GRID_LEADER);
  await keepToday(page, address);
  await page.goto(`/report?area=${GRID}`);
  await page.locator("textarea[name=description][data-keep]").waitFor();
  // Whatever this page asked of the service worker is done before it answers for the next.
  await page.goto("/notices");
  await goOffline(page);
  await page.goto("/today");
  await page.locator(`a[href="${address}"]`).click();
  await page.waitForURL(`**${address}`);
  assert.match(await page.locator("h1").innerText(), /先看了表单的路灯/);
  await page.goto("/report");
  await page.locator("main .button-row a.button").first().click();
  await page.locator("textarea[name=description]").waitFor();
  await page.context().close();
});

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

test("a conflict is shown with all that was written, until its writer deletes it", async () => {
  const address = await report("别人已经核实");
  const page = await visit(city, GRID_LEADER);
  await keepToday(page, address);
  await goOffline(page);
  await page.goto(address);
  const form = await fillVerify(page, "我晚到了一步");
  await form.locator("button.button").last().click();
  await kept(page);

  const colleague = await visit({ ...city, base: city.direct }, GRID_LEADER);
  await colleague.goto(address);
  const first = await fillVerify(colleague, "同事先核实了");
  await first.locator("button.button").last().click();
  await colleague.locator(".timeline__item", { hasText: "同事先核实了" }).waitFor();
  await colleague.context().close();

  await goOnline(page);
  await freshened(page);
  await page.goto("/outbox");
  const entry = page.locator("[data-entry]");
  await entry.locator('[data-state="refused"]:not([hidden])').waitFor();
  assert.match(await entry.innerText(), /已经到了别的环节|另一环节|环节/);
  await entry.locator("details summary").first().click();
  assert.match(await entry.locator(".facts").innerText(), /我晚到了一步/);
  await entry.locator(".photo-previews img").waitFor();
  await sound(page);
  await page.reload();
  await entry.locator('[data-state="refused"]:not([hidden])').waitFor();
  await entry.locator("details summary").last().click();
  await entry.locator('[data-slot="delete"]').click();
  await page.locator("[data-outbox-none]:not([hidden])").waitFor();
  assert.equal(await timesInTimeline(address, "我晚到了一步"), 0);
  await page.context().close();
});

test("what was refused is put right and sent again, with its photos", async () => {
  const address = await report("少了照片的核实");
  const page = await visit(city, GRID_LEADER);
  await keepToday(page, address);
  await goOffline(page);
  await page.goto(address);
  const form = await fillVerify(page, "忘了拍照", { photo: false });
  await form.locator("button.button").last().click();
  await kept(page);
  await goOnline(page);
  await freshened(page);
  await page.goto("/outbox");
  await page.locator('[data-entry] [data-state="refused"]:not([hidden])').waitFor();
  await page.locator('[data-slot="mend"]').click();
  await page.waitForURL(/#mend-/);
  await page.locator("form[data-mends]").waitFor();
  assert.equal(await page.locator('form[data-mends] textarea[name=note]').inputValue(), "忘了拍照");
  assert.ok(await page.locator('form[data-mends] input[value=exists]').isChecked());
  await sound(page);
  const again = await fillVerify(page, "补上照片");
  await again.locator("button.button").last().click();
  await page.waitForURL(/moved=1/);
  await emptied(page);
  assert.equal(await timesInTimeline(address, "补上照片"), 1);
  await page.context().close();
});

test("what is put right goes before what was written after it", async () => {
  const address = await report("先核实后备注");
  const page = await visit(city, GRID_LEADER);
  await keepToday(page, address);
  await goOffline(page);
  await page.goto(address);
  const form = await fillVerify(page, "没带照片的核实", { photo: false });
  await form.locator("button.button").last().click();
  await kept(page);
  await page.goto(address);
  await writeNote(page, address, "核实之后写的备注");
  await goOnline(page);
  await freshened(page);
  await page.goto("/outbox");
  await page.locator('[data-entry] [data-state="refused"]:not([hidden])').waitFor();
  assert.match(await page.locator("[data-entry]").nth(1).innerText(), /前面那件没有收下/, "the note says what it waits for");
  await page.locator("[data-outbox-send] button").click();
  await page.locator("[data-outbox-news]", { hasText: "没有收下" }).waitFor();
  await page.locator('[data-slot="mend"]:visible').click();
  await page.locator("form[data-mends]").waitFor();
  const again = await fillVerify(page, "补了照片的核实");
  await goOffline(page);
  await again.locator("button.button").last().click();
  await kept(page);
  const titles = await (await outboxOf(page)).locator("h2").allInnerTexts();
  assert.equal(titles.length, 2);
  assert.match(titles[1], /备注/, "the note is still behind the step that it was written after");
  await goOnline(page);
  await emptied(page);
  await page.goto(address);
  const told = (await page.locator(".timeline__item").allInnerTexts()).join("\n");
  assert.ok(told.indexOf("核实之后写的备注") < told.indexOf("补了照片的核实"), "latest first, as they were written");
  await page.context().close();
});

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
  await emptied(other);
  await other.goto(`/cases/${reported}`);
  assert.match(await other.locator("h1").innerText(), /别人登录后才发的上报/);
  await page.context().close();
});

test("an order written in a session that has ended stays on the page until it can be sent", async () => {
  const page = await visit({ ...city, signedIn: new Map() }, { role: "leader" });
  await page.goto("/supervise");
  await page.locator('.case-row:has(form[action$="/supervisions"]) .case-row__title').first().click();
  const form = page.locator('#supervision form[action$="/supervisions"]');
  await page.locator("details", { has: form }).locator("summary").click();
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

test("a phone that is full says so, and what was written stays on the page", async () => {
  const address = await report("手机存满了");
  const page = await visit(city, GRID_LEADER);
  await keepToday(page, address);
  await goOffline(page);
  await page.goto(address);
  const form = await fillVerify(page, "存不下的话");
  // What Chromium does when its quota is used up; here after the words were stored, at the photo.
  await page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...values) {
      if (this.name === "photo" && !window.hasRoom) throw new DOMException("no room", "QuotaExceededError");
      return put.apply(this, values);
    };
  });
  await form.locator("button.button").last().click();
  await page.locator("[data-send-status]").waitFor();
  assert.match(await page.locator("[data-send-status]").innerText(), /存储空间满了/);
  assert.equal(await form.locator("textarea[name=note]").inputValue(), "存不下的话");
  assert.equal(await page.evaluate(() => document.querySelector("[data-outbox-link]").hidden), true);
  assert.equal(await page.evaluate(() => (window.hasRoom = true)), true);
  await form.locator("button.button").last().click();
  await kept(page);
  await goOnline(page);
  await emptied(page);
  assert.equal(await timesInTimeline(address, "存不下的话"), 1);
  await page.context().close();
});
