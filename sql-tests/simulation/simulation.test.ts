import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { simulate } from "./job-simulation.ts";
import { scenarios, writeInput } from "./scenarios.ts";

/** Seeds of each scenario; `npm run matrix` runs ten thousand. SIMULATION_SEED: this one alone. */
const SEEDS = 70;
const only = process.env["SIMULATION_SEED"];

const folder = mkdtempSync(join(tmpdir(), "millrace-simulation-"));
beforeAll(() => writeInput(folder));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(scenarios(folder))("faults while $name run", (scenario) => {
  test("every seed ends with the output of the undisturbed run", { timeout: 120_000 }, async () => {
    const { output } = await simulate(0, scenario, undefined);
    expect(scenario.tables.every((table) => [...output.keys()].some((key) => key.startsWith(table)))).toBe(true);
    const seeds = only === undefined ? Array.from({ length: SEEDS }, (_, i) => i + 1) : [Number(only)];
    let kills = 0;
    let powerFailures = 0;
    for (const seed of seeds) {
      const { tally } = await simulate(seed, scenario, output).catch((error: unknown) => {
        throw new Error(`SIMULATION_SEED=${seed} SIMULATION_TRACE=1 repeats this: ${(error as Error).message}`, {
          cause: error,
        });
      });
      kills += tally.kills;
      powerFailures += tally.powerFailures;
    }
    // The seeds do what they are there for.
    if (only === undefined) expect(Math.min(kills, powerFailures)).toBeGreaterThan(SEEDS / 2);
  });

  test("a seed is the same run every time", async () => {
    const { output } = await simulate(0, scenario, undefined);
    for (const seed of [3, 4, 5]) {
      const [first, second] = [await simulate(seed, scenario, output), await simulate(seed, scenario, output)];
      expect(second).toEqual(first);
    }
  });
});
