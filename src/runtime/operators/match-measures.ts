import type { Column } from "../../batch/column.ts";
import { createColumnBuilder, type ColumnBuilder } from "../../batch/column-builder.ts";
import { valueAt } from "../../batch/get.ts";
import { BATCH_ROWS } from "../../batch/record-batch.ts";
import { compileProjection, type BatchProjection } from "../../expressions/project.ts";
import type { KeyedTable, StateColumn } from "../../state/api.ts";
import type { Value } from "../../types/data-type.ts";
import type { OperatorContext, Output } from "../operator.ts";
import type { MatchReference, MatchSpec } from "../spec.ts";
import { MatchAggregate } from "./match-aggregates.ts";
import type { PartialMatch } from "./match-queue.ts";
import { rowOf, runsOf, variableOf, type MatchView } from "./match-rows.ts";

/** Collects what the measures read of each match, and computes them for many matches at once. */
export class MatchMeasures {
  readonly #spec: MatchSpec;
  readonly #stored: readonly (StateColumn | undefined)[];
  readonly #project: BatchProjection;
  readonly #aggregates: readonly (MatchAggregate | undefined)[];
  #builders: ColumnBuilder[];
  #keys: number[] = [];

  /** `nextAggregate`: numbers of aggregates, unique in the operator. */
  constructor(
    spec: MatchSpec,
    stored: readonly (StateColumn | undefined)[],
    context: OperatorContext,
    nextAggregate: () => number,
  ) {
    this.#spec = spec;
    this.#stored = stored;
    const { references, types, expressions } = spec.measures;
    this.#project = compileProjection(expressions, types, context.functions, context.session, {
      compile: context.compileExpressions,
      onFallback: () => context.count("interpretedExpressions", 1),
    });
    this.#aggregates = references.map((r) =>
      r.kind === "aggregate" ? new MatchAggregate(r, nextAggregate(), spec, stored, context) : undefined,
    );
    this.#builders = this.#createBuilders();
  }

  /** Takes down a match of the partition at key slot `key`; calls `full` when a batch of rows is there to be emitted. */
  add(view: MatchView, key: number, full: () => void): void {
    const { allRows } = this.#spec;
    if (allRows === undefined) {
      this.#addRow(view, key, full);
      return;
    }
    const { rows, match } = view;
    const runs = runsOf(match);
    let at = match.start - rows.base;
    if (runs.length === 0) {
      if (allRows.emptyMatches) this.#addRow({ ...view, currentSlot: rows.slots[at]! }, key, full);
      return;
    }
    // The part of the match that is there when a row comes out grows row by row, and aggregates with it.
    const part: PartialMatch = { ...match, counts: match.counts.map(() => 0), runs: [], running: [] };
    for (let i = 0; i < runs.length; i += 2) {
      const label = runs[i]!;
      part.runs!.push(label, 0);
      for (let n = 0; n < runs[i + 1]!; n++) {
        part.counts[label >> 1]! += 1;
        part.runs![i + 1]! += 1;
        const currentSlot = rows.slots[at++]!;
        if (label % 2 === 0) this.#addRow({ ...view, match: part, whole: match, currentSlot }, key, full);
      }
    }
  }

  #addRow(view: MatchView, key: number, full: () => void): void {
    const { references, types } = this.#spec.measures;
    for (let i = 0; i < references.length; i++) {
      const reference = references[i]!;
      this.#builders[i]!.append(this.#valueOf(reference, i, types[i]!, view));
    }
    this.#keys.push(key);
    if (this.#keys.length >= BATCH_ROWS) full();
  }

  #valueOf(reference: MatchReference, at: number, type: MatchSpec["input"][number], view: MatchView): Value {
    switch (reference.kind) {
      case "time":
        return view.timeMillis;
      case "aggregate":
        return valueAt(this.#aggregates[at]!.compute(view), 0, type);
      case "row": {
        const row = rowOf(reference, view);
        return row < 0 ? null : valueAt(this.#stored[reference.column] as Column, row, type);
      }
      case "classifier": {
        const variable = variableOf(reference, view);
        return variable < 0 ? null : this.#spec.variables[variable]!.name;
      }
      case "number":
        return BigInt(view.number);
      case "present":
        return valueAt(this.#stored[reference.column] as Column, view.currentSlot, type);
    }
  }

  /** Emits what was taken down. */
  flush(table: KeyedTable, out: Output): void {
    const count = this.#keys.length;
    if (count === 0) return;
    const columns = this.#builders.map((builder) => builder.finish());
    const keys = table.gatherKeys(Int32Array.from(this.#keys), count);
    const measures = this.#project({ rowCount: count, columns, kinds: undefined, steps: undefined });
    this.#builders = this.#createBuilders();
    this.#keys = [];
    out.batch({ rowCount: count, columns: [...keys, ...measures], kinds: undefined, steps: undefined });
  }

  #createBuilders(): ColumnBuilder[] {
    return this.#spec.measures.types.map((type) => createColumnBuilder(type, 16));
  }
}
