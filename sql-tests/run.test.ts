import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findCases } from "../src/testing/cases.ts";
import { CHAOS_MODES, PLAIN } from "../src/testing/modes.ts";
import { runCase } from "../src/testing/run-case.ts";
import { DAY } from "./sample-of-the-day.ts";

const HERE = import.meta.dirname;
const SEED = Number(process.env["MODE_SEED"] ?? DAY);

/** One case in so many runs in a chaos mode each day; `npm run matrix` runs all of them in all modes. */
const SAMPLE = Number(process.env["CHAOS_SAMPLE"] ?? 6);

/** Every golden case, plain and now and then in a chaos mode that rotates from case to case and from day to day. */
describe.each(findCases([HERE]).map((golden, index) => ({ golden, index })))("$golden.name", ({ golden, index }) => {
  test("gives the expected outcome", async () => {
    const result = await runCase(golden, PLAIN, false);
    expect(result.details).toEqual([]);
  });

  if ((index + SEED) % SAMPLE !== 0) return;
  const mode = CHAOS_MODES[Math.floor((index + SEED) / SAMPLE) % CHAOS_MODES.length]!;
  test(`gives the same rows: ${mode.name}`, { timeout: 120_000 }, async (context) => {
    const result = await runCase(golden, mode, false);
    if (result.status === "skipped") context.skip(result.details.join());
    expect(result.details).toEqual([]);
  });
});

test("every case has its expected outcome beside it", () => {
  const missing = findCases([HERE]).filter((golden) => !existsSync(golden.expectedFile));
  expect(missing.map((golden) => golden.name)).toEqual([]);
  expect(existsSync(join(HERE, "data"))).toBe(true);
});
