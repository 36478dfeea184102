import type { Expr } from "../../expressions/expr.ts";
import { shownTimeAttribute, type DataType } from "../../types/data-type.ts";
import type { Join, LogicalPlan } from "../logical/algebra.ts";
import { conjuncts } from "../logical/rewrite.ts";
import { windowColumns, windowJoin } from "./window-columns.ts";

/** What the type of a column says. */
export function timeAttributeOf(type: DataType | undefined): "rowtime" | "proctime" | undefined {
  return type?.kind === "TIMESTAMP" || type?.kind === "TIMESTAMP_LTZ" ? type.timeAttribute : undefined;
}

/** The type as that of a value computed from `source`: marked where that is a time attribute, and of the same kind. */
export function computedFrom(source: DataType | undefined, type: DataType): DataType {
  const attribute = shownTimeAttribute(source);
  if (attribute === undefined || (type.kind !== "TIMESTAMP" && type.kind !== "TIMESTAMP_LTZ")) return type;
  if (source?.kind !== type.kind || source.precision !== type.precision) return type;
  const { kind, precision, nullable } = type;
  return { kind, precision, nullable, computedFrom: attribute };
}

/**
 * What a column is as a time attribute. A regular join ends the event times of its inputs: its rows come out at any time
 * after theirs, so that they mean nothing to the watermark any more.
 */
export function timeAttribute(plan: LogicalPlan, column: number): "rowtime" | "proctime" | undefined {
  const attribute = timeAttributeOf(plan.schema.fields[column]?.type);
  return attribute !== "rowtime" || keepsTime(plan, column) ? attribute : undefined;
}

function keepsTime(plan: LogicalPlan, column: number): boolean {
  switch (plan.kind) {
    case "Project": {
      const expression = plan.expressions[column];
      return expression?.kind !== "column" || keepsTime(plan.inputs[0], expression.index);
    }
    case "Filter":
    case "WindowTvf":
    case "Rank":
    case "Sort":
    case "Limit":
    case "Correlate":
      return column >= plan.inputs[0].schema.fields.length || keepsTime(plan.inputs[0], column);
    case "Over":
      return column < plan.inputs[0].schema.fields.length && keepsTime(plan.inputs[0], column);
    case "Union":
      return plan.inputs.every((input) => keepsTime(input, column));
    // A time that rows are grouped by is a plain column afterwards, but for that of their windows.
    case "Aggregate":
      return windowColumns(plan).time.has(column);
    case "Join": {
      const width = plan.inputs[0].schema.fields.length;
      const kept = plan.asOf !== undefined || intervalJoin(plan) !== undefined || windowJoin(plan) !== undefined;
      return kept && (column < width ? keepsTime(plan.inputs[0], column) : keepsTime(plan.inputs[1], column - width));
    }
    default:
      return true;
  }
}

/** The bounds that the condition of a join puts on the difference of two event times, one of each side. */
export interface IntervalJoinBounds {
  /** Columns of the inputs. */
  readonly leftTime: number;
  readonly rightTime: number;
  /** Millis of left time − right time, both included. */
  readonly fromMillis: number;
  readonly toMillis: number;
  readonly attribute: "rowtime" | "proctime";
  /** The conditions that the bounds stand for. */
  readonly conditions: ReadonlySet<Expr>;
}

/** `leftTime − rightTime` compared with a number of millis. */
interface Comparison {
  readonly leftTime: number;
  readonly rightTime: number;
  readonly attribute: "rowtime" | "proctime";
  readonly operator: string;
  readonly millis: number;
  readonly condition: Expr;
}

const MIRRORED: Readonly<Record<string, string>> = { "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** Undefined: the times are not bounded from both sides, so that every row must be kept. */
export function intervalJoin(plan: Join): IntervalJoinBounds | undefined {
  if (plan.asOf !== undefined || plan.type === "semi" || plan.type === "anti") return undefined;
  const groups = new Map<string, Comparison[]>();
  for (const condition of conjuncts(plan.condition)) {
    const comparison = comparisonOf(condition, plan);
    if (comparison === undefined) continue;
    const key = `${comparison.leftTime} ${comparison.rightTime}`;
    groups.set(key, [...(groups.get(key) ?? []), comparison]);
  }
  for (const group of groups.values()) {
    const bounds = boundsOf(group);
    if (bounds !== undefined) return bounds;
  }
  return undefined;
}

function boundsOf(group: readonly Comparison[]): IntervalJoinBounds | undefined {
  let fromMillis = -Infinity;
  let toMillis = Infinity;
  for (const { operator, millis } of group) {
    if (operator === "=" || operator === ">=") fromMillis = Math.max(fromMillis, millis);
    if (operator === ">") fromMillis = Math.max(fromMillis, millis + 1);
    if (operator === "=" || operator === "<=") toMillis = Math.min(toMillis, millis);
    if (operator === "<") toMillis = Math.min(toMillis, millis - 1);
  }
  const [first] = group;
  if (first === undefined || !Number.isFinite(fromMillis) || !Number.isFinite(toMillis)) return undefined;
  const conditions = new Set(group.map((c) => c.condition));
  const { leftTime, rightTime, attribute } = first;
  return { leftTime, rightTime, attribute, fromMillis, toMillis, conditions };
}

function comparisonOf(condition: Expr, plan: Join): Comparison | undefined {
  if (condition.kind !== "call" || condition.args.length !== 2) return undefined;
  const mirrored = MIRRORED[condition.function];
  const [a, b] = condition.args.map(shiftedColumn);
  if (mirrored === undefined || a === undefined || b === undefined || a.kind !== b.kind) return undefined;
  const width = plan.inputs[0].schema.fields.length;
  const [left, right, operator] =
    a.column < width ? ([a, b, condition.function] as const) : ([b, a, mirrored] as const);
  if (left.column >= width || right.column < width) return undefined;
  const rightTime = right.column - width;
  const [first, second] = plan.inputs;
  const attribute = timeAttribute(first, left.column);
  if (attribute === undefined || timeAttribute(second, rightTime) !== attribute) return undefined;
  return { leftTime: left.column, rightTime, attribute, operator, millis: right.millis - left.millis, condition };
}

/** A time column moved by constant intervals. */
function shiftedColumn(
  e: Expr,
): { readonly column: number; readonly kind: string; readonly millis: number } | undefined {
  if (e.kind === "column") return { column: e.index, kind: e.type.kind, millis: 0 };
  if (e.kind !== "call" || e.args.length !== 2 || (e.function !== "+" && e.function !== "-")) return undefined;
  const [first, second] = e.args as readonly [Expr, Expr];
  const [operand, interval] =
    e.function === "+" && constantMillis(first) !== undefined ? [second, first] : [first, second];
  const shifted = shiftedColumn(operand);
  const millis = constantMillis(interval);
  if (shifted === undefined || millis === undefined) return undefined;
  return { ...shifted, millis: shifted.millis + (e.function === "+" ? millis : -millis) };
}

/** A constant interval of days to milliseconds. */
function constantMillis(e: Expr): number | undefined {
  if (e.type.kind !== "INTERVAL_DAY_TIME") return undefined;
  if (e.kind === "literal") return typeof e.value === "number" ? e.value : undefined;
  if (e.kind !== "call") return undefined;
  const [a, b] = e.args.map((arg) =>
    arg.kind === "literal" && (typeof arg.value === "number" || typeof arg.value === "bigint")
      ? Number(arg.value)
      : constantMillis(arg),
  );
  if (a === undefined || (b === undefined && e.args.length > 1)) return undefined;
  switch (e.function) {
    case "+":
      return b === undefined ? a : a + b;
    case "-":
      return b === undefined ? -a : a - b;
    case "*":
      return b === undefined ? undefined : a * b;
    default:
      return undefined;
  }
}
