import type { Expr } from "../../expressions/expr.ts";
import type { WindowSpec } from "../../runtime/spec.ts";
import { isProctime } from "../../types/data-type.ts";
import type { Join, LogicalPlan } from "../logical/algebra.ts";
import { conjuncts, digest } from "../logical/rewrite.ts";

/** Which output columns are the start, end and time of an attached window. */
export interface WindowColumns {
  readonly start: ReadonlySet<number>;
  readonly end: ReadonlySet<number>;
  readonly time: ReadonlySet<number>;
  /** How the windows were made; undefined: there are none. */
  readonly window: WindowSpec | undefined;
  /** The time attribute is an instant: the ends are wall clock in the session zone. */
  readonly ltz: boolean;
  /** The windows are of processing time. */
  readonly processingTime: boolean;
}

const NONE: WindowColumns = {
  start: new Set(),
  end: new Set(),
  time: new Set(),
  window: undefined,
  ltz: false,
  processingTime: false,
};

/** Follows window properties from where they are made to the output of `plan`. */
export function windowColumns(plan: LogicalPlan): WindowColumns {
  switch (plan.kind) {
    case "WindowTvf": {
      const width = plan.inputs[0].schema.fields.length;
      return {
        start: new Set([width]),
        end: new Set([width + 1]),
        time: new Set([width + 2]),
        window: plan.window,
        ...clockOf(plan.inputs[0], plan.time),
      };
    }
    case "WindowAggregate": {
      const base = plan.keys.length + plan.aggregates.length;
      const at = (property: string): number[] => plan.properties.flatMap((p, i) => (p === property ? [base + i] : []));
      const { attached } = plan;
      const below =
        attached === undefined
          ? { window: plan.window, ...clockOf(plan.inputs[0], plan.time) }
          : windowColumns(plan.inputs[0]);
      const { window, ltz, processingTime } = below;
      const ends = { end: new Set(at("end")), time: new Set(at("time")), window, ltz, processingTime };
      if (attached === undefined) return { start: new Set(at("start")), ...ends };
      // The start of an attached window is one of the keys.
      const start = plan.keys.flatMap((k, i) => (k === attached.start ? [i] : []));
      return { start: new Set(start), ...ends };
    }
    case "Project":
      return through(windowColumns(plan.inputs[0]), (set) =>
        plan.expressions.flatMap((e, i) => (e.kind === "column" && set.has(e.index) ? [i] : [])),
      );
    case "Filter":
    case "Over":
    case "Limit":
    case "Correlate":
      return windowColumns(plan.inputs[0]);
    case "Rank": {
      // Without the window in its partition a Top-N still changes its rows when the window has long passed.
      const input = windowColumns(plan.inputs[0]);
      return holdsWindow(plan.partition, input) ? input : NONE;
    }
    case "Aggregate": {
      const input = windowColumns(plan.inputs[0]);
      if (!holdsWindow(plan.keys, input)) return NONE;
      return through(input, (set) => plan.keys.flatMap((k, i) => (set.has(k) ? [i] : [])));
    }
    case "Expand":
      // A column that every set passes on.
      return through(windowColumns(plan.inputs[0]), (set) =>
        plan.schema.fields.flatMap((_, i) => (plan.sets.every((e) => isColumnOf(e[i], set)) ? [i] : [])),
      );
    case "Union": {
      const [first = NONE, ...rest] = plan.inputs.map(windowColumns);
      if (!rest.every((other) => sameWindows(first, other))) return NONE;
      const shared = (which: "start" | "end" | "time"): number[] =>
        [...first[which]].filter((c) => rest.every((other) => other[which].has(c)));
      return {
        start: new Set(shared("start")),
        end: new Set(shared("end")),
        time: new Set(shared("time")),
        window: first.window,
        ltz: first.ltz,
        processingTime: first.processingTime,
      };
    }
    case "Join":
      return ofJoin(plan);
    default:
      return NONE;
  }
}

/** A join on both ends of the window passes the windows of both sides on; any other may still make rows when they have passed. */
function ofJoin(plan: Join): WindowColumns {
  const left = windowColumns(plan.inputs[0]);
  // What a row meets in another table does not change its windows.
  if (plan.asOf !== undefined) return left;
  const right = windowColumns(plan.inputs[1]);
  const width = plan.inputs[0].schema.fields.length;
  if (windowJoin(plan) === undefined) return NONE;
  const both = (which: "start" | "end" | "time"): Set<number> => {
    const fromLeft = plan.type === "right" ? [] : [...left[which]];
    const fromRight = plan.type === "inner" || plan.type === "right" ? [...right[which]].map((c) => c + width) : [];
    return new Set([...fromLeft, ...fromRight]);
  };
  if (plan.type === "full") return NONE;
  const { window, ltz, processingTime } = left;
  return { start: both("start"), end: both("end"), time: both("time"), window, ltz, processingTime };
}

/** A join of the same windows of both sides, with columns of the inputs that hold the end. */
export interface WindowJoinColumns {
  readonly leftEnd: number;
  readonly rightEnd: number;
  readonly ltz: boolean;
  readonly processingTime: boolean;
}

/** Undefined: the condition does not ask for equal starts and equal ends of the same kind of window. */
export function windowJoin(plan: Join): WindowJoinColumns | undefined {
  const left = windowColumns(plan.inputs[0]);
  const right = windowColumns(plan.inputs[1]);
  const width = plan.inputs[0].schema.fields.length;
  if (left.window === undefined || !sameWindows(left, right)) return undefined;
  const equal = (which: "start" | "end"): readonly [number, number] | undefined => {
    for (const c of conjuncts(plan.condition)) {
      if (c.kind !== "call" || c.function !== "=" || c.args.length !== 2) continue;
      const [l, r] = c.args.flatMap((arg) => (arg.kind === "column" ? [arg.index] : [])).sort((a, b) => a - b);
      if (l !== undefined && r !== undefined && left[which].has(l) && right[which].has(r - width))
        return [l, r - width];
    }
    return undefined;
  };
  const end = equal("end");
  if (end === undefined || equal("start") === undefined) return undefined;
  return { leftEnd: end[0], rightEnd: end[1], ltz: left.ltz, processingTime: left.processingTime };
}

function through(input: WindowColumns, move: (set: ReadonlySet<number>) => readonly number[]): WindowColumns {
  const [start, end, time] = [new Set(move(input.start)), new Set(move(input.end)), new Set(move(input.time))];
  return start.size + end.size + time.size === 0 ? NONE : { ...input, start, end, time };
}

function sameWindows(a: WindowColumns, b: WindowColumns): boolean {
  return a.ltz === b.ltz && a.processingTime === b.processingTime && digest(a.window) === digest(b.window);
}

function clockOf(plan: LogicalPlan, time: number): Pick<WindowColumns, "ltz" | "processingTime"> {
  const type = plan.schema.fields[time]?.type;
  return {
    ltz: type?.kind === "TIMESTAMP_LTZ",
    processingTime: type !== undefined && isProctime(type),
  };
}

function isColumnOf(expr: Expr | undefined, set: ReadonlySet<number>): boolean {
  return expr?.kind === "column" && set.has(expr.index);
}

/** The columns hold both ends of a window. */
export function holdsWindow(columns: readonly number[], windows: WindowColumns): boolean {
  return columns.some((c) => windows.start.has(c)) && columns.some((c) => windows.end.has(c));
}
