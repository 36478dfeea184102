import { verifyFiles } from "../checkpoint/checkpoint-reader.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { openCheckpointAt } from "./checkpoint-location.ts";
import type { NamedJob } from "./job-request.ts";
import { isSamePlan } from "./plan-record.ts";
import { storageOf } from "./start-point.ts";
import { assertStartable, planRestore, restoreNotes, type RestorePlan } from "./restore-plan.ts";

/**
 * Before anything starts: throws STATE_INCOMPATIBLE when the checkpoint that `--from` names does not fit the job, and
 * notes what is not just kept. Answers the number of the checkpoint that was looked at: files are read only when it is
 * of another plan, so that a damaged one may have to give way to one before it.
 */
export async function checkStart(request: NamedJob): Promise<number | undefined> {
  const unverified = await checkpointOf(request, false);
  if (typeof unverified === "string") return undefined;
  if (isSamePlan(unverified.metadata, request.graph)) return unverified.metadata.id;
  const reader = await checkpointOf(request, true);
  if (typeof reader === "string") return undefined;
  await checkFits(request, reader);
  return reader.metadata.id;
}

/** The same for a checkpoint that is at hand. The state of the very plan that made it is not looked at. */
export async function checkFits(request: NamedJob, reader: CheckpointReader): Promise<void> {
  if (isSamePlan(reader.metadata, request.graph)) return;
  const plan = await planRestore(request, reader);
  assertStartable(plan);
  for (const note of restoreNotes(plan)) request.launcher.note(`${request.name}: ${note}`);
}

/** `--dry-run`: what a start would do. Takes no lock, writes nothing. `checkpointed`: the job has checkpoints at all. */
export async function previewRestore(request: NamedJob, checkpointed: boolean): Promise<RestorePlan> {
  const reader = checkpointed ? await checkpointOf(request, true) : "starts at the beginning: it has no checkpoints";
  if (typeof reader !== "string") return await planRestore(request, reader);
  const { name } = request;
  return { job: name, from: undefined, note: reader, operators: [], needsPermission: false, startable: true };
}

/** The checkpoint that a start would begin with, or in words why there is none. */
async function checkpointOf(request: NamedJob, verify: boolean): Promise<CheckpointReader | string> {
  const { launcher, name } = request;
  const { from } = launcher;
  const files = request.session.options.machine?.files;
  if (from === undefined) return "starts at the beginning";
  if (request.collector?.commit !== undefined) return "starts at the beginning: its result lies in one process alone";
  if ("path" in from) {
    if (from.job !== undefined && from.job !== name)
      return `starts at the beginning: --from names a checkpoint of ${from.job}`;
    const reader = await openCheckpointAt(from.path, request.values, files);
    if (from.job === undefined && reader.metadata.job !== name)
      return `starts at the beginning: --from names a checkpoint of ${reader.metadata.job}`;
    if (verify) await verifyFiles(reader);
    return reader;
  }
  const storage = await storageOf(request);
  const found = await storage.newestRun(name);
  if (found === undefined) return "starts at the beginning: it has no run to go on with";
  if (found.state.status === "finished") {
    return request.collector === undefined
      ? "its last run had finished: there is nothing to do"
      : "starts at the beginning: its last run had finished";
  }
  const onInvalid = (reason: string): void => {
    if (launcher.onPlan !== undefined) launcher.note(reason);
  };
  const newest = await storage.newestOf(found, onInvalid, verify);
  return newest ?? `starts over: the run ${storage.locationOf(found)} has no valid checkpoint`;
}
