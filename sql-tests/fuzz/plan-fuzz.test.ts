import { join } from "node:path";
import { expect, test } from "vitest";
import { DAY } from "../sample-of-the-day.ts";
import { PlanFuzz } from "./plan-fuzz.ts";

/** So long in CI; hours: scripts/fuzz.ts. */
const MILLIS = Number(process.env["FUZZ_SECONDS"] ?? "20") * 1000;

test("changed statements are planned or refused, never a crash", { timeout: MILLIS + 120_000 }, async () => {
  const fuzz = new PlanFuzz(join(import.meta.dirname, ".."));
  expect(fuzz.size).toBeGreaterThan(100);
  // Another part of the space every day; a failure names its seed.
  const first = DAY * 1_000_000;
  const end = performance.now() + MILLIS;
  for (let seed = first; performance.now() < end; seed++) {
    const failure = await fuzz.run(seed);
    if (failure !== undefined)
      throw new Error(`seed ${failure.seed} of ${failure.file}: ${failure.text}\n${failure.problem}`);
  }
  expect(fuzz.planned).toBeGreaterThan(10);
});
