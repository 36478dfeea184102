// npm run demo: prepares the data, runs demo/flights.sql (going on where a killed run stopped), compares the files with demo/expected.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { prepareFlights } from "./prepare-flights.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
if (process.argv.includes("--fresh"))
  for (const dir of ["demo/out", "demo/.millrace"]) rmSync(`${root}/${dir}`, { recursive: true, force: true });
await prepareFlights();
const format = process.stdout.isTTY ? [] : ["--format", "tableau"];
const run = spawnSync(
  process.execPath,
  ["dist/cli.js", "run", "demo/flights.sql", "--from", "latest", "--final", ...format],
  { cwd: root, stdio: "inherit" },
);
if (run.status !== 0) process.exit(run.status ?? 1);

let different = 0;
for (const table of ["airport_days", "worst_airports"]) {
  const folder = `${root}/demo/out/${table}`;
  const parts = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.startsWith("part-"))
        .sort(byNumbers)
    : [];
  const actual = parts.map((name) => readFileSync(`${folder}/${name}`, "utf8")).join("");
  const expected = gunzipSync(readFileSync(`${root}/demo/expected/${table}.csv.gz`)).toString();
  const same = actual === expected;
  if (!same) different += 1;
  console.error(
    `demo/out/${table}: ${actual.split("\n").length - 1} rows, ${same ? "equal to" : "DIFFERENT from"} demo/expected/${table}.csv.gz`,
  );
}
console.error("run it again: there is nothing left to do; npm run demo -- --fresh starts over");
process.exit(different === 0 ? 0 : 1);

/** Part files are numbered: part-…-10 comes after part-…-9. */
function byNumbers(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}
