import type { Column } from "../../batch/column.ts";
import { column } from "../../expressions/expr.ts";
import { compileScatteredTest, type ScatteredTest } from "../../expressions/scattered.ts";
import type { StateColumn } from "../../state/api.ts";
import type { OperatorContext } from "../operator.ts";
import type { MatchExpressions, MatchReference, MatchSpec } from "../spec.ts";
import { MatchAggregate } from "./match-aggregates.ts";
import { rowOf, type MatchView } from "./match-rows.ts";

/** The condition of one variable. */
export interface MatchCondition {
  /** It reads nothing but the row itself, so that the answer is the same for all matches. */
  readonly ofRowAlone: boolean;
  test(view: MatchView): boolean;
}

/** The conditions by variable; undefined: every row will do. `stored`: columns of stored rows by input column. */
export function compileConditions(
  spec: MatchSpec,
  stored: readonly (StateColumn | undefined)[],
  context: OperatorContext,
  nextAggregate: () => number,
): readonly (MatchCondition | undefined)[] {
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
    this.#columns = references.map((r) => (r.kind === "row" ? stored[r.column]! : time));
    this.#aggregates = references.map((r) =>
      r.kind === "aggregate"
        ? new MatchAggregate({ ...r, at: nextAggregate() }, spec.input, stored, context)
        : undefined,
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
      if (reference.kind === "row") {
        this.#rows[i] = rowOf(reference, view);
      } else if (reference.kind === "time") {
        this.#time[0] = view.timeMillis;
      } else {
        this.#columns[i] = this.#aggregates[i]!.compute(view);
      }
    }
    return this.#test(this.#columns, this.#rows);
  }
}

function isRowItself(reference: MatchReference, variable: number): boolean {
  return (
    reference.kind === "row" &&
    reference.from === "last" &&
    reference.offset === 0 &&
    (reference.variable === variable || reference.variable < 0)
  );
}
