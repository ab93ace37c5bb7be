// A grid worker's day with the network away and back.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sound, visit } from "./city.mjs";
import { city, closeTown, emptied, fillVerify, freshened, goOffline, goOnline, GRID, GRID_LEADER, keepToday, kept, keptPaths, line, openTown, outboxOf, report, timesInTimeline, writeNote } from "./phone.mjs";

before(openTown);
beforeEach(() => line.mend());
after(closeTown);

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
  const before = await keptPaths(page);
  await page.goto(`/report?area=${GRID}`);
  await page.locator("textarea[name=description][data-keep]").waitFor();
  // Whatever this page asked of the service worker is done before it answers for the next.
  await page.goto("/notices");
  // Work that has come meanwhile may be kept too; nothing is lost.
  const after = await keptPaths(page);
  assert.deepEqual(before.filter((path) => !after.includes(path)), []);
  await goOffline(page);
  await page.goto("/today");
  await page.locator('[data-banner="kept"] time').waitFor();
  await page.locator(`a[href="${address}"]`).click();
  // A picture that is not kept may hang at the cut line; what is read is there.
  await page.waitForURL(`**${address}`, { waitUntil: "domcontentloaded" });
  assert.match(await page.locator("h1").innerText(), /先看了表单的路灯/);
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
  assert.match(titles[1], /补充说明/, "the note is still behind the step that it was written after");
  await goOnline(page);
  await emptied(page);
  await page.goto(address);
  const told = (await page.locator(".timeline__item").allInnerTexts()).join("\n");
  assert.ok(told.indexOf("核实之后写的备注") < told.indexOf("补了照片的核实"), "latest first, as they were written");
  await page.context().close();
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
