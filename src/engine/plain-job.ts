import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Acknowledgement } from "../checkpoint/participant.ts";
import { SqlError } from "../base/errors.ts";
import { CheckpointCoordinator, commitAnswers, type CompletedCheckpoint } from "../checkpoint/coordinator.ts";
import { MemoryRun } from "../checkpoint/memory-storage.ts";
import { systemTimer } from "../checkpoint/timer.ts";
import type { RunningJob } from "../runtime/job.ts";
import type { Collector } from "../runtime/sink-task.ts";
import type { SavepointTarget } from "../checkpoint/savepoint-writer.ts";
import { savepointFolder } from "./checkpoint-location.ts";
import { checkpointProperties } from "./checkpoint-properties.ts";
import { createJob } from "./create-job.ts";
import type { CreatedJob } from "./create-job.ts";
import { closeQuietly, endedBefore, failureOf } from "./failures.ts";
import { participantsOf } from "./participants.ts";
import type { JobHandle, JobOutcome, JobStatus, NamedJob, SavepointOptions } from "./job-request.ts";

/** A job without checkpoints: what its sinks wrote becomes visible when it ends. It can be stopped with a savepoint all the same. */
export async function startPlain(request: NamedJob): Promise<JobHandle> {
  const plain = new PlainJob(request);
  await plain.open();
  return plain.handle();
}

/** The job is to end with a savepoint. */
interface Stopping {
  readonly target: Pick<SavepointTarget, "directory" | "place">;
  resolve(savepoint: CompletedCheckpoint): void;
  reject(error: SqlError): void;
}

class PlainJob {
  readonly #request: NamedJob;
  readonly #id = randomUUID();
  readonly #startedMillis = Date.now();
  #created: CreatedJob | undefined;
  #status: JobStatus = "RUNNING";
  #stopping: Stopping | undefined;

  constructor(request: NamedJob) {
    this.#request = request;
  }

  async open(): Promise<void> {
    const { name, options, graph } = this.#request;
    try {
      this.#created = await createJob({
        request: { ...this.#request, collector: settled(this.#request.collector) },
        run: { jobName: name, runId: this.#id, attempt: 1 },
        maxParallelism: options.maxParallelism,
        workDirectory: join(tmpdir(), `millrace-${this.#id}`),
        restore: undefined,
      });
      await this.#created.job.open(true);
    } catch (error) {
      await this.#created?.close().catch(() => undefined);
      throw failureOf(error, graph);
    }
  }

  handle(): JobHandle {
    const { job } = this.#created!;
    const { name } = this.#request;
    return {
      id: this.#id,
      name,
      startedMillis: this.#startedMillis,
      bounded: job.bounded,
      done: this.#run(job),
      status: () => this.#status,
      ended: () => this.#status !== "RUNNING",
      stop: () => job.stop(),
      checkpoint: async () => {
        throw new SqlError("OPTION_MISSING", `the job '${name}' takes no checkpoints`, {
          hint: "SET 'execution.checkpointing.interval' before it starts; STOP JOB … WITH SAVEPOINT works without",
        });
      },
      savepoint: async (options) => this.#stopWithSavepoint(job, options ?? {}),
      progress: () => ({ ...job.progress(), lastCheckpoint: undefined }),
      inspect: async () =>
        this.#status === "RUNNING" ? { graph: this.#request.graph, nodes: await job.inspect() } : undefined,
      statistics: () => undefined,
      sinkSummaries: () => job.sinkSummaries(),
    };
  }

  async #stopWithSavepoint(job: RunningJob, { directory, drain }: SavepointOptions): Promise<CompletedCheckpoint> {
    const { name, values } = this.#request;
    const target = await savepointFolder(directory, values, name);
    if (this.#status !== "RUNNING" || this.#stopping !== undefined)
      throw new SqlError("CHECKPOINT_FAILED", `the job '${name}' is not running (${this.#status})`);
    return new Promise((resolve, reject) => {
      this.#stopping = { target, resolve, reject };
      job.stop(drain);
    });
  }

  async #run(job: RunningJob): Promise<JobOutcome> {
    try {
      const status = await job.run();
      const stopping = this.#stopping;
      let savepoint: CompletedCheckpoint | undefined;
      if (stopping === undefined) {
        const answers: Acknowledgement[] = [];
        await job.cut(1, "final", (answer) => answers.push(answer));
        for (const { state } of answers) state?.release();
        await commitAnswers(1, answers, job.listeners());
      } else {
        savepoint = await this.#savepoint(job, stopping);
      }
      await job.close(false);
      await this.#created?.close();
      this.#status = status === "finished" || savepoint !== undefined ? "FINISHED" : "CANCELED";
      if (savepoint !== undefined) stopping?.resolve(savepoint);
      // It came while the job was ending by itself.
      else this.#stopping?.reject(endedBefore(this.#request.name));
      return { status };
    } catch (error) {
      const failure = failureOf(error, this.#request.graph);
      this.#status = "FAILED";
      await closeQuietly(job);
      await this.#created?.close().catch(() => undefined);
      this.#stopping?.reject(failure);
      return { status: "failed", error: failure };
    }
  }

  /** One checkpoint of a run that lies nowhere, written as a savepoint; sinks commit after it. */
  async #savepoint(job: RunningJob, { target }: Stopping): Promise<CompletedCheckpoint> {
    const { name, options, launcher } = this.#request;
    const run = new MemoryRun(name, this.#id);
    let coordinator: CheckpointCoordinator | undefined;
    let fatal: SqlError | undefined;
    coordinator = new CheckpointCoordinator({
      run,
      options: { ...options, intervalMillis: 0 },
      timer: systemTimer,
      participants: participantsOf(job, () => coordinator),
      listeners: job.listeners(),
      maxParallelism: options.maxParallelism,
      properties: checkpointProperties(this.#request),
      firstId: 1,
      onFatal: (error) => (fatal = error),
      onWarning: (message) => launcher.note(message),
    });
    const taken = await coordinator.trigger("savepoint", { ...target, compression: options.compression, last: true });
    await coordinator.stop();
    if (fatal !== undefined) throw fatal;
    return taken;
  }
}

/** Nothing is ever taken back, so a transactional result need not wait for the end. */
function settled(collector: Collector | undefined): Collector | undefined {
  if (collector?.commit === undefined) return collector;
  const settle = (): void => {
    void collector.prepare?.(1);
    collector.commit?.(1);
  };
  return {
    batch: (batch) => {
      const waits = collector.batch(batch);
      return waits === undefined ? settle() : waits.then(settle);
    },
  };
}
