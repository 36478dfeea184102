import { SqlError } from "../../base/errors.ts";
import { literal, type LiteralExpr } from "../../expressions/expr.ts";
import type { IntervalLiteral, Literal } from "../../parser/index.ts";
import { T } from "../../types/data-type.ts";
import { parseDate, parseTime, parseTimestamp } from "../../types/datetime.ts";
import { parseInterval } from "../../types/interval.ts";

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

// There is no year 0000.
const DATE = /^(?!0000)\d{4}-\d{1,2}-\d{1,2}$/;
const TIMESTAMP = /^(?!0000)\d{4}-\d{1,2}-\d{1,2}( ([01]?\d|2[0-3]):\d{1,2}:\d{1,2}(\.\d+)?)?$/;
const TENTH_DIGIT = /(\.\d{9})\d+$/;

/** The value and type of a literal; `negative` folds a minus sign in front of a number. Throws INVALID_LITERAL. */
export function bindLiteral(node: Literal, negative = false): LiteralExpr {
  const { text, span } = node;
  switch (node.type) {
    case "null":
      return literal(null, T.null(), span);
    case "boolean":
      return literal(text.toUpperCase() === "TRUE", T.boolean(false), span);
    case "string":
      return literal(text, T.char(text.length, false), span);
    case "binary": {
      if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
        throw new SqlError("INVALID_LITERAL", "Binary literal string must contain an even number of hexits", { span });
      return literal(Uint8Array.from(Buffer.from(text, "hex")), T.binary(text.length / 2, false), span);
    }
    case "number":
      return bindNumber(node, negative);
    case "date":
      return literal(parsed(node, DATE, "DATE", "yyyy-MM-dd", parseDate), T.date(false), span);
    case "time":
      return literal(
        parsed(node, /^\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?$/, "TIME", "HH:mm:ss", parseTime),
        T.time(0, false),
        span,
      );
    case "timestamp": {
      const precision = Math.min(9, (/\.(\d+)$/.exec(text.trim())?.[1] ?? "").length);
      const form = "yyyy-MM-dd HH:mm:ss";
      // Digits behind the ninth of the fraction are cut off.
      const read = (t: string): number | bigint | undefined => parseTimestamp(t.replace(TENTH_DIGIT, "$1"), precision);
      const value = parsed(node, TIMESTAMP, "TIMESTAMP", form, read);
      return literal(value, T.timestamp(precision, false), span);
    }
  }
}

function parsed<V extends number | bigint>(
  node: Literal,
  pattern: RegExp,
  name: string,
  form: string,
  parse: (text: string) => V | undefined,
): V {
  const text = node.text.trimStart();
  const value = pattern.test(text) ? parse(text) : undefined;
  if (value !== undefined) return value;
  throw new SqlError("INVALID_LITERAL", `Illegal ${name} literal '${node.text}': not in format '${form}'`, {
    span: node.span,
  });
}

/** INT or BIGINT by size, DECIMAL by the digits as written, DOUBLE with an exponent. */
function bindNumber(node: Literal, negative: boolean): LiteralExpr {
  const { text, span } = node;
  if (/e/i.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) throw outOfRange(node);
    return literal(negative ? -value : value, T.double(false), span);
  }
  const point = text.indexOf(".");
  const scale = point < 0 ? 0 : text.length - point - 1;
  const digits = BigInt(text.replace(".", "") || "0");
  const unscaled = negative ? -digits : digits;
  if (unscaled < MIN_LONG || unscaled > MAX_LONG) throw outOfRange(node);
  if (scale > 0) return literal(unscaled, T.decimal(Math.max(text.length - 1, scale), scale, false), span);
  const isInt = unscaled >= -2147483648n && unscaled <= 2147483647n;
  return isInt ? literal(Number(unscaled), T.int(false), span) : literal(unscaled, T.bigint(false), span);
}

function outOfRange(node: Literal): SqlError {
  return new SqlError("INVALID_LITERAL", `Numeric literal '${node.text}' out of range`, {
    span: node.span,
    hint: "write it as text: CAST('…' AS DECIMAL(38, 9))",
  });
}

/** Months or milliseconds. Throws INVALID_LITERAL. */
export function bindInterval(node: IntervalLiteral): LiteralExpr {
  const interval = parseInterval(node.text, node.from, node.to);
  if (interval === undefined) {
    const units = node.to === undefined ? node.from : `${node.from} TO ${node.to}`;
    throw new SqlError("INVALID_LITERAL", `Illegal interval literal format '${node.text}' for INTERVAL ${units}`, {
      span: node.span,
    });
  }
  const value = node.negative ? 0 - interval.value : interval.value;
  return literal(value, { kind: interval.kind, nullable: false }, node.span);
}
