import { expect, test } from "vitest";
import { columnOf } from "../../batch/column-builder.ts";
import { valueAt } from "../../batch/get.ts";
import { T } from "../../types/data-type.ts";
import type { ChildMap, KeyedTable, OperatorState, RowLists } from "../api.ts";
import type { OpenStateBackend, BackendState } from "../backend.ts";
import { MEMORY } from "../memory-backend.ts";
import { ROCKSDB } from "./backend.ts";
import { checkpointOf, memoryRun, opened, withFolder } from "./test-support.ts";
import type { CheckpointReader } from "../../checkpoint/storage.ts";

interface Subject {
  readonly backend: OpenStateBackend;
  readonly handle: BackendState;
  readonly state: OperatorState;
  readonly table: KeyedTable;
  readonly lists: RowLists;
  readonly map: ChildMap;
}

async function open(backend: typeof ROCKSDB, folder: string, restore?: CheckpointReader): Promise<Subject> {
  const open = await opened(backend, folder, { restore });
  const handle = open.operatorState("op");
  const { state } = handle;
  const table = state.table({ name: "t", keys: [{ name: "k", type: T.string() }], fields: [], ttlMillis: 0 });
  const lists = state.lists(table, "rows", [{ name: "v", type: T.string(), initial: null }]);
  const map = state.childMap(table, {
    name: "seen",
    keys: [{ name: "v", type: T.bigint() }],
    fields: [{ name: "n", type: T.double(false), initial: 0 }],
  });
  return { backend: open, handle, state, table, lists, map };
}

/** The slot of a key, which is brought near. */
async function slotOf({ state, table }: Subject, key: string): Promise<number> {
  const keys = [columnOf(T.string(), [key])];
  const slots = new Int32Array(1);
  await state.makeRoom();
  await table.load(keys, undefined, 1);
  await table.prepare(keys, undefined, 1, slots);
  return slots[0]!;
}

async function append(subject: Subject, key: string, from: number, to: number): Promise<void> {
  const slot = await slotOf(subject, key);
  for (let i = from; i < to; i++) subject.lists.append(slot, [columnOf(T.string(), [`${key} ${i}`])], 0);
  const values = columnOf(
    T.bigint(),
    Array.from({ length: to - from }, (_, i) => BigInt(from + i)),
  );
  const entries = new Int32Array(to - from);
  await subject.map.prepare(new Int32Array(to - from).fill(slot), [values], undefined, to - from, entries);
  for (const entry of entries) {
    subject.map.touchOne(entry);
    (subject.map.columns[0] as { values: Float64Array }).values[entry]! += 1;
  }
}

/** Removes the rows and entries of a key for whose number in order the test holds. */
async function thin(subject: Subject, key: string, gone: (at: number) => boolean): Promise<void> {
  const { lists, map } = subject;
  const slot = await slotOf(subject, key);
  for (let row = lists.head(slot), at = 0; row >= 0; at++) {
    const next = lists.next(row);
    if (gone(at)) lists.removeRow(row);
    row = next;
  }
  for (let entry = map.firstOf(slot), at = 0; entry >= 0; at++) {
    const next = map.nextOf(entry);
    if (gone(at)) map.remove(entry);
    entry = next;
  }
}

async function contents(subject: Subject, key: string): Promise<unknown> {
  const { lists, map } = subject;
  const slot = await slotOf(subject, key);
  const rows: unknown[] = [];
  for (let row = lists.head(slot); row >= 0; row = lists.next(row))
    rows.push(valueAt(lists.gather(Int32Array.of(row), 1)[0]!, 0, T.string()));
  const entries: unknown[] = [];
  for (let entry = map.firstOf(slot); entry >= 0; entry = map.nextOf(entry)) {
    const counts = (map.columns[0] as { values: Float64Array }).values;
    entries.push([valueAt(map.gatherKeys(Int32Array.of(entry), 1)[0]!, 0, T.bigint()), counts[entry]]);
  }
  return { rows, entries };
}

const KEYS = ["hot", "cold", "warm"];

test("keys with many rows go through parts, and back, and keep their order", async () => {
  await withFolder(async (folder) => {
    const memory = await open(MEMORY, folder);
    let rocks = await open(ROCKSDB, folder);
    const run = memoryRun();
    const steps: ((subject: Subject) => Promise<void>)[] = [
      async (s) => append(s, "hot", 0, 1000),
      async (s) => append(s, "cold", 0, 3),
      async (s) => append(s, "warm", 0, 300),
      async (s) => append(s, "hot", 900, 1100),
      // Whole parts, parts of parts, the end.
      async (s) => thin(s, "hot", (at) => at >= 256 && at < 512),
      async (s) => thin(s, "hot", (at) => at % 3 === 0),
      async (s) => append(s, "hot", 2000, 2600),
      async (s) => thin(s, "hot", (at) => at > 1000),
      // Few rows: no parts any more; and many again.
      async (s) => thin(s, "warm", (at) => at > 20),
      async (s) => append(s, "warm", 300, 900),
      async (s) => {
        const slot = await slotOf(s, "hot");
        s.table.remove(slot);
      },
      async (s) => append(s, "hot", 5000, 5600),
    ];
    for (const [i, step] of steps.entries()) {
      await step(memory);
      await step(rocks);
      // The other key takes the memory of this one.
      await slotOf(rocks, "nobody");
      if (i % 3 === 2) {
        const restore = await checkpointOf(run, i + 1, [[["op", rocks.handle]]]);
        await rocks.backend.close();
        rocks = await open(ROCKSDB, folder, restore);
      }
      for (const key of KEYS) expect(await contents(rocks, key)).toEqual(await contents(memory, key));
    }
    const savepoint = await checkpointOf(run, 100, [[["op", rocks.handle]]], "savepoint");
    await rocks.backend.close();
    const other = await open(MEMORY, folder, savepoint);
    for (const key of KEYS) expect(await contents(other, key)).toEqual(await contents(memory, key));
  });
});

test("one change under a hot key writes little", async () => {
  await withFolder(async (folder) => {
    const subject = await open(ROCKSDB, folder);
    const run = memoryRun();
    await append(subject, "hot", 0, 20_000);
    const bytesOf = ({ metadata }: CheckpointReader): number =>
      metadata.snapshots
        .flatMap((snapshot) => snapshot.stateFiles)
        .filter(({ path }) => path.includes(".sst") && !path.startsWith("../"))
        .reduce((sum, { bytes }) => sum + bytes, 0);
    const full = bytesOf(await checkpointOf(run, 1, [[["op", subject.handle]]]));
    await append(subject, "hot", 20_000, 20_001);
    const increment = bytesOf(await checkpointOf(run, 2, [[["op", subject.handle]]]));
    expect(full).toBeGreaterThan(200_000);
    expect(increment).toBeLessThan(full / 20);
    await subject.backend.close();
  });
});
