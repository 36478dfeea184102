import type { Expr } from "../../expressions/expr.ts";
import type { Filter, Join, LogicalPlan } from "../logical/algebra.ts";
import {
  TRUE,
  columnsOf,
  conjunction,
  conjuncts,
  replaceColumns,
  shiftColumns,
  withInputs,
} from "../logical/rewrite.ts";
import type { ExprFacts } from "./facts.ts";
import { strengthened } from "./outer-joins.ts";

/**
 * Moves each condition as far down as its meaning allows: through projections, into unions, below aggregates (on keys),
 * into the sides and the condition of joins, below window TVFs. Never below a Watermark: the watermark is a function of
 * all rows. A condition on a ROW_NUMBER stops above its Over, where the Top-N rule finds it.
 */
export function pushFilters(plan: LogicalPlan, facts: ExprFacts): LogicalPlan {
  if (plan.kind === "Filter") return pushInto(pushFilters(plan.inputs[0], facts), conjuncts(plan.predicate), facts);
  const inputs = plan.inputs as readonly LogicalPlan[];
  const rewritten = withInputs(
    plan,
    inputs.map((input) => pushFilters(input, facts)),
  );
  return rewritten.kind === "Join" ? withoutSideConditions(rewritten, facts) : rewritten;
}

function filterOver(input: LogicalPlan, conditions: readonly Expr[]): LogicalPlan {
  const predicate = conjunction(conditions);
  if (predicate === undefined) return input;
  return { kind: "Filter", schema: input.schema, inputs: [input], predicate } satisfies Filter;
}

function pushInto(plan: LogicalPlan, conditions: readonly Expr[], facts: ExprFacts): LogicalPlan {
  if (conditions.length === 0) return plan;
  switch (plan.kind) {
    case "Filter":
      return pushInto(plan.inputs[0], [...conjuncts(plan.predicate), ...conditions], facts);
    case "Project": {
      const [movable, rest] = split(conditions, (c) => {
        for (const index of columnsOf(c)) if (!facts.pure(plan.expressions[index] as Expr)) return false;
        return facts.pure(c);
      });
      const below = movable.map((c) => replaceColumns(c, (col) => plan.expressions[col.index] as Expr));
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], below, facts)]), rest);
    }
    case "Union":
      return withInputs(
        plan,
        plan.inputs.map((input) => pushInto(input, conditions, facts)),
      );
    case "Aggregate": {
      const [movable, rest] = split(
        conditions,
        (c) => facts.pure(c) && plan.keys.length > 0 && [...columnsOf(c)].every((i) => i < plan.keys.length),
      );
      const below = movable.map((c) => replaceColumns(c, (col) => ({ ...col, index: plan.keys[col.index] as number })));
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], below, facts)]), rest);
    }
    case "WindowTvf": {
      const width = plan.inputs[0].schema.fields.length;
      // Rows that a condition drops may still be what holds a session together, but for whole partitions.
      const isBelow = (i: number): boolean => (plan.window.type === "session" ? plan.partition.includes(i) : i < width);
      const [movable, rest] = split(conditions, (c) => facts.pure(c) && [...columnsOf(c)].every(isBelow));
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], movable, facts)]), rest);
    }
    case "Match": {
      const [movable, rest] = split(
        conditions,
        (c) => facts.pure(c) && columnsOf(c).size > 0 && [...columnsOf(c)].every((i) => i < plan.partition.length),
      );
      const below = movable.map((c) =>
        replaceColumns(c, (col) => ({ ...col, index: plan.partition[col.index] as number })),
      );
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], below, facts)]), rest);
    }
    case "Over": {
      const [movable, rest] = split(
        conditions,
        (c) => facts.pure(c) && columnsOf(c).size > 0 && [...columnsOf(c)].every((i) => plan.partition.includes(i)),
      );
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], movable, facts)]), rest);
    }
    case "Correlate": {
      const width = plan.inputs[0].schema.fields.length;
      const [movable, rest] = split(conditions, (c) => facts.pure(c) && [...columnsOf(c)].every((i) => i < width));
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], movable, facts)]), rest);
    }
    case "Join":
      return pushIntoJoin(plan, conditions, facts);
    default:
      return filterOver(plan, conditions);
  }
}

function pushIntoJoin(given: Join, conditions: readonly Expr[], facts: ExprFacts): LogicalPlan {
  const type = strengthened(given, conditions, facts);
  const join = type === given.type ? given : withoutSideConditions({ ...given, type }, facts);
  const leftWidth = join.inputs[0].schema.fields.length;
  const onlyLeft = (c: Expr): boolean => facts.pure(c) && [...columnsOf(c)].every((i) => i < leftWidth);
  const onlyRight = (c: Expr): boolean =>
    facts.pure(c) && columnsOf(c).size > 0 && [...columnsOf(c)].every((i) => i >= leftWidth);
  const keepsLeft = join.type === "inner" || join.type === "left" || join.type === "semi" || join.type === "anti";
  // Which version is the newest is decided before any condition on it.
  const keepsRight = join.asOf === undefined && (join.type === "inner" || join.type === "right");
  const toLeft: Expr[] = [];
  const toRight: Expr[] = [];
  const toCondition: Expr[] = [];
  const rest: Expr[] = [];
  for (const c of conditions) {
    if (keepsLeft && onlyLeft(c)) toLeft.push(c);
    else if (keepsRight && onlyRight(c)) toRight.push(shiftColumns(c, -leftWidth));
    else if (join.type === "inner" && facts.pure(c)) toCondition.push(c);
    else rest.push(c);
  }
  const left = pushInto(join.inputs[0], toLeft, facts);
  const right = pushInto(join.inputs[1], toRight, facts);
  const condition = conjunction([...conjuncts(join.condition), ...toCondition]) ?? TRUE;
  return filterOver({ ...join, inputs: [left, right], condition }, rest);
}

/** The join, its conditions that concern one side only moved into that side where they mean the same there. */
function withoutSideConditions(join: Join, facts: ExprFacts): Join {
  const leftWidth = join.inputs[0].schema.fields.length;
  const toLeft: Expr[] = [];
  const toRight: Expr[] = [];
  const rest: Expr[] = [];
  for (const c of conjuncts(join.condition)) {
    const used = [...columnsOf(c)];
    const left = used.every((i) => i < leftWidth);
    const right = used.every((i) => i >= leftWidth);
    if (
      used.length > 0 &&
      facts.pure(c) &&
      left &&
      (join.type === "inner" || join.type === "right" || join.type === "semi")
    )
      toLeft.push(c);
    else if (
      used.length > 0 &&
      facts.pure(c) &&
      right &&
      join.asOf === undefined &&
      join.type !== "right" &&
      join.type !== "full"
    )
      toRight.push(shiftColumns(c, -leftWidth));
    else rest.push(c);
  }
  if (toLeft.length + toRight.length === 0) return join;
  return {
    ...join,
    inputs: [pushInto(join.inputs[0], toLeft, facts), pushInto(join.inputs[1], toRight, facts)],
    condition: conjunction(rest) ?? TRUE,
  };
}

function split<E>(list: readonly E[], test: (item: E) => boolean): readonly [yes: E[], no: E[]] {
  const yes: E[] = [];
  const no: E[] = [];
  for (const item of list) (test(item) ? yes : no).push(item);
  return [yes, no];
}
