// The room itself, with nothing put in between: a resident is given a pass of the demo's order, a gate of that order lets it
// in, and no longer once it is lost. Bundle, proof and policy are the city's own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import decodeQR from "qr/decode.js";
import { openCity, visit } from "./city.mjs";
import { GATE, counted, guardsPhone, known, openGate, ready, scan, sendHour } from "./gate.mjs";

let city;

before(async () => (city = await openCity()));
after(() => city?.close());

/** The text of the code that a page shows: it is drawn on a page without a policy, and read. */
async function textOf(page) {
  const svg = await page.locator(".pass__code").first().innerHTML();
  const painter = await city.browser.newPage();
  const image = await painter.evaluate(async (svg) => {
    const picture = new Image();
    const drawing = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
    drawing.setAttribute("width", "600");
    drawing.setAttribute("height", "600");
    drawing.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    picture.src = `data:image/svg+xml,${encodeURIComponent(drawing.outerHTML)}`;
    await picture.decode();
    const canvas = new OffscreenCanvas(700, 700);
    const context = canvas.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, 700, 700);
    context.drawImage(picture, 50, 50);
    return [...context.getImageData(0, 0, 700, 700).data];
  }, svg);
  await painter.close();
  return decodeQR({ width: 700, height: 700, data: Uint8ClampedArray.from(image) });
}

/** Presses “Renew” until a code that is held up comes to this: the log vouches for a new list within seconds. */
async function until(page, text, reason) {
  for (let tries = 0; tries < 60; tries += 1) {
    await page.locator("[data-gate-sync]").click();
    await page.waitForFunction(() => !document.querySelector("[data-syncing]"));
    if ((await scan(page, text)) === reason) return;
    await page.waitForTimeout(1000);
  }
  assert.fail(`it never came to ${reason}`);
}

test("a pass of the city's own order opens its gate until it is lost, and anybody sees whose it is", async () => {
  const resident = await visit(city, { role: "resident" });
  await resident.goto("/passes/1/mine");
  await resident.locator("form[action='/passes/1/ask'] button").click();
  await resident.waitForURL(/\/passes\/1\/mine\/\d+/);
  const text = await textOf(resident);
  assert.match(text, /^OZ1:/);

  const { office, address, token } = await openGate(city, "北门");
  const page = await guardsPhone(city.browser, city.base, { language: "en-GB" });
  await page.goto(`${GATE}#${token}`);
  await ready(page);
  await known(page);
  await page.locator("[data-gate-name]", { hasText: "北门 · 小区" }).waitFor();
  await until(page, text, "accepted");
  assert.equal(await page.locator("[data-gate-verdict]").getAttribute("data-tone"), "green");
  assert.ok(await page.locator("[data-gate-alarm]").isHidden());

  const anybody = await guardsPhone(city.browser, city.base);
  await anybody.goto("/pass/verify");
  await anybody.locator("[data-open-verification][data-ready]").waitFor();
  await anybody.locator("#verify-text").fill(text);
  await anybody.locator("[data-gate-typed] button").click();
  await anybody.locator("[data-gate-verdict][data-reason=accepted] [data-part=order]", { hasText: "特别重大疫情应急通行" }).waitFor();

  await resident.goto("/passes/1/mine");
  await resident.locator("form[action='/passes/1/revoke'] button").first().click();
  await resident.waitForURL(/\/passes\/1\/mine/);
  await until(page, text, "revoked");
  // Held up all the while it was one look of each list; after another code it is a new one.
  assert.equal(await scan(page, "https://example.com/menu"), "prefix");
  assert.equal(await scan(page, text), "revoked");
  await sendHour(page);
  const [green, red] = await counted(office, address);
  assert.ok(green >= 1 && red >= 2, `${green} let in, ${red} refused`);
  assert.deepEqual([...page.faults, ...anybody.faults], []);
});
