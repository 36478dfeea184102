import type { Column } from "../../batch/column.ts";
import { createStoredColumn } from "../../state/columns.ts";
import type { StateColumn } from "../../state/api.ts";
import type { DataType } from "../../types/data-type.ts";
import { AggregateLoops, type AccumulateLoop, type ResultLoop } from "../aggregate-codegen.ts";
import { layoutAggregates } from "../aggregate-layout.ts";
import type { OperatorContext } from "../operator.ts";
import type { OutputColumn } from "../output-columns.ts";
import type { AggregateCallSpec } from "../spec.ts";
import { roomFor } from "./emit.ts";
import { countOf, firstOf, type MatchView } from "./match-rows.ts";

/** An aggregate over rows of one variable of a match, computed anew each time that it is asked for. */
export class MatchAggregate {
  readonly variable: number;
  readonly #stored: readonly (StateColumn | undefined)[];
  readonly #accumulators: readonly ReturnType<typeof createStoredColumn>[];
  readonly #accumulate: AccumulateLoop;
  readonly #results: ResultLoop;
  readonly #output: readonly OutputColumn[];
  readonly #zero = new Int32Array(1);
  #rows = new Int32Array(16);
  #slots = new Int32Array(16);

  /** `stored`: the columns of stored rows by input column. */
  constructor(
    call: AggregateCallSpec,
    variable: number,
    input: readonly DataType[],
    stored: readonly (StateColumn | undefined)[],
    context: OperatorContext,
  ) {
    this.variable = variable;
    this.#stored = stored;
    const layout = layoutAggregates([call], context.functions, false);
    const loops = new AggregateLoops(layout, input, context.session, layout.fields);
    this.#accumulators = layout.fields.map((field) => createStoredColumn(field, 1));
    this.#accumulate = loops.accumulate(undefined);
    this.#results = loops.results();
    this.#output = loops.outputColumns();
  }

  /** The result as row 0 of a column. */
  compute(view: MatchView): Column {
    const count = this.#collect(view);
    for (const accumulator of this.#accumulators) accumulator.clear(0);
    const rows = this.#rows;
    this.#accumulate(
      {
        rows,
        slots: this.#slots,
        kinds: undefined,
        columns: this.#stored as readonly unknown[] as readonly Column[],
        table: this.#accumulators,
        maps: [],
        entries: [],
        sequence: 0,
      },
      0,
      count,
    );
    const [output] = this.#output;
    output!.reserve(1);
    this.#results(this.#accumulators, this.#zero, 1, this.#output);
    return output!.finish(1);
  }

  #collect({ rows, match, current, currentSlot }: MatchView): number {
    const { variable } = this;
    const count = countOf(match, variable);
    this.#rows = roomFor(this.#rows, count + 1);
    if (this.#slots.length < this.#rows.length) this.#slots = new Int32Array(this.#rows.length);
    const from = match.start - rows.base + firstOf(match, variable);
    for (let i = 0; i < count; i++) this.#rows[i] = rows.slots[from + i]!;
    if (current < 0 || (variable >= 0 && variable !== current)) return count;
    this.#rows[count] = currentSlot;
    return count + 1;
  }
}
