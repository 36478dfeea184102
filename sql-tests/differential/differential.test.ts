import { beforeAll, describe, expect, test } from "vitest";
import { compareSeed, openDuckDB } from "./differential.ts";

// A few of the seeds that `scripts/differential.ts` runs by the thousand.
const GROUPS = 4;
const SEEDS_PER_GROUP = 50;

let duckdb: Awaited<ReturnType<typeof openDuckDB>>;
beforeAll(async () => {
  duckdb = await openDuckDB();
});

describe("random queries give what DuckDB gives", () => {
  test.each(Array.from({ length: GROUPS }, (_, group) => 1 + group * SEEDS_PER_GROUP))(
    "seeds from %i",
    { timeout: 240_000 },
    async (first) => {
      // There is no build of it for this machine.
      if (duckdb === undefined) return;
      let compared = 0;
      for (let seed = first; seed < first + SEEDS_PER_GROUP; seed++) {
        const { sql, skipped, difference } = await compareSeed(seed, duckdb);
        expect(difference, `seed ${seed}: ${sql}`).toBeUndefined();
        if (skipped === undefined) compared += 1;
      }
      expect(compared).toBeGreaterThan(SEEDS_PER_GROUP * 0.8);
    },
  );
});
