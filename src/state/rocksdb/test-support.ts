import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryRun } from "../../checkpoint/memory-storage.ts";
import type { CheckpointKind, SubtaskSnapshot } from "../../checkpoint/metadata.ts";
import type { CheckpointReader, CheckpointWriter, RunStorage } from "../../checkpoint/storage.ts";
import { must } from "../../base/assert.ts";
import { keyGroupsOf, type BackendState, type OpenStateBackend, type StateBackend } from "../backend.ts";
import type { Clock } from "../ttl.ts";

/** Key groups of the tests. */
export const GROUPS = 16;

/** A folder for a test and what it left in it. */
export async function withFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-rocksdb-"));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Opens a backend for one subtask. */
export async function opened(
  backend: StateBackend,
  folder: string,
  more: {
    readonly limit?: string;
    readonly restore?: CheckpointReader | undefined;
    readonly subtask?: number;
    readonly parallelism?: number;
    readonly clock?: Clock;
    readonly options?: ReadonlyMap<string, string> | undefined;
  } = {},
): Promise<OpenStateBackend> {
  const { limit = "1", restore, subtask = 0, parallelism = 1, clock = { nowMillis: () => 0 } } = more;
  return backend.open({
    options: new Map([["state.memory.limit", limit], ...(more.options ?? [])]),
    run: { job: "job", run: "run", attempt: 1 },
    workDirectory: join(folder, "work"),
    clock,
    maxParallelism: GROUPS,
    subtask,
    parallelism,
    keyGroups: keyGroupsOf(subtask, parallelism, GROUPS),
    restore,
  });
}

type Subtasks = readonly (readonly (readonly [operatorId: string, state: BackendState])[])[];

/** Operators of one or several subtasks that are frozen and written together, as a coordinator does. */
export async function checkpointOf(
  run: RunStorage,
  id: number,
  subtasks: Subtasks,
  kind: CheckpointKind = "checkpoint",
): Promise<CheckpointReader> {
  return writeCheckpoint(run, id, subtasks, await run.begin(id, kind));
}

/** As `checkpointOf`, with a writer that is open: the freeze is made before this returns. */
export async function writeCheckpoint(
  run: RunStorage,
  id: number,
  subtasks: Subtasks,
  writer: CheckpointWriter,
): Promise<CheckpointReader> {
  const { kind } = writer;
  const frozen = subtasks.map((operators) =>
    operators.map(([operatorId, state]) => ({ operatorId, pending: state.freeze() })),
  );
  const snapshots = await Promise.all(
    frozen.flatMap((operators, subtask) =>
      operators.map(async ({ operatorId, pending }): Promise<SubtaskSnapshot> => ({
        operatorId,
        subtask,
        stateFiles: pending === undefined ? [] : await pending.write(writer),
        positions: {},
        committables: [],
        sinkState: null,
        extra: null,
      })),
    ),
  );
  await writer.complete({
    format: 1,
    job: run.job,
    run: run.run,
    attempt: 1,
    id,
    kind,
    triggeredMillis: 0,
    completedMillis: 0,
    maxParallelism: GROUPS,
    properties: {},
    snapshots,
  });
  for (const operators of frozen) for (const { pending } of operators) pending?.completed?.();
  return must(await run.newest(() => undefined), "checkpoint");
}

/** Checkpoints that live as long as the test. */
export function memoryRun(): RunStorage {
  return new MemoryRun("job", "run");
}
