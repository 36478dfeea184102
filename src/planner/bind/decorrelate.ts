import { call, column, literal, type CallExpr, type Expr } from "../../expressions/expr.ts";
import { T } from "../../types/data-type.ts";
import type { AggregateCall, Limit, LogicalPlan, OverCall, Sort } from "../logical/algebra.ts";
import { columnsOf, conjunction, conjuncts, digest, replaceColumns, shiftColumns, TRUE } from "../logical/rewrite.ts";
import { aggregate, extend, filter, join, over, project } from "./nodes.ts";
import { PENDING_BASE } from "./pending.ts";
import { OUTER_BASE } from "./scope.ts";

/** A subquery that no longer looks outside, and the conditions that tie it to the rows of the enclosing query. */
export interface Decorrelated {
  readonly plan: LogicalPlan;
  /** Over the columns of `plan`, and of the enclosing query (numbers from OUTER_BASE). */
  readonly conditions: readonly Expr[];
}

/** True when the expression reads a column of an enclosing query. */
export function isOuter(expr: Expr): boolean {
  for (const c of columnsOf(expr)) if (isOuterColumn(c)) return true;
  return false;
}

export function isOuterColumn(index: number): boolean {
  return index >= OUTER_BASE && index < PENDING_BASE;
}

/**
 * Moves conditions on the enclosing query up to the top of the subquery. The first columns of the result are those of
 * the plan; more may follow. `noRowsIsNull`: where a global aggregate at the top has no rows for a row of the enclosing
 * query, the caller puts in what it would give. Undefined where a reference cannot be moved: `overDomain` can.
 */
export function liftConditions(plan: LogicalPlan, noRowsIsNull: boolean): Decorrelated | undefined {
  const top = noRowsIsNull ? (plan.kind === "Project" ? plan.inputs[0] : plan) : undefined;
  const walk = (node: LogicalPlan): Decorrelated | undefined => {
    switch (node.kind) {
      case "Filter": {
        const input = walk(node.inputs[0]);
        if (input === undefined) return undefined;
        const parts = conjuncts(node.predicate);
        const inner = conjunction(parts.filter((p) => !isOuter(p)));
        return {
          plan: inner === undefined ? input.plan : filter(input.plan, inner),
          conditions: [...input.conditions, ...parts.filter(isOuter)],
        };
      }
      case "Project": {
        const input = walk(node.inputs[0]);
        if (input === undefined || node.expressions.some(isOuter)) return undefined;
        if (input.conditions.length === 0) return { plan: withInput(node, input.plan), conditions: [] };
        return lift(
          input,
          node.expressions,
          node.schema.fields.map((f) => f.name),
        );
      }
      case "Aggregate": {
        const input = walk(node.inputs[0]);
        if (input === undefined || readsOuter(node)) return undefined;
        if (input.conditions.length === 0) return { plan: withInput(node, input.plan), conditions: [] };
        // Of no rows it gives one row all the same.
        if (node.keys.length === 0 && node !== top) return undefined;
        return liftOverAggregate(input, node.keys, node.aggregates);
      }
      case "Join": {
        const [left, right] = [walk(node.inputs[0]), walk(node.inputs[1])];
        if (left === undefined || right === undefined) return undefined;
        const leftOnly = node.type === "semi" || node.type === "anti";
        const on = conjuncts(node.condition);
        const onOuter = on.filter(isOuter);
        if (left.conditions.length + right.conditions.length + onOuter.length === 0) {
          return { plan: { ...node, inputs: [left.plan, right.plan] }, conditions: [] };
        }
        const rightMoves = right.conditions.length > 0 || onOuter.length > 0;
        const leftWidth = node.inputs[0].schema.fields.length;
        const widened = left.plan.schema.fields.length > leftWidth;
        if ((node.type !== "inner" && (rightMoves || !leftOnly)) || widened) return undefined;
        const condition = conjunction(on.filter((c) => !isOuter(c)));
        const joined = join(left.plan, right.plan, node.type, condition ?? TRUE);
        const moved = right.conditions.map((c) => remapInner(c, (i) => i + leftWidth));
        return { plan: joined, conditions: [...left.conditions, ...onOuter, ...moved] };
      }
      case "Limit": {
        const [sort] = node.inputs;
        if (!dependsOnOuter(node)) return { plan: node, conditions: [] };
        const input = sort.kind === "Sort" ? walk(sort.inputs[0]) : undefined;
        return input === undefined || sort.kind !== "Sort" ? undefined : liftOverLimit(input, node, sort);
      }
      default:
        return dependsOnOuter(node) ? undefined : { plan: node, conditions: [] };
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

/** Conditions that are all `expression of the subquery = expression of the enclosing query`. */
interface Keyed {
  /** The input with the different inner sides among its columns. */
  readonly plan: LogicalPlan;
  /** Which columns they are. */
  readonly positions: readonly number[];
  /** The conditions over the inner sides where they have come to be. */
  readonly conditions: (at: (key: number) => number) => readonly Expr[];
}

/** Undefined when there is a condition of another form. */
function keyed(input: Decorrelated): Keyed | undefined {
  const sides: { readonly condition: CallExpr; readonly inner: Expr; readonly innerFirst: boolean }[] = [];
  for (const condition of input.conditions) {
    if (condition.kind !== "call" || condition.function !== "=") return undefined;
    const [a, b] = condition.args as readonly [Expr, Expr];
    const innerFirst = !isOuter(a);
    const [inner, outer] = innerFirst ? [a, b] : [b, a];
    if (isOuter(inner) || !isOuter(outer) || innerColumns([outer]).length > 0) return undefined;
    sides.push({ condition, inner, innerFirst });
  }
  const different = [...new Map(sides.map((s) => [digest(s.inner), s.inner])).values()];
  const computed = different.filter((e) => e.kind !== "column");
  const width = input.plan.schema.fields.length;
  const plan = extend(
    input.plan,
    computed,
    computed.map((_, i) => `$k${i}`),
  );
  const keyDigests = different.map((e) => digest(e));
  return {
    plan,
    positions: different.map((e) => (e.kind === "column" ? e.index : width + computed.indexOf(e))),
    conditions: (at) =>
      sides.map(({ condition, inner, innerFirst }): Expr => {
        const key = column(at(keyDigests.indexOf(digest(inner))), inner.type);
        const other = condition.args[innerFirst ? 1 : 0]!;
        return { ...condition, args: innerFirst ? [key, other] : [other, key] };
      }),
  };
}

/** The inner sides of the equalities become keys of the aggregate, after its own. */
function liftOverAggregate(
  input: Decorrelated,
  keys: readonly number[],
  aggregates: readonly AggregateCall[],
): Decorrelated | undefined {
  const below = keyed(input);
  if (below === undefined) return undefined;
  const { positions } = below;
  const plan = aggregate(below.plan, [...keys, ...positions], aggregates);
  // The aggregates move behind the new keys; a projection keeps the first columns where they were.
  const count = keys.length + aggregates.length;
  const order = [
    ...keys.map((_, i) => i),
    ...aggregates.map((_, i) => keys.length + positions.length + i),
    ...positions.map((_, i) => keys.length + i),
  ];
  return { plan: reordered(plan, order), conditions: below.conditions((key) => count + key) };
}

/** ORDER BY … LIMIT for each row of the enclosing query: for each of the values that its rows are equal to. */
function liftOverLimit(input: Decorrelated, limit: Limit, sort: Sort): Decorrelated | undefined {
  const below = keyed(input);
  if (below === undefined) return undefined;
  return {
    plan: topN(below.plan, below.positions, limit, sort),
    conditions: below.conditions((key) => below.positions[key]!),
  };
}

/** ORDER BY … LIMIT within each partition; the columns stay. */
export function topN(
  input: LogicalPlan,
  partition: readonly number[],
  { offset, fetch }: Pick<Limit, "offset" | "fetch">,
  { order, span }: Pick<Sort, "order" | "span">,
): LogicalPlan {
  const type = T.bigint(false);
  const number: OverCall = {
    function: "ROW_NUMBER",
    args: [],
    literals: [],
    distinct: false,
    filter: undefined,
    type,
    name: "$n",
    frame: { units: "ROWS", start: "unbounded", end: 0 },
  };
  const numbered = over(input, {
    partition,
    order,
    functions: [number],
    span,
  });
  const place = column(input.schema.fields.length, type);
  const bound = (operator: string, count: number): Expr =>
    call(operator, [place, literal(BigInt(count), type)], T.boolean(false));
  const bounds = [...(offset > 0 ? [bound(">", offset)] : []), ...(fetch >= 0 ? [bound("<=", offset + fetch)] : [])];
  const kept = filter(numbered, conjunction(bounds) ?? TRUE);
  return reordered(
    kept,
    input.schema.fields.map((_, i) => i),
  );
}

/** The plan with its columns in another order. */
export function reordered(plan: LogicalPlan, order: readonly number[]): LogicalPlan {
  return project(
    plan,
    order.map((i) => column(i, plan.schema.fields[i]!.type)),
    order.map((i) => plan.schema.fields[i]!.name),
  );
}

function innerColumns(exprs: readonly Expr[]): readonly number[] {
  const all = new Set<number>();
  for (const expr of exprs) for (const c of columnsOf(expr)) if (c < OUTER_BASE) all.add(c);
  return [...all].sort((a, b) => a - b);
}

/** The expression with the columns that are not of an enclosing query renumbered. */
export function remapInner(expr: Expr, map: (index: number) => number): Expr {
  return replaceColumns(expr, (c) => (c.index < OUTER_BASE ? { ...c, index: map(c.index) } : c));
}

/** True when the plan reads an enclosing query anywhere. */
export function dependsOnOuter(plan: LogicalPlan): boolean {
  return readsOuter(plan) || plan.inputs.some(dependsOnOuter);
}

function readsOuter(node: LogicalPlan): boolean {
  return expressionsOf(node).some(isOuter);
}

/** Every expression of the node itself. */
export function expressionsOf(node: LogicalPlan): readonly Expr[] {
  const ofCalls = (calls: readonly AggregateCall[]): readonly Expr[] =>
    calls.flatMap((a) => (a.filter === undefined ? a.args : [...a.args, a.filter]));
  switch (node.kind) {
    case "Filter":
      return [node.predicate];
    case "Project":
      return node.expressions;
    case "Aggregate":
    case "WindowAggregate":
      return ofCalls(node.aggregates);
    case "Over":
      return ofCalls(node.functions);
    case "Join":
      return [node.condition];
    case "Values":
      return node.rows.flat();
    case "Expand":
      return node.sets.flat();
    case "Watermark":
      return [node.expression];
    case "Correlate":
      return node.condition === undefined ? node.call.args : [...node.call.args, node.condition];
    case "Scan":
    case "WindowTvf":
    case "Union":
    case "Match":
    case "Rank":
    case "Sort":
    case "Limit":
    case "Changelog":
    case "Sink":
    case "Collect":
      return [];
  }
}

/** A condition of a decorrelated subquery as a join condition: inner columns move right, outer ones are rewritten. */
export function asJoinCondition(condition: Expr, leftWidth: number, rewriteOuter: (column: Expr) => Expr): Expr {
  return replaceColumns(condition, (c) =>
    isOuterColumn(c.index) ? rewriteOuter({ ...c, index: c.index - OUTER_BASE }) : shiftColumns(c, leftWidth),
  );
}
