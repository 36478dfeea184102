// Random queries here and in DuckDB, one seed after another: node_modules/.bin/tsx scripts/differential.ts
//   [--seeds 5000] [--from 1] [--show]. A seed whose answers differ is printed with its query; exit status 1.
import { parseArgs } from "node:util";
import { compareSeed, openDuckDB } from "../sql-tests/differential/differential.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "5000" },
    from: { type: "string", default: "1" },
    show: { type: "boolean", default: false },
  },
});
const duckdb = await openDuckDB();
if (duckdb === undefined) {
  console.error("DuckDB does not load here: npm install @duckdb/node-api");
  process.exit(2);
}
const started = performance.now();
const skipped = new Map<string, number>();
let failed = 0;
const first = Number(values.from);
const count = Number(values.seeds);
for (let seed = first; seed < first + count; seed++) {
  const outcome = await compareSeed(seed, duckdb);
  if (values.show) console.log(`${seed}: ${outcome.sql}`);
  if (outcome.skipped !== undefined) skipped.set(outcome.skipped, (skipped.get(outcome.skipped) ?? 0) + 1);
  if ((seed - first + 1) % 250 === 0) console.log(`${seed - first + 1} seeds, ${failed} different`);
  if (outcome.difference === undefined) continue;
  failed += 1;
  console.log(`DIFFERENT, seed ${seed}: ${outcome.sql}\n${outcome.difference}\n`);
}
for (const [reason, times] of [...skipped].sort((a, b) => b[1] - a[1])) console.log(`skipped ${times}: ${reason}`);
const seconds = Math.round((performance.now() - started) / 1000);
const said = [...skipped.values()].reduce((sum, n) => sum + n, 0);
console.log(`${count} seeds in ${seconds} s: ${count - said - failed} equal, ${said} skipped, ${failed} different`);
process.exitCode = failed === 0 ? 0 : 1;
