import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { call, literal, type Expr } from "../../expressions/expr.ts";
import { isText, MAX_LENGTH, withNullable, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";

/**
 * The expression as a value of `target`; its own nullability stays. Literals are converted at once, a CAST is added
 * only where the values of the two types differ.
 */
export function coerce(expr: Expr, target: DataType): Expr {
  if (expr.type.kind === "NULL") return literal(null, withNullable(target, true), expr.span);
  const wanted = withNullable(target, expr.type.nullable);
  if (sameValues(expr.type, target)) {
    if (expr.kind === "literal") return { ...expr, type: wanted };
    return expr;
  }
  if (expr.kind === "literal") {
    const folded = convertLiteral(expr.value, expr.type, target);
    if (folded !== undefined) return literal(folded, wanted, expr.span);
  }
  return call("CAST", [expr], wanted, expr.span);
}

/** Every value of `from` is, unchanged, a value of `to`: nullability, field names and longer texts make no difference. */
function sameValues(from: DataType, to: DataType): boolean {
  if (isText(from) && to.kind === "VARCHAR" && "length" in from)
    return to.length === MAX_LENGTH || to.length >= from.length;
  if (from.kind === "VARBINARY" || from.kind === "BINARY") {
    return to.kind === from.kind
      ? to.kind === "BINARY"
        ? to.length === from.length
        : to.length >= from.length
      : to.kind === "VARBINARY" && to.length >= from.length;
  }
  if (from.kind !== to.kind) return false;
  switch (from.kind) {
    case "CHAR":
      return to.kind === "CHAR" && to.length === from.length;
    case "VARCHAR":
      return to.kind === "VARCHAR";
    case "DECIMAL":
      return to.kind === "DECIMAL" && to.scale === from.scale && to.precision === from.precision;
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return "precision" in to && to.precision === from.precision;
    case "ARRAY":
    case "MULTISET":
      return (to.kind === "ARRAY" || to.kind === "MULTISET") && sameValues(from.element, to.element);
    case "MAP":
      return to.kind === "MAP" && sameValues(from.key, to.key) && sameValues(from.value, to.value);
    case "ROW":
      return (
        to.kind === "ROW" &&
        to.fields.length === from.fields.length &&
        from.fields.every((f, i) => sameValues(f.type, to.fields[i]!.type))
      );
    default:
      return true;
  }
}

const INT_RANGES = {
  TINYINT: [-128n, 127n],
  SMALLINT: [-32768n, 32767n],
  INT: [-2147483648n, 2147483647n],
  BIGINT: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** Integer and DECIMAL literals as wider numbers; undefined: leave it to CAST. */
function convertLiteral(value: unknown, from: DataType, to: DataType): bigint | number | null | undefined {
  if (value === null) return null;
  if (typeof value !== "number" && typeof value !== "bigint") return undefined;
  let unscaled: bigint;
  let scale = 0;
  if (from.kind === "DECIMAL") {
    unscaled = value as bigint;
    scale = from.scale;
  } else if (from.kind in INT_RANGES) {
    unscaled = BigInt(value);
  } else {
    return undefined;
  }
  switch (to.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "BIGINT": {
      const [low, high] = INT_RANGES[to.kind];
      if (scale > 0 || unscaled < low || unscaled > high) return undefined;
      return to.kind === "BIGINT" ? unscaled : Number(unscaled);
    }
    case "DOUBLE":
      return Number(`${unscaled}e-${scale}`);
    case "DECIMAL": {
      if (to.scale < scale) return undefined;
      const scaled = unscaled * 10n ** BigInt(to.scale - scale);
      const size = scaled < 0n ? -scaled : scaled;
      return size < 10n ** BigInt(to.precision) ? scaled : undefined;
    }
    default:
      return undefined;
  }
}

/** The condition of WHERE, ON, HAVING, FILTER: must be BOOLEAN. */
export function asCondition(expr: Expr, clause: string, span: Span): Expr {
  if (expr.type.kind === "BOOLEAN") return expr;
  if (expr.type.kind === "NULL") return coerce(expr, { kind: "BOOLEAN", nullable: true });
  throw new SqlError("TYPE_MISMATCH", `${clause} clause must be a condition, but its type is ${typeText(expr.type)}`, {
    span,
  });
}
