import { SqlError } from "../../base/errors.ts";
import { typeText } from "../../types/type-text.ts";
import { withoutTimeAttribute } from "../../types/data-type.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import type { ExprFacts } from "./facts.ts";
import { timeAttribute } from "../traits/time-attributes.ts";

/**
 * Refuses, but in batch mode, windows over a time that a regular join has passed on: its rows come when the watermark may long have passed
 * their time, and would be dropped as late. A group window takes them nevertheless, as in Flink. Stands behind the rules that move conditions into joins, which decide what kind of join one is.
 */
export function checkTimes(plan: LogicalPlan, { batch }: ExprFacts): LogicalPlan {
  if (
    batch ||
    plan.kind !== "WindowTvf" ||
    plan.group === true ||
    timeAttribute(plan.inputs[0], plan.time) !== undefined
  )
    return plan;
  const type = plan.inputs[0].schema.fields[plan.time]?.type;
  throw new SqlError(
    "PLANNING",
    `The window function requires the timecol is a time attribute type, but is ${type === undefined ? "unknown" : typeText(withoutTimeAttribute(type))}.`,
    { hint: "a regular join does not keep event times; bound the times of both sides (an interval join) to keep them" },
  );
}
