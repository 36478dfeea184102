import { checkpointFolder } from "../checkpoint/checkpoint-directory.ts";
import { verifyFiles } from "../checkpoint/checkpoint-reader.ts";
import { logInfo, type LogInfo } from "../checkpoint/log/log-info.ts";
import { isEarlierFile, type CheckpointMetadata } from "../checkpoint/metadata.ts";
import { bytesPerSecond, EMPTY_HISTORY, successRatio } from "../checkpoint/statistics.ts";
import type { CheckpointRecord, PlaceCounts, RecoveryRecord, RunHistory } from "../checkpoint/statistics.ts";
import { SqlError } from "../base/errors.ts";
import type { CheckpointTree } from "../checkpoint/tree.ts";
import { checkpointTree } from "./checkpoint-location.ts";
import { asSqlError } from "./failures.ts";

/** One checkpoint on disk. */
export interface CheckpointInfo {
  readonly location: string;
  readonly id: number;
  /**
   * `in progress`: its metadata is not written (or the process died before). `invalid`: damaged, `problem` says how.
   * `elsewhere`: a savepoint in its own folder, `location`. `failed`: nothing of it is left, `problem` says why.
   * `encrypted`: with a key that is not given, `problem` names it.
   */
  readonly status: "completed" | "in progress" | "invalid" | "elsewhere" | "failed" | "encrypted";
  readonly problem: string | undefined;
  readonly metadata: CheckpointMetadata | undefined;
  /** Stored size of all state files. */
  readonly bytes: number;
  /** Of them, what was written for this checkpoint: less when it is an increment. */
  readonly newBytes: number;
  /** What the run's history says of it. */
  readonly record?: CheckpointRecord | undefined;
}

/** How the checkpoints of a run have gone, failed ones and earlier processes included. Millis, bytes. */
export interface RunSummary {
  readonly completed: number;
  readonly failed: number;
  /** N_ok / N; undefined: none has ended. */
  readonly successRatio: number | undefined;
  /** T, measured: the mean time between the triggers of the last periodic checkpoints. */
  readonly intervalMillis: number | undefined;
  /** T / 2: what a failure costs on average. */
  readonly expectedLossMillis: number | undefined;
  /** B, measured while state was written; `duration = S / B`. */
  readonly bytesPerSecond: number | undefined;
  readonly recoveries: number;
  readonly lastRecovery: RecoveryRecord | undefined;
  /** How checkpoints have reached further places. */
  readonly places: readonly PlaceSummary[];
}

/** A further place of a run's checkpoints (`execution.checkpointing.replicas`). */
export interface PlaceSummary extends PlaceCounts {
  /** N_ok / N. */
  readonly successRatio: number;
}

/** One run of a job on disk, its checkpoints in ascending order. */
export interface RunInfo {
  readonly location: string;
  readonly job: string;
  readonly run: string;
  readonly status: string;
  readonly attempt: number;
  readonly checkpoints: readonly CheckpointInfo[];
  /** Where its log stands (`state.synchronization`); undefined: it has none. */
  readonly log?: LogInfo | undefined;
  readonly summary: RunSummary;
}

/** How deep a checkpoint directory nests: directory, job, run. */
const DEPTH = 3;

/**
 * The runs below a folder: a checkpoint directory, a job's, a run's, one checkpoint, or a folder of savepoints. `verify`: every state file is read
 * and its checksum compared. `values`: options of the storage, and its encryption key. Throws FILE_NOT_FOUND, CHECKPOINT_NOT_FOUND.
 */
export async function inspectCheckpoints(
  folder: string,
  verify: boolean,
  values: ReadonlyMap<string, string> = new Map(),
): Promise<readonly RunInfo[]> {
  const root = await checkpointTree(folder, values);
  if (!(await root.exists())) throw new SqlError("FILE_NOT_FOUND", `there is no folder '${folder}'`);
  const runs: RunInfo[] = [];
  await visit(root, DEPTH, async (tree, kind) => {
    runs.push(await (kind === "checkpoint" ? inspectAlone(tree, verify) : inspectRun(tree, verify)));
  });
  if (runs.length === 0) throw new SqlError("CHECKPOINT_NOT_FOUND", `there are no checkpoints below '${folder}'`);
  return runs;
}

/** A checkpoint outside of its run, or looked at by its own folder. */
async function inspectAlone(tree: CheckpointTree, verify: boolean): Promise<RunInfo> {
  const info = await inspectOne(tree, 0, verify);
  const { metadata } = info;
  return {
    location: tree.location,
    job: metadata?.job ?? "?",
    run: metadata?.run ?? "?",
    status: "",
    attempt: metadata?.attempt ?? 0,
    checkpoints: [info],
    summary: summaryOf(EMPTY_HISTORY),
  };
}

/** Goes to the folders of runs, and of checkpoints that lie in no run. */
async function visit(
  tree: CheckpointTree,
  depth: number,
  found: (tree: CheckpointTree, kind: "run" | "checkpoint") => Promise<void>,
): Promise<void> {
  const kind = await tree.kind();
  if (kind !== "other") return await found(tree, kind);
  if (depth === 0) return;
  for (const child of await tree.children()) await visit(child, depth - 1, found);
}

async function inspectRun(tree: CheckpointTree, verify: boolean): Promise<RunInfo> {
  const state = await tree.state();
  const ids = await tree.checkpointIds();
  const history = await tree.history();
  const records = new Map(history.checkpoints.map((record) => [record.id, record]));
  const checkpoints: CheckpointInfo[] = [];
  for (const id of ids) {
    const info = await inspectOne(tree.child(checkpointFolder(id)), id, verify);
    const record = records.get(id);
    // In a storage the number of one that was given up stays taken for a while.
    const given = info.status === "in progress" && record?.status === "failed";
    checkpoints.push(given ? failedCheckpoint(tree, record) : { ...info, record });
  }
  const seen = new Set(ids);
  for (const record of history.checkpoints) {
    if (record.status === "failed" && !seen.has(record.id)) checkpoints.push(failedCheckpoint(tree, record));
  }
  checkpoints.sort((a, b) => a.id - b.id);
  return {
    location: tree.location,
    job: state?.job ?? "?",
    run: state?.run ?? "?",
    status: state?.status ?? "?",
    attempt: state?.attempt ?? 0,
    checkpoints,
    log: await logInfo(tree.log(), verify),
    summary: summaryOf(history),
  };
}

async function inspectOne(tree: CheckpointTree, id: number, verify: boolean): Promise<CheckpointInfo> {
  const { location } = tree;
  try {
    const reader = await tree.open();
    const { metadata } = reader;
    const files = metadata.snapshots.flatMap((s) => s.stateFiles);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const newBytes = files.reduce((sum, file) => sum + (isEarlierFile(file) ? 0 : file.bytes), 0);
    const info = { location, id: metadata.id, metadata, bytes, newBytes };
    if (!verify) return { ...info, status: "completed", problem: undefined };
    try {
      await verifyFiles(reader);
      return { ...info, status: "completed", problem: undefined };
    } catch (error) {
      return { ...info, ...unreadable(asSqlError(error)) };
    }
  } catch (error) {
    const failure = asSqlError(error);
    const unfinished = failure.code === "CHECKPOINT_NOT_FOUND";
    const savepoint = unfinished ? await tree.savepoint() : undefined;
    return {
      location: savepoint ?? location,
      id,
      ...(unfinished
        ? { status: savepoint === undefined ? "in progress" : "elsewhere", problem: undefined }
        : unreadable(failure)),
      metadata: undefined,
      bytes: 0,
      newBytes: 0,
    };
  }
}

function unreadable({ code, message }: SqlError): Pick<CheckpointInfo, "status" | "problem"> {
  return { status: code === "ENCRYPTION_KEY" ? "encrypted" : "invalid", problem: message };
}

function failedCheckpoint(tree: CheckpointTree, record: CheckpointRecord): CheckpointInfo {
  return {
    location: record.location ?? tree.child(checkpointFolder(record.id)).location,
    id: record.id,
    status: "failed",
    problem: record.failure,
    metadata: undefined,
    bytes: record.bytes,
    newBytes: record.newBytes,
    record,
  };
}

/** How many of the newest checkpoints the measured interval and bandwidth are of. */
const MEASURED = 20;

function summaryOf(history: RunHistory): RunSummary {
  const completed = history.checkpoints.filter((record) => record.status === "completed").slice(-MEASURED);
  const periodic = completed.filter((record) => record.kind === "checkpoint");
  const first = periodic[0];
  const last = periodic.at(-1);
  // Over a restart there was a pause that is no interval.
  const intervalMillis =
    first === undefined || last === undefined || periodic.length < 2 || first.attempt !== last.attempt
      ? undefined
      : (last.triggeredMillis - first.triggeredMillis) / (periodic.length - 1);
  const newest = completed.findLast((record) => bytesPerSecond(record) !== undefined);
  return {
    completed: history.completed,
    failed: history.failed,
    successRatio: successRatio(history),
    intervalMillis,
    expectedLossMillis: intervalMillis === undefined ? undefined : intervalMillis / 2,
    bytesPerSecond: newest === undefined ? undefined : bytesPerSecond(newest),
    recoveries: history.recoveries,
    lastRecovery: history.recovered.at(-1),
    places: history.places.map((place) => ({ ...place, successRatio: place.held / (place.held + place.missed) })),
  };
}
