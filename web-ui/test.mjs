// Compiles src/**/*.test.ts with esbuild into a temporary folder and runs them with node --test.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const folder = mkdtempSync(join(tmpdir(), "olzii-web-ui-"));
try {
  const entryPoints = ["src/lib", "src/pass", "src/gate"]
    .flatMap((from) => readdirSync(from).map((name) => join(from, name)))
    .filter((name) => name.endsWith(".test.ts"));
  await build({ entryPoints, outdir: folder, outbase: "src", entryNames: "[name]", outExtension: { ".js": ".mjs" }, bundle: true, platform: "node", format: "esm" });
  const files = readdirSync(folder).map((name) => join(folder, name));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
