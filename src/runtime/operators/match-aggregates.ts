import type { Column } from "../../batch/column.ts";
import { createStoredColumn, type StoredColumn } from "../../state/columns.ts";
import type { StateColumn, StateField } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import { AggregateLoops } from "../aggregate-codegen.ts";
import type { AccumulateLoop, ResultLoop } from "../aggregate-loops.ts";
import { layoutAggregates } from "../aggregate-layout.ts";
import type { OperatorContext } from "../operator.ts";
import type { OutputColumn } from "../output-columns.ts";
import type { MatchReference, MatchSpec } from "../spec.ts";
import { roomFor } from "./emit.ts";
import type { PartialMatch, Running } from "./match-queue.ts";
import { countOf, eachRow, includes, namesColumn, type MatchView } from "./match-rows.ts";

/**
 * An aggregate over rows of one variable of a match. What it has come to stays with the match, so that the next row costs
 * one step; accumulators that hold more than a number are computed anew each time.
 */
export class MatchAggregate {
  readonly variable: number;
  readonly #final: boolean;
  /** It is over the names of the variables, which stand in one column by variable. */
  readonly #ofNames: boolean;
  /** Its place among what a match keeps of aggregates. */
  readonly #at: number;
  readonly #columns: readonly Column[];
  readonly #fields: readonly StateField[];
  readonly #fixed: boolean;
  /** Accumulators of an answer that is not kept. */
  readonly #scratch: readonly StoredColumn[];
  readonly #accumulate: AccumulateLoop;
  readonly #results: ResultLoop;
  readonly #output: readonly OutputColumn[];
  readonly #zero = new Int32Array(1);
  #rows = new Int32Array(16);
  #slots = new Int32Array(16);

  /** `at`: unique among the aggregates of an operator. `stored`: the columns of stored rows by input column. */
  constructor(
    reference: Extract<MatchReference, { kind: "aggregate" }>,
    at: number,
    { input, variables }: Pick<MatchSpec, "input" | "variables">,
    stored: readonly (StateColumn | undefined)[],
    context: OperatorContext,
  ) {
    const { call, variable, final = false, ofNames = false } = reference;
    this.variable = variable;
    this.#final = final;
    this.#ofNames = ofNames;
    this.#at = at;
    // State columns have the form of columns; partition columns are not stored, and no argument is one.
    this.#columns = ofNames
      ? input.map(() => namesColumn(variables))
      : (stored as readonly unknown[] as readonly Column[]);
    const layout = layoutAggregates([call], context.functions, false);
    const loops = new AggregateLoops(
      layout,
      ofNames ? input.map(() => T.string()) : input,
      context.session,
      layout.fields,
    );
    this.#fields = layout.fields;
    this.#scratch = this.#createAccumulators();
    this.#fixed = this.#scratch.every(({ storage }) => storage !== "any" && storage !== "bytes");
    this.#accumulate = loops.accumulate(undefined);
    this.#results = loops.results();
    this.#output = loops.outputColumns();
  }

  /** The result as row 0 of a column. */
  compute(view: MatchView): Column {
    const { variable } = this;
    const { current, currentSlot, subsets } = view;
    const match = this.#final && view.whole !== undefined ? view.whole : view.match;
    const count = countOf(match, variable, subsets);
    const withCurrent = current >= 0 && includes(match, variable, current, subsets);
    let accumulators = this.#scratch;
    if (this.#fixed && count > 0) {
      const running = this.#runningOf(match.running);
      this.#add(view, match, running.rows, count, running.columns);
      running.rows = count;
      if (withCurrent) copyAccumulators(running.columns, this.#scratch);
      else accumulators = running.columns;
    } else {
      for (const column of this.#scratch) {
        column.clear(0);
        if (column.storage === "bytes") column.compact(1);
      }
      this.#add(view, match, 0, count, this.#scratch);
    }
    if (withCurrent) {
      this.#rows[0] = this.#ofNames ? current : currentSlot;
      this.#run(this.#scratch, 1);
    }
    const [output] = this.#output;
    output!.reserve(1);
    this.#results(accumulators, this.#zero, 1, this.#output);
    return output!.finish(1);
  }

  #runningOf(all: (Running | undefined)[]): Running {
    return (all[this.#at] ??= { rows: 0, columns: this.#createAccumulators() });
  }

  #createAccumulators(): StoredColumn[] {
    return this.#fields.map((field) => createStoredColumn(field, 1));
  }

  /** Adds rows `from` … `to` − 1 of the variable. */
  #add(view: MatchView, match: PartialMatch, from: number, to: number, into: readonly StoredColumn[]): void {
    if (to <= from) return;
    this.#rows = roomFor(this.#rows, to - from);
    if (this.#slots.length < this.#rows.length) this.#slots = new Int32Array(this.#rows.length);
    let at = 0;
    eachRow(view, match, this.variable, from, to, (slot, variable) => {
      this.#rows[at++] = this.#ofNames ? variable : slot;
    });
    this.#run(into, to - from);
  }

  #run(table: readonly StoredColumn[], count: number): void {
    this.#accumulate(
      {
        rows: this.#rows,
        slots: this.#slots,
        kinds: undefined,
        columns: this.#columns,
        table,
        maps: [],
        entries: [],
        sequence: 0,
      },
      0,
      count,
    );
  }
}

function copyAccumulators(from: readonly StoredColumn[], to: readonly StoredColumn[]): void {
  for (let i = 0; i < from.length; i++) {
    const source = from[i]! as { values: Float64Array; nulls: Uint8Array };
    const target = to[i]! as { values: Float64Array; nulls: Uint8Array };
    target.values.set(source.values);
    target.nulls[0] = source.nulls[0]!;
  }
}
