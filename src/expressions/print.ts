import { isText, type Value } from "../types/data-type.ts";
import { typeText } from "../types/type-text.ts";
import { valueText } from "../types/value-text.ts";
import type { CallExpr, Expr, LiteralExpr } from "./expr.ts";

const INFIX = new Set([
  "+",
  "-",
  "*",
  "/",
  "%",
  "||",
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
  "AND",
  "OR",
  "LIKE",
  "NOT LIKE",
  "IS DISTINCT FROM",
  "IS NOT DISTINCT FROM",
]);

/** The expression as EXPLAIN shows it, with the given column names: `((a = 5) AND name IS NOT NULL)`. */
export function printExpr(expr: Expr, columnNames: readonly string[]): string {
  switch (expr.kind) {
    case "column":
      return columnNames[expr.index] ?? `$${expr.index}`;
    case "literal":
      return printLiteral(expr);
    case "call":
      return printCall(
        expr,
        expr.args.map((arg) => printExpr(arg, columnNames)),
      );
  }
}

function printCall(call: CallExpr, args: readonly string[]): string {
  const name = call.function;
  if (INFIX.has(name) && args.length >= 2) return `(${args.join(` ${name} `)})`;
  if (name.startsWith("IS ") && args.length === 1) return `${args[0]} ${name}`;
  if ((name === "IN" || name === "NOT IN") && args.length > 1)
    return `${args[0]} ${name} (${args.slice(1).join(", ")})`;
  if (name === "CAST" || name === "TRY_CAST") return `${name}(${args[0]} AS ${typeText(call.type)})`;
  if (name === "-" && args.length === 1) return `-(${args[0]})`;
  return `${name}(${args.join(", ")})`;
}

function printLiteral({ value, type }: LiteralExpr): string {
  if (value === null) return `NULL:${typeText(type)}`;
  if (isText(type)) return quoted(value);
  const text = valueText(value, type, "UTC");
  switch (type.kind) {
    case "DATE":
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return `${type.kind} '${text}'`;
    case "INTERVAL_DAY_TIME":
    case "INTERVAL_YEAR_MONTH":
      return `INTERVAL '${text}'`;
    default:
      return text;
  }
}

function quoted(value: Value): string {
  return `'${String(value).replaceAll("'", "''")}'`;
}
