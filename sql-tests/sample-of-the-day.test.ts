import { expect, test } from "vitest";
import { ALL_CASES, sampleOfTheDay } from "./sample-of-the-day.ts";

test.skipIf(ALL_CASES)("all cases have their turn within the fewest days, and none comes twice a day", () => {
  for (const [count, size] of [
    [206, 6],
    [8, 2],
    [13, 5],
    [6, 2],
    [1, 1],
    [3, 5],
  ] as const) {
    const cases = Array.from({ length: count }, (_, i) => i);
    const days = Array.from({ length: Math.ceil(count / size) }, (_, i) => sampleOfTheDay(cases, size, 20_000 + i));
    for (const day of days) expect(new Set(day).size).toBe(Math.min(count, size));
    expect(new Set(days.flat()).size).toBe(count);
  }
});
