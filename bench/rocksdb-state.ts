// npm run bench -- rocksdb-state [--keys N] [--limit '192 mb']: the last row of each key (150 bytes) behind RocksDB. First all
// keys once, then updates of random ones, with checkpoints meanwhile; memory of the process and rows a second over time.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FilesystemStorage } from "../src/checkpoint/filesystem-storage.ts";
import type { StateFile } from "../src/checkpoint/metadata.ts";
import type { CheckpointWriter, RunStorage } from "../src/checkpoint/storage.ts";
import type { RecordBatch } from "../src/batch/record-batch.ts";
import { AGGREGATES } from "../src/functions/aggregate/index.ts";
import { createRegistry } from "../src/functions/registry.ts";
import { createOperator } from "../src/runtime/operators/index.ts";
import { stateBackend } from "../src/state/index.ts";
import type { BackendState, OpenStateBackend } from "../src/state/backend.ts";
import { T } from "../src/types/data-type.ts";

const BATCH = 4096;
const TEXT_BYTES = 134;
const TYPES = [T.bigint(), T.bigint(), T.string()];

interface Point {
  readonly phase: string;
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly rssMb: number;
  readonly databaseMb: number;
}

interface CheckpointPoint {
  readonly rows: number;
  readonly pauseMillis: number;
  readonly seconds: number;
  readonly newMb: number;
  readonly totalMb: number;
}

/** Rows `from` … of a stream that `keyOf` numbers. */
function batchOf(from: number, keyOf: (row: number) => number): RecordBatch {
  const keys = new BigInt64Array(BATCH);
  const versions = new BigInt64Array(BATCH);
  const data = new Uint8Array(BATCH * TEXT_BYTES);
  const starts = new Int32Array(BATCH);
  const words = new Uint32Array(data.buffer, 0, data.length >> 2);
  for (let i = 0; i < BATCH; i++) {
    keys[i] = BigInt(keyOf(from + i));
    versions[i] = BigInt(from + i);
    starts[i] = i * TEXT_BYTES;
  }
  let seed = from + 1;
  for (let i = 0; i < words.length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    words[i] = 0x61616161 + ((seed >>> 8) & 0x0f0f0f0f);
  }
  return {
    rowCount: BATCH,
    kinds: undefined,
    steps: undefined,
    columns: [
      { storage: "i64", values: keys, nulls: undefined },
      { storage: "i64", values: versions, nulls: undefined },
      { storage: "bytes", starts, lengths: new Int32Array(BATCH).fill(TEXT_BYTES), data, nulls: undefined },
    ],
  };
}

export async function rocksdbState(keyCount: number, limit: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  try {
    return await run(folder, keyCount, limit);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(folder: string, keyCount: number, limit: string): Promise<unknown> {
  const storage = new FilesystemStorage({ directory: folder, compression: "none", nowMillis: Date.now });
  const runStorage = await storage.createRun("bench");
  const backend: OpenStateBackend = await stateBackend("rocksdb").open({
    options: new Map([["state.memory.limit", limit]]),
    run: { job: "job", run: "run", attempt: 1 },
    workDirectory: join(runStorage.location, "work"),
    clock: { nowMillis: Date.now },
    maxParallelism: 128,
    subtask: 0,
    parallelism: 1,
    keyGroups: { from: 0, to: 128 },
    restore: undefined,
  });
  const handle = backend.operatorState("op");
  const operator = createOperator(
    { kind: "deduplicate", input: TYPES, keys: [0], keep: "last", updateBefore: true, ttlMillis: 0 },
    {
      operatorId: "op",
      functions: createRegistry([], AGGREGATES),
      session: { timeZone: "UTC", legacyCast: false, nowMillis: Date.now, random: Math.random },
      compileExpressions: true,
      state: handle.state,
      nowMillis: Date.now,
      late: () => undefined,
      count: () => undefined,
    },
  );
  const points: Point[] = [];
  const checkpoints: CheckpointPoint[] = [];
  let emitted = 0;
  let peakMb = 0;
  const out = { batch: (batch: RecordBatch): void => void (emitted += batch.rowCount) };
  let writing: Promise<void> | undefined;
  let lastCheckpoint = performance.now();
  let nextId = 1;
  const phases: readonly (readonly [string, number, (row: number) => number])[] = [
    // A multiplier without a common divisor visits every key once, in no order.
    ["insert", keyCount, (row) => Number((BigInt(row) * 7_368_787n) % BigInt(keyCount))],
    ["update", Math.floor(keyCount / 10), () => Math.floor(Math.random() * keyCount)],
  ];
  for (const [phase, rowCount, keyOf] of phases) {
    let since = performance.now();
    let sinceRows = 0;
    for (let row = 0; row < rowCount; row += BATCH) {
      const batch = batchOf(row, keyOf);
      await operator.prepare?.(0, batch);
      operator.process(0, batch, out);
      if ((row / BATCH) % 64 === 0) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        peakMb = Math.max(peakMb, process.memoryUsage().rss / 1e6);
      }
      if (writing === undefined && performance.now() - lastCheckpoint > 10_000) {
        const writer = await runStorage.begin(nextId++, "checkpoint");
        writing = checkpoint(runStorage, writer, handle, row, checkpoints).then(() => {
          writing = undefined;
          lastCheckpoint = performance.now();
        });
      }
      const seconds = (performance.now() - since) / 1000;
      if (seconds >= 5) {
        const rssMb = process.memoryUsage().rss / 1e6;
        const rowsPerSecond = Math.round((row - sinceRows) / seconds);
        points.push({ phase, rows: row, rowsPerSecond, rssMb, databaseMb: sizeMb(join(runStorage.location, "work")) });
        console.log(`${phase} ${(row / 1e6).toFixed(2)} M rows, ${rowsPerSecond} rows/s, ${rssMb.toFixed(0)} MB`);
        since = performance.now();
        sinceRows = row;
      }
    }
  }
  await writing;
  await checkpoint(runStorage, await runStorage.begin(nextId, "checkpoint"), handle, keyCount, checkpoints);
  console.log(`peak ${peakMb.toFixed(0)} MB, ${emitted} changes`);
  await backend.close();
  await runStorage.release();
  return { keys: keyCount, limit, peakMb, points, checkpoints };
}

/** Freezes before it returns. */
async function checkpoint(
  run: RunStorage,
  writer: CheckpointWriter,
  handle: BackendState,
  rows: number,
  points: CheckpointPoint[],
): Promise<void> {
  const started = performance.now();
  const pending = handle.freeze();
  const pauseMillis = performance.now() - started;
  const stateFiles = await pending!.write(writer);
  await writer.complete({
    format: 1,
    job: run.job,
    run: run.run,
    attempt: 1,
    id: writer.id,
    kind: writer.kind,
    triggeredMillis: 0,
    completedMillis: 0,
    maxParallelism: 128,
    properties: {},
    snapshots: [
      { operatorId: "op", subtask: 0, stateFiles, positions: {}, committables: [], sinkState: null, extra: null },
    ],
  });
  pending!.completed?.();
  await run.retain(1);
  const megabytes = (files: readonly StateFile[]): number => files.reduce((sum, file) => sum + file.bytes, 0) / 1e6;
  const point = {
    rows,
    pauseMillis,
    seconds: (performance.now() - started) / 1000,
    newMb: megabytes(stateFiles.filter((file) => !file.path.startsWith("../"))),
    totalMb: megabytes(stateFiles),
  };
  points.push(point);
  console.log(
    `checkpoint ${writer.id}: pause ${pauseMillis.toFixed(1)} ms, ${point.seconds.toFixed(1)} s, ${point.newMb.toFixed(0)} of ${point.totalMb.toFixed(0)} MB new`,
  );
}

function sizeMb(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    try {
      bytes += statSync(join(entry.parentPath, entry.name)).size;
    } catch {
      // A compaction has removed it.
    }
  }
  return bytes / 1e6;
}
