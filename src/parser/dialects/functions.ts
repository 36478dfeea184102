import type { Expression } from "../ast/expression.ts";
import { makeSymbol } from "../make.ts";
import { adapted, callOf, extractOf, numberOf, textOf } from "./context.ts";
import { convertDivision } from "./division.ts";
import type { DialectName } from "./dialect.ts";
import type { TreeReader } from "./tree-reader.ts";

/** Makes Flink's expression of a call; undefined when the call has other arguments than those that mean the same. */
type Translation = (args: readonly Expression[], node: TreeReader) => Expression | undefined;

/** The same function, under the same or another name, with so many arguments. */
function same(name: string, least: number, most = least): Translation {
  return (args, node) => (args.length >= least && args.length <= most ? callOf(name, args, node.span) : undefined);
}

/** `f(x)` is `EXTRACT(unit FROM x)`. */
function part(unit: string): Translation {
  return (args, node) => (args.length === 1 ? extractOf(unit, args[0]!, node.span) : undefined);
}

/** Places in a text count from 1; before that every system has its own rule. */
const substring: Translation = (args, node) =>
  (args.length === 2 || args.length === 3) && isNumberFrom(1, args[1]!)
    ? callOf("SUBSTRING", args, node.span)
    : undefined;

const end =
  (name: string): Translation =>
  (args, node) =>
    args.length === 2 && isNumberFrom(0, args[1]!) ? callOf(name, args, node.span) : undefined;

function isNumberFrom(least: number, value: Expression): boolean {
  return value.kind === "Literal" && value.type === "number" && /^\d+$/.test(value.text) && Number(value.text) >= least;
}

/** `f(text, part)` is `POSITION(part IN text)`. */
const positionOfSecond: Translation = (args, node) =>
  args.length === 2 ? callOf("POSITION", [args[1]!, args[0]!], node.span) : undefined;

const TRUNCATED = new Set(["SECOND", "MINUTE", "HOUR", "DAY", "MONTH", "QUARTER", "YEAR"]);

/** `DATE_TRUNC('day', t)` is `FLOOR(t TO DAY)`. */
function truncated(unit: Expression | undefined, value: Expression | undefined, node: TreeReader) {
  const written =
    unit?.kind === "Literal"
      ? unit.text
      : unit?.kind === "ColumnRef" && unit.parts.length === 1
        ? unit.parts[0]!.name
        : "";
  const word = written.toUpperCase();
  if (value === undefined || !TRUNCATED.has(word)) return undefined;
  return callOf("FLOOR", [value, makeSymbol(word, node.span)], node.span, { symbols: [1] });
}

const truncate: Translation = (args, node) => (args.length === 2 ? truncated(args[0], args[1], node) : undefined);
const truncateSecond: Translation = (args, node) => (args.length === 2 ? truncated(args[1], args[0], node) : undefined);

/** `IF(condition, a, b)` */
const choose: Translation = (args, node) => {
  const [when, result, otherwise] = args;
  if (when === undefined || result === undefined || args.length > 3) return undefined;
  const { span } = node;
  return { kind: "Case", span, operand: undefined, branches: [{ kind: "CaseBranch", span, when, result }], otherwise };
};

/** Adds or takes an interval. */
function shifted(operator: "+" | "-"): Translation {
  return (args, node) => {
    const [left, right] = args;
    const isInterval =
      right?.kind === "IntervalLiteral" || (right?.kind === "Binary" && right.right.kind === "IntervalLiteral");
    if (left === undefined || right === undefined || !isInterval || args.length !== 2) return undefined;
    return { kind: "Binary", span: node.span, operator, left, right };
  };
}

/** `DATEDIFF(later, earlier)` of MySQL counts days, without the time of day. */
const daysBetween: Translation = (args, node) => {
  const { span } = node;
  const [later, earlier] = args;
  if (later === undefined || earlier === undefined || args.length !== 2) return undefined;
  const date = (operand: Expression): Expression => ({
    kind: "Cast",
    span,
    tolerant: false,
    operand,
    type: { kind: "SimpleType", span, name: "DATE", args: [], notNull: false },
  });
  return callOf("TIMESTAMPDIFF", [makeSymbol("DAY", span), date(earlier), date(later)], span, { symbols: [0] });
};

/** `TRIM(text)` */
function trimmed(side: "BOTH" | "LEADING" | "TRAILING"): Translation {
  return (args, node) =>
    args.length === 1
      ? callOf("TRIM", [makeSymbol(side, node.span), textOf(" ", node.span), args[0]!], node.span, { symbols: [0] })
      : undefined;
}

/** `CONCAT` that leaves NULLs out. */
const concatWithoutNulls: Translation = (args, node) =>
  args.length > 0
    ? callOf(
        "CONCAT_WS",
        [textOf("", node.span), ...args.filter((a) => a.kind !== "Literal" || a.type !== "null")],
        node.span,
      )
    : undefined;

const safeDivide: Translation = (args, node) => {
  const [left, right] = args;
  if (left === undefined || right === undefined || args.length !== 2) return undefined;
  const { span } = right;
  return convertDivision(left, callOf("NULLIF", [right, numberOf("0", span)], span), node);
};

/** Mean the same in Flink and in all the dialects. */
const COMMON: Readonly<Record<string, Translation>> = {
  ABS: same("ABS", 1),
  CEIL: same("CEIL", 1),
  CEILING: same("CEIL", 1),
  FLOOR: same("FLOOR", 1),
  POWER: same("POWER", 2),
  MOD: (args, node) =>
    args.length === 2 ? { kind: "Binary", span: node.span, operator: "%", left: args[0]!, right: args[1]! } : undefined,
  COALESCE: same("COALESCE", 1, 100),
  NULLIF: same("NULLIF", 2),
  UPPER: same("UPPER", 1),
  LOWER: same("LOWER", 1),
  CHAR_LENGTH: same("CHAR_LENGTH", 1),
  CHARACTER_LENGTH: same("CHAR_LENGTH", 1),
  REPLACE: same("REPLACE", 3),
  SUBSTRING: substring,
  SUBSTR: substring,
  TRIM: trimmed("BOTH"),
  LTRIM: trimmed("LEADING"),
  RTRIM: trimmed("TRAILING"),
  CURRENT_DATE: same("CURRENT_DATE", 0),
  LOCALTIMESTAMP: same("LOCALTIMESTAMP", 0),
  ROW_NUMBER: same("ROW_NUMBER", 0),
  RANK: same("RANK", 0),
  DENSE_RANK: same("DENSE_RANK", 0),
  PERCENT_RANK: same("PERCENT_RANK", 0),
  CUME_DIST: same("CUME_DIST", 0),
  NTILE: same("NTILE", 1),
  LAG: same("LAG", 1, 3),
  LEAD: same("LEAD", 1, 3),
  FIRST_VALUE: same("FIRST_VALUE", 1),
  LAST_VALUE: same("LAST_VALUE", 1),
};

/** `ROUND` where that of a DOUBLE goes half to even: only exact numbers are taken. */
const roundExact: Translation = (args, node) => {
  const [value, ...digits] = args;
  if (value === undefined || digits.length > 1) return undefined;
  return callOf("ROUND", [adapted("exact", value, node.context), ...digits], node.span);
};

const ROUND: Readonly<Record<string, Translation>> = { ROUND: same("ROUND", 1, 2) };
const LEFT_RIGHT: Readonly<Record<string, Translation>> = { LEFT: end("LEFT"), RIGHT: end("RIGHT") };
const GREATEST: Readonly<Record<string, Translation>> = {
  GREATEST: same("GREATEST", 1, 100),
  LEAST: same("LEAST", 1, 100),
};
const CONCAT: Readonly<Record<string, Translation>> = { CONCAT: same("CONCAT", 1, 100) };
const PARTS: Readonly<Record<string, Translation>> = {
  YEAR: part("YEAR"),
  QUARTER: part("QUARTER"),
  MONTH: part("MONTH"),
  DAY: part("DAY"),
  HOUR: part("HOUR"),
  MINUTE: part("MINUTE"),
};
/** The time with its zone. */
const ZONED_NOW: Readonly<Record<string, Translation>> = {
  CURRENT_TIMESTAMP: same("CURRENT_TIMESTAMP", 0),
  NOW: same("CURRENT_TIMESTAMP", 0),
};
const ROOTS: Readonly<Record<string, Translation>> = { SQRT: same("SQRT", 1), LN: same("LN", 1), EXP: same("EXP", 1) };

const MYSQL: Readonly<Record<string, Translation>> = {
  ...LEFT_RIGHT,
  ...GREATEST,
  ...CONCAT,
  ...PARTS,
  ROUND: roundExact,
  CONCAT_WS: same("CONCAT_WS", 2, 100),
  EXP: same("EXP", 1),
  SECOND: part("SECOND"),
  DAYOFMONTH: part("DAY"),
  DAYOFYEAR: part("DOY"),
  IFNULL: same("COALESCE", 2),
  IF: choose,
  INSTR: positionOfSecond,
  LOCATE: same("POSITION", 2),
  DATE_ADD: shifted("+"),
  DATE_SUB: shifted("-"),
  DATEDIFF: daysBetween,
  // The time of the session's zone, without the zone.
  NOW: same("LOCALTIMESTAMP", 0),
  CURRENT_TIMESTAMP: same("LOCALTIMESTAMP", 0),
};

const OWN: Readonly<Record<DialectName, Readonly<Record<string, Translation>>>> = {
  postgresql: {
    ...ROOTS,
    ...LEFT_RIGHT,
    ...ZONED_NOW,
    CONCAT: concatWithoutNulls,
    CONCAT_WS: same("CONCAT_WS", 2, 100),
    ROUND: roundExact,
    LENGTH: same("CHAR_LENGTH", 1),
    STRPOS: positionOfSecond,
    STARTS_WITH: same("STARTSWITH", 2),
    BTRIM: trimmed("BOTH"),
    DATE_TRUNC: truncate,
  },
  mysql: MYSQL,
  mariadb: MYSQL,
  bigquery: {
    ...ROUND,
    ...GREATEST,
    ...CONCAT,
    IF: choose,
    IFNULL: same("COALESCE", 2),
    LENGTH: same("CHAR_LENGTH", 1),
    STRPOS: positionOfSecond,
    STARTS_WITH: same("STARTSWITH", 2),
    SAFE_DIVIDE: safeDivide,
    DATE_TRUNC: truncateSecond,
    TIMESTAMP_TRUNC: truncateSecond,
    DATETIME_TRUNC: truncateSecond,
    CURRENT_TIMESTAMP: same("CURRENT_TIMESTAMP", 0),
  },
  snowflake: {
    ...ROOTS,
    ...ROUND,
    ...GREATEST,
    ...CONCAT,
    ...PARTS,
    ...LEFT_RIGHT,
    IFF: choose,
    IFNULL: same("COALESCE", 2),
    NVL: same("COALESCE", 2),
    LENGTH: same("CHAR_LENGTH", 1),
    LEN: same("CHAR_LENGTH", 1),
    STARTSWITH: same("STARTSWITH", 2),
    DATE_TRUNC: truncate,
    CURRENT_TIMESTAMP: same("CURRENT_TIMESTAMP", 0),
  },
  trino: {
    ...ROOTS,
    ...ROUND,
    ...GREATEST,
    ...CONCAT,
    ...PARTS,
    ...ZONED_NOW,
    IF: choose,
    LENGTH: same("CHAR_LENGTH", 1),
    STRPOS: positionOfSecond,
    STARTS_WITH: same("STARTSWITH", 2),
    DATE_TRUNC: truncate,
  },
};

/** Flink's expression of a call. Throws UNSUPPORTED for functions, and arguments, that are not known to mean the same. */
export function translateCall(name: string, args: readonly Expression[], node: TreeReader): Expression {
  const own = OWN[node.context.dialect.name];
  const translation = Object.hasOwn(own, name) ? own[name] : Object.hasOwn(COMMON, name) ? COMMON[name] : undefined;
  if (translation === undefined)
    throw node.unsupported(
      `the function ${name}`,
      "write this part as a view in Flink SQL; a function of your own is called by its full name, database.function(…)",
    );
  const translated = translation(args, node);
  if (translated === undefined)
    throw node.unsupported(
      `${name} with these arguments`,
      "it means something else in Flink SQL; write this part as a view there",
    );
  return translated;
}
