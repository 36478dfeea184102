import { contextLines, contextOf } from "../base/error-context.ts";
import { SqlError } from "../base/errors.ts";
import { faultPoint } from "../base/fault-point.ts";
import { CheckpointCoordinator } from "../checkpoint/coordinator.ts";
import type { CompletedCheckpoint } from "../checkpoint/coordinator.ts";
import { EMPTY_HISTORY, StatisticsKeeper } from "../checkpoint/statistics.ts";
import type { CheckpointRecord, CheckpointStatistics } from "../checkpoint/statistics.ts";
import type { SavepointTarget } from "../checkpoint/savepoint-writer.ts";
import type { CheckpointReader, FoundRun, RunStorage } from "../checkpoint/storage.ts";
import { systemTimer } from "../checkpoint/timer.ts";
import type { RunningJob } from "../runtime/job.ts";
import { AutoInterval, inputRowBytes } from "./auto-interval.ts";
import { savepointFolder } from "./checkpoint-location.ts";
import { checkpointProperties } from "./checkpoint-properties.ts";
import { parallelismOf } from "./create-job.ts";
import { asSqlError, closeQuietly, endedBefore, failureOf } from "./failures.ts";
import { startLog } from "./state-log.ts";
import { participantsOf } from "./participants.ts";
import { openedJob } from "./opened-job.ts";
import { withPresentIds } from "./plan-record.ts";
import { realigned } from "./realigned.ts";
import { RecoveryClock, recoveryText } from "./recovery-clock.ts";
import { checkFits, checkStart } from "./restore-preview.ts";
import { findStart, storageOf, type Start } from "./start-point.ts";
import { checkClaimed } from "./unclaimed-state.ts";
import { overtakingThreads } from "./unaligned-rescale.ts";
import { restartStrategy } from "./restart-strategy.ts";
import type { RestartStrategy } from "./restart-strategy.ts";
import type {
  JobHandle,
  JobInspection,
  JobOutcome,
  JobProgressNow,
  JobStatus,
  NamedJob,
  SavepointOptions,
} from "./job-request.ts";

/** Starts a job with checkpoints: in a new run, or going on where `--from` says. */
export async function startCheckpointed(request: NamedJob): Promise<JobHandle> {
  const { name, launcher } = request;
  const storage = await storageOf(request);
  const clock = new RecoveryClock(undefined, 0, Date.now);
  const checked = await checkStart(request);
  const start = await findStart(request, storage);
  if (start === undefined) {
    launcher.note(`the last run of ${name} had finished: there is nothing to do`);
    return finishedHandle(name, await storage.newestRun(name));
  }
  const statistics = new StatisticsKeeper(start.fresh ? EMPTY_HISTORY : await start.run.history());
  const recovery = start.reader === undefined ? undefined : clock;
  const job = new CheckpointedJob(request, { ...start, checked }, statistics, recovery);
  await job.open();
  return job.handle();
}

/** The handle of a job that has nothing to do. `run`: its last one. */
export function finishedHandle(name: string, run: FoundRun | undefined): JobHandle {
  const refuse = async (): Promise<never> => {
    throw new SqlError("CHECKPOINT_FAILED", `the job '${name}' has finished`);
  };
  return {
    id: run?.run ?? name,
    name,
    startedMillis: run?.state.startedMillis ?? Date.now(),
    bounded: true,
    done: Promise.resolve({ status: "finished" }),
    status: () => "FINISHED",
    ended: () => true,
    stop: () => undefined,
    checkpoint: refuse,
    savepoint: refuse,
    inspect: async () => undefined,
    statistics: () => undefined,
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
  fail(error: SqlError): void;
}

/** The job is to stop with a savepoint. */
interface Stopping {
  readonly target: Pick<SavepointTarget, "directory" | "place" | "keys">;
  readonly drain: boolean;
  resolve(savepoint: CompletedCheckpoint): void;
  reject(error: SqlError): void;
}

/** A job that is checkpointed, and restarted from its newest checkpoint when the outside world fails. */
class CheckpointedJob {
  readonly #request: NamedJob;
  readonly #run: RunStorage;
  #reader: CheckpointReader | undefined;
  #fresh: boolean;
  /** The number of the checkpoint that is known to fit the plan. */
  #checked: number | undefined;
  #attempt: Attempt | undefined;
  #stopRequested = false;
  #rowsAtCheckpoint = 0;
  readonly #restarts: RestartStrategy;
  readonly #startedMillis = Date.now();
  readonly #statistics: StatisticsKeeper;
  #status: JobStatus = "RUNNING";
  #stopping: Stopping | undefined;
  /** The savepoint failed: the job goes on from its newest checkpoint, at once. */
  #resume = false;
  /** Ends the wait before a restart. */
  #hurry: (() => void) | undefined;
  /** Runs until the first rows after a restore. */
  #recovery: RecoveryClock | undefined;
  #intervalMillis: number | undefined;

  constructor(
    request: NamedJob,
    start: Start & { readonly checked: number | undefined },
    statistics: StatisticsKeeper,
    recovery: RecoveryClock | undefined,
  ) {
    this.#statistics = statistics;
    this.#recovery = recovery;
    this.#request = request;
    this.#run = start.run;
    this.#reader = start.reader;
    this.#fresh = start.fresh;
    this.#checked = start.checked;
    this.#restarts = restartStrategy(request.values, true, Math.random);
    start.run.onLost((error) => {
      this.#attempt?.job.stop();
      this.#attempt?.fail(error);
    });
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
      id: this.#run.run,
      name: this.#request.name,
      startedMillis: this.#startedMillis,
      bounded: this.#attempt?.job.bounded ?? true,
      done,
      status: () => this.#status,
      ended: () => this.#status !== "RUNNING" && this.#status !== "RESTARTING",
      stop: () => {
        this.#stopRequested = true;
        this.#attempt?.job.stop();
        this.#hurry?.();
      },
      checkpoint: async () => this.#checkpoint(),
      savepoint: async (options) => this.#stopWithSavepoint(options ?? {}),
      inspect: async () => await this.#inspect(),
      statistics: () => this.#summary(),
      progress: () => this.#progress(),
      sinkSummaries: () => this.#attempt?.job.sinkSummaries() ?? {},
    };
  }

  #summary(): CheckpointStatistics {
    return this.#attempt?.coordinator.statistics() ?? this.#statistics.summary(undefined);
  }

  async #checkpoint(): Promise<CompletedCheckpoint> {
    if (this.#attempt === undefined)
      throw new SqlError("CHECKPOINT_FAILED", `the job '${this.#request.name}' is not running (${this.#status})`);
    return this.#attempt.coordinator.trigger("checkpoint");
  }

  async #stopWithSavepoint({ directory, drain }: SavepointOptions): Promise<CompletedCheckpoint> {
    const { name, values } = this.#request;
    const target = await savepointFolder(directory, values, name);
    if (this.#stopRequested || this.#attempt === undefined)
      throw new SqlError("CHECKPOINT_FAILED", `the job '${name}' is not running (${this.#status})`);
    const { job } = this.#attempt;
    return new Promise((resolve, reject) => {
      this.#stopping = { target, drain: drain === true, resolve, reject };
      this.#stopRequested = true;
      job.stop(drain);
    });
  }

  async #inspect(): Promise<JobInspection | undefined> {
    try {
      const nodes = await this.#attempt?.job.inspect();
      return nodes === undefined ? undefined : { graph: this.#request.graph, nodes };
    } catch {
      // The attempt has just failed.
      return undefined;
    }
  }

  #progress(): JobProgressNow {
    const progress = this.#attempt?.job.progress() ?? {
      rows: 0,
      sinkRows: 0,
      watermarkMillis: -Infinity,
      counters: {},
    };
    const log = this.#run.log?.status;
    const completed = this.#summary().lastCompleted?.id ?? this.#reader?.metadata.id;
    return {
      ...progress,
      lastCheckpoint: log?.lastId === undefined ? completed : Math.max(log.lastId, completed ?? 0),
      log,
      checkpointIntervalMillis: this.#intervalMillis,
    };
  }

  async #loop(): Promise<JobOutcome> {
    try {
      for (;;) {
        try {
          if (this.#attempt === undefined) this.#attempt = await this.#begin();
          this.#status = "RUNNING";
          if (this.#stopRequested) this.#attempt.job.stop();
          return await this.#once(this.#attempt);
        } catch (error) {
          const failure = failureOf(error, this.#request.graph);
          await this.#abandon();
          this.#endRecovery(false);
          const delayMillis = this.#delayAfter(failure);
          this.#endStopping(failure);
          if (delayMillis === undefined) throw failure;
          this.#status = "RESTARTING";
          this.#recovery = new RecoveryClock(failure.message, delayMillis, Date.now);
          this.#request.launcher.note(
            [`${this.#request.name} failed and restarts in ${delayMillis} ms: ${failure.message}`]
              .concat(contextLines(contextOf(failure) ?? {}))
              .join("; "),
          );
          await this.#wait(delayMillis);
          await this.#run.nextAttempt();
          this.#fresh = false;
          this.#reader = await this.#run.newest((reason) => this.#request.launcher.note(reason));
        }
      }
    } catch (error) {
      this.#status = "FAILED";
      await this.#setStatus("failed");
      return { status: "failed", error: asSqlError(error) };
    } finally {
      await this.#run.release();
    }
  }

  /** Undefined: no restart. What the author of the SQL has to mend is not mended by another try. */
  #delayAfter(failure: SqlError): number | undefined {
    if (this.#resume) {
      this.#resume = false;
      return 0;
    }
    const mendable = failure.retryable && failure.domain !== "user";
    // Who waits for a savepoint did not want the job to end without it.
    const wanted = !this.#stopRequested || this.#stopping !== undefined;
    return mendable && wanted ? this.#restarts.delayAfterFailure(Date.now()) : undefined;
  }

  /** The job will not stop with the savepoint that was asked for. */
  #endStopping(failure: SqlError): void {
    const stopping = this.#stopping;
    if (stopping === undefined) return;
    this.#stopping = undefined;
    this.#stopRequested = false;
    stopping.reject(failure);
  }

  async #wait(delayMillis: number): Promise<void> {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, delayMillis);
      this.#hurry = () => {
        clearTimeout(timer);
        done();
      };
    });
    this.#hurry = undefined;
  }

  /** `rows`: the first rows after a restore have passed. */
  #endRecovery(rows: boolean): void {
    const recovery = this.#recovery;
    if (recovery?.isRestored !== true) return;
    this.#recovery = undefined;
    const record = recovery.record(rows);
    this.#statistics.addRecovery(record);
    this.#request.launcher.note(recoveryText(this.#request.name, record));
    // It informs; a disk that refuses it is met again by the next checkpoint.
    this.#run.remember({ type: "recovery", record }).catch(() => undefined);
  }

  async #once(attempt: Attempt): Promise<JobOutcome> {
    const { job, coordinator, fatal } = attempt;
    const status = await Promise.race([job.run(), fatal]);
    if (status === "finished") this.#crash(true);
    const savepoint = await this.#lastCheckpoint(attempt, status);
    this.#endRecovery(false);
    await coordinator.stop();
    await job.close(false);
    await attempt.close();
    faultPoint("run.before-finished");
    await this.#run.setStatus(status);
    // As in Flink a job that stopped with a savepoint has finished; it was canceled without one.
    this.#status = status === "finished" || savepoint !== undefined ? "FINISHED" : "CANCELED";
    if (savepoint !== undefined) this.#stopping?.resolve(savepoint);
    // It came while the job was ending by itself.
    else this.#stopping?.reject(endedBefore(this.#request.name));
    this.#stopping = undefined;
    return { status };
  }

  /** The last checkpoint commits everything; a stopped job keeps its state to go on from. The savepoint that was asked for is one. */
  async #lastCheckpoint(
    { coordinator, fatal }: Attempt,
    status: "finished" | "stopped",
  ): Promise<CompletedCheckpoint | undefined> {
    const stopping = this.#stopping;
    if (stopping !== undefined) {
      const { compression } = this.#request.options;
      const taken = coordinator.trigger("savepoint", { ...stopping.target, compression, last: true }).catch(asSqlError);
      const savepoint = await Promise.race([taken, fatal]);
      if (!(savepoint instanceof SqlError)) return savepoint;
      if (status !== "finished" || stopping.drain) {
        this.#resume = true;
        throw savepoint;
      }
      // The input had ended anyway.
      this.#endStopping(savepoint);
    }
    await Promise.race([coordinator.trigger(status === "finished" ? "final" : "checkpoint"), fatal]);
    return undefined;
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

  /** Where newer checkpoints are damaged, it may be one of the script that ran before. */
  async #checkReader(): Promise<void> {
    const reader = this.#reader;
    if (reader === undefined || reader.metadata.id === this.#checked) return;
    await checkFits(this.#request, reader);
    this.#checked = reader.metadata.id;
  }

  /** Where another number of threads is to go on from rows that barriers have overtaken, those that made it first take them up. */
  async #realign(): Promise<void> {
    const reader = this.#reader;
    const threads = reader && overtakingThreads(reader.metadata);
    if (threads === undefined || threads === parallelismOf(this.#request, this.#run.attempt)) return;
    const { graph, name, launcher } = this.#request;
    launcher.note(
      `${name}: checkpoint ${reader!.metadata.id} is unaligned; the ${threads} threads that made it take up what was on its way, then another number goes on`,
    );
    checkClaimed(this.#request, reader!.metadata);
    this.#reader = await realigned(this.#request, this.#run, withPresentIds(reader!, graph), threads, this.#fresh);
    this.#fresh = false;
  }

  async #begin(): Promise<Attempt> {
    if (this.#reader !== undefined) faultPoint("restore");
    await this.#checkReader();
    await this.#realign();
    const { options, graph } = this.#request;
    const reader = this.#reader && withPresentIds(this.#reader, graph);
    const maxParallelism = reader?.metadata.maxParallelism ?? options.maxParallelism;
    if (reader !== undefined) checkClaimed(this.#request, reader.metadata);
    // Asked for before anything is open that a failure would have to close.
    const firstId = (await this.#run.highestId()) + 1;
    let coordinator: CheckpointCoordinator | undefined;
    const created = await openedJob(
      this.#request,
      this.#run,
      { maxParallelism, restore: reader, onRows: (rows) => this.#afterBatch(rows, coordinator) },
      this.#fresh,
    );
    const { job } = created;
    let fail: (error: SqlError) => void = () => undefined;
    const fatal = new Promise<never>((_, reject) => (fail = reject));
    // Nobody may be waiting when it comes.
    fatal.catch(() => undefined);
    const auto =
      options.autoInterval === undefined
        ? undefined
        : new AutoInterval(options.autoInterval, inputRowBytes(this.#request.graph), job.progress().rows, Date.now());
    this.#intervalMillis = auto?.currentMillis ?? options.checkpointIntervalMillis;
    coordinator = new CheckpointCoordinator({
      run: this.#run,
      options: {
        intervalMillis: auto?.currentMillis ?? options.checkpointIntervalMillis ?? 0,
        minPauseMillis: options.minPauseMillis,
        timeoutMillis: options.timeoutMillis,
        tolerableFailures: options.tolerableFailures,
        retained: options.retained,
      },
      timer: systemTimer,
      participants: participantsOf(job, () => coordinator),
      statistics: this.#statistics,
      listeners: job.listeners(),
      maxParallelism,
      properties: checkpointProperties(this.#request),
      firstId,
      onFatal: (error) => {
        job.stop();
        fail(error);
      },
      onWarning: (message) => this.#request.launcher.note(message),
      onCompleted: (record) => {
        if (auto !== undefined && coordinator !== undefined && record.kind === "checkpoint")
          this.#adaptInterval(auto, record, job.progress().rows, coordinator);
      },
    });
    coordinator.start();
    const schedule = startLog(this.#request, this.#run, coordinator, (error) => {
      job.stop();
      fail(error);
    });
    this.#rowsAtCheckpoint = job.progress().rows;
    this.#recovery?.restored(this.#run.attempt, this.#reader?.metadata.id);
    const close = async (): Promise<void> => {
      schedule?.stop();
      await created.close();
    };
    return { job, coordinator, fatal, fail, close };
  }

  #adaptInterval(auto: AutoInterval, record: CheckpointRecord, rows: number, coordinator: CheckpointCoordinator): void {
    const millis = auto.next(record.bytes, rows, Date.now());
    this.#intervalMillis = millis;
    coordinator.setIntervalMillis(millis);
    if (auto.changedNotably())
      this.#request.launcher.note(`${this.#request.name}: a checkpoint every ${millis} ms ('auto')`);
  }

  /** A checkpoint by rows is complete before the next row is read, so that it is the same one in every run. */
  #afterBatch(rows: number, coordinator: CheckpointCoordinator | undefined): Promise<void> | undefined {
    if (this.#recovery !== undefined) this.#endRecovery(true);
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
}
