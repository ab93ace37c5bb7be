// Runs the browser tests given, or all: the demo city is made once, and each file opens a copy of it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCity } from "./city.mjs";

const folder = mkdtempSync(join(tmpdir(), "olzii-e2e-city-"));
try {
  await makeCity(folder);
  const options = ["--test", "--test-concurrency=1", "--test-timeout=600000", ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, options, { stdio: "inherit", env: { ...process.env, OLZII_CITY: folder } });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
