import type { Expr } from "../../expressions/expr.ts";
import type { LogicalPlan } from "../logical/algebra.ts";

/** Which output columns are the start, end and time of an attached window. */
export interface WindowColumns {
  readonly start: ReadonlySet<number>;
  readonly end: ReadonlySet<number>;
  readonly time: ReadonlySet<number>;
}

const NONE: WindowColumns = { start: new Set(), end: new Set(), time: new Set() };

/** Follows window properties from where they are made to the output of `plan`. */
export function windowColumns(plan: LogicalPlan): WindowColumns {
  switch (plan.kind) {
    case "WindowTvf": {
      const width = plan.inputs[0].schema.fields.length;
      return { start: new Set([width]), end: new Set([width + 1]), time: new Set([width + 2]) };
    }
    case "WindowAggregate": {
      const base = plan.keys.length + plan.aggregates.length;
      const at = (property: string): Set<number> =>
        new Set(plan.properties.flatMap((p, i) => (p === property ? [base + i] : [])));
      return { start: at("start"), end: at("end"), time: at("time") };
    }
    case "Project": {
      const input = windowColumns(plan.inputs[0]);
      const through = (set: ReadonlySet<number>): Set<number> =>
        new Set(plan.expressions.flatMap((e, i) => (e.kind === "column" && set.has(e.index) ? [i] : [])));
      return { start: through(input.start), end: through(input.end), time: through(input.time) };
    }
    case "Filter":
    case "Rank":
    case "Over":
    case "Limit":
      return windowColumns(plan.inputs[0]);
    case "Aggregate": {
      const input = windowColumns(plan.inputs[0]);
      const through = (set: ReadonlySet<number>): Set<number> => new Set(plan.keys.flatMap((k, i) => (set.has(k) ? [i] : [])));
      return { start: through(input.start), end: through(input.end), time: through(input.time) };
    }
    case "Expand": {
      // A column that every set passes on.
      const input = windowColumns(plan.inputs[0]);
      const through = (set: ReadonlySet<number>): Set<number> =>
        new Set(plan.schema.fields.flatMap((_, i) => (plan.sets.every((e) => isColumnOf(e[i], set)) ? [i] : [])));
      return { start: through(input.start), end: through(input.end), time: through(input.time) };
    }
    case "Join": {
      // A join's output carries the windows of its left side.
      const left = windowColumns(plan.inputs[0]);
      if (plan.type === "semi" || plan.type === "anti" || plan.type === "inner" || plan.type === "left") return left;
      return NONE;
    }
    default:
      return NONE;
  }
}

function isColumnOf(expr: Expr | undefined, set: ReadonlySet<number>): boolean {
  return expr?.kind === "column" && set.has(expr.index);
}

/** The columns hold both ends of a window. */
export function holdsWindow(columns: readonly number[], windows: WindowColumns): boolean {
  return columns.some((c) => windows.start.has(c)) && columns.some((c) => windows.end.has(c));
}
