import type { Span } from "../../base/span.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import { conjunction, conjuncts, TRUE } from "../logical/rewrite.ts";
import { decorrelatedRows } from "./apply-subquery.ts";
import type { Binding } from "./context.ts";
import { asJoinCondition } from "./decorrelate.ts";
import type { BoundTableCall } from "./lateral.ts";
import { correlate, filter, join } from "./nodes.ts";
import type { Relation } from "./scope.ts";

/** The right side of a lateral join, ready to be joined to its left side. */
export interface LateralSide {
  /** Names of its columns, which follow those of the left side. */
  readonly names: readonly string[];
  /** The join; `condition` over the columns of both sides, as an inner join has them. */
  joined(type: "inner" | "left", condition: Expr): LogicalPlan;
}

/** A table function over the rows of `left`. */
export function lateralCall({ call, names }: BoundTableCall, left: LogicalPlan): LateralSide {
  return {
    names,
    joined(type, condition) {
      const parts = conjuncts(condition);
      const matches = conjunction(parts);
      if (type === "left") return correlate(left, call, "left", matches);
      const plan = correlate(left, call, "inner", undefined);
      return matches === undefined ? plan : filter(plan, matches);
    },
  };
}

/** A LATERAL query, bound with the scope of `left` around it: a join on what ties it to the rows of `left`. */
export function lateralQuery(relation: Relation, left: LogicalPlan, binding: Binding, span: Span): LateralSide {
  const { plan, conditions } = decorrelatedRows(relation.plan, left, binding, span);
  const ties = conditions.map((c) => asJoinCondition(c, left.schema.fields.length, (e) => e));
  return {
    names: relation.names,
    joined: (type, condition) => join(left, plan, type, conjunction([...ties, ...conjuncts(condition)]) ?? TRUE),
  };
}
