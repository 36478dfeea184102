import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { LiteralExpr } from "../../expressions/expr.ts";
import { foldExpr } from "../../expressions/fold.ts";
import type * as ast from "../../parser/index.ts";
import type { FrameBound, FrameSpec } from "../../runtime/spec.ts";
import { isInteger, isNumeric, storageOf, type DataType } from "../../types/data-type.ts";
import { isBatch } from "../batch-mode.ts";
import type { Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import type { PendingOver } from "./over.ts";

/** The frame of a window that says none: up to the row and its peers. */
export const UP_TO_HERE: FrameSpec = { units: "RANGE", start: "unbounded", end: 0 };

export const WHOLE_PARTITION: FrameSpec = { units: "ROWS", start: "unbounded", end: "unbounded" };

const MILLIS_PER_DAY = 86_400_000;

type Order = PendingOver["order"];

/** ROWS or RANGE of a window. Throws for what Flink refuses, in streaming mode for all but `… PRECEDING AND CURRENT ROW`. */
export function bindFrame(spec: ast.WindowSpecNode, order: Order, env: Environment): FrameSpec {
  if (spec.frame === undefined) return UP_TO_HERE;
  const { frame } = spec;
  const { start, end, units } = frame;
  checkSides(start, end);
  if (!isBatch(env.binding.options)) checkStreaming(frame);
  if (units === "RANGE") checkRange(frame, spec, order);
  return { units, start: boundOf(start, "start", units, order, env), end: boundOf(end, "end", units, order, env) };
}

function checkSides(start: ast.FrameBound, end: ast.FrameBound): void {
  if (start.bound === "UNBOUNDED FOLLOWING" || end.bound === "UNBOUNDED PRECEDING") {
    const [side, at] = end.bound === "UNBOUNDED PRECEDING" ? ["upper", end] : ["lower", start];
    throw new SqlError("INVALID_QUERY", `${at.bound} cannot be specified for the ${side} frame boundary`, {
      span: at.span,
    });
  }
  const behind =
    (start.bound === "CURRENT ROW" && end.bound === "PRECEDING") ||
    (start.bound === "FOLLOWING" && (end.bound === "PRECEDING" || end.bound === "CURRENT ROW"));
  if (behind) {
    throw new SqlError(
      "INVALID_QUERY",
      `Upper frame boundary cannot be ${end.bound} when lower boundary is ${start.bound}`,
      { span: end.span },
    );
  }
}

function checkStreaming({ start, end, span }: ast.WindowFrame): void {
  if (end.bound === "CURRENT ROW" && start.bound !== "CURRENT ROW" && start.bound !== "FOLLOWING") return;
  throw new SqlError("PLANNING", "OVER RANGE FOLLOWING windows are not supported yet.", {
    span,
    hint: "a window starts at UNBOUNDED PRECEDING or n PRECEDING and ends at CURRENT ROW",
  });
}

/** A distance needs one column that distances can be told in. */
function checkRange({ start, end, span }: ast.WindowFrame, spec: ast.WindowSpecNode, order: Order): void {
  if (start.offset === undefined && end.offset === undefined) return;
  const [first] = order;
  if (first === undefined) {
    throw new SqlError("INVALID_QUERY", "Window specification must contain an ORDER BY clause", { span: spec.span });
  }
  if (order.length > 1)
    throw new SqlError("INVALID_QUERY", "RANGE clause cannot be used with compound ORDER BY clause", { span });
  if (!isNumeric(first.expression.type) && !isTime(first.expression.type)) {
    throw new SqlError("INVALID_QUERY", "Data type of ORDER BY prohibits use of RANGE clause", {
      span: first.expression.span ?? span,
    });
  }
}

function isTime({ kind }: DataType): boolean {
  return kind === "DATE" || kind === "TIME" || kind === "TIMESTAMP" || kind === "TIMESTAMP_LTZ";
}

/** `n PRECEDING`, `n FOLLOWING`: a number of rows, or a distance in the unit in which the order column is stored. */
function boundOf(
  { bound, offset, span }: ast.FrameBound,
  side: "start" | "end",
  units: ast.WindowFrame["units"],
  order: Order,
  env: Environment,
): FrameBound {
  if (bound === "CURRENT ROW") return 0;
  if (offset === undefined) return "unbounded";
  const sign = bound === "PRECEDING" ? -1 : 1;
  const value = foldExpr(bindExpression(offset, env), env.binding.functions, env.binding.session);
  if (units === "ROWS") {
    if (value.kind === "literal" && isInteger(value.type) && value.value !== null && Number(value.value) >= 0)
      return sign * Number(value.value);
    throw new SqlError("INVALID_QUERY", "ROWS value must be a non-negative integral constant", { span });
  }
  return distanceOf(value.kind === "literal" ? value : undefined, sign, side, order[0]!.expression.type, span);
}

function distanceOf(
  value: LiteralExpr | undefined,
  sign: 1 | -1,
  side: "start" | "end",
  orderType: DataType,
  span: Span,
): FrameBound {
  if (value === undefined || value.value === null)
    throw new SqlError("INVALID_QUERY", "Expressions for window boundary are not allowed", { span });
  if (value.type.kind === "INTERVAL_YEAR_MONTH")
    throw new SqlError("INVALID_QUERY", "INTERVAL_YEAR_MONTH type is not allowed for window boundary", { span });
  const numbers = isNumeric(orderType);
  if (numbers ? !isNumeric(value.type) : value.type.kind !== "INTERVAL_DAY_TIME")
    throw new SqlError("INVALID_QUERY", "Data Type mismatch between ORDER BY and RANGE clause", { span });
  if (!numbers) return timeDistance(sign * Number(value.value), orderType);
  const storage = storageOf(orderType);
  if (storage === "f64") return sign * numberOf(value);
  const scale = orderType.kind === "DECIMAL" ? orderType.scale : 0;
  const units = BigInt(sign) * unitsOf(value, scale, sign, side);
  return storage === "i32" ? Number(units) : units;
}

/** As in Flink, parts of a day do not count between dates. */
function timeDistance(millis: number, type: DataType): FrameBound {
  if (type.kind === "DATE") return Math.trunc(millis / MILLIS_PER_DAY);
  return storageOf(type) === "i128" ? BigInt(millis) * 1_000_000n : millis;
}

function numberOf({ type, value }: LiteralExpr): number {
  return type.kind === "DECIMAL" ? Number(value) / 10 ** type.scale : Number(value);
}

/** The literal in steps of the scale; what lies between two steps is rounded into the frame. */
function unitsOf(literal: LiteralExpr, scale: number, sign: 1 | -1, side: "start" | "end"): bigint {
  const { type, value } = literal;
  const up = (side === "start") === sign > 0;
  if (type.kind !== "DECIMAL" && typeof value === "number" && !isInteger(type)) {
    const steps = value * 10 ** scale;
    return BigInt(up ? Math.ceil(steps) : Math.floor(steps));
  }
  const own = type.kind === "DECIMAL" ? type.scale : 0;
  const digits = BigInt(value as bigint | number);
  if (own <= scale) return digits * 10n ** BigInt(scale - own);
  const divisor = 10n ** BigInt(own - scale);
  const whole = digits / divisor;
  const rest = digits % divisor;
  if (rest === 0n) return whole;
  return up ? (rest > 0n ? whole + 1n : whole) : rest < 0n ? whole - 1n : whole;
}
