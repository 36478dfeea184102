import type { RecordBatch } from "../batch/record-batch.ts";
import type { Connector, ConnectorContext, TableRequest } from "../connectors/api.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { SessionFacts } from "../functions/define.ts";
import type { OperatorState } from "../state/api.ts";
import type { Waiting } from "./inspection.ts";
import type { SplitMarks } from "./split-marks.ts";

/** Where an operator's rows go. */
export interface Output {
  /**
   * Passes the batch down the chain, synchronously. Its bytes are valid during the call; who keeps rows copies them.
   * A batch with `rowCount` 0 and steps only moves the watermark.
   */
  batch(batch: RecordBatch): void;
}

/** How an operator that looks up comes to a table. */
export interface LookupTables {
  connectorOf(request: TableRequest): Connector;
  readonly context: ConnectorContext;
}

/** Everything that an operator may touch. There are no globals, and no clock but this one. */
export interface OperatorContext {
  readonly operatorId: string;
  readonly functions: FunctionRegistry;
  readonly session: SessionFacts;
  /** false: `table.exec.compile-expressions` = false, run the interpreter. */
  readonly compileExpressions: boolean;
  readonly state: OperatorState;
  /** Tables that are looked up; absent where an operator is only asked for its state. */
  readonly tables?: LookupTables | undefined;
  nowMillis(): number;
  /**
   * The row comes behind the watermark and counts nowhere: it is counted as `lateRows`, and goes to the table of late
   * rows where the source names one.
   */
  late(batch: RecordBatch, row: number, input?: number): void;
  /** Adds to a named counter of this operator (`nullTimeRows`, …). */
  count(counter: string, amount: number): void;
}

/**
 * One step of a pipeline; synchronous. `batch.steps` are the watermark of the operator as a whole (over several inputs
 * the node has already taken the minimum); an operator forwards them with its output, after the rows they fire. The end
 * of all inputs is a step to +Infinity.
 */
export interface Operator {
  /**
   * For state behind a store and for tables that are looked up: brings what the batch needs near; awaited before every
   * `process`, also of batches without rows. Absent where nothing has to be waited for.
   */
  readonly prepare?: ((input: number, batch: RecordBatch) => Promise<void> | undefined) | undefined;
  /** False: the next batch need not be prepared. Absent: it depends on the state alone. */
  readonly mayWait?: (() => boolean) | undefined;
  process(input: number, batch: RecordBatch, out: Output): void;
  /**
   * What the batch (or timer) in hand has left to do, because the state that it needs does not fit into memory at once;
   * asked after each step. Until it is undefined nothing else comes to the operator, no barrier either.
   */
  readonly unfinished?: Unfinished | undefined;
  /** A restored job goes on at this watermark; only for operators that look at it between steps. */
  restore?(watermarkMillis: number): void;
  /** Event time of each split apart, for a source that reads its splits side by side; only makers of watermarks have it. */
  bySplit?(): SplitMarks;
  /** The input is silent: a timer passes on what was held back for more rows (watermarks). */
  advance?(out: Output): void;
  /** When it is to be woken, rows or not: processing time, epoch millis; +Infinity: not at all. Asked between batches. */
  nextTimer?(): number;
  /** The time of `nextTimer` has come. What is still pending when all inputs have ended never fires. */
  onTimer?(out: Output): void;
  /** What waits for more rows only to travel with them goes on now; a few millis after it came, and when the input is silent. */
  readonly flush?: ((out: Output) => void) | undefined;
  /** The last chance to emit what is buffered before a barrier (or the end) goes on. */
  beforeBarrier?(out: Output): void;
  /** What waits for the watermark now, for the user who wonders why nothing comes out. Asked where all that waits is in memory. */
  waiting?(): Waiting | undefined;
  close?(): void;
}

/** The next step of a batch that takes several. */
export interface Unfinished {
  /** Brings near what the step needs. */
  prepare(): Promise<void> | undefined;
  /** Takes the step; emits to where the batch's output goes. */
  resume(): void;
}

/** What a kind of operator answers; the list in `operators/index.ts` is the only registry. */
export interface OperatorDefinition<Spec extends { readonly kind: string }> {
  readonly kind: Spec["kind"];
  create(spec: Spec, context: OperatorContext): Operator;
}
