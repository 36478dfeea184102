import type { Column } from "../../batch/column.ts";
import { createColumnBuilder } from "../../batch/column-builder.ts";
import { column } from "../../expressions/expr.ts";
import { compileScatteredTest, type ScatteredTest } from "../../expressions/scattered.ts";
import type { StateColumn } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import type { OperatorContext } from "../operator.ts";
import type { MatchExpressions, MatchReference, MatchSpec } from "../spec.ts";
import { MatchAggregate } from "./match-aggregates.ts";
import { namesColumn, rowOf, variableOf, type MatchView } from "./match-rows.ts";

/** The condition of one variable. */
export interface MatchCondition {
  /** It reads nothing but the row itself and its neighbours, so that the answer is the same for all matches. */
  readonly ofRowAlone: boolean;
  test(view: MatchView): boolean;
}

/** The conditions by variable; undefined: every row will do. */
export type Conditions = readonly (MatchCondition | undefined)[];

/** Compiles them. `stored`: columns of stored rows by input column. */
export function compileConditions(
  spec: MatchSpec,
  stored: readonly (StateColumn | undefined)[],
  context: OperatorContext,
  nextAggregate: () => number,
): Conditions {
  return spec.variables.map(({ condition }, variable) =>
    condition === undefined ? undefined : new Condition(condition, variable, { spec, stored, context, nextAggregate }),
  );
}

interface Surroundings {
  readonly spec: MatchSpec;
  readonly stored: readonly (StateColumn | undefined)[];
  readonly context: OperatorContext;
  readonly nextAggregate: () => number;
}

class Condition implements MatchCondition {
  readonly ofRowAlone: boolean;
  readonly #test: ScatteredTest;
  readonly #references: readonly MatchReference[];
  readonly #columns: (Column | StateColumn)[];
  readonly #rows: Int32Array;
  readonly #aggregates: readonly (MatchAggregate | undefined)[];
  readonly #time = new Float64Array(1);

  constructor(
    { references, types, expressions }: MatchExpressions,
    variable: number,
    { spec, stored, context, nextAggregate }: Surroundings,
  ) {
    this.#references = references;
    this.ofRowAlone = references.every((r) => isRowItself(r, variable));
    const time: Column = { storage: "f64", values: this.#time, nulls: undefined };
    const names = namesColumn(spec.variables);
    this.#columns = references.map((r) =>
      r.kind === "row" ? stored[r.column]! : r.kind === "classifier" ? names : time,
    );
    this.#aggregates = references.map((r) =>
      r.kind === "aggregate" ? new MatchAggregate(r, nextAggregate(), spec, stored, context) : undefined,
    );
    this.#rows = new Int32Array(references.length);
    const [expression = column(0, types[0]!)] = expressions;
    this.#test = compileScatteredTest(expression, types, context.functions, context.session, {
      compile: context.compileExpressions,
      onFallback: () => context.count("interpretedExpressions", 1),
    });
  }

  test(view: MatchView): boolean {
    const references = this.#references;
    for (let i = 0; i < references.length; i++) {
      const reference = references[i]!;
      switch (reference.kind) {
        case "row":
          this.#rows[i] = rowOf(reference, view);
          break;
        case "classifier":
          this.#rows[i] = variableOf(reference, view);
          break;
        case "aggregate":
          this.#columns[i] = this.#aggregates[i]!.compute(view);
          break;
        case "number":
          this.#columns[i] = numberColumn(view.number);
          break;
        case "time":
          this.#time[0] = view.timeMillis;
          break;
        case "present":
          this.#rows[i] = view.currentSlot;
          break;
      }
    }
    return this.#test(this.#columns, this.#rows);
  }
}

function numberColumn(number: number): Column {
  const builder = createColumnBuilder(T.bigint(false), 1);
  builder.append(BigInt(number));
  return builder.finish();
}

/** The reference is to the row that is asked about, or one at a fixed distance from it in the partition. */
function isRowItself(reference: MatchReference, variable: number): boolean {
  return (
    reference.kind === "row" &&
    reference.from === "last" &&
    reference.offset === 0 &&
    (reference.variable === variable || reference.variable < 0)
  );
}
