// Records what openrosa-xpath-evaluator answers while its own tests run: `PACKAGE OUT CHROMIUM`.
// Each line: the document, the context, the expression and the answer, for the Rust evaluator to give the same.

import { readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const [packageFolder, out, executablePath] = process.argv.slice(2);
const folder = resolve(packageFolder);
const evaluator = join(folder, "src/openrosa-xpath.js");

const specs = (at) =>
  readdirSync(at, { withFileTypes: true }).flatMap((it) => {
    const path = join(at, it.name);
    return it.isDirectory() ? specs(path) : path.endsWith(".spec.js") ? [path] : [];
  });

const recorder = `
const original = require(${JSON.stringify(`${evaluator}?original`)});
const NUMBER = 1, STRING = 2, BOOLEAN = 3, SNAPSHOT = 7;

// Texts beside each other are one, as they are once the document is written down.
const isText = (it) => it.nodeType === 3 || it.nodeType === 4;
const place = (node) => {
  if (node.nodeType === 9) return "";
  if (node.nodeType === 2) return place(node.ownerElement) + "/@" + node.name;
  let index = -1, before = null;
  for (const it of node.parentNode.childNodes) {
    if (it.nodeType === 10) continue;
    if (!(before && isText(before) && isText(it))) index++;
    before = it;
    if (it === node) return place(node.parentNode) + "/" + index;
  }
  throw new Error("the node is in no document");
};

const answer = (result, again) => {
  switch (result.resultType) {
    case NUMBER: return { number: String(result.numberValue) };
    case STRING: return { string: result.stringValue };
    case BOOLEAN: return { boolean: result.booleanValue };
    case 0: return result.stringValue === undefined ? null : { string: result.stringValue };
    default: {
      const nodes = again();
      return { nodes: Array.from({ length: nodes.snapshotLength }, (_, i) => place(nodes.snapshotItem(i))) };
    }
  }
};

const namespaces = (expression, resolver) => {
  const found = {};
  for (const [, prefix] of expression.matchAll(/([A-Za-z_][\\w.-]*):(?!:)/g)) {
    const uri = typeof resolver === "function" ? resolver(prefix) : resolver?.lookupNamespaceURI?.(prefix);
    if (uri) found[prefix] = uri;
  }
  return found;
};

module.exports = function () {
  const it = original();
  const evaluate = it.evaluate;
  let isPlain = true;
  const add = it.customXPathFunction.add;
  it.customXPathFunction.add = (...rest) => { isPlain = false; return add(...rest); };
  it.evaluate = function (expression, node, resolver, type, ...rest) {
    const record = (of) => {
      try {
        const document = node.ownerDocument ?? node;
        const text = new XMLSerializer().serializeToString(document).replace(/<!DOCTYPE[^>]*>/i, "");
        const entry = { test: window.currentTest, document: text, context: place(node), expression,
          namespaces: namespaces(expression, resolver), now: Date.now(), answer: of() };
        if (isPlain && entry.answer) window.recording.push(JSON.stringify(entry));
      } catch { /* what cannot be written down is not recorded */ }
    };
    let result;
    try {
      result = evaluate.call(it, expression, node, resolver, type, ...rest);
    } catch (error) {
      record(() => ({ error: true }));
      throw error;
    }
    record(() => answer(result, () => evaluate.call(it, expression, node, resolver, SNAPSHOT)));
    return result;
  };
  return it;
};
`;

const plugin = {
  name: "recorder",
  setup(builder) {
    builder.onResolve({ filter: /openrosa-xpath(\.js)?(\?original)?$/ }, (it) => {
      if (it.path.endsWith("?original")) return { path: evaluator };
      const path = resolve(it.resolveDir, it.path);
      return path.startsWith(evaluator.replace(/\.js$/, "")) ? { path: "recorder", namespace: "recorder" } : undefined;
    });
    builder.onLoad({ filter: /.*/, namespace: "recorder" }, () => ({ contents: recorder, resolveDir: folder }));
  },
};

const tests = specs(join(folder, "test/integration"));
const bundle = await build({
  stdin: { contents: tests.map((it) => `require(${JSON.stringify(it)});`).join("\n"), resolveDir: folder },
  bundle: true,
  write: false,
  platform: "browser",
  define: { global: "globalThis", "process.env.NODE_ENV": '"test"' },
  plugins: [plugin],
  logLevel: "error",
});

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({ timezoneId: "America/Phoenix", locale: "en-US" });
  const page = await context.newPage();
  await page.setContent("<!doctype html><title>cases</title><div id=mocha></div>");
  await page.addScriptTag({ path: resolve("node_modules/mocha/mocha.js") });
  await page.evaluate(() => {
    window.recording = [];
    mocha.setup({ ui: "bdd", reporter: "json", timeout: 20000 });
  });
  await page.addScriptTag({ content: bundle.outputFiles[0].text });
  const counts = await page.evaluate(() => new Promise((done) => {
    const runner = mocha.run(() => done(runner.stats));
    runner.on("test", (it) => { window.currentTest = it.fullTitle(); });
  }));
  const recording = await page.evaluate(() => window.recording);
  writeFileSync(out, [...new Set(recording)].join("\n"));
  console.log(`${tests.length} files: ${counts.passes} tests pass, ${counts.failures} fail, ${counts.pending} wait; ${recording.length} answers recorded`);
  if (counts.failures > 0 || recording.length === 0) process.exitCode = 1;
} finally {
  await browser.close();
}
