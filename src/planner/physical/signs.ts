import type { Expr } from "../../expressions/expr.ts";
import { conjuncts } from "../logical/rewrite.ts";
import type { Draft } from "./draft.ts";

/** Zero included; NULL has no sign and does no harm. */
type Sign = "positive" | "negative";

/** The sign that all values of a column have; undefined: it is not known. `where`: only of rows where this column is TRUE. */
export function signOf(draft: Draft, column: number, where?: number): Sign | undefined {
  const { spec } = draft;
  const [input] = draft.inputs.map(({ from }) => from);
  if (input === undefined) return undefined;
  switch (spec.kind) {
    case "watermark":
    case "mini-batch":
      return signOf(input, column, where);
    case "calc": {
      const expr = spec.projections[column]!;
      const filter = where === undefined ? undefined : spec.projections[where];
      const conditions = [spec.filter, filter].flatMap((e) => (e === undefined ? [] : conjuncts(e)));
      return signOfExpression(expr, input, conditions);
    }
    case "group-aggregate": {
      const key = spec.keys[column];
      if (key !== undefined) return signOf(input, key);
      const call = spec.aggregates[column - spec.keys.length]!;
      if (call.function === "COUNT") return "positive";
      const passes = call.function === "SUM" || call.function === "MAX" || call.function === "MIN";
      return passes ? signOf(input, call.args[0]!, call.filter) : undefined;
    }
    default:
      return undefined;
  }
}

function signOfExpression(expr: Expr, input: Draft, conditions: readonly Expr[]): Sign | undefined {
  if (expr.kind === "literal") return signOfLiteral(expr);
  if (expr.kind === "column") {
    for (const condition of conditions) {
      const sign = signByCondition(condition, expr.index);
      if (sign !== undefined) return sign;
    }
    return signOf(input, expr.index);
  }
  if (expr.function === "CAST" && isNumeric(expr) && isNumeric(expr.args[0]!))
    return signOfExpression(expr.args[0]!, input, conditions);
  if (expr.function !== "CASE") return undefined;
  // WHEN, THEN, WHEN, THEN …, ELSE.
  const values = expr.args.filter((_, i) => i % 2 === 1 || i === expr.args.length - 1);
  const signs = values.filter((e) => !isNeutral(e)).map((e) => signOfExpression(e, input, []));
  return signs.every((sign) => sign !== undefined && sign === signs[0]) ? (signs[0] ?? "positive") : undefined;
}

/** `column > 0`, `0 <= column`. */
function signByCondition(condition: Expr, column: number): Sign | undefined {
  if (condition.kind !== "call" || condition.args.length !== 2) return undefined;
  const [left, right] = condition.args as readonly [Expr, Expr];
  const forward = left.kind === "column" && left.index === column && right.kind === "literal";
  const backward = right.kind === "column" && right.index === column && left.kind === "literal";
  if (!forward && !backward) return undefined;
  const value = numberOf(forward ? right : left);
  if (value === undefined) return undefined;
  if (condition.function === "=") return value >= 0 ? "positive" : "negative";
  const above = condition.function === ">" || condition.function === ">=";
  const below = condition.function === "<" || condition.function === "<=";
  if (!above && !below) return undefined;
  if (above === forward) return value >= 0 ? "positive" : undefined;
  return value <= 0 ? "negative" : undefined;
}

function signOfLiteral(expr: Expr): Sign | undefined {
  const value = numberOf(expr);
  return value === undefined || Number.isNaN(value) ? undefined : value >= 0 ? "positive" : "negative";
}

/** NULL and 0 go with both signs. */
function isNeutral(expr: Expr): boolean {
  return expr.kind === "literal" && (expr.value === null || numberOf(expr) === 0);
}

/** A number with the sign of the literal; of a DECIMAL it is not the value. */
function numberOf(expr: Expr): number | undefined {
  if (expr.kind !== "literal") return undefined;
  const { value } = expr;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

export function isNumeric(expr: Expr): boolean {
  return /^(?:TINYINT|SMALLINT|INT|BIGINT|DECIMAL|FLOAT|DOUBLE)$/.test(expr.type.kind);
}
