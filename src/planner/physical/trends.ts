import type { Expr } from "../../expressions/expr.ts";
import type { AggregateCallSpec, SortColumn } from "../../runtime/spec.ts";
import { columnsOf } from "../logical/rewrite.ts";
import type { Draft } from "./draft.ts";
import { isNumeric, signOf } from "./signs.ts";

/** How a value changes when its row is updated. */
interface Trend {
  readonly direction: "constant" | "rising" | "falling";
  /** A row may have NULL first and a value later. */
  readonly fromNull: boolean;
}

type Trends = readonly (Trend | undefined)[];

const CONSTANT: Trend = { direction: "constant", fromNull: false };

/**
 * True when an update moves a row forward in the order, or leaves it, and no row is ever taken back: then what has left
 * the first N rows comes back by an update of its own alone, and a Top-N needs no others.
 */
function onlyMovesForward(draft: Draft, order: readonly SortColumn[]): boolean {
  const trends = trendsOf(draft);
  return (
    trends !== undefined &&
    order.every(({ column, descending, nullsFirst }) => {
      const trend = trends[column];
      if (trend === undefined) return false;
      if (trend.direction === "constant") return true;
      if (trend.fromNull && nullsFirst) return false;
      return trend.direction === (descending ? "rising" : "falling");
    })
  );
}

/** The trends of the output columns; undefined: rows may be taken back for good. */
function trendsOf(draft: Draft): Trends | undefined {
  if (draft.appendOnly) return draft.fields.map(() => CONSTANT);
  const { spec } = draft;
  const [input] = draft.inputs.map(({ from }) => from);
  if (input === undefined) return undefined;
  switch (spec.kind) {
    case "watermark":
    case "mini-batch":
      return trendsOf(input);
    case "calc": {
      const trends = trendsOf(input);
      if (trends === undefined) return undefined;
      // A row whose columns change may stop passing.
      if (spec.filter !== undefined && !isConstant(spec.filter, trends)) return undefined;
      return spec.projections.map((e) => projected(e, trends));
    }
    case "group-aggregate":
      // Over updates a value goes back and forth between the -U and the +U.
      if (!input.appendOnly) return undefined;
      return [...spec.keys.map(() => CONSTANT), ...spec.aggregates.map((call) => aggregated(call, input))];
    default:
      return undefined;
  }
}

function isConstant(expr: Expr, trends: Trends): boolean {
  return [...columnsOf(expr)].every((column) => trends[column]?.direction === "constant");
}

function projected(expr: Expr, trends: Trends): Trend | undefined {
  if (expr.kind === "column") return trends[expr.index];
  // As in Flink, which asks no function whether it is one of constants: its Top-N takes rows back.
  if (columnsOf(expr).size === 0) return CONSTANT;
  const [from] = expr.kind === "call" && expr.function === "CAST" ? expr.args : [];
  if (from === undefined) return undefined;
  const trend = projected(from, trends);
  return trend?.direction === "constant" || (isNumeric(from) && isNumeric(expr)) ? trend : undefined;
}

/** The trend over rows that are only added. */
function aggregated(call: AggregateCallSpec, input: Draft): Trend | undefined {
  const [arg] = call.args;
  const fromNull = call.result.nullable && (call.filter !== undefined || call.argTypes[0]?.nullable === true);
  switch (call.function) {
    case "COUNT":
      return { direction: "rising", fromNull: false };
    case "MAX":
      return { direction: "rising", fromNull };
    case "MIN":
      return { direction: "falling", fromNull };
    case "SUM": {
      const sign = signOf(input, arg!, call.filter);
      if (sign === undefined) return undefined;
      return { direction: sign === "positive" ? "rising" : "falling", fromNull };
    }
    default:
      return undefined;
  }
}

/** The columns that name a row for a Top-N that takes its updates alone; undefined: it must take rows back. */
export function keyOfUpdates(
  input: Draft,
  partition: readonly number[],
  order: readonly SortColumn[],
): readonly number[] | undefined {
  if (input.appendOnly || !onlyMovesForward(input, order)) return undefined;
  const keys = input.upsertKeys.filter((key) => key.length > 0 && partition.every((column) => key.includes(column)));
  return keys.toSorted((a, b) => a.length - b.length)[0];
}
