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
