import fc from "fast-check";
import { expect, test } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import { valueAt } from "../batch/get.ts";
import { T, type Value } from "../types/data-type.ts";
import type { KeyedTable, RowLists } from "./api.ts";
import { createOperatorState } from "./operator-state.ts";

function newState(ttlMillis = 0, clock = { nowMillis: () => 0 }) {
  const state = createOperatorState({ clock, maxParallelism: 128 });
  const table = state.table({
    name: "t",
    keys: [{ name: "k", type: T.int() }],
    fields: [{ name: "n", type: T.int(), initial: 0 }],
    ttlMillis,
  });
  return { state, table };
}

function slot(table: KeyedTable, key: number): number {
  const slots = new Int32Array(1);
  void table.prepare([columnOf(T.int(), [key])], undefined, 1, slots);
  return slots[0]!;
}

const rowTypes = [T.bigint(), T.string(), T.double(), T.decimal(30, 0), T.boolean(), T.array(T.int())];
const rowFields = rowTypes.map((type, i) => ({ name: `c${i}`, type, initial: null }));
const row = fc.tuple(
  fc.option(fc.bigInt({ min: 0n, max: 2n })),
  fc.option(fc.constantFrom("", "a", "bb")),
  fc.option(fc.constantFrom(0, -0, NaN, 1)),
  fc.option(fc.constantFrom(0n, -1n, 10n ** 25n)),
  fc.option(fc.boolean()),
  fc.option(fc.constantFrom([], [1], [1, null])),
);

function listed(lists: RowLists, parent: number): Value[][] {
  const slots: number[] = [];
  for (let r = lists.head(parent); r >= 0; r = lists.next(r)) slots.push(r);
  const back: number[] = [];
  for (let r = lists.tail(parent); r >= 0; r = lists.previous(r)) back.unshift(r);
  expect(back).toEqual(slots);
  expect(lists.count(parent)).toBe(slots.length);
  const columns = lists.gather(Int32Array.from(slots), slots.length);
  return slots.map((_, i) => columns.map((column, c) => valueAt(column, i, rowTypes[c]!)));
}

test("row lists behave as arrays per parent", () => {
  const operation = fc.record({
    kind: fc.constantFrom("append", "append", "remove", "free"),
    key: fc.integer({ min: 0, max: 3 }),
    row,
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      const { state, table } = newState();
      const lists = state.lists(table, "rows", rowFields);
      const model = new Map<number, Value[][]>();
      const parents: [found: number, parent: number][] = [];
      for (const { kind, key, row: values } of operations) {
        const parent = slot(table, key);
        const source = rowTypes.map((type, c) => columnOf(type, [null, values[c]!]));
        const rows = model.get(key) ?? [];
        model.set(key, rows);
        if (kind === "append") {
          parents.push([lists.parentOf(lists.append(parent, source, 1)), parent]);
          rows.push([...values]);
        } else if (kind === "remove") {
          const found = lists.findRow(parent, source, 1);
          const at = rows.findIndex((other) =>
            other.every((value, c) => JSON.stringify(asText(value)) === JSON.stringify(asText(values[c]!))),
          );
          // The lists below differ when one finds a row and the other does not.
          if (found >= 0) lists.removeRow(found);
          if (at >= 0) rows.splice(at, 1);
        } else {
          table.remove(parent);
          model.delete(key);
        }
      }
      for (const [found, parent] of parents) expect(found).toBe(parent);
      for (const [key, rows] of model) expect(listed(lists, slot(table, key))).toEqual(rows);
      expect(lists.liveCount).toBe([...model.values()].reduce((sum, rows) => sum + rows.length, 0));
    }),
    { numRuns: 100 },
  );
});

function asText(value: Value): string {
  return Object.is(value, -0)
    ? "-0"
    : typeof value === "object" && value !== null
      ? JSON.stringify(value)
      : `${typeof value} ${String(value)}`;
}

test("findRow compares the columns asked for; append leaves further columns at their initial values", () => {
  const { state, table } = newState();
  const lists = state.lists(table, "rows", [
    { name: "a", type: T.int(), initial: null },
    { name: "b", type: T.string(), initial: null },
    { name: "matches", type: T.int(), initial: 5 },
  ]);
  const parent = slot(table, 1);
  const source = [columnOf(T.int(), [1, 2]), columnOf(T.string(), ["x", "x"])];
  const first = lists.append(parent, source, 0);
  const second = lists.append(parent, source, 1);
  expect([
    lists.findRow(parent, source, 1),
    lists.findRow(parent, source, 1, [1]),
    lists.findRow(parent, source, 1, [0]),
  ]).toEqual([second, first, second]);
  const [, , matches] = lists.gather(Int32Array.of(second), 1);
  expect(valueAt(matches!, 0, T.int())).toBe(5);
});

test("rows that come and go do not fill the text arena", () => {
  const { state, table } = newState();
  const lists = state.lists(table, "rows", [{ name: "s", type: T.string(), initial: null }]);
  const parent = slot(table, 1);
  const source = [columnOf(T.string(), ["x".repeat(100)])];
  for (let i = 0; i < 50_000; i++) {
    lists.append(parent, source, 0);
    if (lists.count(parent) > 10) lists.removeRow(lists.head(parent));
  }
  expect(state.memoryBytes()).toBeLessThan(1_000_000);
  expect(valueAt(lists.gather(Int32Array.of(lists.head(parent)), 1)[0]!, 0, T.string())).toBe("x".repeat(100));
});

test("child map entries are per parent and sub-key, in order of arrival", () => {
  const { state, table } = newState();
  const map = state.childMap(table, {
    name: "m",
    keys: [{ name: "v", type: T.string() }],
    fields: [{ name: "n", type: T.bigint(), initial: 0n }],
  });
  const [a, b] = [slot(table, 1), slot(table, 2)];
  const entries = new Int32Array(5);
  void map.prepare(
    Int32Array.of(a, b, a, a, b),
    [columnOf(T.string(), ["x", "x", "y", "x", null])],
    undefined,
    5,
    entries,
  );
  expect(entries[0]).toBe(entries[3]);
  expect(new Set(entries).size).toBe(4);
  const keysOf = (parent: number): Value[] => {
    const out: number[] = [];
    for (let e = map.firstOf(parent); e >= 0; e = map.nextOf(e)) out.push(e);
    const [column] = map.gatherKeys(Int32Array.from(out), out.length);
    return out.map((_, i) => valueAt(column!, i, T.string()));
  };
  expect(keysOf(a)).toEqual(["x", "y"]);
  expect(keysOf(b)).toEqual(["x", null]);
  map.remove(entries[0]!);
  expect(keysOf(a)).toEqual(["y"]);
  table.remove(b);
  expect(map.liveCount).toBe(1);
  const again = new Int32Array(1);
  void map.prepare(Int32Array.of(a), [columnOf(T.string(), ["y"])], undefined, 1, again);
  expect(again[0]).toBe(entries[2]);
});

test("a write renews the time to live, a read does not; expired slots are as new", () => {
  let now = 1000;
  const { state, table } = newState(100, { nowMillis: () => now });
  const lists = state.lists(table, "rows", [{ name: "v", type: T.int(), initial: null }]);
  const s = slot(table, 1);
  const values = table.columns[0]!;
  const write = (value: number): void => {
    table.touchOne(s);
    if (values.storage === "i32") values.values[s] = value;
  };
  const read = (): Value => valueAt(values, slot(table, 1), T.int());
  write(7);
  lists.append(s, [columnOf(T.int(), [1])], 0);
  now = 1099;
  expect(read()).toBe(7);
  lists.append(s, [columnOf(T.int(), [2])], 0);
  now = 1100;
  expect(read()).toBe(7);
  expect(lists.count(s)).toBe(1);
  now = 1199;
  expect(read()).toBe(0);
  expect(lists.count(s)).toBe(0);
  write(8);
  now = 1299;
  const found = new Int32Array(1);
  void table.find([columnOf(T.int(), [1])], undefined, 1, found);
  expect(found[0]).toBe(-1);
  now = 100_000;
  slot(table, 2);
  expect(table.liveCount).toBe(1);
});

test("slices are tables of their own", () => {
  const { state } = newState();
  const slices = state.slices(
    {
      name: "w",
      keys: [{ name: "k", type: T.int() }],
      fields: [{ name: "n", type: T.bigint(), initial: 0n }],
      ttlMillis: 0,
    },
    [{ name: "d", keys: [{ name: "v", type: T.int() }], fields: [] }],
  );
  slot(slices.slice(2000), 1);
  slot(slices.slice(1000), 1);
  slot(slices.slice(1000), 2);
  const entries = new Int32Array(1);
  void slices.childMap(1000, "d").prepare(Int32Array.of(0), [columnOf(T.int(), [9])], undefined, 1, entries);
  expect([slices.ends(), slices.slice(1000).liveCount, slices.childMap(1000, "d").liveCount]).toEqual([
    [1000, 2000],
    2,
    1,
  ]);
  slices.drop(1000);
  expect([slices.ends(), slices.has(1000), slices.has(2000)]).toEqual([[2000], false, true]);
});
