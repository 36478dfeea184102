import type { Expr } from "../../expressions/expr.ts";
import type { Filter, Join, LogicalPlan } from "../logical/algebra.ts";
import { TRUE, columnsOf, conjunction, conjuncts, replaceColumns, shiftColumns, withInputs } from "../logical/rewrite.ts";

/** What the rule asks of a call: may it be evaluated at another place, or more than once? */
export type IsPure = (expr: Expr) => boolean;

/**
 * Moves each condition as far down as its meaning allows: through projections, into unions, below aggregates (on keys),
 * into the sides and the condition of joins, below window TVFs. Never below a Watermark: the watermark is a function of
 * all rows. A condition on a ROW_NUMBER stops above its Over, where the Top-N rule finds it.
 */
export function pushFilters(plan: LogicalPlan, pure: IsPure): LogicalPlan {
  if (plan.kind === "Filter") return pushInto(pushFilters(plan.inputs[0], pure), conjuncts(plan.predicate), pure);
  const inputs = plan.inputs as readonly LogicalPlan[];
  const rewritten = withInputs(plan, inputs.map((input) => pushFilters(input, pure)));
  return rewritten.kind === "Join" ? pushJoinCondition(rewritten, pure) : rewritten;
}

function filterOver(input: LogicalPlan, conditions: readonly Expr[]): LogicalPlan {
  const predicate = conjunction(conditions);
  if (predicate === undefined) return input;
  return { kind: "Filter", schema: input.schema, inputs: [input], predicate } satisfies Filter;
}

function pushInto(plan: LogicalPlan, conditions: readonly Expr[], pure: IsPure): LogicalPlan {
  if (conditions.length === 0) return plan;
  switch (plan.kind) {
    case "Filter":
      return pushInto(plan.inputs[0], [...conjuncts(plan.predicate), ...conditions], pure);
    case "Project": {
      const [movable, rest] = split(conditions, (c) => {
        for (const index of columnsOf(c)) if (!pure(plan.expressions[index] as Expr)) return false;
        return pure(c);
      });
      const below = movable.map((c) => replaceColumns(c, (col) => plan.expressions[col.index] as Expr));
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], below, pure)]), rest);
    }
    case "Union":
      return withInputs(plan, plan.inputs.map((input) => pushInto(input, conditions, pure)));
    case "Aggregate": {
      const [movable, rest] = split(conditions, (c) => pure(c) && plan.keys.length > 0 && [...columnsOf(c)].every((i) => i < plan.keys.length));
      const below = movable.map((c) => replaceColumns(c, (col) => ({ ...col, index: plan.keys[col.index] as number })));
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], below, pure)]), rest);
    }
    case "WindowTvf": {
      const width = plan.inputs[0].schema.fields.length;
      const [movable, rest] = split(conditions, (c) => plan.window.type !== "session" && pure(c) && [...columnsOf(c)].every((i) => i < width));
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], movable, pure)]), rest);
    }
    case "Over": {
      const [movable, rest] = split(conditions, (c) => pure(c) && columnsOf(c).size > 0 && [...columnsOf(c)].every((i) => plan.partition.includes(i)));
      return filterOver(withInputs(plan, [pushInto(plan.inputs[0], movable, pure)]), rest);
    }
    case "Join":
      return pushIntoJoin(plan, conditions, pure);
    default:
      return filterOver(plan, conditions);
  }
}

function pushIntoJoin(join: Join, conditions: readonly Expr[], pure: IsPure): LogicalPlan {
  const leftWidth = join.inputs[0].schema.fields.length;
  const onlyLeft = (c: Expr): boolean => pure(c) && [...columnsOf(c)].every((i) => i < leftWidth);
  const onlyRight = (c: Expr): boolean => pure(c) && columnsOf(c).size > 0 && [...columnsOf(c)].every((i) => i >= leftWidth);
  const keepsLeft = join.type === "inner" || join.type === "left" || join.type === "semi" || join.type === "anti";
  const keepsRight = join.type === "inner" || join.type === "right";
  const toLeft: Expr[] = [];
  const toRight: Expr[] = [];
  const toCondition: Expr[] = [];
  const rest: Expr[] = [];
  for (const c of conditions) {
    if (keepsLeft && onlyLeft(c)) toLeft.push(c);
    else if (keepsRight && onlyRight(c)) toRight.push(shiftColumns(c, -leftWidth));
    else if (join.type === "inner" && pure(c)) toCondition.push(c);
    else rest.push(c);
  }
  const left = pushInto(join.inputs[0], toLeft, pure);
  const right = pushInto(join.inputs[1], toRight, pure);
  const condition = conjunction([...conjuncts(join.condition), ...toCondition]) ?? TRUE;
  return filterOver({ ...join, inputs: [left, right], condition }, rest);
}

/** Conditions of the join itself that concern one side only. */
function pushJoinCondition(join: Join, pure: IsPure): LogicalPlan {
  const leftWidth = join.inputs[0].schema.fields.length;
  const toLeft: Expr[] = [];
  const toRight: Expr[] = [];
  const rest: Expr[] = [];
  for (const c of conjuncts(join.condition)) {
    const used = [...columnsOf(c)];
    const left = used.every((i) => i < leftWidth);
    const right = used.every((i) => i >= leftWidth);
    if (used.length > 0 && pure(c) && left && (join.type === "inner" || join.type === "right" || join.type === "semi")) toLeft.push(c);
    else if (used.length > 0 && pure(c) && right && join.type !== "right" && join.type !== "full") toRight.push(shiftColumns(c, -leftWidth));
    else rest.push(c);
  }
  if (toLeft.length + toRight.length === 0) return join;
  return {
    ...join,
    inputs: [pushInto(join.inputs[0], toLeft, pure), pushInto(join.inputs[1], toRight, pure)],
    condition: conjunction(rest) ?? TRUE,
  };
}

function split<E>(list: readonly E[], test: (item: E) => boolean): readonly [yes: E[], no: E[]] {
  const yes: E[] = [];
  const no: E[] = [];
  for (const item of list) (test(item) ? yes : no).push(item);
  return [yes, no];
}
