import type { JobGraph } from "../runtime/spec.ts";
import type { LogicalPlan } from "./logical/algebra.ts";
import { isBatch } from "./batch-mode.ts";
import { transformUp } from "./logical/rewrite.ts";
import type { PlanContext } from "./physical/context.ts";
import { isPure } from "./physical/context.ts";
import { Lowering } from "./physical/lower.ts";
import { checkTimes } from "./rules/check-times.ts";
import { pruneEmpty } from "./rules/empty.ts";
import type { ExprFacts } from "./rules/facts.ts";
import { markNormalized } from "./rules/normalized-scans.ts";
import { joinKeys } from "./rules/join-keys.ts";
import { pruneColumns } from "./rules/prune-columns.ts";
import { pushFilters } from "./rules/push-filters.ts";
import { toRank } from "./rules/rank.ts";
import { withoutNeedlessAggregate } from "./rules/unique-keys.ts";
import { toWindowAggregate } from "./rules/window-aggregate.ts";

/** What the rules need to know of expressions. */
export function exprFacts(context: PlanContext): ExprFacts {
  return {
    batch: isBatch(context.options),
    pure: (expr) => isPure(expr, context.functions),
    strict: (name) => context.functions.scalar(name)?.nulls === "propagate",
    fold: (expr) => context.fold(expr),
  };
}

/**
 * The stages of planning, in order. Filters go down first, so that a Top-N's condition stands on its Over and window
 * aggregates stand on their TVFs; columns are pruned last, when it is settled what each operator reads.
 */
export function optimize(roots: readonly LogicalPlan[], context: PlanContext): readonly LogicalPlan[] {
  const facts = exprFacts(context);
  const rewritten = roots.map((root) =>
    // Aggregates that need no state go before they are made aggregates of windows.
    [withoutNeedlessAggregate, toRank, pruneEmpty, checkTimes, toWindowAggregate, joinKeys].reduce(
      (plan, rule) => transformUp(plan, (node) => rule(node, facts)),
      pushFilters(root, facts),
    ),
  );
  const mark = (node: LogicalPlan): LogicalPlan => (node.kind === "Scan" ? markNormalized(node, context) : node);
  return pruneColumns(rewritten.map((root) => transformUp(root, mark)));
}

/** The roots (INSERTs or one SELECT) of one job as a graph of operator specs; equal work is done once. */
export function planJob(roots: readonly LogicalPlan[], context: PlanContext): JobGraph {
  const lowering = new Lowering(context);
  for (const root of optimize(roots, context)) lowering.root(root);
  return { nodes: lowering.finish() };
}
