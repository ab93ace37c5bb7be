// What stories about gates share: an office that opens one, a guard's phone, a code that is held up, and what was counted.
import assert from "node:assert/strict";
import { DESK, PHONE, visit } from "./city.mjs";

export const GATE = "/checkpoint/";

/** The link of a new device of a new gate, from the office's own pages. */
export async function openGate(city, name) {
  const office = await visit(city, { role: "commander", viewport: DESK, language: "en" });
  await office.goto("/checkpoints");
  await office.locator("#name").fill(name);
  await office.locator("#kind").selectOption("1:0");
  const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  await office.locator("#ends_at").fill(day);
  await office.locator("form[action='/checkpoints'] .button--primary").click();
  await office.waitForURL(/\/checkpoints\/[0-9a-f-]{36}$/);
  const address = new URL(office.url()).pathname;
  await office.locator("form[action$='/devices'] .button--primary").click();
  await office.waitForURL(/\/devices\/1$/);
  const link = await office.locator("#link").inputValue();
  assert.match(link, /\/checkpoint\/#[A-Za-z0-9_-]{43}$/);
  return { office, address, token: new URL(link).hash.slice(1) };
}

/** A guard's phone: no account. `prepare` is given its browser's context before a page is opened. */
export async function guardsPhone(browser, base, { viewport = PHONE, language = "zh-CN", prepare = async () => undefined } = {}) {
  const context = await browser.newContext({ baseURL: base, viewport, locale: language, permissions: ["camera"] });
  await prepare(context);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d|net::ERR_/.test(message.text())) page.faults.push(message.text());
  });
  return page;
}

export const gate = (page) => page.locator("[data-gate]");
export const looks = async (page) => Number(await page.locator("[data-gate-unsent]").getAttribute("data-looks"));
export const counts = (page, number) => page.locator(`[data-gate-unsent][data-looks="${number}"]`).waitFor();
export const ready = (page) => page.locator("[data-gate][data-ready]").waitFor();
export const known = (page) => page.locator("[data-gate-list]:not([data-state=over])").waitFor();

/** An hour is over on the phone, so that what was counted in it is sent; then it is now again. */
export async function sendHour(page) {
  await page.clock.setFixedTime(Date.now() + 3_600_000);
  await page.locator("[data-gate-sync]").click();
  await counts(page, 0);
  await page.clock.setFixedTime(Date.now());
}

/** What a code comes to that a scanner types. */
export async function scan(page, text) {
  // What is still shown of the last one is no answer to this.
  await page.locator("[data-gate-verdict]").evaluate((box) => {
    box.hidden = true;
    delete box.dataset.reason;
  });
  await page.locator("[data-gate-input]").fill(text);
  await page.keyboard.press("Enter");
  // In one look: an answer is taken away when what it was judged by changes.
  const reason = await page.waitForFunction(() => document.querySelector("[data-gate-verdict]:not([hidden])")?.dataset.reason);
  return reason.jsonValue();
}

/** The sums of the office's table: let in, refused, cannot tell. */
export async function counted(office, address) {
  await office.goto(address);
  const cells = await office.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td.number")].map((it) => Number(it.textContent.replaceAll(",", "")))));
  return cells.reduce((sums, row) => sums.map((sum, index) => sum + row[index]), [0, 0, 0]);
}
