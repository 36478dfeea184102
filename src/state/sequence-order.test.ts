import fc from "fast-check";
import { expect, test } from "vitest";
import { positionsInOrder } from "./sequence-order.ts";

function compared(numbers: Float64Array): number[] {
  return Array.from(numbers.keys()).sort((a, b) => numbers[a]! - numbers[b]! || a - b);
}

test.each([
  ["few", 100, 2 ** 53 - 1],
  ["many, one digit", 10_000, 60_000],
  ["many, two digits", 10_000, 2 ** 32 - 1],
  ["many, three digits", 10_000, 2 ** 40],
  ["many, four digits", 10_000, 2 ** 53 - 1],
  ["many equal ones", 10_000, 5],
])("%s: as comparing sorts them, equal ones in their order", (_name, count, max) => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 1000 }), (seed, offset) => {
      let state = seed;
      const random = (): number => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        return (state >>> 0) / 2 ** 32;
      };
      const numbers = Float64Array.from({ length: count }, () => Math.floor(random() * (max - offset)) + offset);
      expect([...positionsInOrder(numbers)]).toEqual(compared(numbers));
    }),
    { numRuns: 5 },
  );
});

test("none, one, and what is in order already", () => {
  expect([...positionsInOrder(new Float64Array(0))]).toEqual([]);
  expect([...positionsInOrder(Float64Array.of(7))]).toEqual([0]);
  expect([...positionsInOrder(Float64Array.of(1, 2, 2, 9))]).toEqual([0, 1, 2, 3]);
});
