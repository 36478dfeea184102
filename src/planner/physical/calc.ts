import type { Expr } from "../../expressions/expr.ts";
import type { Field } from "../../types/data-type.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import { columnsOf, conjuncts, identity, replaceColumns } from "../logical/rewrite.ts";

/** Projections and conditions over one input: what a calc node does. */
export interface Calc {
  readonly input: LogicalPlan;
  readonly expressions: readonly Expr[];
  readonly conditions: readonly Expr[];
  readonly fields: readonly Field[];
}

/**
 * The longest chain of Project and Filter from `plan` down, as one calc. A projection that is not pure (RAND, UUID) is
 * not duplicated: the chain ends there when something above reads it twice or filters on it.
 */
export function calcChain(plan: LogicalPlan, pure: (expr: Expr) => boolean): Calc {
  let expressions: readonly Expr[] = identity(plan);
  let conditions: readonly Expr[] = [];
  let current = plan;
  for (;;) {
    if (current.kind === "Filter") {
      conditions = [...conjuncts(current.predicate), ...conditions];
      current = current.inputs[0];
      continue;
    }
    if (current.kind !== "Project") break;
    const below = current.expressions;
    const uses = useCounts([...expressions, ...conditions]);
    const filtered = new Set<number>();
    for (const c of conditions) columnsOf(c, filtered);
    if (below.some((e, i) => !pure(e) && ((uses.get(i) ?? 0) > 1 || filtered.has(i)))) break;
    const over = (e: Expr): Expr => replaceColumns(e, (c) => ({ ...(below[c.index] as Expr) }));
    expressions = expressions.map((e) =>
      e.kind === "column" ? { ...(below[e.index] as Expr), type: e.type } : over(e),
    );
    conditions = conditions.map(over);
    current = current.inputs[0];
  }
  return { input: current, expressions, conditions, fields: plan.schema.fields };
}

function useCounts(expressions: readonly Expr[]): Map<number, number> {
  const counts = new Map<number, number>();
  const visit = (e: Expr): void => {
    if (e.kind === "column") counts.set(e.index, (counts.get(e.index) ?? 0) + 1);
    else if (e.kind === "call") e.args.forEach(visit);
  };
  expressions.forEach(visit);
  return counts;
}
