import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkpointFolder, checkpointIds, openCheckpoint, verifyFiles } from "../checkpoint/checkpoint-directory.ts";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";
import { RUN_FILE, readRunState } from "../checkpoint/run-state.ts";
import { SqlError } from "../base/errors.ts";
import { asSqlError } from "./failures.ts";

/** One checkpoint on disk. */
export interface CheckpointInfo {
  readonly location: string;
  readonly id: number;
  /** `in progress`: its metadata is not written (or the process died before). `invalid`: damaged, `problem` says how. */
  readonly status: "completed" | "in progress" | "invalid";
  readonly problem: string | undefined;
  readonly metadata: CheckpointMetadata | undefined;
  /** Stored size of all state files. */
  readonly bytes: number;
}

/** One run of a job on disk, its checkpoints in ascending order. */
export interface RunInfo {
  readonly location: string;
  readonly job: string;
  readonly run: string;
  readonly status: string;
  readonly attempt: number;
  readonly checkpoints: readonly CheckpointInfo[];
}

/** How deep a checkpoint directory nests: directory, job, run. */
const DEPTH = 3;

/**
 * The runs below a folder: a checkpoint directory, a job's, a run's, or one checkpoint. `verify`: every state file is read
 * and its checksum compared. Throws FILE_NOT_FOUND, CHECKPOINT_NOT_FOUND.
 */
export async function inspectCheckpoints(folder: string, verify: boolean): Promise<readonly RunInfo[]> {
  const root = resolve(folder);
  if (!existsSync(root) || !statSync(root).isDirectory())
    throw new SqlError("FILE_NOT_FOUND", `there is no folder '${folder}'`);
  const runs: RunInfo[] = [];
  if (existsSync(join(root, "_metadata"))) {
    const info = await inspectOne(root, 0, verify);
    const { metadata } = info;
    runs.push({
      location: root,
      job: metadata?.job ?? "?",
      run: metadata?.run ?? "?",
      status: "",
      attempt: metadata?.attempt ?? 0,
      checkpoints: [info],
    });
  } else {
    for (const directory of runDirectories(root, DEPTH)) runs.push(await inspectRun(directory, verify));
  }
  if (runs.length === 0) throw new SqlError("CHECKPOINT_NOT_FOUND", `there are no checkpoints below '${folder}'`);
  return runs;
}

function runDirectories(folder: string, depth: number): string[] {
  if (existsSync(join(folder, RUN_FILE))) return [folder];
  if (depth === 0) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => join(folder, entry.name))
    .sort()
    .flatMap((child) => runDirectories(child, depth - 1));
}

async function inspectRun(directory: string, verify: boolean): Promise<RunInfo> {
  const state = await readRunState(directory);
  const ids = [...(await checkpointIds(directory))].sort((a, b) => a - b);
  const checkpoints: CheckpointInfo[] = [];
  for (const id of ids) checkpoints.push(await inspectOne(join(directory, checkpointFolder(id)), id, verify));
  return {
    location: directory,
    job: state?.job ?? "?",
    run: state?.run ?? "?",
    status: state?.status ?? "?",
    attempt: state?.attempt ?? 0,
    checkpoints,
  };
}

async function inspectOne(location: string, id: number, verify: boolean): Promise<CheckpointInfo> {
  try {
    const reader = await openCheckpoint(location);
    const { metadata } = reader;
    const bytes = metadata.snapshots.reduce((sum, s) => sum + s.stateFiles.reduce((size, f) => size + f.bytes, 0), 0);
    const info = { location, id: metadata.id, metadata, bytes };
    if (!verify) return { ...info, status: "completed", problem: undefined };
    try {
      await verifyFiles(reader);
      return { ...info, status: "completed", problem: undefined };
    } catch (error) {
      return { ...info, status: "invalid", problem: asSqlError(error).message };
    }
  } catch (error) {
    const failure = asSqlError(error);
    const unfinished = failure.code === "CHECKPOINT_NOT_FOUND";
    return {
      location,
      id,
      status: unfinished ? "in progress" : "invalid",
      problem: unfinished ? undefined : failure.message,
      metadata: undefined,
      bytes: 0,
    };
  }
}
