import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { CheckpointKind } from "../../checkpoint/metadata.ts";
import type { CheckpointReader } from "../../checkpoint/storage.ts";
import type { Acknowledgement, CompletionListener } from "../../checkpoint/participant.ts";
import type { Sink } from "../../connectors/api.ts";
import { decodeBatch } from "../../runtime/exchange/batch-codec.ts";
import { sinkListener, sourceListener } from "../../runtime/completion.ts";
import { mergedInspections, type NodeInspection } from "../../runtime/inspection.ts";
import type { JobProgress, RunningJob, SinkSummaries } from "../../runtime/job.ts";
import { withLocalPhases } from "../../runtime/local-phases.ts";
import type { JobServices } from "../../runtime/job-services.ts";
import { collectSink } from "../../runtime/sink-task.ts";
import type { JobGraph, PhysicalNode } from "../../runtime/spec.ts";
import { storageOf, type Storage } from "../../types/data-type.ts";
import { allClosed } from "./all-closed.ts";
import type { PortableSession } from "./portable.ts";
import type { ThreadSetup } from "./protocol.ts";
import { SplitDealer } from "./splits.ts";
import { mergedProgress, mergedSummaries } from "./totals.ts";
import { JobThread } from "./thread.ts";

export interface ThreadedSetup {
  readonly graph: JobGraph;
  readonly values: ReadonlyMap<string, string>;
  readonly session: PortableSession;
  readonly services: Omit<JobServices, "stateFor">;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly workDirectory: string;
  readonly restore: CheckpointReader | undefined;
  readonly alignBarriers: boolean;
  readonly unalignedBarriers: boolean;
  /** Each batch is reported to `services.onRows`, which may make the thread wait. */
  readonly reportsRows: boolean;
}

/**
 * A job in several threads. This thread coordinates: it deals out splits, passes checkpoints on, commits, and writes
 * results; rows go directly from thread to thread.
 */
export class ThreadedJob implements RunningJob {
  readonly #setup: ThreadedSetup;
  readonly #sinks: ReadonlyMap<string, Sink>;
  readonly #dealer: SplitDealer;
  readonly #collected: readonly Storage[];
  readonly #rows: number[];
  #threads: readonly JobThread[] = [];
  #take: ((answer: Acknowledgement) => void) | undefined;
  #stopped: (() => void) | undefined;
  #isQuiet = false;
  #fail: ((error: unknown) => void) | undefined;

  constructor(setup: ThreadedSetup) {
    const { services, parallelism } = setup;
    const graph = parallelism > 1 ? withLocalPhases(setup.graph, services.functions) : setup.graph;
    this.#setup = { ...setup, graph };
    this.#dealer = new SplitDealer(graph, services, parallelism);
    this.#sinks = new Map(graph.nodes.flatMap((node) => sinkOf(node, services)));
    const collecting = graph.nodes.find((n) => n.spec.kind === "sink" && n.spec.target.type === "collect");
    this.#collected = collecting?.spec.kind === "sink" ? collecting.spec.fields.map((f) => storageOf(f.type)) : [];
    this.#rows = Array.from({ length: parallelism }, () => 0);
  }

  get bounded(): boolean {
    return this.#dealer.bounded;
  }

  async open(freshRun: boolean): Promise<void> {
    try {
      await this.#open(freshRun);
    } catch (error) {
      await this.close(true).catch(() => undefined);
      throw error;
    }
  }

  async #open(freshRun: boolean): Promise<void> {
    const { restore, graph } = this.#setup;
    for (const sink of this.#sinks.values()) await sink.begin?.();
    if (restore !== undefined || !freshRun)
      for (const sink of this.#sinks.values()) await sink.discardAfter?.(restore?.metadata.id);
    const splits = await this.#dealer.begin(graph, restore?.metadata);
    const ports = meshOf(this.#setup.parallelism);
    this.#threads = ports.map(
      (own, subtask) =>
        new JobThread(this.#threadSetup(subtask, own, splits[subtask]!, freshRun), {
          answer: (answer) => this.#take?.(answer),
          rows: (thread, rows) => this.#sawRows(thread, rows),
          stdout: (text) => this.#setup.services.connectors.stdout(text),
          stderr: (text) => this.#setup.services.connectors.stderr(text),
          collect: (buffer) => this.#setup.services.collector?.batch(decodeBatch(buffer, this.#collected)),
          prepareCollected: (checkpointId) => this.#setup.services.collector?.prepare?.(checkpointId),
        }),
    );
    await allOf(this.#threads.map(async (thread) => await thread.open()));
  }

  #threadSetup(
    subtask: number,
    ports: readonly (MessagePort | undefined)[],
    splits: ThreadSetup["splits"],
    freshRun: boolean,
  ): ThreadSetup {
    const { graph, values, session, services, parallelism, maxParallelism, restore } = this.#setup;
    return {
      graph,
      values,
      sessionValues: session.values,
      baseDirectory: session.baseDirectory,
      functions: session.functions,
      extensions: session.extensions,
      fixedMillis: session.fixedMillis,
      run: services.run,
      batchRows: services.batchRows,
      subtask,
      parallelism,
      maxParallelism,
      workDirectory: this.#setup.workDirectory,
      restore: restore?.location,
      freshRun,
      splits,
      ports,
      alignBarriers: this.#setup.alignBarriers,
      unalignedBarriers: this.#setup.unalignedBarriers,
      collects: services.collector !== undefined,
      reportsRows: this.#setup.reportsRows,
    };
  }

  async run(): Promise<"finished" | "stopped"> {
    const quiet = new Promise<"stopped">((resolve) => {
      this.#stopped = () => resolve("stopped");
      if (this.#isQuiet) resolve("stopped");
    });
    const failed = new Promise<never>((_, reject) => (this.#fail = reject));
    const finished = allOf(this.#threads.map(async (thread) => await thread.run())).then((): "finished" => "finished");
    // After a stop the threads go on with what is between them until they are closed; nobody listens then.
    finished.catch(() => undefined);
    failed.catch(() => undefined);
    this.#dealer.watch(
      (thread, sourceId, splits) => {
        this.#threads[thread]!.addSplits(sourceId, splits).catch((error: unknown) => this.#fail?.(error));
      },
      (error) => this.#fail?.(error),
    );
    try {
      return await Promise.race([finished, quiet, failed]);
    } finally {
      this.#dealer.stop();
    }
  }

  stop(drain = false): void {
    this.#dealer.stop();
    allOf(this.#threads.map(async (thread) => await thread.stop(drain))).then(
      () => {
        if (drain) return;
        this.#isQuiet = true;
        this.#stopped?.();
      },
      (error: unknown) => this.#fail?.(error),
    );
  }

  async cut(checkpointId: number, kind: CheckpointKind, take: (answer: Acknowledgement) => void): Promise<void> {
    this.#take = take;
    await allOf(this.#threads.map(async (thread) => await thread.cut(checkpointId, kind)));
  }

  subtasks(): readonly { readonly operatorId: string; readonly subtask: number }[] {
    return this.#setup.graph.nodes.flatMap(({ id }) => this.#rows.map((_, subtask) => ({ operatorId: id, subtask })));
  }

  listeners(): readonly CompletionListener[] {
    return [
      ...[...this.#sinks].map(([id, sink]) =>
        sinkListener(id, sink, async (checkpointId) => {
          await allOf(this.#threads.map(async (thread) => await thread.committed(id, checkpointId)));
        }),
      ),
      ...[...this.#dealer.sources].map(([id, { source }]) => sourceListener(id, source)),
    ];
  }

  async close(aborted: boolean): Promise<void> {
    try {
      await allClosed(this.#threads.map(async (thread) => await thread.close(aborted)));
    } finally {
      await allClosed([this.#dealer.close(), ...[...this.#sinks.values()].map(async (sink) => await sink.close?.())]);
    }
  }

  progress(): JobProgress {
    return mergedProgress(this.#threads.flatMap(({ latest }) => (latest === undefined ? [] : [latest.progress])));
  }

  async inspect(): Promise<readonly NodeInspection[]> {
    return mergedInspections(await allOf(this.#threads.map(async (thread) => await thread.inspect())));
  }

  get lastPauseMillis(): number {
    return Math.max(0, ...this.#threads.map(({ latest }) => latest?.pauseMillis ?? 0));
  }

  sinkSummaries(): SinkSummaries {
    return mergedSummaries(this.#threads.flatMap(({ latest }) => (latest === undefined ? [] : [latest.summaries])));
  }

  async #sawRows(thread: number, rows: number): Promise<void> {
    this.#rows[thread] = rows;
    await this.#setup.services.onRows?.(this.#rows.reduce((sum, each) => sum + each, 0));
  }
}

/** Sinks of this thread write nothing: they discard and commit. */
function sinkOf({ id, spec }: PhysicalNode, services: ThreadedSetup["services"]): [string, Sink][] {
  if (spec.kind !== "sink") return [];
  if (spec.target.type === "collect") return [[id, collectSink(services.collector)]];
  const { table } = spec.target;
  return [[id, services.connectorOf(table).sink!(table, services.connectors, { ...services.run, operatorId: id })]];
}

/** For each thread its ports to the others. */
function meshOf(parallelism: number): (MessagePort | undefined)[][] {
  const ports: (MessagePort | undefined)[][] = Array.from({ length: parallelism }, () =>
    Array.from({ length: parallelism }, () => undefined),
  );
  for (let a = 0; a < parallelism; a++) {
    for (let b = a + 1; b < parallelism; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a]![b] = port1;
      ports[b]![a] = port2;
    }
  }
  return ports;
}

/** All of them; the first failure, once every one has ended or failed, would come too late: it comes at once. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  for (const promise of promises) promise.catch(() => undefined);
  return await Promise.all(promises);
}
