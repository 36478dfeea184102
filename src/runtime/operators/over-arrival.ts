import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { KeyedTable } from "../../state/api.ts";
import { TOUCHED } from "../../state/ttl.ts";
import { layoutAggregates } from "../aggregate-layout.ts";
import type { Operator, OperatorContext, Output } from "../operator.ts";
import type { OverSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { emitSteps, roomFor } from "./emit.ts";
import { nearby } from "./nearby.ts";
import { OverFrame } from "./over-frame.ts";
import { OverFunctions } from "./over-functions.ts";
import { KeyExpiry } from "./slot-deadlines.ts";

/**
 * OVER in processing time: every row has its result at once. A frame over an interval reads the clock when a batch
 * arrives, and no row waits for others of the same millisecond.
 */
export class OverByArrival implements Operator {
  readonly #spec: OverSpec;
  readonly #context: OperatorContext;
  readonly #table: KeyedTable;
  readonly #expiry: KeyExpiry | undefined;
  readonly #frame: OverFrame | undefined;
  readonly #functions: OverFunctions;
  readonly prepare: Operator["prepare"];
  #slots = new Int32Array(0);

  constructor(spec: OverSpec, context: OperatorContext) {
    const { preceding } = spec.frame;
    // Rows of a frame must not expire one by one: they would stay in the accumulators.
    const byKey = preceding !== "unbounded" && spec.ttlMillis > 0;
    this.#spec = spec;
    this.#context = context;
    const layout = layoutAggregates(spec.aggregates, context.functions, preceding !== "unbounded", spec.inputNames);
    const fields = byKey ? [...layout.fields, TOUCHED] : layout.fields;
    this.#table = context.state.table({
      name: "keys",
      keys: stateKeys(spec.partition, spec.input, spec.inputNames),
      fields,
      ttlMillis: byKey ? 0 : spec.ttlMillis,
      resident: byKey ? "always" : undefined,
    });
    this.#expiry = byKey
      ? new KeyExpiry(this.#table, layout.fields.length, spec.ttlMillis, () => context.nowMillis())
      : undefined;
    this.#frame =
      preceding === "unbounded" ? undefined : new OverFrame(context.state, this.#table, spec, layout, preceding);
    this.#functions = new OverFunctions(oneByOne(spec), context, layout, this.#table, fields);
    this.prepare = nearby(context.state, (_input, batch) =>
      this.#table.load(this.#keyColumns(batch), undefined, batch.rowCount),
    );
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, columns } = batch;
    if (rowCount === 0) {
      emitSteps(out, batch.steps);
      return;
    }
    this.#expiry?.expire();
    const slots = (this.#slots = roomFor(this.#slots, rowCount));
    void this.#table.prepare(this.#keyColumns(batch), undefined, rowCount, slots);
    this.#table.touch(slots, rowCount);
    if (this.#expiry !== undefined) for (let row = 0; row < rowCount; row++) this.#expiry.renew(slots[row]!);
    const results = this.#frame === undefined ? this.#plain(batch, slots) : this.#framed(this.#frame, batch, slots);
    out.batch({ ...batch, columns: [...columns, ...results] });
  }

  #keyColumns(batch: RecordBatch): Column[] {
    return this.#spec.partition.map((key) => batch.columns[key]!);
  }

  #plain({ columns, rowCount }: RecordBatch, slots: Int32Array): Column[] {
    return this.#functions.run({
      columns,
      rows: undefined,
      slots,
      actions: undefined,
      count: rowCount,
      ends: slots.subarray(0, 0),
      added: rowCount,
    });
  }

  #framed(frame: OverFrame, { columns, rowCount }: RecordBatch, slots: Int32Array): Column[] {
    const now = this.#context.nowMillis();
    for (let row = 0; row < rowCount; row++) frame.enter(slots[row]!, columns, row, now);
    const results = this.#functions.run({
      columns: frame.columns(),
      rows: frame.rows,
      slots: frame.slots,
      actions: frame.actions,
      count: frame.count,
      ends: slots.subarray(0, 0),
      added: rowCount,
    });
    frame.finish();
    return results;
  }
}

/** Every row is a run of its own. */
function oneByOne(spec: OverSpec): OverSpec {
  return { ...spec, frame: { ...spec.frame, units: "ROWS" } };
}
