// A demo city of its own for a test file, and browsers to visit it with.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const binary = process.env.OLZII_BIN ?? new URL("../target/debug/olzii", import.meta.url).pathname;
const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1440, height: 900 };

/** Serves the small demo city that `folder` holds, or makes one there, on a free port. */
async function serve(folder, ...more) {
  const logins = join(folder, "logins.json");
  const city = ["demo", "--data", join(folder, "city"), "--scale", "0.002", "--listen", "127.0.0.1:0", "--logins-file", logins];
  const server = spawn(binary, [...city, ...more], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  server.stderr.on("data", (chunk) => (log = (log + chunk).slice(-4000)));
  const base = await new Promise((resolve, reject) => {
    createInterface({ input: server.stdout }).on("line", (line) => {
      const ready = /^ready (http:\S+)$/.exec(line);
      if (ready) resolve(ready[1]);
    });
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${log}`)));
  });
  const end = async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
  };
  return { base, end, ...JSON.parse(readFileSync(logins, "utf8")) };
}

/** Makes the demo city in `folder`, for files of tests that each open a copy of it. */
export async function makeCity(folder) {
  await (await serve(folder)).end();
}

/** A demo city of its own for a test file: a copy of the one in OLZII_CITY, or else a new one. */
export async function openCity(...more) {
  const folder = mkdtempSync(join(tmpdir(), "olzii-e2e-"));
  if (process.env.OLZII_CITY) cpSync(process.env.OLZII_CITY, folder, { recursive: true });
  const { base, end, password, logins: names } = await serve(folder, ...more);
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const close = async () => {
    await browser.close();
    await end();
    rmSync(folder, { recursive: true, force: true });
  };
  return { base, browser, password, names, signedIn: new Map(), close };
}

/** A page in a browser of its own. `role` signs in through the form, as a person would, once a city. */
export async function visit(city, { role, viewport = PHONE, language = "zh-Hans", script = true } = {}) {
  const context = await city.browser.newContext({
    baseURL: city.base,
    viewport,
    locale: language === "en" ? "en-GB" : "zh-CN",
    javaScriptEnabled: script,
    storageState: city.signedIn.get(role),
  });
  const page = await context.newPage();
  const goto = page.goto.bind(page);
  // A page that loads itself anew, because what it kept has arrived, cuts a visit short: a person presses again.
  page.goto = (address, options) =>
    goto(address, options).catch((error) => {
      if (!/ERR_ABORTED|interrupted by another navigation/.test(error.message)) throw error;
      return goto(address, options);
    });
  page.faults = [];
  // A page that is left before its fade began has lost a decoration.
  page.on("pageerror", (error) => {
    if (!/^Transition was (aborted|skipped)/.test(error.message)) page.faults.push(`script: ${error.message}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d|net::ERR_/.test(message.text())) page.faults.push(message.text());
  });
  if (role && !city.signedIn.has(role)) {
    for (;;) {
      await page.goto("/sign-in");
      await page.locator("#name").fill(city.names[role]);
      await page.locator("#password").fill(city.password);
      const answered = page.waitForResponse((it) => it.request().method() === "POST" && new URL(it.url()).pathname === "/sign-in");
      await page.locator("form:has(#password) .button--primary").click();
      const answer = await answered;
      if (answer.status() !== 429) break;
      // Stories sign in oftener than a person may, and are told how long to wait.
      await page.waitForTimeout(1000 * Number(answer.headers()["retry-after"]));
    }
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
    city.signedIn.set(role, await context.storageState());
  }
  return page;
}

/** What axe finds wrong with the page, one line each. */
export async function violations(page) {
  await page.evaluate(`(() => { ${axe} })(); undefined`);
  const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return found.violations.flatMap((it) => it.nodes.map((node) => `${it.id}: ${node.target.join(" ")}`));
}

/** Nothing on the page is wrong for those who see, hear or press it. */
export async function sound(page) {
  assert.deepEqual(await violations(page), [], page.url());
  assert.ok((await overflow(page)) <= 0, `${page.url()} sticks out sideways`);
  assert.deepEqual(page.faults, [], page.url());
}

/** Whether anything sticks out sideways. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
