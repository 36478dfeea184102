import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { SqlError } from "../base/errors.ts";
import { nodeFiles } from "../storage/file-system.ts";
import type { FileSystem } from "../storage/file-system.ts";
import { replaceFile } from "../storage/durable-file.ts";
import { crc32 } from "./checksum.ts";
import { FieldReader } from "./metadata.ts";

const RUN_FORMAT = 1;
export const RUN_FILE = "_run.json";

const STATUSES = ["running", "finished", "stopped", "failed"] as const;

/** `finished`: the input has ended and everything is committed; there is nothing to go on with. */
export type RunStatus = (typeof STATUSES)[number];

/** The small file that says what a run is. `running` also stands there when its process was killed. */
export interface RunState {
  readonly format: number;
  readonly job: string;
  readonly run: string;
  readonly startedMillis: number;
  readonly attempt: number;
  readonly status: RunStatus;
}

/** A name for a run of that moment; names of later ones sort behind it. */
export function newRunName(startedMillis: number): string {
  return `${new Date(startedMillis).toISOString().replace(/[-:]|\.\d+Z$/g, "")}-${randomBytes(3).toString("hex")}`;
}

export function newRunState(job: string, run: string, startedMillis: number): RunState {
  return { format: RUN_FORMAT, job, run, startedMillis, attempt: 0, status: "running" };
}

export async function writeRunState(directory: string, state: RunState, files: FileSystem): Promise<void> {
  await replaceFile(join(directory, RUN_FILE), encodeRunState(state), files);
}

/** Throws CHECKPOINT_INVALID when the file is damaged; undefined when there is none. */
export async function readRunState(directory: string, files: FileSystem = nodeFiles): Promise<RunState | undefined> {
  const path = join(directory, RUN_FILE);
  let text: string;
  try {
    text = Buffer.from(await files.readFile(path)).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR")
      return undefined;
    throw error;
  }
  return decodeRunState(text, path);
}

/** A run has checkpoints and does not say what it is: to begin anew beside it would repeat what it has done. */
export function withoutState(location: string): SqlError {
  return new SqlError("CHECKPOINT_INVALID", `the run ${location} has lost its ${RUN_FILE}`, {
    hint: "bring the file back, or move the folder away; a checkpoint in it can be named with --from PATH",
  });
}

/** The file's text. */
export function encodeRunState(state: RunState): string {
  return `${JSON.stringify({ ...state, crc32: checksumOf(state) })}\n`;
}

function checksumOf({ format, job, run, startedMillis, attempt, status }: RunState): number {
  return crc32(Buffer.from(JSON.stringify([format, job, run, startedMillis, attempt, status])));
}

/** Throws CHECKPOINT_INVALID, naming `path`. */
export function decodeRunState(text: string, path: string): RunState {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new SqlError("CHECKPOINT_INVALID", `${path} is not JSON`, { cause });
  }
  const reader = new FieldReader(path);
  const root = reader.object(parsed, "it");
  const status = STATUSES.find((each) => each === root["status"]);
  if (reader.number(root, "format") !== RUN_FORMAT || status === undefined) return reader.fail("status");
  const state: RunState = {
    format: RUN_FORMAT,
    job: reader.text(root, "job"),
    run: reader.text(root, "run"),
    startedMillis: reader.number(root, "startedMillis"),
    attempt: reader.number(root, "attempt"),
    status,
  };
  // Former versions wrote none.
  if (root["crc32"] !== undefined && root["crc32"] !== checksumOf(state)) return reader.fail("crc32");
  return state;
}
