import { join, resolve } from "node:path";
import { SqlError } from "../base/errors.ts";
import { faultPoint } from "../base/fault-point.ts";
import { CheckpointCoordinator, commitRestored } from "../checkpoint/coordinator.ts";
import { checkpointFolder, openCheckpoint, verifyFiles } from "../checkpoint/checkpoint-directory.ts";
import { copyCheckpoint, FilesystemStorage } from "../checkpoint/filesystem-storage.ts";
import type { Participant } from "../checkpoint/participant.ts";
import type { CheckpointReader, RunStorage } from "../checkpoint/storage.ts";
import { systemTimer } from "../checkpoint/timer.ts";
import type { JobProgress, RunningJob } from "../runtime/job.ts";
import { asSqlError, closeQuietly } from "./failures.ts";
import { createJob } from "./create-job.ts";
import { ignoresUnclaimedState } from "./local-job.ts";
import { restartStrategy } from "./restart-strategy.ts";
import type { RestartStrategy } from "./restart-strategy.ts";
import type { JobHandle, JobOutcome, NamedJob } from "./job-request.ts";

/** Starts a job with checkpoints: in a new run, or going on where `--from` says. */
export async function startCheckpointed(request: NamedJob): Promise<JobHandle> {
  const { name, options, launcher, session } = request;
  const storage = new FilesystemStorage({
    directory: directoryOf(options.checkpointDirectory),
    compression: options.compression,
    nowMillis: () => session.nowMillis(),
    machine: session.options.machine,
  });
  const start = await findStart(request, storage);
  if (start === undefined) {
    launcher.note(`the last run of ${name} had finished: there is nothing to do`);
    return finishedHandle(name);
  }
  const job = new CheckpointedJob(request, start);
  await job.open();
  return job.handle();
}

/** `file:///dir`, `file:/dir` or a path; other schemes come with their storage. */
function directoryOf(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return resolve(text);
  if (scheme !== "file")
    throw new SqlError("UNSUPPORTED", `checkpoints on '${scheme}:' are not supported yet`, {
      hint: "use a folder or a file: URI",
    });
  return text.replace(/^file:(\/\/)?/i, "");
}

interface Start {
  readonly run: RunStorage;
  readonly reader: CheckpointReader | undefined;
  /** Nothing was ever written under this run's name. */
  readonly fresh: boolean;
}

async function findStart(request: NamedJob, storage: FilesystemStorage): Promise<Start | undefined> {
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
  storage: FilesystemStorage,
  from: { readonly path: string; readonly job?: string | undefined },
): Promise<Start> {
  const { name, launcher } = request;
  const reader = from.job === undefined || from.job === name ? await openCheckpoint(directoryOf(from.path)) : undefined;
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
  await copyCheckpoint(reader, join(run.location, checkpointFolder(reader.metadata.id)));
  return { run, reader: await run.newest((reason) => launcher.note(reason)), fresh: false };
}

function finishedHandle(name: string): JobHandle {
  return {
    name,
    bounded: true,
    done: Promise.resolve({ status: "finished" }),
    stop: () => undefined,
    progress: () => ({ rows: 0, sinkRows: 0, watermarkMillis: -Infinity, counters: {}, lastCheckpoint: undefined }),
    sinkSummaries: () => ({}),
  };
}

/** One attempt: a job, its coordinator, its states. */
interface Attempt {
  readonly job: RunningJob;
  readonly coordinator: CheckpointCoordinator;
  /** After the job: lets go of its state. */
  close(): Promise<void>;
  /** Rejects when checkpointing must end the job. */
  readonly fatal: Promise<never>;
}

/** A job that is checkpointed, and restarted from its newest checkpoint when the outside world fails. */
class CheckpointedJob {
  readonly #request: NamedJob;
  readonly #run: RunStorage;
  #reader: CheckpointReader | undefined;
  #fresh: boolean;
  #attempt: Attempt | undefined;
  #stopRequested = false;
  #rowsAtCheckpoint = 0;
  readonly #restarts: RestartStrategy;

  constructor(request: NamedJob, start: Start) {
    this.#request = request;
    this.#run = start.run;
    this.#reader = start.reader;
    this.#fresh = start.fresh;
    this.#restarts = restartStrategy(request.values, true, Math.random);
  }

  async open(): Promise<void> {
    try {
      this.#attempt = await this.#begin();
    } catch (error) {
      await this.#run.release();
      throw asSqlError(error);
    }
  }

  handle(): JobHandle {
    const done = this.#loop();
    return {
      name: this.#request.name,
      bounded: this.#attempt?.job.bounded ?? true,
      done,
      stop: () => {
        this.#stopRequested = true;
        this.#attempt?.job.stop();
      },
      progress: () => this.#progress(),
      sinkSummaries: () => this.#attempt?.job.sinkSummaries() ?? {},
    };
  }

  #progress(): JobProgress & { readonly lastCheckpoint: number | undefined } {
    const progress = this.#attempt?.job.progress() ?? {
      rows: 0,
      sinkRows: 0,
      watermarkMillis: -Infinity,
      counters: {},
    };
    return {
      ...progress,
      lastCheckpoint: this.#attempt?.coordinator.statistics().lastCompleted?.id ?? this.#reader?.metadata.id,
    };
  }

  async #loop(): Promise<JobOutcome> {
    try {
      for (;;) {
        try {
          if (this.#attempt === undefined) this.#attempt = await this.#begin();
          if (this.#stopRequested) this.#attempt.job.stop();
          return await this.#once(this.#attempt);
        } catch (error) {
          const failure = asSqlError(error);
          await this.#abandon();
          // What the author of the SQL has to mend is not mended by another try.
          const delayMillis =
            failure.retryable && !this.#stopRequested ? this.#restarts.delayAfterFailure(Date.now()) : undefined;
          if (delayMillis === undefined) throw failure;
          this.#request.launcher.note(
            `${this.#request.name} failed and restarts in ${delayMillis} ms: ${failure.message}`,
          );
          await new Promise((done) => setTimeout(done, delayMillis));
          await this.#run.nextAttempt();
          this.#fresh = false;
          this.#reader = await this.#run.newest((reason) => this.#request.launcher.note(reason));
        }
      }
    } catch (error) {
      await this.#setStatus("failed");
      return { status: "failed", error: asSqlError(error) };
    } finally {
      await this.#run.release();
    }
  }

  async #once({ job, coordinator, fatal, close }: Attempt): Promise<JobOutcome> {
    const status = await Promise.race([job.run(), fatal]);
    if (status === "finished") this.#crash(true);
    // The last checkpoint commits everything; a stopped job keeps its state to go on from.
    await Promise.race([coordinator.trigger(status === "finished" ? "final" : "checkpoint"), fatal]);
    await coordinator.stop();
    await job.close(false);
    await close();
    faultPoint("run.before-finished");
    await this.#run.setStatus(status);
    return { status };
  }

  async #abandon(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (attempt === undefined) return;
    attempt.job.stop();
    await attempt.coordinator.stop();
    await closeQuietly(attempt.job);
    await attempt.close().catch(() => undefined);
  }

  /** Notes on disk how the run ended; a disk that refuses must not hide why it failed. */
  async #setStatus(status: "failed"): Promise<void> {
    try {
      await this.#run.setStatus(status);
    } catch {
      // The job's own failure is reported.
    }
  }

  async #begin(): Promise<Attempt> {
    if (this.#reader !== undefined) faultPoint("restore");
    const { options, graph } = this.#request;
    const maxParallelism = this.#reader?.metadata.maxParallelism ?? options.maxParallelism;
    this.#checkRestored(graph.nodes.map((n) => n.id));
    let coordinator: CheckpointCoordinator | undefined;
    const created = await createJob({
      request: this.#request,
      run: { jobName: this.#request.name, runId: this.#run.run, attempt: this.#run.attempt },
      maxParallelism,
      workDirectory: join(this.#run.location, "work"),
      restore: this.#reader,
      onRows: (rows) => this.#afterBatch(rows, coordinator),
    });
    const { job } = created;
    try {
      if (this.#reader !== undefined) await commitRestored(this.#reader.metadata, job.listeners());
      await job.open(this.#fresh);
    } catch (error) {
      await created.close().catch(() => undefined);
      throw error;
    }
    let fail: (error: SqlError) => void = () => undefined;
    const fatal = new Promise<never>((_, reject) => (fail = reject));
    // Nobody may be waiting when it comes.
    fatal.catch(() => undefined);
    coordinator = new CheckpointCoordinator({
      run: this.#run,
      options: {
        intervalMillis: options.checkpointIntervalMillis ?? 0,
        minPauseMillis: options.minPauseMillis,
        timeoutMillis: options.timeoutMillis,
        tolerableFailures: options.tolerableFailures,
        retained: options.retained,
      },
      timer: systemTimer,
      participants: participantsOf(job, () => coordinator),
      listeners: job.listeners(),
      maxParallelism,
      properties: {},
      firstId: (await this.#run.highestId()) + 1,
      onFatal: (error) => {
        job.stop();
        fail(error);
      },
      onWarning: (message) => this.#request.launcher.note(message),
    });
    coordinator.start();
    this.#rowsAtCheckpoint = job.progress().rows;
    return { job, coordinator, fatal, close: async () => await created.close() };
  }

  /** A checkpoint by rows is complete before the next row is read, so that it is the same one in every run. */
  #afterBatch(rows: number, coordinator: CheckpointCoordinator | undefined): Promise<void> | undefined {
    this.#crash(false);
    const { checkpointRecords } = this.#request.options;
    if (
      coordinator === undefined ||
      checkpointRecords === undefined ||
      rows - this.#rowsAtCheckpoint < checkpointRecords
    )
      return undefined;
    this.#rowsAtCheckpoint = rows;
    // When it fails, the coordinator says so.
    return coordinator.trigger("checkpoint").then(
      () => undefined,
      () => undefined,
    );
  }

  #crash(atEnd: boolean): void {
    if (this.#request.launcher.crashes?.(atEnd) === true)
      throw new SqlError("CHECKPOINT_FAILED", "given up by a test of recovery", { retryable: true });
  }

  /** State that the checkpoint holds and the script no longer has is never dropped silently. */
  #checkRestored(nodeIds: readonly string[]): void {
    const held = this.#reader?.metadata.snapshots.filter((s) => s.stateFiles.length > 0) ?? [];
    const lost = [...new Set(held.map((s) => s.operatorId))].filter((id) => !nodeIds.includes(id));
    if (lost.length === 0 || ignoresUnclaimedState(this.#request.values)) return;
    throw new SqlError(
      "STATE_INCOMPATIBLE",
      `the checkpoint holds state of operators that this script does not have: ${lost.join(", ")}`,
      {
        hint: "run the script that made the checkpoint, start without --from, or set 'execution.state-recovery.ignore-unclaimed-state' = 'true' to drop that state",
      },
    );
  }
}

/** A trigger is one cut through all nodes; each subtask then answers for itself. */
function participantsOf(job: RunningJob, coordinator: () => CheckpointCoordinator | undefined): readonly Participant[] {
  const cut = ({ checkpointId, kind }: Parameters<NonNullable<Participant["trigger"]>>[0]): void => {
    job
      .cut(checkpointId, kind, (answer) => coordinator()?.acknowledge(answer))
      .catch((error: unknown) => coordinator()?.decline(checkpointId, asSqlError(error)));
  };
  return job.subtasks().map((subtask, i): Participant => ({
    ...subtask,
    ...(i === 0 ? { trigger: cut } : {}),
  }));
}
