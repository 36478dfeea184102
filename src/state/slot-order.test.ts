import fc from "fast-check";
import { expect, test } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import { valueAt } from "../batch/get.ts";
import { T, type Value } from "../types/data-type.ts";
import type { KeyedTable } from "./api.ts";
import { FreeSlots } from "./free-slots.ts";
import { createOperatorState } from "./operator-state.ts";
import { readSnapshots, type RestoredState } from "./restored-state.ts";
import { apply, contents, layout, operation, subject } from "./test-support.ts";

test("a restored state and one that was never stopped use the same slots from then on", async () => {
  const operations = fc.array(operation, { maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(operations, operations, async (before, after) => {
      const original = subject();
      for (const each of before) apply(original, each);
      const { bytes } = await original.state.freeze().toBytes();
      const restored = subject(await readSnapshots([bytes]));
      expect(layout(restored)).toEqual(layout(original));
      for (const each of after) {
        apply(original, each);
        apply(restored, each);
      }
      expect(layout(restored)).toEqual(layout(original));
      expect(contents(restored)).toEqual(contents(original));
    }),
    { numRuns: 50 },
  );
});

function ints(restore?: RestoredState): {
  readonly state: ReturnType<typeof createOperatorState>;
  readonly table: KeyedTable;
} {
  const state = createOperatorState({ clock: { nowMillis: () => 0 }, maxParallelism: 16, restore });
  return { state, table: state.table({ name: "t", keys: [{ name: "k", type: T.int() }], fields: [], ttlMillis: 0 }) };
}

function slotOfInt(table: KeyedTable, key: number): number {
  const slots = new Int32Array(1);
  void table.prepare([columnOf(T.int(), [key])], undefined, 1, slots);
  return slots[0]!;
}

function keysInOrder(table: KeyedTable): Value[] {
  const slots = table.liveSlots();
  const keys = table.gatherKeys(slots, slots.length);
  return Array.from(slots, (_, i) => valueAt(keys[0]!, i, T.int()));
}

test("tasks that share the rows anew keep their relative order", async () => {
  const one = ints();
  for (let key = 0; key < 200; key++) slotOfInt(one.table, key);
  for (let key = 0; key < 200; key += 3) one.table.remove(slotOfInt(one.table, key));
  const { bytes } = await one.state.freeze().toBytes();
  const left = keysInOrder(one.table);
  const halves = [
    ints(await readSnapshots([bytes], { from: 0, to: 9 })),
    ints(await readSnapshots([bytes], { from: 9, to: 16 })),
  ];
  const ordered = halves.map(({ table }) => keysInOrder(table));
  expect(ordered.flat().toSorted((a, b) => Number(a) - Number(b))).toEqual(left);
  for (const [i, keys] of ordered.entries()) {
    expect(keys).toEqual(left.filter((key) => keys.includes(key)));
    expect([...halves[i]!.table.liveSlots()]).toEqual(keys.map((_, slot) => slot));
  }
  const files = await Promise.all(halves.map(async ({ state }) => (await state.freeze().toBytes()).bytes));
  const joined = keysInOrder(ints(await readSnapshots(files)).table);
  const [low, high] = ordered as [Value[], Value[]];
  expect(joined).toEqual(
    Array.from({ length: 200 }, (_, slot) => [low[slot], high[slot]].filter((key) => key !== undefined)).flat(),
  );
});

test("free slots come lowest first", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(-1), fc.nat(40), fc.nat(100_000)), { maxLength: 300 }), (steps) => {
      const free = new FreeSlots();
      const model = new Set<number>();
      for (const step of steps) {
        if (step === -1) {
          if (model.size === 0) continue;
          const lowest = Math.min(...model);
          expect(free.takeLowest()).toBe(lowest);
          model.delete(lowest);
        } else if (model.has(step)) {
          free.remove(step);
          model.delete(step);
        } else {
          free.add(step);
          model.add(step);
        }
        expect(free.count).toBe(model.size);
      }
      const rest = Array.from({ length: model.size }, () => free.takeLowest());
      expect(rest).toEqual([...model].sort((a, b) => a - b));
    }),
  );
});
