// Bundles src/ into dist/ under fixed names and writes manifest.json:
// {"hash": "<of everything>", "files": {"app.css": {"hash": "<12 hex of SHA-256>", "bytes": n}}}.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const maplibre = dirname(createRequire(import.meta.url).resolve("maplibre-gl/package.json"));

// Oldest engines served: phones that still run a 2021 WebView.
const target = ["chrome90", "firefox90", "safari14"];

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { app: "src/app.ts", map: "src/map.ts", pass: "src/pass.ts", proof: "src/pass/reading.ts" },
  outdir: dist,
  bundle: true,
  format: "esm",
  minify: true,
  target: ["es2021"],
  legalComments: "none",
  logLevel: "warning",
});
// A classic script: module workers came later than the oldest engines served.
await build({
  absWorkingDir: here,
  entryPoints: { "service-worker": "src/worker/service-worker.ts" },
  outdir: dist,
  bundle: true,
  format: "iife",
  minify: true,
  target: ["es2021"],
  legalComments: "none",
  logLevel: "warning",
});
await build({
  absWorkingDir: here,
  entryPoints: { app: "src/app.css", map: "src/map.css" },
  outdir: dist,
  bundle: true,
  minify: true,
  target,
  legalComments: "none",
  logLevel: "warning",
});

// The map's worker is already one minified module; only its source-map line goes.
const worker = await readFile(join(maplibre, "dist/maplibre-gl-worker.mjs"), "utf8");
await writeFile(join(dist, "map-worker.js"), worker.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"));
for (const name of ["icons.svg", "favicon.svg"]) {
  await writeFile(join(dist, name), await readFile(join(here, "src", name)));
}

// Home screens take pictures only. One that may be cut to any shape has its mark within the middle four fifths.
const favicon = await readFile(join(here, "src/favicon.svg"), "utf8");
const toTheEdge = favicon.replace(' rx="5"', "").replace('viewBox="0 0 24 24"', 'viewBox="-3 -3 30 30"').replace('<rect width="24" height="24"', '<rect x="-3" y="-3" width="30" height="30"');
for (const [name, svg, size] of [["icon-192", favicon, 192], ["icon-512", favicon, 512], ["icon-maskable-512", toTheEdge, 512]]) {
  await writeFile(join(dist, `${name}.png`), new Resvg(svg, { fitTo: { mode: "width", value: size } }).render().asPng());
}
const licences = ["qr/LICENSE-MIT", "@noble/curves/LICENSE", "@noble/hashes/LICENSE", "idb/LICENSE"];
const texts = licences.map(async (path) => `${dirname(path)}\n\n${await readFile(join(here, "node_modules", path), "utf8")}`);
await writeFile(join(dist, "pass-licence.txt"), (await Promise.all(texts)).join("\n\n"));
await writeFile(join(dist, "map-licence.txt"), await readFile(join(maplibre, "LICENSE.txt")));

const files = {};
const all = createHash("sha256");
for (const name of (await readdir(dist)).sort()) {
  const content = await readFile(join(dist, name));
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  files[name] = { hash, bytes: content.length };
  all.update(name).update(hash);
}
const manifest = { hash: all.digest("hex").slice(0, 12), files };
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
for (const [name, { bytes }] of Object.entries(files)) {
  console.log(`${name.padEnd(16)} ${(bytes / 1000).toFixed(1).padStart(8)} kB`);
}
