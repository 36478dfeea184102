import { verifyFiles } from "../checkpoint/checkpoint-reader.ts";
import type { CheckpointReader, CheckpointStorage, RunStorage } from "../checkpoint/storage.ts";
import { openCheckpointAt, openStorage } from "./checkpoint-location.ts";
import type { NamedJob } from "./job-request.ts";

/** Where the checkpoints of a job lie. Throws UNSUPPORTED. */
export async function storageOf({ options, session, values }: NamedJob): Promise<CheckpointStorage> {
  return openStorage({
    directory: options.checkpointDirectory,
    values,
    compression: options.compression,
    nowMillis: () => session.nowMillis(),
    machine: session.options.machine,
  });
}

/** For a job without checkpoints: does `--from` name one of it, or was it made by one in a run of before? */
export async function hasStart(request: NamedJob): Promise<boolean> {
  const { launcher, name } = request;
  const { from } = launcher;
  if (from === undefined) return false;
  if ("latest" in from) return (await (await storageOf(request)).newestRun(name)) !== undefined;
  if (from.job !== undefined) return from.job === name;
  return (await openCheckpointAt(from.path, request.values)).metadata.job === name;
}

/** Where a job begins. */
export interface Start {
  readonly run: RunStorage;
  readonly reader: CheckpointReader | undefined;
  /** Nothing was ever written under this run's name. */
  readonly fresh: boolean;
}

/** Where the job begins; undefined: its last run had finished, there is nothing to do. */
export async function findStart(request: NamedJob, storage: CheckpointStorage): Promise<Start | undefined> {
  const { name, launcher } = request;
  // A collected result lies in this process alone: a query starts over, so that all of it is there.
  const from = request.collector?.commit === undefined ? launcher.from : undefined;
  if (from === undefined) return { run: await storage.createRun(name), reader: undefined, fresh: true };
  if ("path" in from) return await startFromPath(request, storage, from);
  const found = await storage.newestRun(name);
  if (found === undefined) {
    launcher.note(`${name} has no run to go on with: it starts at the beginning`);
    return { run: await storage.createRun(name), reader: undefined, fresh: true };
  }
  if (found.state.status === "finished") {
    // What a query showed is kept nowhere: it is shown again.
    return request.collector === undefined
      ? undefined
      : { run: await storage.createRun(name), reader: undefined, fresh: true };
  }
  const run = await storage.openRun(name, found.run);
  const reader = await run.newest((reason) => launcher.note(reason));
  launcher.note(
    reader === undefined
      ? `the run ${run.location} has no valid checkpoint: it starts over`
      : `${name} goes on from checkpoint ${reader.metadata.id} of ${run.location}`,
  );
  return { run, reader, fresh: false };
}

/** A new run that begins with the state of a named checkpoint; other jobs of the script begin at their beginning. */
async function startFromPath(
  request: NamedJob,
  storage: CheckpointStorage,
  from: { readonly path: string; readonly job?: string | undefined },
): Promise<Start> {
  const { name, launcher } = request;
  const reader =
    from.job === undefined || from.job === name ? await openCheckpointAt(from.path, request.values) : undefined;
  if (reader === undefined || (from.job === undefined && reader.metadata.job !== name)) {
    launcher.note(
      `${name} starts at the beginning: --from names a checkpoint of ${from.job ?? reader?.metadata.job ?? "another job"}`,
    );
    return { run: await storage.createRun(name), reader: undefined, fresh: true };
  }
  await verifyFiles(reader);
  launcher.note(`${name} begins a new run with checkpoint ${reader.metadata.id} of ${reader.location}`);
  const run = await storage.createRun(name);
  // The run has of its own what it begins with: restarts go on from there, whatever becomes of the other folder.
  await run.adopt(reader);
  return { run, reader: await run.newest((reason) => launcher.note(reason)), fresh: false };
}
