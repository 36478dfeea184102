import { expect, test } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import { valueAt } from "../batch/get.ts";
import { T, type DataType, type Value } from "../types/data-type.ts";
import type { KeyedTable, StateField } from "./api.ts";
import { createOperatorState, type MemoryOperatorState } from "./operator-state.ts";
import { readSnapshots, type KeyGroupRange } from "./restored-state.ts";

const clock = { nowMillis: () => 0 };

interface Cell {
  readonly name: string;
  readonly type: DataType;
  readonly initial?: Value;
  readonly more?: Partial<StateField>;
}

function fieldOf({ name, type, initial = null, more = {} }: Cell): StateField {
  return { name, type, initial, ...more };
}

async function restored(state: MemoryOperatorState, keyGroups?: KeyGroupRange): Promise<MemoryOperatorState> {
  const { bytes } = await state.freeze().toBytes();
  const restore = await readSnapshots([bytes], keyGroups);
  return createOperatorState({ clock, maxParallelism: 16, restore, keyGroups });
}

function declare(
  state: MemoryOperatorState,
  keys: readonly Cell[],
  fields: readonly Cell[],
  ttlMillis = 0,
): KeyedTable {
  return state.table({
    name: "t",
    keys: keys.map(({ name, type }) => ({ name, type })),
    fields: fields.map(fieldOf),
    ttlMillis,
  });
}

/** A state with one table and these rows: keys, then fields. */
function filled(
  keys: readonly Cell[],
  fields: readonly Cell[],
  rows: readonly (readonly Value[])[],
): MemoryOperatorState {
  const state = createOperatorState({ clock, maxParallelism: 16 });
  const table = declare(state, keys, fields);
  for (const row of rows) {
    const slot = new Int32Array(1);
    void table.prepare(
      keys.map(({ type }, i) => columnOf(type, [row[i]!])),
      undefined,
      1,
      slot,
    );
    const values = fields.map(({ type }, i) => columnOf(type, [row[keys.length + i]!]));
    table.columns.forEach((column, i) => put(column, slot[0]!, values[i]!));
  }
  return state;
}

function put(column: KeyedTable["columns"][number], slot: number, source: ReturnType<typeof columnOf>): void {
  column.nulls[slot] = source.nulls?.[0] ?? 0;
  if (column.nulls[slot] === 1) return;
  if (column.storage === "bytes") {
    const { data, starts, lengths } = source as Extract<typeof source, { storage: "bytes" }>;
    column.setBytes(slot, data, starts[0]!, lengths[0]!);
    return;
  }
  const { values } = source as { values: readonly Value[] };
  const width = column.storage === "i128" ? 2 : 1;
  for (let word = 0; word < width; word++) (column.values as Value[])[slot * width + word] = values[word]!;
}

function contents(table: KeyedTable, keys: readonly Cell[], fields: readonly Cell[]): Value[][] {
  const slots = table.liveSlots();
  const columns = [...table.gatherKeys(slots, slots.length), ...table.gather(slots, slots.length)];
  const types = [...keys, ...fields].map(({ type }) => type);
  return Array.from(slots, (_, row) => columns.map((column, i) => valueAt(column, row, types[i]!)));
}

const KEY: Cell = { name: "k", type: T.int() };

test.each<readonly [what: string, from: DataType, to: DataType, value: Value, expected: Value]>([
  ["INT to BIGINT", T.int(), T.bigint(), 7, 7n],
  ["SMALLINT to INT", T.smallint(), T.int(), -7, -7],
  ["FLOAT to DOUBLE", T.float(), T.double(), 0.5, 0.5],
  ["INT to DOUBLE", T.int(), T.double(), 3, 3],
  ["INT to DECIMAL", T.int(), T.decimal(12, 2), 3, 300n],
  ["more digits", T.decimal(10, 2), T.decimal(30, 2), 12345n, 12345n],
  ["more places", T.decimal(10, 2), T.decimal(14, 4), -12345n, -1234500n],
  ["sums with more places", T.decimal(38, 2), T.decimal(38, 4), 12345n, 1234500n],
  ["a sum that has overflowed", T.decimal(38, 2), T.decimal(38, 4), (1n << 127n) - 1n, (1n << 127n) - 1n],
  ["longer text", T.varchar(10), T.string(), "é", "é"],
  ["CHAR to VARCHAR", T.char(3), T.varchar(5), "abc", "abc"],
  ["finer times", T.timestamp(3), T.timestamp(6), 1500, 1_500_000_000n],
  ["NOT NULL to NULL", T.int(false), T.int(), 4, 4],
  ["arrays of longer text", T.array(T.varchar(3)), T.array(T.string()), ["a", null], ["a", null]],
])("%s widens, NULL stays NULL", async (_, from, to, value, expected) => {
  const state = await restored(
    filled(
      [KEY],
      [{ name: "v", type: from }],
      [
        [1, value],
        [2, null],
      ],
    ),
  );
  const fields = [{ name: "v", type: to }];
  const table = declare(state, [KEY], fields);
  expect(contents(table, [KEY], fields)).toEqual([
    [1, expected],
    [2, null],
  ]);
  state.checkAllRestored(false);
});

test.each<readonly [what: string, from: DataType, to: DataType]>([
  ["BIGINT to INT", T.bigint(), T.int()],
  ["BIGINT to DOUBLE, which loses digits", T.bigint(), T.double()],
  ["fewer places", T.decimal(10, 2), T.decimal(10, 1)],
  ["places that take digits away", T.decimal(10, 2), T.decimal(10, 4)],
  ["shorter text", T.string(), T.varchar(3)],
  ["STRING to INT", T.string(), T.int()],
  ["padded text", T.char(3), T.char(5)],
  ["coarser times", T.timestamp(6), T.timestamp(3)],
  ["arrays of other values", T.array(T.int()), T.array(T.bigint())],
])("%s does not fit", async (_, from, to) => {
  const state = await restored(filled([KEY], [{ name: "v", type: from }], [[1, null]]));
  expect(() => declare(state, [KEY], [{ name: "v", type: to }])).toThrow(
    /^the state 't' in the checkpoint does not fit this query: it has v .* there and .* here$/,
  );
});

test("columns go by name: others start empty, or are dropped when that is allowed", async () => {
  const state = await restored(
    filled(
      [KEY],
      [
        { name: "a", type: T.int() },
        { name: "b", type: T.string() },
      ],
      [
        [1, 10, "x"],
        [2, 20, null],
      ],
    ),
  );
  const fields: Cell[] = [
    { name: "c", type: T.bigint(), initial: 5n },
    { name: "b", type: T.string() },
    { name: "d", type: T.decimal(30, 2) },
  ];
  const table = declare(state, [KEY], fields);
  expect(contents(table, [KEY], fields)).toEqual([
    [1, 5n, "x", null],
    [2, 5n, null, null],
  ]);
  expect(() => state.checkAllRestored(false)).toThrow(
    "the checkpoint holds state that this query does not have: a (of t)",
  );
  state.checkAllRestored(true);
});

test("a column that must not start empty is refused with its reason", async () => {
  const state = await restored(filled([KEY], [], [[1]]));
  expect(() => declare(state, [KEY], [{ name: "$n", type: T.int(), more: { missing: "nobody counted" } }])).toThrow(
    "the state 't' in the checkpoint does not fit this query: it lacks n there: nobody counted",
  );
});

test("keys in another order, and wider keys, are found again", async () => {
  const keys: Cell[] = [KEY, { name: "s", type: T.string() }];
  const rows = Array.from({ length: 40 }, (_, i): Value[] => [i, `s${i % 3}`, i * 2]);
  const state = await restored(filled(keys, [{ name: "v", type: T.int() }], rows));
  const wider: Cell[] = [keys[1]!, { name: "k", type: T.bigint() }];
  const fields = [{ name: "v", type: T.int() }];
  const table = declare(state, wider, fields);
  const slots = new Int32Array(40);
  void table.find(
    [
      columnOf(
        T.string(),
        rows.map((row) => row[1]!),
      ),
      columnOf(
        T.bigint(),
        rows.map((row) => BigInt(row[0] as number)),
      ),
    ],
    undefined,
    40,
    slots,
  );
  expect(Array.from(slots).includes(-1)).toBe(false);
  expect(contents(table, wider, fields)).toEqual(rows.map(([k, s, v]) => [s, BigInt(k as number), v]));
  // And once more from a snapshot of the new form, in halves: the rows lie in the key groups of their new keys.
  const { bytes } = await state.freeze().toBytes();
  const halves = await Promise.all(
    [
      { from: 0, to: 8 },
      { from: 8, to: 16 },
    ].map(async (keyGroups) => {
      const restore = await readSnapshots([bytes], keyGroups);
      return contents(
        declare(createOperatorState({ clock, maxParallelism: 16, restore, keyGroups }), wider, fields),
        wider,
        fields,
      );
    }),
  );
  expect(halves.flat()).toHaveLength(40);
});

test("keys that move to other key groups need all of them at hand", async () => {
  const half = await restored(filled([KEY], [], [[1]]), { from: 0, to: 8 });
  expect(() => declare(half, [{ name: "k", type: T.bigint() }], [])).toThrow("restore it once with one thread");
  const same = await restored(filled([{ name: "k", type: T.varchar(3) }], [], [["a"]]), { from: 0, to: 8 });
  expect(() => declare(same, [{ name: "k", type: T.string() }], [])).not.toThrow();
});

test("bits of a mask go by their names", async () => {
  const bits = (...names: string[]): Cell[] => [{ name: "in", type: T.int(false), initial: 0, more: { bits: names } }];
  const state = await restored(
    filled([KEY], bits("all", "a", "b"), [
      [1, 0b011],
      [2, 0b110],
    ]),
  );
  const fields = bits("b", "all", "new");
  expect(contents(declare(state, [KEY], fields), [KEY], fields)).toEqual([
    [1, 0b010],
    [2, 0b001],
  ]);
});

test("lists and maps change like tables, under the same parents and in the same order", async () => {
  const state = createOperatorState({ clock, maxParallelism: 16 });
  const table = declare(state, [KEY], []);
  const lists = state.lists(table, "rows", [
    fieldOf({ name: "a", type: T.int() }),
    fieldOf({ name: "b", type: T.string() }),
  ]);
  const map = state.childMap(table, {
    name: "m",
    keys: [{ name: "x", type: T.int() }],
    fields: [fieldOf({ name: "n", type: T.double(), initial: 0 })],
  });
  for (const k of [3, 1, 2]) {
    const slot = new Int32Array(1);
    void table.prepare([columnOf(T.int(), [k])], undefined, 1, slot);
    for (let i = 0; i < k; i++) {
      lists.append(slot[0]!, [columnOf(T.int(), [i]), columnOf(T.string(), [`${k}.${i}`])], 0);
      const entry = new Int32Array(1);
      void map.prepare(slot, [columnOf(T.int(), [i])], undefined, 1, entry);
    }
  }
  const next = await restored(state);
  const restoredTable = declare(next, [KEY], []);
  const rows = next.lists(restoredTable, "rows", [
    fieldOf({ name: "b", type: T.string() }),
    fieldOf({ name: "c", type: T.int() }),
  ]);
  const entries = next.childMap(restoredTable, { name: "m", keys: [{ name: "x", type: T.bigint() }], fields: [] });
  const found: Value[][] = [];
  for (const slot of restoredTable.liveSlots()) {
    for (let row = rows.head(slot); row >= 0; row = rows.next(row))
      found.push(
        rows.gather(Int32Array.of(row), 1).map((column, i) => valueAt(column, 0, i === 0 ? T.string() : T.int())),
      );
    const entry = new Int32Array(1);
    void entries.prepare(Int32Array.of(slot), [columnOf(T.bigint(), [0n])], undefined, 1, entry);
    expect(entries.firstOf(slot)).toBe(entry[0]);
  }
  expect(found).toEqual(["3.0", "3.1", "3.2", "1.0", "2.0", "2.1"].map((b) => [b, null]));
  expect(() => next.checkAllRestored(false)).toThrow("a (of t/rows), n (of t/m)");
});
