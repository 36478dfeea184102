import { SqlError } from "../base/errors.ts";
import { createColumnBuilder } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { BadRecord } from "../formats/api.ts";
import { BadRecordRouter } from "./bad-records.ts";
import { Component } from "./component.ts";
import { ExchangeReceiver } from "./exchange/receiver.ts";
import { ExchangeSender } from "./exchange/sender.ts";
import type { JobServices, StateHandleOfOperator } from "./job-services.ts";
import { LateRows } from "./late-rows.ts";
import { LocalQueue, QueuedReceiver } from "./local-queue.ts";
import { OperatorNode } from "./node.ts";
import type { FanOut, Receiver } from "./node.ts";
import { createOperator } from "./operators/index.ts";
import { partitionFilterOf } from "./partition-filter.ts";
import { SinkTask, collectSink } from "./sink-task.ts";
import { SourceTask } from "./source-task.ts";
import type { JobGraph, PhysicalNode, ScanSpec, ValuesSpec } from "./spec.ts";
import { valuesSource } from "./values-source.ts";

/** Told when the barrier of a checkpoint has passed a node. */
interface Passing {
  operator(node: OperatorNode, checkpointId: number): void;
  sink(sink: SinkTask, checkpointId: number): void;
}

/** The nodes of a job graph in one thread, joined by direct calls; where rows change threads, by the ends of exchanges. */
export class TaskGraph {
  readonly sources: SourceTask[] = [];
  readonly operators: OperatorNode[] = [];
  readonly sinks: SinkTask[] = [];
  readonly states = new Map<string, StateHandleOfOperator>();
  /** Watermark assigners behind each source. */
  readonly watermarkNodes = new Map<
    SourceTask,
    { readonly node: OperatorNode; readonly idleTimeoutMillis: number }[]
  >();
  /** Operators that may ask to be woken, sources' side first, and how to wake them. */
  readonly timed: { readonly node: OperatorNode; fire(): void }[] = [];
  /** Operators with something that goes on after a few millis, sources' side first. */
  readonly flushing: OperatorNode[] = [];
  /** Those of them whose state may lie elsewhere. */
  readonly queuedTimers: QueuedReceiver[] = [];
  /** By number of the exchange; empty with one thread. */
  readonly senders: ExchangeSender[] = [];
  readonly receivers: ExchangeReceiver[] = [];
  /** The output that feeds each exchange. */
  readonly exchangeInputs: FanOut[] = [];
  /** Work of nodes whose state is elsewhere. */
  readonly queue = new LocalQueue();
  readonly #services: JobServices;
  readonly #passing: Passing;
  readonly #badRecords = new BadRecordRouter();
  readonly #bySource = new Map<string, { readonly node: PhysicalNode; readonly task: SourceTask }>();
  readonly #components = new Map<string, Component>();
  readonly #targets: string[] = [];
  readonly #exchanges = new Map<string, ExchangeReceiver>();
  readonly #ownSenders = new Map<string, ExchangeSender[]>();
  /** Exchange senders that rows of a node come to by direct calls. */
  readonly #reachable = new Map<string, Set<ExchangeSender>>();

  constructor(graph: JobGraph, services: JobServices, passing: Passing) {
    this.#services = services;
    this.#passing = passing;
    this.#build(graph);
    this.#linkErrorTables(graph);
    this.#findWatermarks(graph);
  }

  /** All nodes, sources first, sinks last. */
  nodeIds(): string[] {
    return [...this.sources, ...this.operators, ...this.sinks].map(({ id }) => id);
  }

  /** The nodes that are joined with this one by direct calls. */
  componentOf(nodeId: string): Component {
    return this.#components.get(nodeId)!;
  }

  components(): Iterable<Component> {
    return new Set(this.#components.values());
  }

  /** False: rows of this node would come to an exchange that has no room. */
  hasRoom(nodeId: string): boolean {
    for (const sender of this.#reachable.get(nodeId)!) if (!sender.open) return false;
    return true;
  }

  /** The node that an exchange leads to. */
  targetOf(exchange: number): string {
    return this.#targets[exchange]!;
  }

  /** The exchange in front of an input of a node; undefined: it is fed by direct calls. */
  exchangeOf(nodeId: string, input: number): ExchangeReceiver | undefined {
    return this.#exchanges.get(`${nodeId}/${input}`);
  }

  #build(graph: JobGraph): void {
    const outputs = new Map<string, FanOut>();
    const byId = new Map(graph.nodes.map((n) => [n.id, n]));
    // Streams meet batch by batch: the order of what they give together depends on where batches end.
    const branches = graph.nodes.some((n) => n.inputs.length > 1);
    for (const node of graph.nodes) {
      const { spec } = node;
      this.#components.set(node.id, new Component(node.id));
      if (spec.kind === "scan" || spec.kind === "values") {
        const task = this.#source(node, spec, branches);
        this.sources.push(task);
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
        const entry = this.#behindQueue(operator);
        if (operator.isTimed) this.timed.push({ node: operator, fire: () => entry.onTimer() });
        if (operator.isTimed && entry instanceof QueuedReceiver) this.queuedTimers.push(entry);
        receiver = entry;
      }
      node.inputs.forEach((input, i) =>
        this.#connect(node, i, byId.get(input.from)!, outputs.get(input.from)!, receiver),
      );
    }
    for (const node of [...graph.nodes].reverse()) this.#findSenders(node, graph);
  }

  #connect(node: PhysicalNode, input: number, from: PhysicalNode, output: FanOut, receiver: Receiver): void {
    const { network } = this.#services;
    const { exchange } = node.inputs[input]!;
    if (network === undefined || exchange.kind === "forward") {
      output.edges.push({ to: receiver, input });
      this.#join(from.id, node.id);
      return;
    }
    const number = this.senders.length;
    const types = from.fields.map((f) => f.type);
    const sender = new ExchangeSender(number, exchange.keys, types, network);
    this.senders.push(sender);
    const end = new ExchangeReceiver(number, receiver, input, types, network.parallelism);
    this.receivers.push(end);
    this.#exchanges.set(`${node.id}/${input}`, end);
    this.exchangeInputs.push(output);
    this.#targets.push(node.id);
    output.edges.push({ to: sender, input: 0 });
    const own = this.#ownSenders.get(from.id) ?? [];
    this.#ownSenders.set(from.id, own);
    own.push(sender);
  }

  /** Consumers come after their inputs, so that those of a node are known when it is looked at from the end. */
  #findSenders(node: PhysicalNode, graph: JobGraph): void {
    const reachable = new Set(this.#ownSenders.get(node.id));
    for (const consumer of graph.nodes) {
      const direct = consumer.inputs.some(
        (i) => i.from === node.id && (this.#services.network === undefined || i.exchange.kind === "forward"),
      );
      if (direct) for (const sender of this.#reachable.get(consumer.id)!) reachable.add(sender);
    }
    this.#reachable.set(node.id, reachable);
  }

  #join(a: string, b: string): void {
    const [into, from] = [this.#components.get(a)!, this.#components.get(b)!];
    if (into === from) return;
    into.absorb(from);
    for (const id of from.nodeIds) this.#components.set(id, into);
  }

  /** Only nodes whose state, or a table that they look up, may have to be waited for. */
  #behindQueue(node: OperatorNode): OperatorNode | QueuedReceiver {
    const mayWait = node.mayWait ?? this.states.get(node.id)?.mayWait;
    return mayWait === undefined ? node : new QueuedReceiver(node, this.queue, mayWait);
  }

  #source(node: PhysicalNode, spec: ScanSpec | ValuesSpec, fullBatches: boolean): SourceTask {
    const pace = { batchRows: this.#services.batchRows, fullBatches, assigned: this.#services.splitsOf?.(node.id) };
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
    const partitionFilter = partitionFilterOf(spec, this.#services.functions, this.#services.session);
    const source = connector.source!(
      { ...spec.table, columns: spec.columns, onBadRecord, partitionFilter },
      this.#services.connectors,
    );
    return new SourceTask(
      node.id,
      source,
      types,
      { ...pace, rowsPerSecond: spec.rowsPerSecond, maxDriftMillis: spec.maxDriftMillis },
      this.#services.connectors.nowMillis,
    );
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
    const task = new SinkTask(node.id, spec, sink, node.inputs.length, (id) => this.#passing.sink(task, id));
    this.sinks.push(task);
    return task;
  }

  #operator(node: PhysicalNode, inputs: readonly PhysicalNode[]): OperatorNode {
    const handle = this.#services.stateFor(node.id);
    this.states.set(node.id, handle);
    const counters: Record<string, number> = {};
    const late = this.#lateRows(node, inputs);
    const operator = createOperator(node.spec, {
      operatorId: node.id,
      functions: this.#services.functions,
      session: this.#services.session,
      compileExpressions: this.#services.compileExpressions,
      state: handle.state,
      tables: {
        connectorOf: (request) => this.#services.connectorOf(request),
        context: this.#services.connectors,
      },
      nowMillis: this.#services.connectors.nowMillis,
      late: (batch, row, input = 0) => {
        counters["lateRows"] = (counters["lateRows"] ?? 0) + 1;
        late?.add(batch, row, input, created.watermarkAt(batch, row));
      },
      count: (counter, amount) => void (counters[counter] = (counters[counter] ?? 0) + amount),
    });
    const inputTypes = inputs.map((n) => n.fields.map((f) => f.type));
    const created: OperatorNode = new OperatorNode(node.id, operator, counters, inputTypes, (id) =>
      this.#passing.operator(created, id),
    );
    this.operators.push(created);
    if (created.flushes) this.flushing.push(created);
    return created;
  }

  /** Where late rows of the node go; its sink comes before it. */
  #lateRows(node: PhysicalNode, inputs: readonly PhysicalNode[]): LateRows | undefined {
    if (node.lateTo === undefined) return undefined;
    const sink = this.sinks.find((s) => s.id === node.lateTo);
    const json = this.#services.connectors.format("json")?.encoder;
    if (sink === undefined || json === undefined) throw new SqlError("BUG", `no sink for the late rows of ${node.id}`);
    const { timeZone } = this.#services.session;
    const encoders = inputs.map(({ fields }) => json({ fields, options: {}, timeZone }));
    return new LateRows(sink, node.description, encoders);
  }

  /** Bad records of a scan go to the sink of their table, ahead of the batch that they stood in. */
  #linkErrorTables(graph: JobGraph): void {
    for (const node of graph.nodes) {
      if (node.spec.kind !== "scan" || node.spec.errorsTo === undefined) continue;
      const { errorsTo } = node.spec;
      const sink = this.sinks.find((s) => s.id === errorsTo);
      const entry = this.#bySource.get(node.id);
      if (sink === undefined || entry === undefined)
        throw new SqlError("BUG", `no sink ${errorsTo} for the bad records of ${node.id}`);
      entry.task.beforeBatch = () => this.#badRecords.flush(node.id, sink);
    }
  }

  /** The watermark assigners behind each source, to see how far it is in event time. */
  #findWatermarks(graph: JobGraph): void {
    const operators = new Map(this.operators.map((n) => [n.id, n]));
    const origins = new Map<string, SourceTask[]>();
    for (const node of graph.nodes) {
      const own = this.#bySource.get(node.id);
      const sources = own === undefined ? node.inputs.flatMap((i) => origins.get(i.from) ?? []) : [own.task];
      const { spec } = node;
      if (spec.kind === "watermark") {
        for (const source of sources) {
          const list = this.watermarkNodes.get(source) ?? [];
          this.watermarkNodes.set(source, list);
          const operator = operators.get(node.id)!;
          list.push({ node: operator, idleTimeoutMillis: spec.idleTimeoutMillis });
          if (source.readsSideBySide) source.addClock({ operatorId: node.id, marks: operator.bySplit()! });
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
