// The corpus of Flink's answers in every chaos mode: cases that pass must give the same final rows in all of them.
//   node scripts/conformance-chaos.mjs [FOLDER]
// Needs a build. Exit status 1 when a mode gives other rows; cases that fail without chaos are only counted.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = process.argv[2] ?? fileURLToPath(new URL("../../shared/conformance", import.meta.url));
if (!existsSync(folder)) {
  console.log(`skipped: there is no ${folder}`);
  process.exit(0);
}
const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const run = spawnSync(process.execPath, [cli, "test", folder, "--chaos"], { encoding: "utf8", maxBuffer: 1 << 28 });
const lines = run.stdout.trim().split("\n");
const failures = lines.filter((line) => line.startsWith("FAIL "));
const inModes = failures.filter((line) => line.endsWith("]"));
if (!/ passed, .* skipped$/.test(lines.at(-1) ?? "")) {
  console.log(run.stdout.slice(-4000), run.stderr.slice(-4000));
  process.exit(1);
}
for (const line of inModes) {
  const at = lines.indexOf(line);
  console.log([line, ...lines.slice(at + 1, at + 12).filter((detail) => detail.startsWith("  "))].join("\n"));
}
console.log(
  `${lines.at(-1)}; of the failures ${failures.length - inModes.length} without chaos, ${inModes.length} in a mode`,
);
process.exitCode = inModes.length === 0 ? 0 : 1;
