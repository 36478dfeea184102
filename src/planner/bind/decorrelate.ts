import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { column, type Expr } from "../../expressions/expr.ts";
import type { AggregateCall, LogicalPlan } from "../logical/algebra.ts";
import { columnsOf, conjunction, conjuncts, digest, replaceColumns, shiftColumns } from "../logical/rewrite.ts";
import { aggregate, extend, filter, join, project } from "./nodes.ts";
import { OUTER_BASE } from "./scope.ts";

/** A subquery that no longer looks outside, and the conditions that tie it to the rows of the enclosing query. */
export interface Decorrelated {
  readonly plan: LogicalPlan;
  /** Over the columns of `plan`, and of the enclosing query (numbers from OUTER_BASE). */
  readonly conditions: readonly Expr[];
}

/** True when the expression reads a column of the enclosing query. */
export function isOuter(expr: Expr): boolean {
  for (const c of columnsOf(expr)) if (c >= OUTER_BASE && c < 2 * OUTER_BASE) return true;
  return false;
}

/**
 * Moves conditions on the enclosing query up to the top of the subquery. The first columns of the result are those of
 * the plan; more may follow. `countIsHandled`: the caller knows what COUNT gives for no rows. Throws UNSUPPORTED where a
 * reference cannot be moved.
 */
export function decorrelate(plan: LogicalPlan, span: Span, countIsHandled = false): Decorrelated {
  const unsupported = (): SqlError =>
    new SqlError("UNSUPPORTED", "This form of correlated subquery is not supported", {
      span,
      hint: "compare columns of both queries in its WHERE with =, or write it as a join",
    });
  const walk = (node: LogicalPlan): Decorrelated => {
    switch (node.kind) {
      case "Filter": {
        const input = walk(node.inputs[0]);
        const parts = conjuncts(node.predicate);
        const inner = conjunction(parts.filter((p) => !isOuter(p)));
        return {
          plan: inner === undefined ? input.plan : filter(input.plan, inner),
          conditions: [...input.conditions, ...parts.filter(isOuter)],
        };
      }
      case "Project": {
        const input = walk(node.inputs[0]);
        if (node.expressions.some(isOuter)) throw unsupported();
        if (input.conditions.length === 0) return { plan: withInput(node, input.plan), conditions: [] };
        return lift(
          input,
          node.expressions,
          node.schema.fields.map((f) => f.name),
        );
      }
      case "Aggregate": {
        const input = walk(node.inputs[0]);
        if (node.aggregates.some((a) => a.args.some(isOuter) || (a.filter !== undefined && isOuter(a.filter))))
          throw unsupported();
        if (input.conditions.length === 0) return { plan: withInput(node, input.plan), conditions: [] };
        // COUNT of no rows would have to be 0 and not NULL.
        if (!countIsHandled && node.keys.length === 0 && node.aggregates.some((a) => a.function === "COUNT"))
          throw unsupported();
        return liftOverAggregate(input, node.keys, node.aggregates, unsupported);
      }
      case "Join": {
        const [left, right] = [walk(node.inputs[0]), walk(node.inputs[1])];
        const leftOnly = node.type === "semi" || node.type === "anti";
        const on = conjuncts(node.condition);
        const onOuter = on.filter(isOuter);
        if (left.conditions.length + right.conditions.length + onOuter.length === 0) {
          return { plan: { ...node, inputs: [left.plan, right.plan] }, conditions: [] };
        }
        const rightMoves = right.conditions.length > 0 || onOuter.length > 0;
        const leftWidth = node.inputs[0].schema.fields.length;
        const widened = left.plan.schema.fields.length > leftWidth;
        if ((node.type !== "inner" && (rightMoves || !leftOnly)) || widened) throw unsupported();
        const condition = conjunction(on.filter((c) => !isOuter(c)));
        const joined = join(left.plan, right.plan, node.type, condition ?? node.condition);
        const moved = right.conditions.map((c) => shiftInner(c, leftWidth));
        return { plan: joined, conditions: [...left.conditions, ...onOuter, ...moved] };
      }
      default: {
        const inputs = node.inputs.map(walk);
        if (inputs.some((i) => i.conditions.length > 0) || hasOuter(node)) throw unsupported();
        return { plan: { ...node, inputs: inputs.map((i) => i.plan) } as LogicalPlan, conditions: [] };
      }
    }
  };
  return walk(plan);
}

function withInput<P extends LogicalPlan>(node: P, input: LogicalPlan): LogicalPlan {
  return node.inputs[0] === input ? node : ({ ...node, inputs: [input] } as LogicalPlan);
}

/** The expressions, then the columns that the conditions need. */
function lift(input: Decorrelated, expressions: readonly Expr[], names: readonly string[]): Decorrelated {
  const needed = innerColumns(input.conditions);
  const fields = input.plan.schema.fields;
  const plan = project(
    input.plan,
    [...expressions, ...needed.map((i) => column(i, fields[i]!.type))],
    [...names, ...needed.map((i) => fields[i]!.name)],
  );
  const conditions = input.conditions.map((c) => remapInner(c, (i) => expressions.length + needed.indexOf(i)));
  return { plan, conditions };
}

/** The inner sides of the equalities become keys of the aggregate, after its own. */
function liftOverAggregate(
  input: Decorrelated,
  keys: readonly number[],
  aggregates: readonly AggregateCall[],
  unsupported: () => SqlError,
): Decorrelated {
  const sides = input.conditions.map((condition) => {
    if (condition.kind !== "call" || condition.function !== "=") throw unsupported();
    const [a, b] = condition.args as readonly [Expr, Expr];
    const innerFirst = !isOuter(a);
    const [inner, outer] = innerFirst ? [a, b] : [b, a];
    if (isOuter(inner) || !isOuter(outer) || innerColumns([outer]).length > 0) throw unsupported();
    return { condition, inner, innerFirst };
  });
  const different = [...new Map(sides.map((s) => [digest(s.inner), s.inner])).values()];
  const computed = different.filter((e) => e.kind !== "column");
  const width = input.plan.schema.fields.length;
  const below = extend(
    input.plan,
    computed,
    computed.map((_, i) => `$k${i}`),
  );
  const positions = different.map((e) => (e.kind === "column" ? e.index : width + computed.indexOf(e)));
  const plan = aggregate(below, [...keys, ...positions], aggregates);
  // The aggregates move behind the new keys; a projection keeps the first columns where they were.
  const count = keys.length + aggregates.length;
  const order = [
    ...keys.map((_, i) => i),
    ...aggregates.map((_, i) => keys.length + positions.length + i),
    ...positions.map((_, i) => keys.length + i),
  ];
  const reordered = project(
    plan,
    order.map((i) => column(i, plan.schema.fields[i]!.type)),
    order.map((i) => plan.schema.fields[i]!.name),
  );
  const keyDigests = different.map((e) => digest(e));
  const conditions = sides.map(({ condition, inner, innerFirst }): Expr => {
    const key = column(count + keyDigests.indexOf(digest(inner)), inner.type);
    if (condition.kind !== "call") return condition;
    const other = condition.args[innerFirst ? 1 : 0]!;
    return { ...condition, args: innerFirst ? [key, other] : [other, key] };
  });
  return { plan: reordered, conditions };
}

function innerColumns(exprs: readonly Expr[]): readonly number[] {
  const all = new Set<number>();
  for (const expr of exprs) for (const c of columnsOf(expr)) if (c < OUTER_BASE) all.add(c);
  return [...all].sort((a, b) => a - b);
}

/** The expression with the columns that are not of the enclosing query renumbered. */
export function remapInner(expr: Expr, map: (index: number) => number): Expr {
  return replaceColumns(expr, (c) => (c.index < OUTER_BASE ? { ...c, index: map(c.index) } : c));
}

function shiftInner(expr: Expr, by: number): Expr {
  return remapInner(expr, (i) => i + by);
}

/** True when an expression of the node itself reads the enclosing query. */
function hasOuter(node: LogicalPlan): boolean {
  switch (node.kind) {
    case "Values":
      return node.rows.some((row) => row.some(isOuter));
    case "Over":
      return node.functions.some((f) => f.args.some(isOuter));
    case "Expand":
      return node.sets.some((set) => set.some(isOuter));
    case "Watermark":
      return isOuter(node.expression);
    default:
      return false;
  }
}

/** A condition of a decorrelated subquery as a join condition: inner columns move right, outer ones are rewritten. */
export function asJoinCondition(condition: Expr, leftWidth: number, rewriteOuter: (column: Expr) => Expr): Expr {
  return replaceColumns(condition, (c) =>
    c.index >= OUTER_BASE && c.index < 2 * OUTER_BASE
      ? rewriteOuter({ ...c, index: c.index - OUTER_BASE })
      : shiftColumns(c, leftWidth),
  );
}
