// Simulated faults, one seed after another: node_modules/.bin/tsx scripts/simulate.ts [--seeds 10000] [--from 1]
//   [--only windows] [--trace]. A seed that fails is printed with what repeats it; exit status 1.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { simulate } from "../sql-tests/simulation/job-simulation.ts";
import { scenarios, writeInput } from "../sql-tests/simulation/scenarios.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    from: { type: "string", default: "1" },
    only: { type: "string" },
    trace: { type: "boolean", default: false },
  },
});
if (values.trace) process.env["SIMULATION_TRACE"] = "1";
const [first, seeds] = [Number(values.from), Number(values.seeds)];
const folder = mkdtempSync(join(tmpdir(), "millrace-simulate-"));
writeInput(folder);
let failed = 0;
const all = scenarios(folder);
for (const scenario of all.filter(({ name }) => values.only === undefined || name === values.only)) {
  const { output } = await simulate(0, scenario, undefined);
  const started = performance.now();
  const sums = new Map<string, number>();
  let processes = 0;
  // The seeds are shared out among the scenarios.
  const share = values.only === undefined ? Math.ceil(seeds / all.length) : seeds;
  for (let seed = first; seed < first + share; seed++) {
    try {
      const done = await simulate(seed, scenario, output);
      processes += done.processes;
      for (const [name, count] of Object.entries(done.tally)) sums.set(name, (sums.get(name) ?? 0) + (count as number));
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${scenario.name}, seed ${seed}: ${(error as Error).stack ?? String(error)}`);
      console.log(`repeat it: npx tsx scripts/simulate.ts --only ${scenario.name} --from ${seed} --seeds 1 --trace`);
    }
  }
  const figures = [...sums].map(([name, count]) => `${name} ${count}`).join(", ");
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${scenario.name}: ${share} seeds in ${seconds} s: ${processes} processes, ${figures}`);
}
rmSync(folder, { recursive: true });
console.log(failed === 0 ? `${seeds} seeds, every output equal` : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
