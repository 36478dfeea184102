import fc from "fast-check";
import { columnOf } from "../batch/column-builder.ts";
import type { Column } from "../batch/column.ts";
import { valueAt } from "../batch/get.ts";
import { T, type DataType, type Value } from "../types/data-type.ts";
import type { ChildMap, KeyedTable, OperatorState, RowLists, SlicedTable, StateColumn, StateField } from "./api.ts";
import { createOperatorState, type MemoryOperatorState } from "./operator-state.ts";
import type { RestoredState } from "./restored-state.ts";

/** Time stands still. */
export const clock = { nowMillis: () => 0 };
const keyTypes = [T.bigint(), T.string()];
/** Types of the fields of the table and of its lists. */
export const valueTypes: readonly DataType[] = [
  T.bigint(),
  T.string(),
  T.double(),
  T.decimal(30, 2),
  T.boolean(),
  T.int(),
  T.array(T.string()),
];
const fields = valueTypes.map((type, i) => ({ name: `f${i}`, type, initial: i === 0 ? 0n : null }));

/** Every kind of state. */
export interface Declared {
  readonly table: KeyedTable;
  readonly lists: RowLists;
  readonly map: ChildMap;
  readonly slices: SlicedTable;
  readonly extra: () => Value;
}

interface DeclareOptions {
  readonly ttlMillis?: number | undefined;
  readonly counting?: boolean | undefined;
  readonly otherwise?: boolean | undefined;
}

export interface Subject extends Declared {
  readonly state: MemoryOperatorState;
}

/** A fresh or restored one. */
export function subject(restore?: RestoredState, ttlMillis = 0, time = clock): Subject {
  const state = createOperatorState({ clock: time, maxParallelism: 16, restore });
  return { state, ...declare(state, { ttlMillis }) };
}

/**
 * Declares every kind of state. `counting`: a number that is another one in each snapshot. `otherwise`: the columns in
 * another order with one more, and what hangs under the table in another order.
 */
export function declare(
  state: OperatorState,
  { ttlMillis = 0, counting = true, otherwise = false }: DeclareOptions = {},
): Declared {
  const keys = keyTypes.map((type, i) => ({ name: `k${i}`, type }));
  const formed = (columns: readonly StateField[]): readonly StateField[] =>
    otherwise ? [{ name: "added", type: T.string(), initial: null }, ...columns.toReversed()] : columns;
  const table = state.table({ name: "t", keys, fields: formed(fields), ttlMillis });
  const distinct = {
    name: "d",
    keys: [{ name: "v", type: T.string() }],
    fields: formed([{ name: "n", type: T.bigint(), initial: 0n }]),
  };
  const before = otherwise ? state.childMap(table, distinct) : undefined;
  const lists = state.lists(table, "rows", formed(fields));
  const map = before ?? state.childMap(table, distinct);
  const slices = state.slices(
    { name: "w", keys, fields: formed([{ name: "n", type: T.bigint(), initial: 0n }]), ttlMillis: 0 },
    [distinct],
  );
  let counter = 0;
  const restored = state.number("counter", "highest", -1, () => (counting ? counter++ : 0));
  return { table, lists, map, slices, extra: () => (restored === -1 ? null : restored) };
}

/** A key as columns of one row. */
export function keyColumns(key: readonly Value[]): Column[] {
  return keyTypes.map((type, i) => columnOf(type, [key[i]!]));
}

/** Finds or makes the slot of a key. */
export function slotOf(table: KeyedTable, key: readonly Value[]): number {
  const slots = new Int32Array(1);
  void table.prepare(keyColumns(key), undefined, 1, slots);
  return slots[0]!;
}

/** Writes one value. */
export function write(column: StateColumn, slot: number, value: Value): void {
  column.nulls[slot] = value === null ? 1 : 0;
  if (value === null) return;
  if (column.storage === "bytes")
    column.setBytes(slot, Buffer.from(value as string), 0, Buffer.byteLength(value as string));
  else if (column.storage === "i128") {
    column.values[2 * slot] = value as bigint;
    column.values[2 * slot + 1] = (value as bigint) >> 64n;
  } else if (column.storage === "bool") column.values[slot] = value === true ? 1 : 0;
  else (column.values as Value[])[slot] = value;
}

type Rows = Record<string, Value[]>;
interface Model {
  table: Rows;
  lists: Record<string, Value[][]>;
  map: Record<string, string[]>;
  slices: Record<string, Record<string, [bigint, ...Value[]]>>;
}

const text = (key: readonly Value[]): string =>
  key.map((value) => (typeof value === "bigint" ? `${value}n` : JSON.stringify(value))).join("|");

/** Everything that the subject holds, as plain data. */
export function contents({ table, lists, map, slices }: Declared): Model {
  const model: Model = { table: {}, lists: {}, map: {}, slices: {} };
  const read = (columns: readonly Column[], types: readonly DataType[]): Value[] =>
    columns.map((column, i) => valueAt(column, 0, types[i]!));
  for (const slot of table.liveSlots()) {
    const one = Int32Array.of(slot);
    const key = text(read(table.gatherKeys(one, 1), keyTypes));
    model.table[key] = read(table.gather(one, 1), valueTypes);
    const rows: Value[][] = [];
    for (let row = lists.head(slot); row >= 0; row = lists.next(row))
      rows.push(read(lists.gather(Int32Array.of(row), 1), valueTypes));
    if (rows.length > 0) model.lists[key] = rows;
    const entries: string[] = [];
    for (let entry = map.firstOf(slot); entry >= 0; entry = map.nextOf(entry)) {
      entries.push(
        `${String(read(map.gatherKeys(Int32Array.of(entry), 1), [T.string()])[0])}=${String((map.columns[0] as { values: BigInt64Array }).values[entry])}`,
      );
    }
    if (entries.length > 0) model.map[key] = entries;
  }
  for (const end of slices.ends()) {
    const slice = slices.slice(end);
    const distinct = slices.childMap(end, "d");
    const rows: Record<string, [bigint, ...Value[]]> = {};
    for (const slot of slice.liveSlots()) {
      const one = Int32Array.of(slot);
      const entries: Value[] = [];
      for (let entry = distinct.firstOf(slot); entry >= 0; entry = distinct.nextOf(entry))
        entries.push(...read(distinct.gatherKeys(Int32Array.of(entry), 1), [T.string()]));
      rows[text(read(slice.gatherKeys(one, 1), keyTypes))] = [
        read(slice.gather(one, 1), [T.bigint()])[0] as bigint,
        ...entries,
      ];
    }
    if (Object.keys(rows).length > 0) model.slices[String(end)] = rows;
  }
  return model;
}

const key = fc.tuple(fc.option(fc.bigInt({ min: 0n, max: 12n })), fc.option(fc.constantFrom("", "a", "ü€")));
const row = fc.tuple(
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.option(fc.string({ unit: "grapheme", maxLength: 20 })),
  fc.option(fc.double()),
  fc.option(fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n })),
  fc.option(fc.boolean()),
  fc.option(fc.integer()),
  fc.option(fc.array(fc.option(fc.string({ maxLength: 3 })), { maxLength: 3 })),
);
/** One change of a subject. */
export const operation = fc.record({
  kind: fc.constantFrom(
    "write",
    "write",
    "append",
    "append",
    "removeRow",
    "distinct",
    "removeEntry",
    "remove",
    "slice",
    "slice",
    "drop",
  ),
  key,
  row,
  distinct: fc.option(fc.constantFrom("x", "y", "z")),
  end: fc.constantFrom(1000, 2000, 3000),
});
export type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

/** Makes the change. */
export function apply(
  { table, lists, map, slices }: Declared,
  { kind, key: at, row: values, distinct, end }: Operation,
): void {
  const source = (): Column[] => valueTypes.map((type, i) => columnOf(type, [values[i]!]));
  if (kind === "drop") return slices.drop(end);
  const parent = kind === "slice" ? slotOf(slices.slice(end), at) : slotOf(table, at);
  const target = kind === "slice" ? slices.childMap(end, "d") : map;
  const entries = new Int32Array(1);
  switch (kind) {
    case "write":
      table.touchOne(parent);
      table.columns.forEach((column, i) => write(column, parent, values[i]!));
      return;
    case "append":
      lists.append(parent, source(), 0);
      return;
    case "removeRow":
      if (lists.head(parent) >= 0)
        lists.removeRow(lists.next(lists.head(parent)) >= 0 ? lists.next(lists.head(parent)) : lists.head(parent));
      return;
    case "slice":
      slices.slice(end).touchOne(parent);
      write(slices.slice(end).columns[0]!, parent, values[0] ?? 1n);
      break;
    case "remove":
      table.remove(parent);
      return;
    case "removeEntry":
      if (map.firstOf(parent) >= 0) map.remove(map.firstOf(parent));
      return;
    case "distinct":
      break;
  }
  void target.prepare(Int32Array.of(parent), [columnOf(T.string(), [distinct])], undefined, 1, entries);
  target.touchOne(entries[0]!);
  const counts = target.columns[0] as { values: BigInt64Array };
  counts.values[entries[0]!] = counts.values[entries[0]!]! + 1n;
}

/** Which slots everything lies in: a state that goes on like another has the same. */
export function layout({ table, lists, map, slices }: Declared): unknown {
  const walk = (first: number, next: (at: number) => number): number[] => {
    const out: number[] = [];
    for (let at = first; at >= 0; at = next(at)) out.push(at);
    return out;
  };
  const entriesOf = (children: ChildMap, slot: number): number[] =>
    walk(children.firstOf(slot), (entry) => children.nextOf(entry));
  return {
    table: [...table.liveSlots()].map((slot) => [
      slot,
      walk(lists.head(slot), (row) => lists.next(row)),
      entriesOf(map, slot),
    ]),
    slices: slices
      .ends()
      .filter((end) => slices.slice(end).liveCount > 0)
      .map((end) => [
        end,
        [...slices.slice(end).liveSlots()].map((slot) => [slot, entriesOf(slices.childMap(end, "d"), slot)]),
      ]),
  };
}
