import { expect, test } from "vitest";
import { simulateCoordinator } from "./coordinator-simulation.ts";

/** `npm run matrix` runs more. SIMULATION_SEED: this one alone. */
const SEEDS = 400;
const only = process.env["SIMULATION_SEED"];

test("the coordinator loses nothing, commits nothing twice and lets every state go", { timeout: 120_000 }, async () => {
  const seeds = only === undefined ? Array.from({ length: SEEDS }, (_, i) => i + 1) : [Number(only)];
  let completed = 0;
  let failed = 0;
  for (const seed of seeds) {
    const tally = await simulateCoordinator(seed).catch((error: unknown) => {
      throw new Error(`SIMULATION_SEED=${seed} SIMULATION_TRACE=1 repeats this: ${(error as Error).message}`, {
        cause: error,
      });
    });
    completed += tally.completed;
    failed += tally.failed;
  }
  if (only === undefined) expect(Math.min(completed, failed)).toBeGreaterThan(SEEDS);
});

test("a seed is the same run every time", async () => {
  for (const seed of [3, 4, 5]) expect(await simulateCoordinator(seed)).toEqual(await simulateCoordinator(seed));
});
