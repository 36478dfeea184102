import { expect, test } from "vitest";
import { AutoInterval } from "./auto-interval.ts";

const BOUNDS = { minMillis: 1000, maxMillis: 600_000 };

test("snapshot size / data rate", () => {
  const auto = new AutoInterval(BOUNDS, 50, 1000, 0);
  expect(auto.currentMillis).toBe(1000);
  // 20,000 rows of 50 bytes in 2 s are 500,000 bytes a second; 5 MB take 10 s.
  expect(auto.next(5_000_000, 21_000, 2000)).toBe(10_000);
  // The rate counts from the checkpoint before: 100,000 rows in 10 s.
  expect(auto.next(5_000_000, 121_000, 12_000)).toBe(10_000);
  expect(auto.next(50_000_000, 221_000, 22_000)).toBe(100_000);
});

test("within its bounds; without input the longest", () => {
  const auto = new AutoInterval(BOUNDS, 50, 0, 0);
  expect(auto.next(10, 1_000_000, 1000)).toBe(1000);
  expect(auto.next(1e12, 1_000_100, 2000)).toBe(600_000);
  expect(auto.next(10, 1_000_100, 3000)).toBe(600_000);
});

test("small changes are not told, many small ones are", () => {
  const auto = new AutoInterval({ minMillis: 1000, maxMillis: 600_000 }, 1, 0, 0);
  let millis = 0;
  const step = (seconds: number): boolean => {
    millis += 1000;
    auto.next(seconds * 1000, millis, millis);
    return auto.changedNotably();
  };
  expect([step(10), step(10.5), step(10.9), step(11.1), step(11)]).toEqual([true, false, false, true, false]);
});
