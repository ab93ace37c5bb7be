// What @getodk/xforms-engine finds wrong in random records of a form: `FORM OUT COUNT`. One record a line.
// Only well-typed answers are sent, since the engine mends what is not, and what is not relevant it drops.

import { readFileSync, writeFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const [formPath, out, count] = process.argv.slice(2);
const native = new Set(["File", "FormData", "Response", "Blob", "Headers", "Request", "fetch", "crypto", "performance",
  "URL", "URLSearchParams", "TextEncoder", "TextDecoder", "AbortController", "AbortSignal", "Event", "EventTarget"]);
const { window } = new JSDOM("<!doctype html>", { url: "http://localhost/" });
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis) && !native.has(name)) globalThis[name] = window[name];
}
globalThis.window = globalThis;

// Node makes these when they are first asked for, and asks for its version then.
void [new Response("").body, new FormData(), new Headers()];
const form = readFileSync(formPath, "utf8");
const node = process.versions.node;
Object.defineProperty(process.versions, "node", { value: undefined, configurable: true });
const { loadForm } = await import("@getodk/xforms-engine");
const loaded = await loadForm(form, { fetchFormAttachment: () => { throw new Error("no files"); }, missingResourceBehavior: "BLANK" });
if (loaded.status === "failure") throw loaded.error;
Object.defineProperty(process.versions, "node", { value: node, configurable: true });

// Park and Miller's numbers: the same records in every run.
let state = 42;
const chance = (below) => {
  state = (state * 16807) % 2147483647;
  return state % below;
};
const pick = (...choices) => choices[chance(choices.length)];

const record = (index) => {
  const households = pick("", "0", "1", "120", "4999", "5000", "-3");
  const population = pick("", "0", "120", "300", "-5", "9999");
  const branch = pick("", "y", "n");
  const members = branch === "y" ? pick("", "0", "1", "12", "500") : "";
  const grids = Array.from({ length: chance(4) }, (_, at) =>
    `<grid><grid_code>${pick("", "01", `0${at}`)}</grid_code><grid_households>${pick("", "-1", "0", "60", "120")}</grid_households>` +
    `<posts>${pick("", "leader", "none", "leader none", "assistant supervisor")}</posts></grid>`);
  return `<data id="village_annual" version="2026112201"><start>2026-11-20T08:00:00.000+08:00</start>` +
    `<end>2026-11-20T08:10:00.000+08:00</end><base><village_code>${pick("150921001201", "15092100120", "", "abc")}</village_code>` +
    `<village_name>${pick("A", "", "B C")}</village_name><households>${households}</households><population>${population}</population>` +
    `<branch>${branch}</branch><members>${members}</members><per_household/></base>${grids.join("")}<grid_total/><mismatch/>` +
    `<surveyed_on>${pick("2026-11-20", "", "2020-02-29", "2999-01-01")}</surveyed_on><photo/>` +
    `<meta><instanceID>uuid:${index}</instanceID><instanceName/></meta></data>`;
};

const lines = [];
for (let index = 0; index < Number(count); index++) {
  const xml = record(index);
  const data = new FormData();
  data.append("xml_submission_file", new File([xml], "submission.xml", { type: "text/xml" }));
  const instance = await loaded.restoreInstance({ inputType: "FORM_INSTANCE_INPUT_RESOLVED", data: [data] });
  const violations = instance.root.validationState.violations.map((it) => [it.reference, it.violation.condition]);
  const payload = await instance.root.prepareInstancePayload({ payloadType: "monolithic" });
  const kept = await payload.data[0].get("xml_submission_file").text();
  lines.push(JSON.stringify({ xml, violations, kept }));
}
writeFileSync(out, lines.join("\n"));
console.log(`${lines.length} records judged by the engine`);
process.exit(0);
