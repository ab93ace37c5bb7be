// The sealed journal as everybody sees it, beside a witness that is another process.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, openCity, PHONE, sound, visit } from "./city.mjs";

test("the demo's witness cosigns the log, anybody sees it, and it ends with the demo", async () => {
  const city = await openCity();
  const [, witness] = /^witness demo \S+ (http:\S+)$/m.exec(await (await fetch(`${city.base}/log/policy`)).text());
  assert.match(await (await fetch(witness)).text(), /^university\.example\/demo\+/, "it tells who it is");
  for (const [viewport, language, cosigns] of [[PHONE, "zh-Hans", "正常联署"], [DESK, "en", "cosigns"]]) {
    const page = await visit(city, { viewport, language });
    // The first round begins with the server; the page shows what the round before it came to.
    while ((await page.goto("/log")) && !(await page.locator(".tag").allInnerTexts()).some((it) => it.includes(cosigns)))
      await page.waitForTimeout(200);
    await sound(page);
    await page.context().close();
  }
  const checkpoint = await (await fetch(`${city.base}/log/checkpoint`)).text();
  assert.match(checkpoint, /^— university\.example\/demo /m);
  await city.close();
  await assert.rejects(fetch(witness), "no process is left behind");
});

test("who read a record is checked in the browser, on a phone and without another program", async () => {
  const city = await openCity();
  const signIn = { login_name: city.names.resident, password: city.password };
  const headers = { "content-type": "application/json" };
  const { person } = await (await fetch(`${city.base}/api/v1/sessions`, { method: "POST", headers, body: JSON.stringify(signIn) })).json();
  const reader = await visit(city, { role: "grid_leader" });
  const read = await reader.request.get(`/api/v1/people/${person}?purpose=visit`);
  assert.equal(read.status(), 200, await read.text());
  for (const [language, said] of [["zh-Hans", /已在这里核验：这就是封存的第 \d+ 号记录（共 \d+ 条）。联署：demo。/], ["en", /Checked here: this is what was sealed as entry \d+ of \d+\. Cosigned by: demo\./]]) {
    const page = await visit(city, { role: "resident", language });
    while ((await page.goto("/me")) && (await page.locator("[data-check-proof]").count()) === 0) await page.waitForTimeout(500);
    const [row] = await page.locator("li", { has: page.locator("[data-check-proof]") }).all();
    // Its checkpoint may be on its way to the witness: pressed again, it is there.
    while (!said.test(await row.locator("[data-proof-told]").innerText())) {
      await row.locator("[data-check-proof]").click();
      await page.waitForTimeout(500);
    }
    await sound(page);
    // A page that shows another purpose than the one that was sealed.
    await row.locator("[data-check-proof]").evaluate((button) => (button.dataset.purpose = "service"));
    await row.locator("[data-check-proof]").click();
    await row.locator("[data-proof-told]", { hasText: language === "en" ? "of another entry" : "不是这里显示的这条记录" }).waitFor();
    await page.context().close();
  }
  const plain = await visit(city, { role: "resident", script: false });
  await plain.goto("/me");
  assert.equal(await plain.locator("[data-check-proof]:visible").count(), 0, "what needs a script is not there without one");
  await city.close();
});
