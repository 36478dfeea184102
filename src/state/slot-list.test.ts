import fc from "fast-check";
import { expect, test } from "vitest";
import { Pace } from "./pace.ts";
import { addSlots, encodeSlots } from "./slot-list.ts";

function maskOf(slots: readonly number[], length: number): Uint8Array {
  const mask = new Uint8Array(length);
  for (const slot of slots) mask[slot] = 1;
  return mask;
}

test("slots come back, whatever lies between them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 50 }), async (slots) => {
      const mask = maskOf(slots, 300_001);
      const list = await encodeSlots(mask, mask.length, new Pace());
      const back = addSlots(list, new Uint8Array(1));
      expect(Array.from(back.keys()).filter((slot) => back[slot] === 1)).toEqual(
        [...new Set(slots)].toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 30 },
  );
});

test("a byte a slot when all of them are there, nothing for none; slots above the limit do not count", async () => {
  const all = new Uint8Array(100_000).fill(1);
  expect((await encodeSlots(all, 100_000, new Pace())).length).toBe(100_000);
  expect((await encodeSlots(all, 70_000, new Pace())).length).toBe(70_000);
  expect((await encodeSlots(new Uint8Array(100_000), 100_000, new Pace())).length).toBe(0);
});

test("lists add up", async () => {
  const one = await encodeSlots(maskOf([0, 5], 10), 10, new Pace());
  const two = await encodeSlots(maskOf([5, 200], 300), 300, new Pace());
  const both = addSlots(two, addSlots(one, new Uint8Array(0)));
  expect([0, 5, 200, 6].map((slot) => both[slot])).toEqual([1, 1, 1, 0]);
});

test("a list that is cut off is refused", () => {
  expect(() => addSlots(Uint8Array.of(3, 0x80), new Uint8Array(8))).toThrow(
    "a list of slots in a state file is damaged",
  );
});
