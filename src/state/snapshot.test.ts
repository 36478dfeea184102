import fc from "fast-check";
import { expect, test } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import type { Column } from "../batch/column.ts";
import { valueAt } from "../batch/get.ts";
import { keyGroupOf } from "../batch/hash.ts";
import { T, type DataType, type Value } from "../types/data-type.ts";
import type { ChildMap, KeyedTable, RowLists, SlicedTable, StateColumn } from "./api.ts";
import { createOperatorState, type MemoryOperatorState } from "./operator-state.ts";
import { readManifest, readSnapshots, type RestoredState } from "./restored-state.ts";

const clock = { nowMillis: () => 0 };
const keyTypes = [T.bigint(), T.string()];
const valueTypes: readonly DataType[] = [
  T.bigint(),
  T.string(),
  T.double(),
  T.decimal(30, 2),
  T.boolean(),
  T.int(),
  T.array(T.string()),
];
const fields = valueTypes.map((type, i) => ({ name: `f${i}`, type, initial: i === 0 ? 0n : null }));

interface Subject {
  readonly state: MemoryOperatorState;
  readonly table: KeyedTable;
  readonly lists: RowLists;
  readonly map: ChildMap;
  readonly slices: SlicedTable;
  readonly extra: () => Value;
}

/** One operator with every kind of state. */
function subject(restore?: RestoredState, ttlMillis = 0, time = clock): Subject {
  const state = createOperatorState({ clock: time, maxParallelism: 16, restore });
  const keys = keyTypes.map((type, i) => ({ name: `k${i}`, type }));
  const table = state.table({ name: "t", keys, fields, ttlMillis });
  const lists = state.lists(table, "rows", fields);
  const distinct = {
    name: "d",
    keys: [{ name: "v", type: T.string() }],
    fields: [{ name: "n", type: T.bigint(), initial: 0n }],
  };
  const map = state.childMap(table, distinct);
  const slices = state.slices(
    { name: "w", keys, fields: [{ name: "n", type: T.bigint(), initial: 0n }], ttlMillis: 0 },
    [distinct],
  );
  let counter = 0;
  const restored = state.extra("counter", () => counter++);
  return { state, table, lists, map, slices, extra: () => (restored ?? null) as Value };
}

function keyColumns(key: readonly Value[]): Column[] {
  return keyTypes.map((type, i) => columnOf(type, [key[i]!]));
}

function slotOf(table: KeyedTable, key: readonly Value[]): number {
  const slots = new Int32Array(1);
  void table.prepare(keyColumns(key), undefined, 1, slots);
  return slots[0]!;
}

function write(column: StateColumn, slot: number, value: Value): void {
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
function contents({ table, lists, map, slices }: Subject): Model {
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
const operation = fc.record({
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
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

function apply({ table, lists, map, slices }: Subject, { kind, key: at, row: values, distinct, end }: Operation): void {
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

test("what is restored is what was there at the freeze, while writing went on", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { maxLength: 60 }),
      fc.array(operation, { maxLength: 40 }),
      async (before, after) => {
        const original = subject();
        for (const each of before) apply(original, each);
        const expected = contents(original);
        const frozen = original.state.freeze();
        for (const each of after.slice(0, 3)) apply(original, each);
        const writing = frozen.write();
        const pieces: Uint8Array[] = [];
        const rest = after.slice(3);
        for (let piece = await writing.next(); piece.done !== true; piece = await writing.next()) {
          pieces.push(piece.value);
          const next = rest.shift();
          if (next !== undefined) apply(original, next);
        }
        const bytes = Buffer.concat(pieces);
        const restored = subject(await readSnapshots([bytes]));
        restored.state.checkAllRestored(false);
        expect(contents(restored)).toEqual(expected);
        expect(restored.extra()).toBe(0);

        // Two tasks with half of the key groups each hold the same together, and their snapshots join again.
        const low = subject(await readSnapshots([bytes], { from: 0, to: 7 }));
        const high = subject(await readSnapshots([bytes], { from: 7, to: 16 }));
        expect(Object.keys(contents(low).table).length + Object.keys(contents(high).table).length).toBe(
          Object.keys(expected.table).length,
        );
        const halves = [(await low.state.freeze().toBytes()).bytes, (await high.state.freeze().toBytes()).bytes];
        const joined = subject(await readSnapshots(halves));
        expect(contents(joined)).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test("many pages, several batches a key group, rows moved by removal", async () => {
  const make = (restore?: RestoredState) => {
    const state = createOperatorState({ clock, maxParallelism: 2, restore });
    const table = state.table({
      name: "t",
      keys: [{ name: "k", type: T.int() }],
      fields: [
        { name: "n", type: T.bigint(), initial: 0n },
        { name: "s", type: T.string(), initial: null },
      ],
      ttlMillis: 0,
    });
    const lists = state.lists(table, "l", [{ name: "v", type: T.int(), initial: null }]);
    return { state, table, lists };
  };
  const { state, table, lists } = make();
  const count = 150_000;
  const slots = new Int32Array(count);
  void table.prepare(
    [
      columnOf(
        T.int(),
        Array.from({ length: count }, (_, i) => i),
      ),
    ],
    undefined,
    count,
    slots,
  );
  const row = [columnOf(T.int(), [1, 2, 3])];
  const fill = (offset: bigint): void => {
    const values = (table.columns[0] as { values: BigInt64Array }).values;
    table.touch(slots, count);
    for (let i = 0; i < count; i++) values[slots[i]!] = BigInt(i) + offset;
  };
  fill(0n);
  for (let i = 0; i < 1000; i++) lists.append(slots[i]!, row, 0);
  for (let i = 0; i < 1000; i++) lists.append(slots[i]!, row, 1);
  for (let i = 0; i < 1000; i++) lists.removeRow(lists.head(slots[i]!));
  for (let i = 0; i < 1000; i++) lists.append(slots[i]!, row, 2);
  const frozen = state.freeze();
  const writing = frozen.toBytes();
  fill(1_000_000n);
  for (let i = 0; i < 1000; i++) table.remove(slots[i]!);
  const { bytes, manifest } = await writing;
  expect(manifest.parts[0]!.rows).toBe(count);
  expect(manifest.parts[0]!.groups.map((group) => group.batches)).toEqual([2, 2]);
  expect(readManifest(bytes)).toEqual(manifest);

  const back = make(await readSnapshots([bytes]));
  const again = new Int32Array(count);
  void back.table.find(
    [
      columnOf(
        T.int(),
        Array.from({ length: count }, (_, i) => i),
      ),
    ],
    undefined,
    count,
    again,
  );
  const values = (back.table.columns[0] as { values: BigInt64Array }).values;
  const wrong = Array.from({ length: count }, (_, i) => i).filter((i) => values[again[i]!] !== BigInt(i));
  expect(wrong).toEqual([]);
  const listed = (slot: number): Value[] =>
    [back.lists.head(slot), back.lists.tail(slot)].map(
      (at) => (back.lists.columns[0] as { values: Int32Array }).values[at]!,
    );
  for (let i = 0; i < 1000; i++) expect(listed(again[i]!)).toEqual([2, 3]);
});

test("last-write times go into the snapshot: state expires as if the job had gone on", async () => {
  let now = 1000;
  const time = { nowMillis: () => now };
  const original = subject(undefined, 100, time);
  const slot = slotOf(original.table, [1n, "a"]);
  original.table.touchOne(slot);
  write(original.table.columns[0]!, slot, 5n);
  original.lists.append(
    slot,
    valueTypes.map((type) => columnOf(type, [null])),
    0,
  );
  const { bytes } = await original.state.freeze().toBytes();
  now = 1099;
  const alive = subject(await readSnapshots([bytes]), 100, time);
  expect(slotOf(alive.table, [1n, "a"])).toBe(0);
  expect([valueAt(alive.table.columns[0]!, 0, T.bigint()), alive.lists.count(0)]).toEqual([5n, 1]);
  now = 1100;
  const restored = subject(await readSnapshots([bytes]), 100, time);
  slotOf(restored.table, [1n, "a"]);
  expect([valueAt(restored.table.columns[0]!, 0, T.bigint()), restored.lists.count(0)]).toEqual([0n, 0]);
  const switchedOff = subject(await readSnapshots([bytes]), 0, time);
  expect(Object.keys(contents(switchedOff).table)).toHaveLength(1);
});

test("a state that does not fit is refused, one that nobody declares too", async () => {
  const { state, table } = subject();
  slotOf(table, [1n, "a"]);
  const { bytes } = await state.freeze().toBytes();
  const other = createOperatorState({ clock, maxParallelism: 16, restore: await readSnapshots([bytes]) });
  expect(() => other.table({ name: "t", keys: [{ name: "k0", type: T.bigint() }], fields: [], ttlMillis: 0 })).toThrow(
    "the state 't' in the checkpoint does not fit this query: it has the keys k0 BIGINT, k1 VARCHAR(2147483647) there and k0 BIGINT here",
  );
  const none = createOperatorState({ clock, maxParallelism: 16, restore: await readSnapshots([bytes]) });
  expect(() => none.checkAllRestored(false)).toThrow(
    "the checkpoint holds state that this query does not have: t, t/rows, t/d, w, w/d, counter",
  );
  none.checkAllRestored(true);
});

test("damage is found", async () => {
  const { state, table } = subject();
  slotOf(table, [1n, "a"]);
  const { bytes, manifest } = await state.freeze().toBytes();
  const damaged = Uint8Array.from(bytes);
  damaged[manifest.parts[0]!.groups[0]!.offset + 100]! ^= 1;
  await expect(readSnapshots([damaged])).rejects.toMatchObject({ code: "CHECKPOINT_INVALID" });
  await expect(readSnapshots([bytes.subarray(0, bytes.length - 1)])).rejects.toMatchObject({
    code: "CHECKPOINT_INVALID",
  });
});

test("the next freeze gives up the one before; a written or released one costs writers nothing", async () => {
  const { state, table } = subject();
  slotOf(table, [1n, "a"]);
  const first = state.freeze();
  const second = state.freeze();
  await expect(first.toBytes()).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  await second.toBytes();
  const third = state.freeze();
  third.release();
  await expect(third.toBytes()).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
});

test("rows lie in the file by key group of the row hash", async () => {
  const { state, table } = subject();
  for (let i = 0n; i < 50n; i++) slotOf(table, [i, "a"]);
  const { manifest } = await state.freeze().toBytes();
  const hashes = (table as unknown as { store: { identity: { values: Int32Array }[] } }).store.identity[2]!.values;
  const expected = new Map<number, number>();
  for (let slot = 0; slot < 50; slot++)
    expected.set(keyGroupOf(hashes[slot]!, 16), (expected.get(keyGroupOf(hashes[slot]!, 16)) ?? 0) + 1);
  expect(manifest.parts[0]!.groups.map(({ keyGroup, rows }) => [keyGroup, rows])).toEqual(
    [...expected].sort(([a], [b]) => a - b),
  );
});
