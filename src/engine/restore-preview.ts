import { join } from "node:path";
import { openCheckpoint, verifyFiles } from "../checkpoint/checkpoint-directory.ts";
import { FilesystemStorage } from "../checkpoint/filesystem-storage.ts";
import { newestCheckpoint } from "../checkpoint/newest-checkpoint.ts";
import { pathName } from "../checkpoint/path-name.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { checkpointDirectory } from "./checkpoint-location.ts";
import type { JobHandle, NamedJob } from "./job-request.ts";
import { isSamePlan } from "./plan-record.ts";
import { assertStartable, planRestore, restoreNotes, type RestorePlan } from "./restore-plan.ts";

/**
 * Before anything starts: throws STATE_INCOMPATIBLE when the checkpoint does not fit the job, and notes what is not just
 * kept. A job that is the one that made the checkpoint is not looked at.
 */
export async function checkRestore(request: NamedJob, reader: CheckpointReader): Promise<void> {
  if (isSamePlan(reader.metadata, request.graph)) return;
  const plan = await planRestore(request, reader);
  assertStartable(plan);
  for (const note of restoreNotes(plan)) request.launcher.note(`${request.name}: ${note}`);
}

/** `--dry-run`: what a start would do. Takes no lock, writes nothing. `checkpointed`: the job has checkpoints at all. */
export async function previewRestore(request: NamedJob, checkpointed: boolean): Promise<RestorePlan> {
  const { launcher, name, options } = request;
  const fresh = (note: string): RestorePlan => ({
    job: name,
    from: undefined,
    note,
    operators: [],
    needsPermission: false,
    startable: true,
  });
  const { from } = launcher;
  if (from === undefined) return fresh("starts at the beginning");
  if (!checkpointed) return fresh("starts at the beginning: it has no checkpoints");
  if (request.collector?.commit !== undefined)
    return fresh("starts at the beginning: its result lies in one process alone");
  if ("path" in from) {
    if (from.job !== undefined && from.job !== name)
      return fresh(`starts at the beginning: --from names a checkpoint of ${from.job}`);
    const reader = await openCheckpoint(checkpointDirectory(from.path));
    if (from.job === undefined && reader.metadata.job !== name)
      return fresh(`starts at the beginning: --from names a checkpoint of ${reader.metadata.job}`);
    await verifyFiles(reader);
    return await planRestore(request, reader);
  }
  const directory = checkpointDirectory(options.checkpointDirectory);
  const { compression } = options;
  const storage = new FilesystemStorage({ directory, compression, nowMillis: () => request.session.nowMillis() });
  const found = await storage.newestRun(name);
  if (found === undefined) return fresh("starts at the beginning: it has no run to go on with");
  if (found.state.status === "finished") {
    return request.collector === undefined
      ? fresh("its last run had finished: there is nothing to do")
      : fresh("starts at the beginning: its last run had finished");
  }
  const run = join(directory, pathName(name), found.run);
  const reader = await newestCheckpoint(run, (reason) => launcher.note(reason));
  return reader === undefined
    ? fresh(`starts over: the run ${run} has no valid checkpoint`)
    : await planRestore(request, reader);
}

/** The handle of a job that was only looked at. */
export function notStarted(name: string): JobHandle {
  return {
    name,
    bounded: true,
    done: Promise.resolve({ status: "finished" }),
    stop: () => undefined,
    progress: () => ({ rows: 0, sinkRows: 0, watermarkMillis: -Infinity, counters: {}, lastCheckpoint: undefined }),
    sinkSummaries: () => ({}),
  };
}
