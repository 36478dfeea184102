// Simulated faults, one seed after another: node_modules/.bin/tsx scripts/simulate.ts [--seeds 10000] [--from 1]
//   [--only windows|partitions|joins|coordinator] [--trace]. A seed that fails is printed with what repeats it; exit status 1.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { simulateCoordinator } from "../sql-tests/simulation/coordinator-simulation.ts";
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

/** Runs the seeds of one kind of simulation and says what happened in them. */
async function runSeeds(
  name: string,
  count: number,
  run: (seed: number) => Promise<Readonly<Record<string, number>>>,
): Promise<void> {
  const started = performance.now();
  const sums = new Map<string, number>();
  for (let seed = first; seed < first + count; seed++) {
    try {
      for (const [key, value] of Object.entries(await run(seed))) sums.set(key, (sums.get(key) ?? 0) + value);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}, seed ${seed}: ${(error as Error).stack ?? String(error)}`);
      console.log(`repeat it: npx tsx scripts/simulate.ts --only ${name} --from ${seed} --seeds 1 --trace`);
    }
  }
  const figures = [...sums].map(([key, value]) => `${key} ${value}`).join(", ");
  console.log(`${name}: ${count} seeds in ${Math.round((performance.now() - started) / 1000)} s: ${figures}`);
}

const wanted = (name: string): boolean => values.only === undefined || values.only === name;
const jobs = scenarios(folder);
for (const scenario of jobs.filter(({ name }) => wanted(name))) {
  const { output } = await simulate(0, scenario, undefined);
  // The seeds are shared out among the scenarios.
  await runSeeds(scenario.name, values.only === undefined ? Math.ceil(seeds / jobs.length) : seeds, async (seed) => {
    const { processes, tally } = await simulate(seed, scenario, output);
    return { processes, ...tally };
  });
}
if (wanted("coordinator")) {
  await runSeeds("coordinator", seeds, async (seed) => {
    const { trace: _, ...tally } = await simulateCoordinator(seed);
    return tally;
  });
}
rmSync(folder, { recursive: true });
console.log(failed === 0 ? `${seeds} seeds, every output equal` : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
