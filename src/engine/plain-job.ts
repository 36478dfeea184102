import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqlError } from "../base/errors.ts";
import { CheckpointCoordinator, commitAnswers, type CompletedCheckpoint } from "../checkpoint/coordinator.ts";
import { MemoryRun } from "../checkpoint/memory-storage.ts";
import { systemTimer } from "../checkpoint/timer.ts";
import { Job } from "../runtime/job.ts";
import type { Collector } from "../runtime/sink-task.ts";
import { keyGroupsOf } from "../state/backend.ts";
import type { BackendState, OpenStateBackend } from "../state/backend.ts";
import { stateBackend } from "../state/index.ts";
import { savepointDirectory } from "./checkpoint-location.ts";
import { checkpointProperties } from "./checkpoint-properties.ts";
import { closeQuietly, endedBefore, failureOf } from "./failures.ts";
import { participantsOf } from "./participants.ts";
import { servicesOf } from "./job-request.ts";
import type { JobHandle, JobOutcome, JobStatus, NamedJob, SavepointOptions } from "./job-request.ts";

/** A job without checkpoints: what its sinks wrote becomes visible when it ends. It can be stopped with a savepoint all the same. */
export async function startPlain(request: NamedJob): Promise<JobHandle> {
  const plain = new PlainJob(request);
  await plain.open();
  return plain.handle();
}

/** The job is to end with a savepoint. */
interface Stopping {
  readonly directory: string;
  resolve(savepoint: CompletedCheckpoint): void;
  reject(error: SqlError): void;
}

class PlainJob {
  readonly #request: NamedJob;
  readonly #id = randomUUID();
  readonly #startedMillis = Date.now();
  readonly #states = new Map<string, BackendState>();
  #backend: OpenStateBackend | undefined;
  #job: Job | undefined;
  #status: JobStatus = "RUNNING";
  #stopping: Stopping | undefined;

  constructor(request: NamedJob) {
    this.#request = request;
  }

  async open(): Promise<void> {
    const { session, name, options, values, graph } = this.#request;
    const { maxParallelism } = options;
    const backend = await stateBackend(values.get("state.backend.type") ?? "memory").open({
      options: values,
      workDirectory: join(tmpdir(), `millrace-${this.#id}`),
      clock: { nowMillis: () => session.nowMillis() },
      maxParallelism,
      subtask: 0,
      parallelism: 1,
      keyGroups: keyGroupsOf(0, 1, maxParallelism),
      restore: undefined,
    });
    this.#backend = backend;
    try {
      const run = { jobName: name, runId: this.#id, attempt: 1 };
      const services = servicesOf(
        { ...this.#request, collector: settled(this.#request.collector) },
        run,
        (operatorId) => {
          const state = backend.operatorState(operatorId);
          this.#states.set(operatorId, state);
          // Only a savepoint writes it.
          return { state: state.state, freeze: () => (this.#stopping === undefined ? undefined : state.freeze()) };
        },
      );
      this.#job = new Job(graph, services);
      await this.#job.open(undefined, true);
    } catch (error) {
      await backend.close().catch(() => undefined);
      throw failureOf(error, graph);
    }
  }

  handle(): JobHandle {
    const job = this.#job!;
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
      statistics: () => undefined,
      sinkSummaries: () => job.sinkSummaries(),
    };
  }

  async #stopWithSavepoint(job: Job, { directory, drain }: SavepointOptions): Promise<CompletedCheckpoint> {
    const { name, values } = this.#request;
    const target = savepointDirectory(directory, values, name);
    if (this.#status !== "RUNNING" || this.#stopping !== undefined)
      throw new SqlError("CHECKPOINT_FAILED", `the job '${name}' is not running (${this.#status})`);
    return new Promise((resolve, reject) => {
      this.#stopping = { directory: target, resolve, reject };
      if (drain === true) job.drain();
      else job.stop();
    });
  }

  async #run(job: Job): Promise<JobOutcome> {
    try {
      const status = await job.run();
      const stopping = this.#stopping;
      let savepoint: CompletedCheckpoint | undefined;
      if (stopping === undefined) {
        const { answers } = await job.cut(1);
        await commitAnswers(1, answers, job.listeners());
      } else {
        savepoint = await this.#savepoint(job, stopping);
      }
      await job.close(false);
      await this.#backend?.close();
      this.#status = status === "finished" || savepoint !== undefined ? "FINISHED" : "CANCELED";
      if (savepoint !== undefined) stopping?.resolve(savepoint);
      // It came while the job was ending by itself.
      else this.#stopping?.reject(endedBefore(this.#request.name));
      return { status };
    } catch (error) {
      const failure = failureOf(error, this.#request.graph);
      this.#status = "FAILED";
      await closeQuietly(job);
      await this.#backend?.close().catch(() => undefined);
      this.#stopping?.reject(failure);
      return { status: "failed", error: failure };
    }
  }

  /** One checkpoint of a run that lies nowhere, written as a savepoint; sinks commit after it. */
  async #savepoint(job: Job, { directory }: Stopping): Promise<CompletedCheckpoint> {
    const { name, options, launcher } = this.#request;
    const run = new MemoryRun(name, this.#id);
    let coordinator: CheckpointCoordinator | undefined;
    let fatal: SqlError | undefined;
    coordinator = new CheckpointCoordinator({
      run,
      options: { ...options, intervalMillis: 0 },
      timer: systemTimer,
      participants: participantsOf(
        job,
        () => coordinator,
        (id) => this.#states.get(id)?.size?.(),
      ),
      listeners: job.listeners(),
      maxParallelism: options.maxParallelism,
      properties: checkpointProperties(this.#request),
      firstId: 1,
      onFatal: (error) => (fatal = error),
      onWarning: (message) => launcher.note(message),
    });
    const taken = await coordinator.trigger("savepoint", { directory, compression: options.compression, last: true });
    await coordinator.stop();
    if (fatal !== undefined) throw fatal;
    return taken;
  }
}

/** Nothing is ever taken back, so a transactional result need not wait for the end. */
function settled(collector: Collector | undefined): Collector | undefined {
  if (collector?.commit === undefined) return collector;
  const settle = (): void => {
    collector.prepare?.(1);
    collector.commit?.(1);
  };
  return {
    batch: (batch) => {
      const waits = collector.batch(batch);
      return waits === undefined ? settle() : waits.then(settle);
    },
  };
}
