import type { Join, LogicalPlan, Values } from "../logical/algebra.ts";
import { identity, withInputs } from "../logical/rewrite.ts";
import type { ExprFacts } from "./facts.ts";

/**
 * Conditions that are never true, and LIMIT 0, make all below them needless: nothing is read, and a job of nothing else
 * ends at once, however endless its sources. Looks at one node whose inputs are done.
 */
export function pruneEmpty(plan: LogicalPlan, facts: ExprFacts): LogicalPlan {
  switch (plan.kind) {
    case "Filter": {
      const predicate = facts.fold(plan.predicate);
      return isEmpty(plan.inputs[0]) || (predicate.kind === "literal" && predicate.value !== true)
        ? nothing(plan)
        : plan;
    }
    case "Limit":
      return isEmpty(plan.inputs[0]) || plan.fetch === 0 ? nothing(plan) : plan;
    case "Aggregate":
      // Without keys it has a row for no rows at the end of a batch; a stream gives none.
      if (facts.batch && plan.keys.length === 0) return plan;
      return isEmpty(plan.inputs[0]) ? nothing(plan) : plan;
    case "Project":
    case "Watermark":
    case "WindowTvf":
    case "WindowAggregate":
    case "Over":
    case "Rank":
    case "Match":
    case "Sort":
    case "Expand":
    case "Correlate":
    case "Changelog":
      return isEmpty(plan.inputs[0]) ? nothing(plan) : plan;
    case "Union": {
      const inputs = plan.inputs.filter((input) => !isEmpty(input));
      const [only] = inputs;
      if (only === undefined) return nothing(plan);
      if (inputs.length > 1) return withInputs(plan, inputs);
      return { kind: "Project", schema: plan.schema, inputs: [only], expressions: identity(only) };
    }
    case "Join":
      return emptyJoin(plan);
    case "Scan":
    case "Values":
    case "Sink":
    case "Collect":
      return plan;
  }
}

function emptyJoin(plan: Join): LogicalPlan {
  const left = isEmpty(plan.inputs[0]);
  const right = isEmpty(plan.inputs[1]);
  switch (plan.type) {
    case "inner":
    case "semi":
      return left || right ? nothing(plan) : plan;
    case "left":
      return left ? nothing(plan) : plan;
    case "right":
      return right ? nothing(plan) : plan;
    case "full":
      return left && right ? nothing(plan) : plan;
    case "anti":
      if (left) return nothing(plan);
      return right ? plan.inputs[0] : plan;
  }
}

function isEmpty(plan: LogicalPlan): boolean {
  return plan.kind === "Values" && plan.rows.length === 0;
}

function nothing(plan: LogicalPlan): Values {
  return { kind: "Values", schema: plan.schema, inputs: [], rows: [] };
}
