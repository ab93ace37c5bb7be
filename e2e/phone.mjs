// A phone behind a line that can be cut, in a demo city of its own, and what a grid worker does with it.
import { openCity, visit } from "./city.mjs";
import { openLine } from "./line.mjs";

export const GRID = "150902001001001";
export const GRID_LEADER = { role: "grid_leader" };
export let city;
export let line;

/** Opens the city with the line before it; `city.direct` leads around the line. */
export async function openTown() {
  city = await openCity();
  line = await openLine(city.base);
  city.direct = city.base;
  city.base = line.base;
}

export async function closeTown() {
  await line?.close();
  await city?.close();
}

/** No network, for the page, for the service worker, and below both. */
export async function goOffline(page) {
  line.cut();
  await page.context().setOffline(true);
}

export async function goOnline(page) {
  line.mend();
  await page.context().setOffline(false);
}

/** The page has been loaded again, from the server. */
export function freshened(page) {
  return page.waitForFunction(() => document.readyState === "complete" && !document.body.dataset.keptAt);
}

/** Reports something as a resident would, with a network of their own. Returns the path of its case. */
export async function report(words) {
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
export async function keepToday(page, address) {
  await page.goto("/today");
  while (!(await keptPaths(page)).includes(address)) await page.waitForTimeout(50);
}

/** Paths of the pages that are on the phone. */
export function keptPaths(page) {
  return page.evaluate(async () => {
    const names = (await caches.keys()).filter((it) => it.startsWith("olzii-pages-"));
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map((it) => new URL(it.url).pathname);
  });
}

/** Signs in on the page for it, as a person would. */
export async function signIn(page, name) {
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(city.password);
  await page.locator("form:has(#password) .button--primary").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

export async function signOut(page) {
  await page.goto("/me");
  await page.locator('form[action="/sign-out"] button').click();
  await page.waitForURL((url) => url.pathname === "/");
}

/** Writes a note in the case whose page this is, to be kept. */
export async function writeNote(page, address, words) {
  const note = page.locator(`form[action="${address}/notes"]`);
  await page.locator("details", { has: note }).locator("summary").click();
  await note.locator("textarea").fill(words);
  await note.locator("button").click();
  await kept(page);
}

export async function kept(page) {
  await page.locator("[data-kept]").waitFor();
}

export async function outboxOf(page) {
  await page.goto("/outbox");
  await page.waitForFunction(() => document.querySelector("[data-outbox-entry]") && !document.querySelector("[data-outbox-none]").hidden !== (document.querySelectorAll("[data-entry]").length > 0));
  return page.locator("[data-entry]");
}

/** The outbox has nothing more to send. */
export async function emptied(page) {
  await page.waitForFunction(() => document.querySelector("[data-outbox-link]")?.hidden === true);
}

export async function fillVerify(page, note, { photo = true } = {}) {
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
export async function timesInTimeline(address, words) {
  const page = await visit({ ...city, base: city.direct }, { role: "dispatcher" });
  await page.goto(address);
  const count = await page.locator(".timeline__item", { hasText: words }).count();
  await page.context().close();
  return count;
}
