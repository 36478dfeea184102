import fc from "fast-check";
import { expect, test } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import { valueAt } from "../batch/get.ts";
import { hashRows } from "../batch/hash.ts";
import { encodedAny } from "../batch/encode-any.ts";
import { T, type DataType, type Value } from "../types/data-type.ts";
import type { KeyedTable } from "./api.ts";
import { LookupCache, MemoryKeyedTable } from "./keyed-table.ts";
import { createOperatorState } from "./operator-state.ts";

const clock = { nowMillis: () => 0 };

function slotsOf(
  table: KeyedTable,
  types: readonly DataType[],
  keys: readonly (readonly Value[])[],
  insert = true,
): number[] {
  const columns = types.map((type, c) =>
    columnOf(
      type,
      keys.map((key) => key[c]!),
    ),
  );
  const slots = new Int32Array(keys.length);
  void table[insert ? "prepare" : "find"](columns, undefined, keys.length, slots);
  return [...slots];
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const samples: Record<string, readonly [DataType, fc.Arbitrary<Value>]> = {
  bool: [T.boolean(), fc.boolean()],
  i32: [T.int(), fc.integer({ min: -3, max: 3 })],
  i64: [T.bigint(), fc.oneof(int64, fc.constantFrom(0n, 1n, -1n, 1n << 32n))],
  f64: [T.double(), fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, 1.5))],
  i128: [
    T.decimal(38, 0),
    fc.oneof(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.constantFrom(0n, 1n << 64n)),
  ],
  bytes: [T.string(), fc.oneof(fc.string({ unit: "grapheme", maxLength: 8 }), fc.constantFrom("", "a", "b"))],
  any: [T.array(T.int()), fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 })],
};

test.each(Object.keys(samples))(
  "keys of storage %s are found as a map finds them, hashes are the row hash",
  (storage) => {
    const [type, value] = samples[storage]!;
    const key = fc.tuple(fc.option(value), fc.option(fc.integer({ min: 0, max: 2 })));
    const types = [type, T.int()];
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.boolean()), { maxLength: 60 }), (operations) => {
        const table = new MemoryKeyedTable(
          { name: "t", keys: types.map((t, i) => ({ name: `k${i}`, type: t })), fields: [], ttlMillis: 0 },
          clock,
          new LookupCache(),
        );
        const model = new Map<string, number>();
        for (const [row, remove] of operations) {
          const [slot] = slotsOf(table, types, [row]);
          const text = Buffer.from(encodedAny(row)).toString("hex");
          expect(slot).toBe(model.get(text) ?? slot);
          model.set(text, slot!);
          const [out] = table.gatherKeys(Int32Array.of(slot!), 1);
          expect(valueAt(out!, 0, type)).toEqual(row[0]);
          const hash = new Int32Array(1);
          hashRows(
            types.map((t, c) => columnOf(t, [row[c]!])),
            1,
            hash,
          );
          expect((table.store.identity[2] as { values: Int32Array }).values[slot!]).toBe(hash[0]);
          if (remove) {
            table.remove(slot!);
            model.delete(text);
          }
          expect(slotsOf(table, types, [row], false)).toEqual([remove ? -1 : slot]);
        }
        expect(table.liveCount).toBe(model.size);
        expect(new Set(model.values()).size).toBe(model.size);
      }),
      { numRuns: 60 },
    );
  },
);

test("growth keeps keys and values; new slots hold the initial values", () => {
  const state = createOperatorState({ clock, maxParallelism: 128 });
  const table = state.table({
    name: "t",
    keys: [{ name: "k", type: T.bigint() }],
    fields: [
      { name: "n", type: T.bigint(), initial: 7n },
      { name: "m", type: T.double(), initial: null },
      { name: "s", type: T.string(), initial: "x" },
    ],
    ttlMillis: 0,
  });
  const keys = Array.from({ length: 20_000 }, (_, i) => [BigInt(i)]);
  const slots = slotsOf(table, [T.bigint()], keys);
  expect(new Set(slots).size).toBe(20_000);
  expect(slotsOf(table, [T.bigint()], keys)).toEqual(slots);
  const [n, m, s] = table.gather(Int32Array.from(slots), slots.length);
  expect([valueAt(n!, 19_999, T.bigint()), valueAt(m!, 19_999, T.double()), valueAt(s!, 19_999, T.string())]).toEqual([
    7n,
    null,
    "x",
  ]);
  for (const slot of slots.slice(0, 19_990)) table.remove(slot);
  expect(table.liveSlots()).toHaveLength(10);
  expect(slotsOf(table, [T.bigint()], keys.slice(19_990))).toEqual(slots.slice(19_990));
});

test("rows selects the rows of the columns", () => {
  const state = createOperatorState({ clock, maxParallelism: 128 });
  const table = state.table({ name: "t", keys: [{ name: "k", type: T.string() }], fields: [], ttlMillis: 0 });
  const column = columnOf(T.string(), ["a", "b", "a", null]);
  const slots = new Int32Array(3);
  void table.prepare([column], Int32Array.of(3, 2, 0), 3, slots);
  expect([...slots]).toEqual([0, 1, 1]);
});

test("a table without keys has slot 0", () => {
  const state = createOperatorState({ clock, maxParallelism: 128 });
  const table = state.table({ name: "t", keys: [], fields: [{ name: "n", type: T.int(), initial: 0 }], ttlMillis: 0 });
  const slots = new Int32Array(2);
  void table.find([], undefined, 2, slots);
  expect([...slots]).toEqual([-1, -1]);
  void table.prepare([], undefined, 2, slots);
  expect([...slots]).toEqual([0, 0]);
  table.remove(0);
  expect(table.isLive(0)).toBe(false);
  void table.prepare([], undefined, 1, slots);
  expect(table.isLive(0)).toBe(true);
});

test("text garbage is compacted away; what was gathered before stays", () => {
  const state = createOperatorState({ clock, maxParallelism: 128 });
  const table = state.table({
    name: "t",
    keys: [{ name: "k", type: T.int() }],
    fields: [{ name: "s", type: T.string(), initial: "init" }],
    ttlMillis: 0,
  });
  const slots = slotsOf(table, [T.int()], [[1], [2], [3]]);
  const column = table.columns[0]!;
  if (column.storage !== "bytes") throw new Error("bytes expected");
  const text = Buffer.alloc(1000, "a");
  column.setBytes(slots[0]!, text, 0, 3);
  const [before] = table.gather(Int32Array.from(slots), 3);
  for (let i = 0; i < 500; i++) column.setBytes(slots[1]!, text, 0, 1000);
  const grown = column.data.length;
  slotsOf(table, [T.int()], [[1]]);
  expect(column.data.length).toBeLessThan(grown / 10);
  expect(valueAt(before!, 0, T.string())).toBe("aaa");
  const [after] = table.gather(Int32Array.from(slots), 3);
  expect([0, 1, 2].map((row) => (valueAt(after!, row, T.string()) as string).length)).toEqual([3, 1000, 4]);
});
