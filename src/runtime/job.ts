import { locate } from "../base/error-context.ts";
import type { Json } from "../base/json.ts";
import type { CheckpointKind } from "../checkpoint/metadata.ts";
import type { Acknowledgement, CompletionListener } from "../checkpoint/participant.ts";
import type { NumberedSplit } from "./source-state.ts";
import { Barriers } from "./barriers.ts";
import { sinkListener, sourceListener } from "./completion.ts";
import type { InFlight } from "./exchange/in-flight.ts";
import { Inbox } from "./exchange/inbox.ts";
import type { Element, Network } from "./exchange/network.ts";
import type { JobServices } from "./job-services.ts";
import { watermarkBatch } from "./node.ts";
import { addedCounters, type NodeInspection } from "./inspection.ts";
import { SourceSchedule } from "./source-schedule.ts";
import type { JobGraph } from "./spec.ts";
import { TaskGraph } from "./task-graph.ts";
import { Timers } from "./timers.ts";

/** What a restore brings back, by operator id (operator state comes through `stateFor`). */
export interface RestoredJob {
  readonly checkpointId: number;
  readonly sources: Readonly<Record<string, Json>>;
  /** Watermarks as text: of the output, then of each input. */
  readonly gates: Readonly<Record<string, readonly string[]>>;
  /** What the writers of each sink left for this thread. */
  readonly sinks: Readonly<Record<string, readonly Json[]>>;
  /** Rows that were on their way to a node when an unaligned checkpoint overtook them. */
  readonly inFlight: Readonly<Record<string, readonly InFlight[]>>;
}

export interface JobProgress {
  readonly rows: number;
  /** Rows that reached the sinks. */
  readonly sinkRows: number;
  /** Lowest watermark over the operators that make one; −Infinity: none yet. */
  readonly watermarkMillis: number;
  readonly counters: Readonly<Record<string, number>>;
}

export type SinkSummaries = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

/** A job that runs, in one thread or in several. */
export interface RunningJob {
  readonly bounded: boolean;
  /**
   * Opens sources and sinks. `freshRun`: nothing was ever written under this run's name; else what a sink prepared after
   * the restored checkpoint is discarded first. (What the checkpoint itself holds has been committed again before.)
   */
  open(freshRun: boolean): Promise<void>;
  /** Reads until every source has ended or a stop is asked for. Resolves to how it ended. */
  run(): Promise<"finished" | "stopped">;
  /** Nothing more is read after the batches in hand. `drain`: the sources end, so that every window closes. */
  stop(drain?: boolean): void;
  /**
   * A consistent picture of the whole job: each subtask's answer goes to `take` when the barrier has passed it. Resolves
   * when all have answered. One that was asked for before and is not complete is given up.
   */
  cut(checkpointId: number, kind: CheckpointKind, take: (answer: Acknowledgement) => void): Promise<void>;
  /** All that take part in a checkpoint. */
  subtasks(): readonly { readonly operatorId: string; readonly subtask: number }[];
  /** Who acts once a checkpoint is complete: sinks commit, sources hear of it. */
  listeners(): readonly CompletionListener[];
  /** Closes everything, then throws the first failure if there was one. */
  close(aborted: boolean): Promise<void>;
  progress(): JobProgress;
  /** How each node is doing. */
  inspect(): Promise<readonly NodeInspection[]>;
  /** How long the stream stood still at the last barrier, millis. */
  readonly lastPauseMillis: number;
  /** What the sinks say of themselves (checksums), by operator id. */
  sinkSummaries(): SinkSummaries;
}

/** The event loop gets its turn at least this often (signals, timers, checkpoints), millis. */
const SLICE_MILLIS = 10;
/** Rows for other threads wait at most so long for more of them. */
const FLUSH_MILLIS = 20;
/** What operators hold to add it up before it travels waits at most so long; not at all when there is nothing else to do. */
const HOLD_MILLIS = 100;

/**
 * One run of a job graph in this thread: direct calls from the sources to the sinks. With a network it is one of several
 * threads, each with its own key groups and its own part of the sources.
 */
export class Job implements RunningJob {
  readonly #services: JobServices;
  readonly #restored: RestoredJob | undefined;
  readonly #tasks: TaskGraph;
  readonly #schedule: SourceSchedule;
  readonly #timers: Timers;
  readonly #network: Network | undefined;
  readonly #inbox = new Inbox();
  readonly #barriers: Barriers;
  #stopRequested = false;
  #drainRequested = false;
  #wake: (() => void) | undefined;
  /** Something has come since it was last asleep. */
  #isAwake = false;
  #ended = false;
  /** Nothing flows any more. */
  #loopEnded = false;
  #closing = false;
  #flushedMillis = 0;
  #releasedMillis = 0;

  constructor(graph: JobGraph, services: JobServices, restored?: RestoredJob) {
    this.#services = services;
    this.#restored = restored;
    this.#network = services.network;
    this.#tasks = new TaskGraph(graph, services, {
      operator: (node, id) => this.#barriers.passed(node, id),
      sink: (sink, id) => this.#barriers.arrived(sink, id),
    });
    const options = {
      subtask: this.#subtask,
      aligning: services.alignBarriers !== false,
      unaligned: services.unalignedBarriers === true && services.network !== undefined,
    };
    this.#barriers = new Barriers(this.#tasks, this.#inbox, options, {
      settle: () => this.#settle(),
      ended: () => this.#ended,
    });
    this.#schedule = new SourceSchedule(this.#tasks.sources, this.#tasks.watermarkNodes, services.connectors.nowMillis);
    this.#timers = new Timers(this.#tasks, services.connectors.nowMillis, (nodeId) => this.#mayEmit(nodeId));
    this.#listen();
    // Before anything that the other threads send can come: they may be open while this one is not.
    this.#takeUpInFlight();
    for (const { source } of this.#tasks.sources) source.onReady?.(() => this.#wakeUp());
  }

  #wakeUp(): void {
    this.#isAwake = true;
    this.#wake?.();
  }

  get #subtask(): number {
    return this.#network?.subtask ?? 0;
  }

  #listen(): void {
    const network = this.#network;
    if (network === undefined) return;
    for (const { exchange } of this.#tasks.receivers)
      for (let sender = 0; sender < network.parallelism; sender++) this.#inbox.add(exchange, sender);
    network.listen({
      element: (sender, exchange, element) => {
        this.#barriers.arrive(sender, exchange, element);
        this.#inbox.push(exchange, sender, element);
      },
      credit: (target, exchange, buffer) => this.#tasks.senders[exchange]!.credited(target, buffer),
      wake: () => this.#wakeUp(),
    });
  }

  async open(freshRun: boolean): Promise<void> {
    try {
      await this.#open(freshRun);
    } catch (error) {
      // The failure is what matters; what was opened before it is let go of.
      await this.close(true).catch(() => undefined);
      throw error;
    }
  }

  async #open(freshRun: boolean): Promise<void> {
    const restored = this.#restored;
    const { sources, sinks, operators, receivers } = this.#tasks;
    for (const sink of sinks) {
      // Of several threads the coordinating one does it, once for all.
      if (this.#network === undefined) {
        await sink.sink.begin?.();
        if (restored !== undefined || !freshRun) await sink.sink.discardAfter?.(restored?.checkpointId);
      }
      await sink.open(this.#subtask, restored?.sinks[sink.id] ?? []);
    }
    for (const source of sources) await source.open(restored?.sources[source.id]);
    for (const node of operators) {
      const gate = restored?.gates[node.id];
      if (gate === undefined) continue;
      const [output, ...inputs] = gate.map(Number);
      node.restore(inputs);
      node.output.watermark = output!;
      inputs.forEach((watermark, i) => this.#tasks.exchangeOf(node.id, i)?.restore(watermark));
    }
    // Receivers begin with the lowest watermark of all senders; each says how far it is itself.
    receivers.forEach(({ exchange }) => {
      const { watermark } = this.#tasks.exchangeInputs[exchange]!;
      if (watermark > -Infinity) this.#tasks.senders[exchange]!.batch(0, watermarkBatch([], watermark));
    });
    // Sources that had ended before the checkpoint end again, so that what they closed closes. One of which this thread
    // has no part ends, or is idle, before any thread reads: then it never depends on chance which rows are late.
    for (const source of sources) {
      if (source.ended || (source.bounded && source.hasNoPart)) source.finish();
      else if (source.hasNoPart) source.output.idle(true);
    }
    for (const queued of this.#tasks.queuedTimers) queued.bringNear();
    await this.#settle();
    for (const sender of this.#tasks.senders) sender.flush();
    this.#network?.opened();
  }

  /**
   * Rows that were in flight come first, in front of whatever the senders send, and find the channels as they were: those
   * that were idle hold no watermark back. Behind them all count again until their senders say how they are.
   */
  #takeUpInFlight(): void {
    for (const [nodeId, elements] of Object.entries(this.#restored?.inFlight ?? {})) {
      const idle = new Map<string, () => void>();
      for (const element of elements) {
        const { input, sender } = element;
        const { exchange } = this.#tasks.exchangeOf(nodeId, input)!;
        const push = (own: Element): void => this.#inbox.push(exchange, sender, own);
        if ("buffer" in element) push({ kind: "batch", buffer: element.buffer, restored: true });
        else {
          push({ kind: "idle", idle: element.idle });
          const channel = `${exchange}/${sender}`;
          if (element.idle) idle.set(channel, () => push({ kind: "idle", idle: false }));
          else idle.delete(channel);
        }
      }
      for (const wake of idle.values()) wake();
    }
  }

  async run(): Promise<"finished" | "stopped"> {
    let sliceStart = performance.now();
    const network = this.#network;
    for (;;) {
      this.#isAwake = false;
      network?.poll();
      await this.#barriers.act();
      if (this.#drainRequested) await this.#drain();
      if (this.#closing || (this.#stopRequested && network === undefined)) {
        this.#loopEnded = true;
        return "stopped";
      }
      if (this.#timers.fire() && this.#unsettled()) await this.#settle();
      const worked = (network !== undefined && (await this.#receive())) || (await this.#read());
      const now = performance.now();
      if (!worked || now - this.#releasedMillis >= HOLD_MILLIS) this.#release(now);
      if (!worked || now - this.#flushedMillis >= FLUSH_MILLIS) this.#flush(now);
      else network?.flush();
      if (!worked) {
        if (this.#allEnded()) break;
        await this.#sleep(Math.min(this.#schedule.idleMillis(), this.#timers.waitMillis()));
        sliceStart = performance.now();
      } else if (now - sliceStart >= SLICE_MILLIS) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        sliceStart = performance.now();
      }
    }
    this.#ended = true;
    await this.#settle();
    this.#flush();
    this.#loopEnded = true;
    await this.#barriers.actAtEnd();
    return "finished";
  }

  /** What operators hold back to travel with more goes on. */
  #release(nowMillis: number): void {
    this.#releasedMillis = nowMillis;
    for (const node of this.#tasks.flushing) if (this.#tasks.hasRoom(node.id)) node.flush();
  }

  /** What was gathered for other threads goes out. */
  #flush(nowMillis = performance.now()): void {
    this.#flushedMillis = nowMillis;
    if (this.#network === undefined) return;
    for (const sender of this.#tasks.senders) sender.flush();
    this.#network.flush();
  }

  /** The sources end where they stand. */
  async #drain(): Promise<void> {
    this.#drainRequested = false;
    for (const source of this.#tasks.sources) if (!source.ended) source.finish();
    await this.#settle();
  }

  #allEnded(): boolean {
    return (
      this.#tasks.sources.every((s) => s.ended) && this.#tasks.receivers.every((r) => r.ended) && this.#inbox.empty
    );
  }

  /** Processes the oldest element of the other threads that may be; false: there is none. */
  async #receive(): Promise<boolean> {
    const next = this.#inbox.next((exchange, element) => this.#mayReceive(exchange, element));
    if (next === undefined) return false;
    const { exchange, sender, element } = next;
    try {
      if (
        element.kind !== "barrier" ||
        element.overtakes ||
        this.#barriers.expect(exchange, sender, element.checkpointId)
      )
        this.#tasks.receivers[exchange]!.accept(sender, element);
      if (element.kind === "end") this.#barriers.answerEnded();
      if (this.#unsettled()) await this.#settle();
    } catch (error) {
      throw locate(error, { operatorId: this.#tasks.targetOf(exchange), subtask: this.#subtask });
    }
    // Nobody reads the batch any more: its memory goes back.
    if (element.kind === "batch" && element.restored !== true) this.#network!.credit(sender, exchange, element.buffer);
    return true;
  }

  #mayReceive(exchange: number, element: Element): boolean {
    return element.kind !== "batch" || this.#tasks.hasRoom(this.#tasks.targetOf(exchange));
  }

  /** Lets the source read whose turn it is; false: none may. */
  async #read(): Promise<boolean> {
    if (this.#stopRequested) return false;
    const source = this.#schedule.next();
    if (source === undefined || !this.#mayEmit(source.id)) return false;
    try {
      const stepped = source.step();
      this.#schedule.heard(source, typeof stepped === "string" ? stepped : await stepped);
      if (this.#unsettled()) await this.#settle();
    } catch (error) {
      throw locate(error, { operatorId: source.id, subtask: this.#subtask, ...source.place() });
    }
    const pause = this.#services.onRows?.(this.#rows());
    if (pause !== undefined) await this.#standStill(pause);
    return true;
  }

  #mayEmit(nodeId: string): boolean {
    if (this.#network === undefined) return true;
    return this.#tasks.hasRoom(nodeId) && this.#barriers.mayEmit(nodeId);
  }

  get bounded(): boolean {
    return this.#tasks.sources.every((s) => s.bounded);
  }

  stop(drain = false): void {
    if (drain) this.#drainRequested = true;
    else this.#stopRequested = true;
    this.#wakeUp();
  }

  cut(checkpointId: number, kind: CheckpointKind, take: (answer: Acknowledgement) => void): Promise<void> {
    const done = this.#barriers.request(checkpointId, kind, take);
    this.#wakeUp();
    // Its failure goes to who asked.
    if (this.#loopEnded) this.#barriers.actAtEnd().catch(() => undefined);
    return done;
  }

  subtasks(): readonly { readonly operatorId: string; readonly subtask: number }[] {
    return this.#tasks.nodeIds().map((operatorId) => ({ operatorId, subtask: this.#subtask }));
  }

  listeners(): readonly CompletionListener[] {
    const { sources, sinks } = this.#tasks;
    return [
      ...sinks.map((task) => sinkListener(task.id, task.sink, (checkpointId) => task.committed(checkpointId))),
      ...sources.map(({ id, source }) => sourceListener(id, source)),
    ];
  }

  /** One of several threads hears that the coordinating one has committed. */
  async committed(sinkId: string, checkpointId: number): Promise<void> {
    await this.#tasks.sinks.find((sink) => sink.id === sinkId)?.committed(checkpointId);
  }

  /** New splits of an unbounded source. */
  addSplits(sourceId: string, splits: readonly NumberedSplit[]): void {
    const source = this.#tasks.sources.find((s) => s.id === sourceId);
    if (source === undefined) return;
    if (source.hasNoPart) source.output.idle(false);
    source.addSplits(splits);
    this.#wakeUp();
  }

  async close(aborted: boolean): Promise<void> {
    this.#closing = true;
    this.#wakeUp();
    const failures: unknown[] = [];
    const closing = async (close: () => void | Promise<void>): Promise<void> => {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    };
    for (const source of this.#tasks.sources) await closing(() => source.close());
    for (const node of this.#tasks.operators) await closing(() => node.close());
    for (const sink of this.#tasks.sinks) await closing(() => sink.close(aborted || failures.length > 0));
    this.#network?.close();
    if (failures.length > 0) throw failures[0];
  }

  get lastPauseMillis(): number {
    return this.#barriers.lastPauseMillis;
  }

  progress(): JobProgress {
    const { operators, sources } = this.#tasks;
    return {
      rows: this.#rows(),
      sinkRows: this.#tasks.sinks.reduce((sum, s) => sum + s.rows, 0),
      watermarkMillis: this.#schedule.watermark,
      counters: addedCounters(...operators.map((n) => n.counters), ...sources.map((s) => s.counters())),
    };
  }

  async inspect(): Promise<readonly NodeInspection[]> {
    const { sources, operators, sinks, states } = this.#tasks;
    const now = this.#services.connectors.nowMillis();
    return [
      ...sources.map((source) => source.inspect(this.#schedule.silentMillis(source, now))),
      ...operators.map((node) => {
        const handle = states.get(node.id);
        return { ...node.inspect(handle?.isNear?.() ?? true), state: handle?.size?.() };
      }),
      ...sinks.map((sink) => sink.inspect()),
    ];
  }

  sinkSummaries(): SinkSummaries {
    return Object.fromEntries(
      this.#tasks.sinks.flatMap((s) => (s.sink.summary === undefined ? [] : [[s.id, s.sink.summary()]])),
    );
  }

  #rows(): number {
    let rows = 0;
    for (const source of this.#tasks.sources) rows += source.rows;
    return rows;
  }

  /** Not at all when something has come since the turn began. */
  async #sleep(millis: number): Promise<void> {
    if (this.#isAwake) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, millis);
      this.#wake = done;
    });
  }

  /** Cuts are still made. */
  async #standStill(pause: Promise<void>): Promise<void> {
    let over = false;
    const end = (): void => {
      over = true;
      this.#wakeUp();
    };
    pause.then(end, end);
    while (!over && !this.#stopRequested && !this.#closing) {
      // A source whose rows have arrived meanwhile is read afterwards; who does not sleep here lets nothing else run.
      this.#isAwake = false;
      this.#network?.poll();
      const acted = await this.#barriers.act();
      if (acted) continue;
      if (this.#network === undefined || !(await this.#receive())) await this.#sleep(1000);
      this.#network?.flush();
    }
  }

  #unsettled(): boolean {
    if (!this.#tasks.queue.empty || this.#barriers.sinksWait) return true;
    for (const sink of this.#tasks.sinks) if (sink.pending.length > 0) return true;
    return false;
  }

  /** Work that waits for state, for writers, and sinks at a barrier. */
  async #settle(): Promise<void> {
    if (!this.#tasks.queue.empty) await this.#tasks.queue.drain();
    for (const sink of this.#tasks.sinks) {
      if (sink.pending.length === 0) continue;
      const { pending } = sink;
      sink.pending = [];
      try {
        await Promise.all(pending);
      } catch (error) {
        throw locate(error, { operatorId: sink.id });
      }
    }
    await this.#barriers.prepareSinks();
  }
}
