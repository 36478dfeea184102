import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import * as zlib from "node:zlib";
import type { Column } from "../src/batch/column.ts";
import { KEY_OPTION } from "../src/checkpoint/encryption-keys.ts";
import { METADATA_FORMAT, type Compression, type StateFile } from "../src/checkpoint/metadata.ts";
import type { RunStorage } from "../src/checkpoint/storage.ts";
import type { KeyedTable, OperatorState } from "../src/state/api.ts";
import { openStorage } from "../src/engine/checkpoint-location.ts";
import { keyGroupsOf, type BackendState, type OpenStateBackend } from "../src/state/backend.ts";
import { stateBackend } from "../src/state/index.ts";
import { T } from "../src/types/data-type.ts";
import { benchStorage, type BenchPlace } from "./checkpoint-storage.ts";

export interface CheckpointBench {
  /** Name of `state.backend.type`. */
  readonly backend: string;
  /** Keys; rows of lists, entries of maps. */
  readonly keys: number;
  readonly compressions: readonly Compression[];
  /** Where the checkpoints lie. */
  readonly place: BenchPlace;
  /** Increments that are measured. */
  readonly runs: number;
}

export const CHECKPOINT_DEFAULTS: Omit<CheckpointBench, "runs"> = {
  backend: "memory",
  place: "disk",
  keys: 1_000_000,
  compressions: ["none", "gzip", ...("createZstdCompress" in zlib ? (["zstd"] as const) : [])],
};

/** What makes a checkpoint safer, each measured beside the plain one. */
const SAFETY = ["", "encrypted", "replica"] as const;
type Safety = (typeof SAFETY)[number];
const KEY_VARIABLE = "MILLRACE_BENCH_KEY";

const KEY_GROUPS = 128;
const BATCH = 4096;
/** Of the keys change between two checkpoints. */
const CHANGED = 0.01;

/** A state of one kind: how it is declared, filled, and changed at random places. */
interface Shape {
  readonly name: string;
  declare(state: OperatorState, keys: number): Filled;
}

interface Filled {
  fill(): Promise<void>;
  change(count: number): Promise<void>;
}

/** Numbers that look random and are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return Math.floor(((state >>> 0) / 4294967296) * below);
  };
}

function longs(count: number, valueOf: (i: number) => number): Column {
  return {
    storage: "i64",
    values: BigInt64Array.from({ length: count }, (_, i) => BigInt(valueOf(i))),
    nulls: undefined,
  };
}

function texts(count: number, valueOf: (i: number) => string): Column {
  const starts = new Int32Array(count);
  const lengths = new Int32Array(count);
  let data = "";
  for (let i = 0; i < count; i++) {
    const text = valueOf(i);
    starts[i] = data.length;
    lengths[i] = text.length;
    data += text;
  }
  return { storage: "bytes", starts, lengths, data: Buffer.from(data, "latin1"), nulls: undefined };
}

/** Slots of keys, which are brought near first as an operator does. */
async function prepare(
  state: OperatorState,
  table: KeyedTable,
  keys: Column,
  count: number,
  slots: Int32Array,
): Promise<void> {
  await state.makeRoom();
  await table.load([keys], undefined, count);
  await table.prepare([keys], undefined, count, slots);
}

/** GROUP BY: a count, a sum, the last text of each key. */
const TABLE: Shape = {
  name: "keyed table",
  declare(state, keys) {
    const table = state.table({
      name: "groups",
      keys: [{ name: "key", type: T.bigint() }],
      fields: [
        { name: "count", type: T.bigint(), initial: 0n },
        { name: "sum", type: T.double(), initial: 0 },
        { name: "last", type: T.string(), initial: null },
      ],
      ttlMillis: 0,
    });
    const slots = new Int32Array(BATCH);
    const random = randomNumbers(1);
    const update = async (count: number, keyOf: (i: number) => number): Promise<void> => {
      await prepare(state, table, longs(count, keyOf), count, slots);
      table.touch(slots, count);
      const [counts, sums, last] = table.columns as unknown as [
        { values: BigInt64Array },
        { values: Float64Array },
        { nulls: Uint8Array; setBytes(slot: number, source: Uint8Array, start: number, length: number): void },
      ];
      for (let i = 0; i < count; i++) {
        const slot = slots[i]!;
        counts.values[slot]! += 1n;
        sums.values[slot]! += random(100_000) / 100;
        const text = Buffer.from(`item ${random(1_000_000)}`, "latin1");
        last.setBytes(slot, text, 0, text.length);
      }
    };
    return {
      fill: async () => {
        for (let at = 0; at < keys; at += BATCH) await update(Math.min(BATCH, keys - at), (i) => at + i);
      },
      change: async (total) => {
        for (let at = 0; at < total; at += BATCH) await update(Math.min(BATCH, total - at), () => random(keys));
      },
    };
  },
};

/** A side of a join: five rows of three columns under each key; of the rows some go and others come. */
const JOIN: Shape = {
  name: "join lists",
  declare(state, rows) {
    const keys = Math.ceil(rows / 5);
    const table = state.table({ name: "keys", keys: [{ name: "key", type: T.bigint() }], fields: [], ttlMillis: 0 });
    const lists = state.lists(table, "left", [
      { name: "id", type: T.bigint(), initial: null },
      { name: "price", type: T.double(), initial: null },
      { name: "name", type: T.string(), initial: null },
    ]);
    const slots = new Int32Array(BATCH);
    const random = randomNumbers(2);
    let next = 0;
    const append = async (count: number, keyOf: (i: number) => number, replace: boolean): Promise<void> => {
      await prepare(state, table, longs(count, keyOf), count, slots);
      table.touch(slots, count);
      const columns: Column[] = [
        longs(count, () => next++),
        { storage: "f64", values: Float64Array.from({ length: count }, () => random(100_000) / 100), nulls: undefined },
        texts(count, () => `item ${random(1_000_000)}`),
      ];
      for (let i = 0; i < count; i++) {
        if (replace) lists.removeRow(lists.head(slots[i]!));
        lists.append(slots[i]!, columns, i);
      }
    };
    return {
      fill: async () => {
        for (let at = 0; at < rows; at += BATCH)
          await append(Math.min(BATCH, rows - at), (i) => (at + i) % keys, false);
      },
      change: async (total) => {
        for (let at = 0; at < total; at += BATCH) await append(Math.min(BATCH, total - at), () => random(keys), true);
      },
    };
  },
};

/** COUNT(DISTINCT): ten texts with a count under each key. */
const DISTINCT: Shape = {
  name: "distinct maps",
  declare(state, entries) {
    const keys = Math.ceil(entries / 10);
    const table = state.table({
      name: "groups",
      keys: [{ name: "key", type: T.bigint() }],
      fields: [{ name: "count", type: T.bigint(), initial: 0n }],
      ttlMillis: 0,
    });
    const map = state.childMap(table, {
      name: "distinct",
      keys: [{ name: "value", type: T.string() }],
      fields: [{ name: "times", type: T.double(), initial: 0 }],
    });
    const slots = new Int32Array(BATCH);
    const found = new Int32Array(BATCH);
    const random = randomNumbers(3);
    const update = async (count: number, numberOf: (i: number) => number): Promise<void> => {
      const numbers = Array.from({ length: count }, (_, i) => numberOf(i));
      await prepare(
        state,
        table,
        longs(count, (i) => numbers[i]! % keys),
        count,
        slots,
      );
      table.touch(slots, count);
      const value = texts(count, (i) => `value ${Math.floor(numbers[i]! / keys)}`);
      const entered = map.prepare(slots, [value], undefined, count, found);
      if (entered !== undefined) await entered;
      const counts = (table.columns[0] as { values: BigInt64Array }).values;
      const times = (map.columns[0] as { values: Float64Array }).values;
      for (let i = 0; i < count; i++) {
        map.touchOne(found[i]!);
        times[found[i]!]! += 1;
        counts[slots[i]!]! += 1n;
      }
    };
    return {
      fill: async () => {
        for (let at = 0; at < entries; at += BATCH) await update(Math.min(BATCH, entries - at), (i) => at + i);
      },
      change: async (total) => {
        for (let at = 0; at < total; at += BATCH) await update(Math.min(BATCH, total - at), () => random(entries));
      },
    };
  },
};

interface Timed<T> {
  readonly result: T;
  readonly millis: number;
  /** Of all threads of the process; unlike the time, other work on the machine hardly adds to it. */
  readonly cpuMillis: number;
  /** The longest that the event loop was held up. */
  readonly stallMillis: number;
}

async function timed<T>(action: () => Promise<T>): Promise<Timed<T>> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  const before = process.cpuUsage();
  const result = await action();
  const millis = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  // What held the loop up at the end is seen when it goes on.
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  return { result, millis, cpuMillis: (user + system) / 1000, stallMillis: delay.max / 1e6 };
}

interface Written {
  readonly pauseMillis: number;
  readonly writeMillis: number;
  readonly cpuMillis: number;
  readonly stallMillis: number;
  /** Of new files. */
  readonly bytes: number;
  readonly rawBytes: number;
  /** To the server, from the first to that which makes it complete. */
  readonly requests: number;
}

async function checkpoint(
  run: RunStorage,
  id: number,
  state: BackendState,
  requestCount: () => number,
): Promise<Written> {
  const before = requestCount();
  const writer = await run.begin(id, "checkpoint");
  const started = performance.now();
  const pending = state.freeze();
  const pauseMillis = performance.now() - started;
  if (pending === undefined) throw new Error("the state is empty");
  const { result: files, millis, cpuMillis, stallMillis } = await timed(async () => pending.write(writer));
  await writer.complete({
    format: METADATA_FORMAT,
    job: run.job,
    run: run.run,
    attempt: run.attempt,
    id,
    kind: "checkpoint",
    triggeredMillis: 0,
    completedMillis: 0,
    maxParallelism: KEY_GROUPS,
    properties: {},
    snapshots: [
      {
        operatorId: "op",
        subtask: 0,
        stateFiles: files,
        positions: {},
        committables: [],
        sinkState: null,
        extra: null,
      },
    ],
  });
  const requests = requestCount() - before;
  pending.completed?.();
  await run.retain(1);
  const fresh = files.filter(({ path }) => !path.startsWith(".."));
  const sum = (of: (file: StateFile) => number): number => fresh.reduce((total, file) => total + of(file), 0);
  return {
    pauseMillis,
    writeMillis: millis,
    cpuMillis,
    stallMillis,
    bytes: sum((f) => f.bytes),
    rawBytes: sum((f) => f.rawBytes),
    requests,
  };
}

async function open(bench: CheckpointBench, folder: string, run?: RunStorage): Promise<OpenStateBackend> {
  return await stateBackend(bench.backend).open({
    options: new Map(),
    run: { job: "job", run: "run", attempt: 1 },
    workDirectory: join(folder, "work"),
    clock: { nowMillis: () => 0 },
    maxParallelism: KEY_GROUPS,
    subtask: 0,
    parallelism: 1,
    keyGroups: keyGroupsOf(0, 1, KEY_GROUPS),
    restore: await run?.newest((reason) => console.error(reason)),
  });
}

async function measureShape(
  bench: CheckpointBench,
  shape: Shape,
  compression: Compression,
  safety: Safety,
): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const server = await benchStorage(bench.place, folder);
  process.env[KEY_VARIABLE] = randomBytes(32).toString("base64");
  const values = new Map(server.options);
  if (safety === "encrypted") values.set(KEY_OPTION, `env:${KEY_VARIABLE}`);
  if (safety === "replica") values.set("execution.checkpointing.replicas", join(folder, "replica"));
  const { directory } = server;
  const storage = await openStorage({ directory, compression, values, machine: undefined, nowMillis: Date.now });
  const run = await storage.createRun("bench");
  const backend = await open(bench, folder);
  const state = backend.operatorState("op");
  const filled = shape.declare(state.state, bench.keys);
  await filled.fill();
  const full = await checkpoint(run, 1, state, server.requests);
  const increments: Written[] = [];
  for (let n = 0; n < bench.runs; n++) {
    await filled.change(Math.round(bench.keys * CHANGED));
    increments.push(await checkpoint(run, 2 + n, state, server.requests));
  }
  await backend.close();
  // With what it builds on: the base and all increments.
  const restored = await timed(async () => {
    const again = await open(bench, join(folder, "again"), run);
    shape.declare(again.operatorState("op").state, bench.keys);
    return again;
  });
  await restored.result.close();
  await run.release();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  const least = (of: (written: Written) => number): number => Math.min(...increments.map(of));
  const result = {
    shape: shape.name,
    backend: bench.backend,
    place: bench.place,
    compression: safety === "" ? compression : `${compression}+${safety.slice(0, 3)}`,
    keys: bench.keys,
    pauseMillis: Math.max(full.pauseMillis, ...increments.map((w) => w.pauseMillis)),
    fullMillis: full.writeMillis,
    fullCpuMillis: full.cpuMillis,
    fullStallMillis: full.stallMillis,
    fullBytes: full.bytes,
    fullRawBytes: full.rawBytes,
    fullRequests: full.requests,
    incrementRequests: least((w) => w.requests),
    incrementCpuMillis: least((w) => w.cpuMillis),
    incrementMillis: least((w) => w.writeMillis),
    incrementBytes: least((w) => w.bytes),
    incrementPart: least((w) => w.bytes) / full.bytes,
    restoreMillis: restored.millis,
    restoreCpuMillis: restored.cpuMillis,
    restoreStallMillis: restored.stallMillis,
  };
  console.log(lineOf(result));
  return result;
}

type Result = Awaited<ReturnType<typeof measureShape>> & Record<string, number | string>;

const COLUMNS: readonly [title: string, width: number, of: (r: Record<string, number | string>) => string][] = [
  ["state", 14, (r) => String(r["shape"])],
  ["files", 9, (r) => String(r["compression"])],
  ["pause ms", 9, (r) => Number(r["pauseMillis"]).toFixed(1)],
  ["full ms", 8, (r) => Number(r["fullMillis"]).toFixed(0)],
  ["cpu", 6, (r) => Number(r["fullCpuMillis"]).toFixed(0)],
  ["stall", 6, (r) => Number(r["fullStallMillis"]).toFixed(0)],
  ["MB", 7, (r) => (Number(r["fullBytes"]) / 1e6).toFixed(1)],
  ["incr ms", 8, (r) => Number(r["incrementMillis"]).toFixed(0)],
  ["cpu", 5, (r) => Number(r["incrementCpuMillis"]).toFixed(0)],
  ["kB", 7, (r) => (Number(r["incrementBytes"]) / 1e3).toFixed(0)],
  ["of full", 8, (r) => `${(100 * Number(r["incrementPart"])).toFixed(2)}%`],
  ["requests", 9, (r) => `${Number(r["fullRequests"])}+${Number(r["incrementRequests"])}`],
  ["restore ms", 11, (r) => Number(r["restoreMillis"]).toFixed(0)],
  ["cpu", 6, (r) => Number(r["restoreCpuMillis"]).toFixed(0)],
  ["stall", 6, (r) => Number(r["restoreStallMillis"]).toFixed(0)],
];

function lineOf(result: object): string {
  return COLUMNS.map(([, width, of]) => of(result as Result).padStart(width)).join(" ");
}

/**
 * A checkpoint of a million keys: how long the stream stands still, how long a full one and an increment with 1 % of the
 * keys changed at random take and how large they are, how long a restore takes; and the longest stall of the event loop.
 */
export async function checkpointBench(bench: CheckpointBench): Promise<unknown> {
  console.log(
    `backend ${bench.backend}, checkpoints on ${bench.place}, ${bench.keys.toLocaleString("en")} keys, rows or entries, ${CHANGED * 100} % change at random`,
  );
  console.log(`goals: pause < 50 ms (rocksdb 100), increment < 5 % of full, restore < 2000 ms`);
  console.log(COLUMNS.map(([title, width]) => title.padStart(width)).join(" "));
  const results: object[] = [];
  for (const shape of [TABLE, JOIN, DISTINCT])
    for (const compression of bench.compressions)
      for (const safety of SAFETY) results.push(await measureShape(bench, shape, compression, safety));
  return results;
}
