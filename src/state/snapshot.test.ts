import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "../checkpoint/checksum.ts";
import { columnOf } from "../batch/column-builder.ts";
import { valueAt } from "../batch/get.ts";
import { hashRows, keyGroupOf } from "../batch/hash.ts";
import { T, type Value } from "../types/data-type.ts";
import { createOperatorState } from "./operator-state.ts";
import { readManifest, readSnapshots, type RestoredState } from "./restored-state.ts";
import { apply, clock, contents, operation, slotOf, subject, valueTypes, write } from "./test-support.ts";

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

test("last-write times go into increments too, and what expired and was swept away stays away", async () => {
  let now = 1000;
  const time = { nowMillis: () => now };
  const original = subject(undefined, 100, time);
  for (let i = 0n; i < 3n; i++) slotOf(original.table, [i, "a"]);
  const base = original.state.freeze();
  const files = [(await base.toBytes({ chain: "c", position: 0 })).bytes];
  now = 1090;
  original.table.touchOne(slotOf(original.table, [1n, "a"]));
  original.table.remove(slotOf(original.table, [2n, "a"]));
  files.push((await original.state.freeze(base.freeze).toBytes({ chain: "c", position: 1 })).bytes);
  now = 1150;
  const restored = subject(await readSnapshots(files), 100, time);
  expect(Object.keys(contents(restored).table)).toEqual(['1n|"a"']);
});

test("a file of another format is refused", async () => {
  const { state, table } = subject();
  slotOf(table, [1n, "a"]);
  const { bytes, manifest } = await state.freeze().toBytes();
  const text = Buffer.from(JSON.stringify({ ...manifest, format: 1 }));
  const footer = Buffer.from(bytes.subarray(bytes.length - 16));
  footer.writeUInt32LE(text.length, 0);
  footer.writeUInt32LE(crc32(text), 4);
  await expect(readSnapshots([Buffer.concat([bytes.subarray(0, 8), text, footer])])).rejects.toMatchObject({
    code: "STATE_INCOMPATIBLE",
    message: "a state file has format 1, hash 1; this version reads 2, 1",
  });
});

test("a state that does not fit is refused, one that nobody declares too", async () => {
  const { state, table } = subject();
  slotOf(table, [1n, "a"]);
  const { bytes } = await state.freeze().toBytes();
  const other = createOperatorState({ clock, maxParallelism: 16, restore: await readSnapshots([bytes]) });
  expect(() => other.table({ name: "t", keys: [{ name: "k0", type: T.bigint() }], fields: [], ttlMillis: 0 })).toThrow(
    "the state 't' in the checkpoint does not fit this query: it has the keys k0, k1 there and k0 here",
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

test("leading keys alone can decide the key group", async () => {
  const state = createOperatorState({ clock, maxParallelism: 16 });
  const keys = [
    { name: "user", type: T.string() },
    { name: "id", type: T.double() },
  ];
  const table = state.table({ name: "t", keys, groupKeys: 1, fields: [], ttlMillis: 0 });
  const map = state.childMap(table, { name: "m", keys: [{ name: "v", type: T.int() }], fields: [] });
  const slots = new Int32Array(60);
  const users = columnOf(
    T.string(),
    Array.from({ length: 60 }, (_, i) => (i % 4 === 3 ? null : `user ${i % 4}`)),
  );
  const ids = columnOf(
    T.double(),
    Array.from({ length: 60 }, (_, i) => i),
  );
  void table.prepare([users, ids], undefined, 60, slots);
  void map.prepare(slots, [columnOf(T.int(), Array.from(slots))], undefined, 60, new Int32Array(60));
  const hashes = new Int32Array(60);
  hashRows([users], 60, hashes);
  const expected = new Map<number, number>();
  for (const hash of hashes) expected.set(keyGroupOf(hash, 16), (expected.get(keyGroupOf(hash, 16)) ?? 0) + 1);
  const { bytes, manifest } = await state.freeze().toBytes();
  for (const part of manifest.parts)
    expect(part.groups.map(({ keyGroup, rows }) => [keyGroup, rows])).toEqual([...expected].sort(([a], [b]) => a - b));
  const other = createOperatorState({ clock, maxParallelism: 16, restore: await readSnapshots([bytes]) });
  expect(() => other.table({ name: "t", keys, fields: [], ttlMillis: 0 })).toThrow(
    "it is partitioned by 1 keys there and by all here",
  );
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
