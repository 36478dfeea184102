import type { Column } from "../../batch/column.ts";
import type { KeyedTable } from "../../state/api.ts";
import { createOperatorState } from "../../state/operator-state.ts";
import { isInteger, type DataType } from "../../types/data-type.ts";
import { AggregateLoops } from "../aggregate-codegen.ts";
import type { AccumulateLoop, LoopInput, ResultAt } from "../aggregate-loops.ts";
import { layoutAggregates } from "../aggregate-layout.ts";
import type { OperatorContext } from "../operator.ts";
import type { OutputColumn } from "../output-columns.ts";
import type { FinalOverCall } from "../spec.ts";
import { isGrowing, type Frames } from "./final-over-frames.ts";

/** Aggregates with one frame. Rows that a frame leaves behind are taken back, or the frame is computed anew. */
export class FrameAggregates {
  readonly #accumulate: AccumulateLoop;
  readonly #resultAt: ResultAt;
  readonly #outputs: readonly OutputColumn[];
  /** The accumulators of one frame; nothing of them outlives a call. */
  readonly #table: KeyedTable;
  readonly #takesBack: boolean;
  readonly #slot = new Int32Array(1);

  /** `takesBack`: all of them can, see `canTakeBack`. */
  constructor(
    calls: readonly FinalOverCall[],
    takesBack: boolean,
    input: readonly DataType[],
    context: Pick<OperatorContext, "functions" | "session">,
  ) {
    const layout = layoutAggregates(calls, context.functions, takesBack);
    const scratch = createOperatorState({ clock: { nowMillis: () => 0 }, maxParallelism: 1 });
    this.#table = scratch.table({ name: "frame", keys: [], fields: layout.fields, ttlMillis: 0 });
    this.#takesBack = takesBack;
    const loops = new AggregateLoops(layout, input, context.session, layout.fields);
    this.#accumulate = loops.accumulate(undefined);
    this.#resultAt = loops.resultAt();
    this.#outputs = loops.outputColumns();
  }

  /** A column for each call. They are good until the next call of this. */
  run(columns: readonly Column[], { starts, ends }: Frames, count: number): Column[] {
    for (const output of this.#outputs) output.reserve(count);
    const add = this.#input(columns, undefined, count);
    const take = this.#input(columns, new Uint8Array(count).fill(1), count);
    let low = 0;
    let high = 0;
    this.#clear();
    for (let row = 0; row < count; row++) {
      const start = starts[row]!;
      const end = ends[row]!;
      if (!this.#goesOn(start, end, low, high)) {
        this.#clear();
        low = high = start;
      }
      if (high < end) this.#accumulate(add, high, end);
      if (low < start) this.#accumulate(take, low, start);
      low = start;
      high = end;
      this.#resultAt(this.#table.columns, 0, row, this.#outputs);
    }
    this.#clear();
    return this.#outputs.map((output) => output.finish(count));
  }

  /** The frame can be made of the one before, `low` … `high` − 1. */
  #goesOn(start: number, end: number, low: number, high: number): boolean {
    if (end < high) return false;
    return start === low || (this.#takesBack && start > low && start < high);
  }

  #clear(): void {
    if (this.#table.liveCount > 0) this.#table.remove(0);
    void this.#table.prepare([], undefined, 1, this.#slot);
  }

  #input(columns: readonly Column[], kinds: Uint8Array | undefined, count: number): LoopInput {
    const slots = new Int32Array(count);
    return { rows: undefined, slots, kinds, columns, table: this.#table.columns, maps: [], entries: [], sequence: 0 };
  }
}

/** What taking a row back leaves exactly as it was before the row came: no sums of floating-point numbers, nor such as overflow. */
export function canTakeBack({ function: name, argTypes, frame }: FinalOverCall): boolean {
  if (isGrowing(frame)) return false;
  if (name === "COUNT") return true;
  const [type] = argTypes;
  if (type === undefined || type.kind === "FLOAT" || type.kind === "DOUBLE") return false;
  if (name === "MIN" || name === "MAX") return true;
  if (name !== "SUM" && name !== "AVG" && name !== "$AVG") return false;
  return isInteger(type) || (type.kind === "DECIMAL" && type.precision <= 28);
}
