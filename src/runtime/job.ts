import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { createColumnBuilder } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { Acknowledgement, CompletionListener, PendingState } from "../checkpoint/participant.ts";
import type { Connector, ConnectorContext, RunIdentity, TableRequest } from "../connectors/api.ts";
import { interpretTruth } from "../expressions/interpreter.ts";
import type { BadRecord } from "../formats/api.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { SessionFacts } from "../functions/define.ts";
import type { OperatorState } from "../state/api.ts";
import { BadRecordRouter } from "./bad-records.ts";
import { OperatorNode } from "./node.ts";
import type { FanOut, Receiver } from "./node.ts";
import { createOperator } from "./operators/index.ts";
import { SinkTask, collectSink } from "./sink-task.ts";
import type { Collector } from "./sink-task.ts";
import { SourceTask, valuesSource } from "./source-task.ts";
import type { JobGraph, PhysicalNode, ScanSpec, ValuesSpec } from "./spec.ts";

/** State of one operator and how to take a picture of it; the backend's part of a node. */
export interface StateHandleOfOperator {
  readonly state: OperatorState;
  /** Undefined: there is nothing to write. */
  freeze(): PendingState | undefined;
}

/** What a job needs from the world around it. */
export interface JobServices {
  readonly functions: FunctionRegistry;
  readonly session: SessionFacts;
  readonly compileExpressions: boolean;
  connectorOf(request: TableRequest): Connector;
  readonly connectors: ConnectorContext;
  readonly run: Omit<RunIdentity, "operatorId">;
  /** Rows of a SELECT. */
  readonly collector?: Collector | undefined;
  /** State for an operator, filled from a restored checkpoint when there is one. */
  stateFor(operatorId: string): StateHandleOfOperator;
  /** Rows that a source hands out at once. */
  readonly batchRows: number;
  /** After each batch that was read: rows of the run so far. No more is read before a returned promise is settled. */
  readonly onRows?: ((rows: number) => Promise<void> | undefined) | undefined;
}

/** A consistent picture of the whole job between two batches: the answer of every subtask. */
export interface Cut {
  readonly checkpointId: number;
  readonly answers: readonly Acknowledgement[];
  /** How long the stream stood still, millis. */
  readonly pauseMillis: number;
}

/** What a restore brings back, by operator id (operator state comes through `stateFor`). */
export interface RestoredJob {
  readonly checkpointId: number;
  readonly sources: Readonly<Record<string, Json>>;
  readonly gates: Readonly<Record<string, Json>>;
  readonly sinks: Readonly<Record<string, Json>>;
}

export interface JobProgress {
  readonly rows: number;
  /** Rows that reached the sinks. */
  readonly sinkRows: number;
  /** Lowest watermark over the operators that make one; −Infinity: none yet. */
  readonly watermarkMillis: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** The event loop gets its turn at least this often (signals, timers, checkpoints), millis. */
const SLICE_MILLIS = 10;

/** One run of a job graph in this thread: direct calls from the sources to the sinks. */
export class Job {
  readonly #services: JobServices;
  readonly #sources: SourceTask[] = [];
  readonly #operators: OperatorNode[] = [];
  readonly #sinks: SinkTask[] = [];
  readonly #states = new Map<string, StateHandleOfOperator>();
  readonly #counters = new Map<string, number>();
  readonly #watermarkNodes = new Map<
    SourceTask,
    { readonly node: OperatorNode; readonly idleTimeoutMillis: number }[]
  >();
  readonly #badRecords = new BadRecordRouter();
  readonly #bySource = new Map<string, { readonly node: PhysicalNode; readonly task: SourceTask }>();
  #frozen: Map<string, PendingState | undefined> = new Map();
  #cutRequest: { readonly id: number; resolve(cut: Cut): void; reject(error: unknown): void } | undefined;
  #stopRequested = false;
  #wake: (() => void) | undefined;
  #ended = false;
  /** Nothing flows any more. */
  #loopEnded = false;
  /** Why a cut has failed: what some sinks have prepared for it, and forgotten, would be missing in any later one. */
  #cutFailure: unknown;

  constructor(graph: JobGraph, services: JobServices) {
    this.#services = services;
    this.#build(graph);
  }

  /**
   * Opens sources and sinks. `freshRun`: nothing was ever written under this run's name; else what a sink prepared after
   * the restored checkpoint is discarded first. (What the checkpoint itself holds has been committed again before.)
   */
  async open(restored: RestoredJob | undefined, freshRun: boolean): Promise<void> {
    try {
      await this.#open(restored, freshRun);
    } catch (error) {
      // The failure is what matters; what was opened before it is let go of.
      await this.close(true).catch(() => undefined);
      throw error;
    }
  }

  async #open(restored: RestoredJob | undefined, freshRun: boolean): Promise<void> {
    for (const sink of this.#sinks) {
      if (restored !== undefined || !freshRun) await sink.sink.discardAfter?.(restored?.checkpointId);
      const state = restored?.sinks[sink.id];
      await sink.open(state === undefined ? [] : [state]);
    }
    for (const source of this.#sources) await source.open(restored?.sources[source.id]);
    for (const node of this.#operators) {
      const gate = restored?.gates[node.id] as readonly string[] | undefined;
      if (gate === undefined) continue;
      const [output, ...inputs] = gate.map(Number);
      node.restore(inputs);
      node.output.watermark = output!;
    }
    // Sources that had ended before the checkpoint end again, so that what they closed closes.
    for (const source of this.#sources) if (source.ended) source.finish();
  }

  /** Reads until every source has ended or a stop is asked for. Resolves to how it ended. */
  async run(): Promise<"finished" | "stopped"> {
    let sliceStart = performance.now();
    for (;;) {
      if (this.#cutRequest !== undefined) await this.#makeCut();
      if (this.#stopRequested) {
        this.#loopEnded = true;
        return "stopped";
      }
      const source = this.#next();
      if (source === undefined) {
        if (this.#sources.every((s) => s.ended)) break;
        await this.#sleep(this.#idleMillis());
        sliceStart = performance.now();
        continue;
      }
      const stepped = source.step();
      const answer = typeof stepped === "string" ? stepped : await stepped;
      this.#heard(source, answer);
      await this.#drain();
      const pause = this.#services.onRows?.(this.#rows());
      if (pause !== undefined) await this.#standStill(pause);
      if (performance.now() - sliceStart >= SLICE_MILLIS) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        sliceStart = performance.now();
      }
    }
    this.#ended = true;
    await this.#drain();
    if (this.#cutRequest !== undefined) await this.#makeCut();
    this.#loopEnded = true;
    return "finished";
  }

  get ended(): boolean {
    return this.#ended;
  }

  get bounded(): boolean {
    return this.#sources.every((s) => s.bounded);
  }

  /** The loop ends after the batch in hand. */
  stop(): void {
    this.#stopRequested = true;
    this.#wake?.();
  }

  /**
   * A cut at the next moment between two batches; made at once when the loop has ended. One that was asked for before
   * and not made yet is given up.
   */
  cut(checkpointId: number): Promise<Cut> {
    return new Promise((resolve, reject) => {
      this.#cutRequest?.reject(
        new SqlError(
          "CHECKPOINT_FAILED",
          `checkpoint ${checkpointId} came before the cut of checkpoint ${this.#cutRequest.id}`,
        ),
      );
      this.#cutRequest = { id: checkpointId, resolve, reject };
      this.#wake?.();
      // Its failure goes to who asked.
      if (this.#loopEnded) this.#makeCut().catch(() => undefined);
    });
  }

  /** All that take part in a checkpoint. */
  subtasks(): readonly { readonly operatorId: string; readonly subtask: number }[] {
    return [...this.#sources, ...this.#operators, ...this.#sinks].map(({ id }) => ({ operatorId: id, subtask: 0 }));
  }

  /** Who acts once a checkpoint is complete: sinks commit, sources hear of it. */
  listeners(): readonly CompletionListener[] {
    return [
      ...this.#sinks.map(({ id, sink }): CompletionListener => ({
        operatorId: id,
        checkpointComplete: async (checkpointId, snapshots) => {
          const committables = snapshots.flatMap((s) => s.committables);
          if (committables.length > 0) await sink.commit?.(checkpointId, committables);
        },
      })),
      ...this.#sources.map((source): CompletionListener => ({
        operatorId: source.id,
        checkpointComplete: async (checkpointId) => await source.checkpointComplete(checkpointId),
      })),
    ];
  }

  /** Closes everything, then throws the first failure if there was one. */
  async close(aborted: boolean): Promise<void> {
    const failures: unknown[] = [];
    const closing = async (close: () => void | Promise<void>): Promise<void> => {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    };
    for (const source of this.#sources) await closing(() => source.close());
    for (const node of this.#operators) await closing(() => node.close());
    for (const sink of this.#sinks) await closing(() => sink.close(aborted || failures.length > 0));
    if (failures.length > 0) throw failures[0];
  }

  progress(): JobProgress {
    const counters: Record<string, number> = Object.fromEntries(this.#counters);
    for (const source of this.#sources) {
      for (const [name, value] of Object.entries(source.counters())) counters[name] = (counters[name] ?? 0) + value;
    }
    const marks = [...this.#watermarkNodes.values()].flat().map(({ node }) => node.output.watermark);
    return {
      rows: this.#rows(),
      sinkRows: this.#sinks.reduce((sum, s) => sum + s.rows, 0),
      watermarkMillis: marks.length === 0 ? -Infinity : Math.min(...marks),
      counters,
    };
  }

  /** What the sinks say of themselves (checksums), by table. */
  sinkSummaries(): Readonly<Record<string, Readonly<Record<string, string | number>>>> {
    return Object.fromEntries(
      this.#sinks.flatMap((s) => (s.sink.summary === undefined ? [] : [[s.id, s.sink.summary()]])),
    );
  }

  readonly #silent = new Set<SourceTask>();
  /** When each source last had rows, millis; and which are marked idle downstream. */
  readonly #lastRows = new Map<SourceTask, number>();
  readonly #idleSources = new Set<SourceTask>();

  /** A silent source passes on the watermark that it held back, and after its timeout no longer holds others back. */
  #heard(source: SourceTask, answer: "batch" | "idle" | "end"): void {
    const now = this.#services.connectors.nowMillis();
    if (answer !== "idle") {
      this.#silent.clear();
      this.#lastRows.set(source, now);
      if (this.#idleSources.delete(source))
        for (const { node } of this.#watermarkNodes.get(source) ?? []) node.idle(0, false);
      return;
    }
    this.#silent.add(source);
    const since = this.#lastRows.get(source) ?? now;
    this.#lastRows.set(source, since);
    for (const { node, idleTimeoutMillis } of this.#watermarkNodes.get(source) ?? []) {
      node.advance();
      if (idleTimeoutMillis > 0 && now - since >= idleTimeoutMillis && !this.#idleSources.has(source))
        node.idle(0, true);
    }
    if (this.#isOverdue(source, now - since)) this.#idleSources.add(source);
  }

  #isOverdue(source: SourceTask, silentMillis: number): boolean {
    return (this.#watermarkNodes.get(source) ?? []).some(
      ({ idleTimeoutMillis }) => idleTimeoutMillis > 0 && silentMillis >= idleTimeoutMillis,
    );
  }

  #rows(): number {
    let rows = 0;
    for (const source of this.#sources) rows += source.rows;
    return rows;
  }

  /**
   * Of several sources the one furthest behind in event time reads next (bounded drift), so that joins and late rows are
   * the same in every run; without watermarks the one with the fewest rows. A source first completes its turn: where
   * turns end follows from row counts alone, not from where files are read in pieces or where a restored run begins.
   */
  #next(): SourceTask | undefined {
    let behind: SourceTask | undefined;
    let lowestMark = Infinity;
    /** Endless sources without event time would be behind for ever: they take turns with the rest by rows. */
    let timeless: SourceTask | undefined;
    for (const source of this.#sources) {
      if (source.ended || this.#silent.has(source) || source.waitMillis() > 0) continue;
      if (source.inTurn) return source;
      const nodes = this.#watermarkNodes.get(source) ?? [];
      if (nodes.length === 0 && !source.bounded) {
        if (timeless === undefined || source.rows < timeless.rows) timeless = source;
        continue;
      }
      const mark = nodes.length === 0 ? -Infinity : Math.min(...nodes.map(({ node }) => node.output.watermark));
      if (behind === undefined || mark < lowestMark || (mark === lowestMark && source.rows < behind.rows)) {
        behind = source;
        lowestMark = mark;
      }
    }
    if (behind === undefined || timeless === undefined) return behind ?? timeless;
    return timeless.rows < behind.rows ? timeless : behind;
  }

  #idleMillis(): number {
    let wait = this.#silent.size > 0 ? 20 : 1000;
    for (const source of this.#sources) {
      if (!source.ended && !this.#silent.has(source)) wait = Math.min(wait, source.waitMillis());
    }
    this.#silent.clear();
    return wait;
  }

  #sleep(millis: number): Promise<void> {
    return new Promise((resolve) => {
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
      this.#wake?.();
    };
    pause.then(end, end);
    while (!over && !this.#stopRequested) {
      if (this.#cutRequest === undefined) await this.#sleep(1000);
      else await this.#makeCut();
    }
  }

  async #drain(): Promise<void> {
    for (const sink of this.#sinks) {
      if (sink.pending.length === 0) continue;
      const { pending } = sink;
      sink.pending = [];
      await Promise.all(pending);
    }
  }

  /** The barrier runs from the sources to the sinks by direct calls; then the sinks prepare what stands before it. */
  async #makeCut(): Promise<void> {
    const request = this.#cutRequest;
    if (request === undefined) return;
    this.#cutRequest = undefined;
    if (this.#cutFailure !== undefined) return request.reject(this.#cutFailure);
    try {
      await this.#drain();
      const started = performance.now();
      this.#frozen = new Map();
      const base = { checkpointId: request.id, subtask: 0 };
      const answers: Acknowledgement[] = this.#sources.map((source) => ({
        ...base,
        operatorId: source.id,
        extra: { source: source.snapshot() },
      }));
      for (const source of this.#sources) if (!source.ended) source.output.barrier(request.id);
      // Nodes all of whose inputs have ended see no barrier; their state is still there.
      for (const [id, handle] of this.#states) if (!this.#frozen.has(id)) this.#frozen.set(id, handle.freeze());
      await this.#drain();
      for (const node of this.#operators) {
        const gate = [node.output.watermark, ...node.gate.watermarks()].map(String);
        answers.push({ ...base, operatorId: node.id, extra: { gate }, state: this.#frozen.get(node.id) });
      }
      for (const sink of this.#sinks) {
        const { committables, state } = await sink.prepare(request.id, this.#ended);
        answers.push({ ...base, operatorId: sink.id, committables, sinkState: state });
      }
      request.resolve({ checkpointId: request.id, answers, pauseMillis: performance.now() - started });
    } catch (error) {
      this.#cutFailure = error;
      request.reject(error);
      // The job must not go on from here.
      throw error;
    }
  }

  #build(graph: JobGraph): void {
    const outputs = new Map<string, FanOut>();
    const receivers = new Map<string, Receiver>();
    const byId = new Map(graph.nodes.map((n) => [n.id, n]));
    // Streams meet batch by batch: the order of what they give together depends on where batches end.
    const branches = graph.nodes.some((n) => n.inputs.length > 1);
    for (const node of graph.nodes) {
      const { spec } = node;
      if (spec.kind === "scan" || spec.kind === "values") {
        const task = this.#source(node, spec, branches);
        this.#sources.push(task);
        this.#bySource.set(node.id, { node, task });
        outputs.set(node.id, task.output);
        continue;
      }
      let receiver: Receiver;
      if (spec.kind === "sink") {
        receiver = this.#sink(node);
      } else {
        const operator = this.#operator(
          node,
          node.inputs.map((i) => byId.get(i.from)!),
        );
        outputs.set(node.id, operator.output);
        receiver = operator;
      }
      receivers.set(node.id, receiver);
      node.inputs.forEach((input, i) => outputs.get(input.from)!.edges.push({ to: receiver, input: i }));
    }
    this.#linkErrorTables(graph);
    this.#findWatermarks(graph);
  }

  #source(node: PhysicalNode, spec: ScanSpec | ValuesSpec, fullBatches: boolean): SourceTask {
    const pace = { batchRows: this.#services.batchRows, fullBatches };
    const types = node.fields.map((f) => f.type);
    if (spec.kind === "values") {
      return new SourceTask(
        node.id,
        valuesSource(spec.rows.length, (from, count) => valuesBatch(spec, from, count)),
        types,
        pace,
        this.#services.connectors.nowMillis,
      );
    }
    const connector = this.#services.connectorOf(spec.table);
    const onBadRecord =
      spec.errorsTo === undefined
        ? undefined
        : (r: BadRecord & { readonly source: string }) => this.#badRecords.add(node.id, r);
    const source = connector.source!(
      { ...spec.table, columns: spec.columns, onBadRecord, partitionFilter: this.#partitionFilter(spec) },
      this.#services.connectors,
    );
    return new SourceTask(
      node.id,
      source,
      types,
      { ...pace, rowsPerSecond: spec.rowsPerSecond },
      this.#services.connectors.nowMillis,
    );
  }

  #partitionFilter(spec: ScanSpec): ((partition: Readonly<Record<string, string | null>>) => boolean) | undefined {
    if (spec.partitionPredicate === undefined) return undefined;
    const passes = interpretTruth(spec.partitionPredicate, this.#services.functions, this.#services.session);
    const { partitionKeys } = spec.table;
    return (partition) => passes((column) => partition[partitionKeys[column]!] ?? null);
  }

  #sink(node: PhysicalNode): SinkTask {
    const { spec } = node;
    if (spec.kind !== "sink") throw new SqlError("BUG", `${node.id} is not a sink`);
    const sink =
      spec.target.type === "collect"
        ? collectSink(this.#services.collector)
        : this.#services.connectorOf(spec.target.table).sink!(spec.target.table, this.#services.connectors, {
            ...this.#services.run,
            operatorId: node.id,
          });
    const task = new SinkTask(node.id, spec, sink, () => undefined);
    this.#sinks.push(task);
    return task;
  }

  #operator(node: PhysicalNode, inputs: readonly PhysicalNode[]): OperatorNode {
    const handle = this.#services.stateFor(node.id);
    this.#states.set(node.id, handle);
    const operator = createOperator(node.spec, {
      operatorId: node.id,
      functions: this.#services.functions,
      session: this.#services.session,
      compileExpressions: this.#services.compileExpressions,
      state: handle.state,
      nowMillis: this.#services.connectors.nowMillis,
      count: (counter, amount) => this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + amount),
    });
    const inputTypes = inputs.map((n) => n.fields.map((f) => f.type));
    const created = new OperatorNode(node.id, operator, inputTypes, () => this.#frozen.set(node.id, handle.freeze()));
    this.#operators.push(created);
    return created;
  }

  /** Bad records of a scan go to the sink of their table, ahead of the batch that they stood in. */
  #linkErrorTables(graph: JobGraph): void {
    for (const node of graph.nodes) {
      if (node.spec.kind !== "scan" || node.spec.errorsTo === undefined) continue;
      const { errorsTo } = node.spec;
      const sink = this.#sinks.find((s) => s.id === errorsTo);
      const entry = this.#bySource.get(node.id);
      if (sink === undefined || entry === undefined)
        throw new SqlError("BUG", `no sink ${errorsTo} for the bad records of ${node.id}`);
      entry.task.beforeBatch = () => this.#badRecords.flush(node.id, sink);
    }
  }

  /** The watermark assigners behind each source, to see how far it is in event time. */
  #findWatermarks(graph: JobGraph): void {
    const operators = new Map(this.#operators.map((n) => [n.id, n]));
    const origins = new Map<string, SourceTask[]>();
    for (const node of graph.nodes) {
      const own = this.#bySource.get(node.id);
      const sources = own === undefined ? node.inputs.flatMap((i) => origins.get(i.from) ?? []) : [own.task];
      const { spec } = node;
      if (spec.kind === "watermark") {
        for (const source of sources) {
          const list = this.#watermarkNodes.get(source) ?? [];
          this.#watermarkNodes.set(source, list);
          list.push({ node: operators.get(node.id)!, idleTimeoutMillis: spec.idleTimeoutMillis });
        }
        continue;
      }
      origins.set(node.id, sources);
    }
  }
}

function valuesBatch(spec: ValuesSpec, from: number, count: number): RecordBatch {
  const rows = spec.rows.slice(from, from + count);
  const columns = spec.types.map((type, i) => {
    const builder = createColumnBuilder(type, rows.length);
    for (const row of rows) builder.append(row[i]!);
    return builder.finish();
  });
  return { rowCount: rows.length, columns, kinds: undefined, steps: undefined };
}
