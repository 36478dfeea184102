import { commonType } from "../../types/coerce.ts";
import {
  isBinary,
  holdsNull,
  isFloating,
  isInteger,
  isNumeric,
  isText,
  T,
  withNullable,
  type DataType,
  type Value,
} from "../../types/data-type.ts";
import { alignScales, decimalSizeOf, powerOfTen } from "../../types/decimal.ts";
import { compareOf, compareText, equalOf, type Equal } from "../../types/value-compare.ts";
import {
  scalar,
  type CallTypes,
  type EmitContext,
  type Evaluator,
  type Resolution,
  type ScalarFunction,
  type SessionFacts,
} from "../define.ts";
import { castConverter } from "./cast.ts";
import { compareDecimalWithDouble, emitDecimalWithDouble, isDecimalWithDouble } from "./decimal-double.ts";
import { keepNullability, typesOf } from "./shared.ts";

/** `=` and `<>`; `<` and the like; IS [NOT] DISTINCT FROM: operands of two kinds meet in different ways. */
type Comparing = "equality" | "order" | "distinction";

/**
 * The types two operands must have to be compared, or `undefined`. Decimals come to one scale where they fit (else
 * comparing scales up, so that nothing is cut); a text meets a date or time as that type.
 */
export function comparableTypes(a: DataType, b: DataType, how: Comparing): readonly DataType[] | undefined {
  const ordered = how === "order";
  if (a.kind === "NULL" && b.kind === "NULL") return [T.boolean(), T.boolean()];
  if (a.kind === "NULL" || b.kind === "NULL") {
    return a.kind === "NULL" ? [withNullable(b, true), b] : [a, withNullable(a, true)];
  }
  if (isNumeric(a) && isNumeric(b)) return comparableNumbers(a, b, how);
  if ((isText(a) && isText(b)) || (isBinary(a) && isBinary(b))) return [a, b];
  if (isTimePoint(a) && isText(b)) return [a, withNullable(a, b.nullable)];
  if (isText(a) && isTimePoint(b)) return [withNullable(b, a.nullable), b];
  if (isTimestamp(a) && isTimestamp(b)) return comparableTimestamps(a, b);
  if (ordered && isText(a) !== isText(b)) return orderedWithText(a, b);
  if (ordered && (a.kind === "VARIANT" || b.kind === "VARIANT")) return undefined;
  if (isNested(a) || isNested(b)) {
    if (ordered) return undefined;
    const common = commonType([a, b]);
    return common === undefined ? undefined : keepNullability(common, [a, b]);
  }
  return a.kind === b.kind ? [a, b] : undefined;
}

/** A text against a number or BOOLEAN is read as such in `<` and the like; in `=` Flink refuses it. */
function orderedWithText(a: DataType, b: DataType): readonly DataType[] | undefined {
  const other = isText(a) ? b : a;
  let common: DataType;
  if (isInteger(other)) common = T.bigint();
  else if (isFloating(other)) common = T.double();
  else if (other.kind === "DECIMAL" || other.kind === "BOOLEAN") common = other;
  else return undefined;
  return keepNullability(common, [a, b]);
}

function isNested(type: DataType): boolean {
  return type.kind === "ARRAY" || type.kind === "MAP" || type.kind === "MULTISET" || type.kind === "ROW";
}

type TimestampType = Extract<DataType, { kind: "TIMESTAMP" | "TIMESTAMP_LTZ" }>;

function isTimestamp(type: DataType): type is TimestampType {
  return type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ";
}

function isTimePoint(type: DataType): boolean {
  return isTimestamp(type) || type.kind === "DATE" || type.kind === "TIME";
}

/**
 * As in Flink: `=` brings FLOAT and DOUBLE to the type of the first, and DECIMAL with either to DOUBLE; the others keep
 * all digits of a DOUBLE, and compare it with a DECIMAL as `decimal-double.ts` says.
 */
function comparableNumbers(a: DataType, b: DataType, how: Comparing): readonly DataType[] {
  if (a.kind === b.kind && a.kind !== "DECIMAL") return [a, b];
  if (how !== "equality") {
    if (isFloating(a) && isFloating(b)) return keepNullability(T.double(), [a, b]);
    if (isDecimalWithDouble(a, b)) return [a, b];
  }
  if (a.kind === "DECIMAL" || b.kind === "DECIMAL") {
    const left = decimalSizeOf(a);
    const right = decimalSizeOf(b);
    if (left !== undefined && right !== undefined) {
      const [first, second] = alignScales(left, right);
      return [
        T.decimal(first.precision, first.scale, a.nullable),
        T.decimal(second.precision, second.scale, b.nullable),
      ];
    }
  }
  return keepNullability(commonType([a, b])!, [a, b]);
}

function comparableTimestamps(a: TimestampType, b: TimestampType): readonly DataType[] {
  const precision = Math.max(a.precision, b.precision);
  const kind = a.kind === b.kind ? a.kind : "TIMESTAMP_LTZ";
  return keepNullability({ kind, precision, nullable: true }, [a, b]);
}

type Symbol = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** Equality of two operands after coercion; they are not NULL. */
function equality(a: DataType, b: DataType): Equal {
  if (isDecimalWithDouble(a, b)) {
    const compare = compareDecimalWithDouble(a, b);
    return (x, y) => compare(x, y) === 0;
  }
  const aligned = alignDecimals(a, b);
  if (aligned !== undefined) return (x, y) => (x as bigint) * aligned[0] === (y as bigint) * aligned[1];
  return equalOf(a);
}

/** Equality of a text and a time; a text that cannot be read equals none. */
function equalityOfText(a: DataType, b: DataType, session: SessionFacts): Equal {
  const read = isText(a) ? castConverter(a, b, session) : castConverter(b, a, session);
  return isText(a) ? (x, y) => read(x) === y : (x, y) => x === read(y);
}

/** The factors that bring two decimals to one scale; `undefined` when they have one already or are no decimals. */
function alignDecimals(a: DataType, b: DataType): readonly [bigint, bigint] | undefined {
  if (a.kind !== "DECIMAL" || b.kind !== "DECIMAL" || a.scale === b.scale) return undefined;
  const scale = Math.max(a.scale, b.scale);
  return [powerOfTen(scale - a.scale), powerOfTen(scale - b.scale)];
}

function evaluateComparison(symbol: Symbol, types: CallTypes): Evaluator {
  const [a, b] = types.args as [DataType, DataType];
  if (symbol === "=" || symbol === "<>") {
    const equal = equality(a, b);
    return symbol === "=" ? equal : (x, y) => !equal(x, y);
  }
  if (isDecimalWithDouble(a, b)) {
    const order = compareDecimalWithDouble(a, b);
    const test = ORDER[symbol];
    return (x, y) => test(order(x, y), 0);
  }
  const aligned = alignDecimals(a, b);
  if (aligned !== undefined) {
    const test = ORDER[symbol];
    return (x, y) => test((x as bigint) * aligned[0], (y as bigint) * aligned[1]);
  }
  // NaN is neither below nor above anything, so that `compare` does not fit doubles.
  if (!isText(a) && !isBinary(a)) return ORDER[symbol] as Evaluator;
  const compare = compareOf(a);
  const test = ORDER[symbol];
  return (x, y) => test(compare(x, y), 0);
}

const ORDER: Record<"<" | "<=" | ">" | ">=", (a: number | bigint, b: number | bigint) => boolean> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

const JS_SYMBOL = { "=": "===", "<>": "!==", "<": "<", "<=": "<=", ">": ">", ">=": ">=" } as const;

function emitComparison(
  symbol: Symbol,
  a: string,
  b: string,
  types: CallTypes,
  context: EmitContext,
): string | undefined {
  const [left, right] = types.args as [DataType, DataType];
  if (isNested(left) || isBinary(left)) return undefined;
  const js = JS_SYMBOL[symbol];
  if (isDecimalWithDouble(left, right)) {
    return symbol === "=" || symbol === "<>" ? undefined : emitDecimalWithDouble(symbol, [a, b], types, context);
  }
  if (isText(left) && symbol !== "=" && symbol !== "<>")
    return `(${context.constant(compareText)}(${a}, ${b}) ${js} 0)`;
  // Of one variable with itself Flink knows the answer, also for NaN.
  if (a === b && symbol === "=") return "true";
  const aligned = alignDecimals(left, right);
  if (aligned === undefined) return `(${a} ${js} ${b})`;
  const scaled = (value: string, factor: bigint): string => (factor === 1n ? value : `${value} * ${factor}n`);
  return `(${scaled(a, aligned[0])} ${js} ${scaled(b, aligned[1])})`;
}

function resolveComparison(how: Comparing, types: readonly DataType[]): Resolution | undefined {
  const [a, b] = types;
  if (a === undefined || b === undefined || types.length !== 2) return undefined;
  const args = comparableTypes(a, b, how);
  if (args === undefined) return undefined;
  // As in Flink a text that is no time equals no time: `=` and `<>` of it are unknown, `<` and the like fail.
  return { type: T.boolean(types.some(holdsNull)), args, tolerant: how !== "order" && isTextWithTime(a, b) };
}

function isTextWithTime(a: DataType, b: DataType): boolean {
  return (isText(a) && isTimePoint(b)) || (isTimePoint(a) && isText(b));
}

function comparison(symbol: Symbol, summary: string, examples: readonly (readonly [string, string])[]): ScalarFunction {
  return scalar({
    name: symbol,
    signature: `<COMPARABLE> ${symbol} <COMPARABLE>`,
    resolve: (args) => resolveComparison(symbol === "=" || symbol === "<>" ? "equality" : "order", typesOf(args)),
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => evaluateComparison(symbol, types),
    emit: ([a, b], types, context) => emitComparison(symbol, a!, b!, types, context),
    callable: false,
    doc: { summary, examples },
  });
}

function distinction(
  name: "IS DISTINCT FROM" | "IS NOT DISTINCT FROM",
  examples: readonly (readonly [string, string])[],
): ScalarFunction {
  const negated = name === "IS DISTINCT FROM";
  return scalar({
    name,
    signature: `<COMPARABLE> ${name} <COMPARABLE>`,
    resolve: (args) => {
      const types = typesOf(args);
      const resolution = resolveComparison("distinction", types);
      if (resolution === undefined) return undefined;
      // A text that is no time is not NULL: only here can be told whether it is one.
      const unread = resolution.tolerant === true && args.every((arg) => arg.literal === undefined);
      return { type: T.boolean(false), args: unread ? types : resolution.args };
    },
    nulls: "handled",
    stability: "pure",
    evaluator: (types, session) => {
      const [left, right] = types.args as [DataType, DataType];
      const equal = isTextWithTime(left, right) ? equalityOfText(left, right, session) : equality(left, right);
      return (a, b) => (a === null || b === null ? a === b : equal(a, b)) !== negated;
    },
    emit: ([a, b], types) => {
      const [left, right] = types.args as [DataType, DataType];
      if (isNested(left) || isBinary(left) || isTextWithTime(left, right)) return undefined;
      if (alignDecimals(left, right) !== undefined || isDecimalWithDouble(left, right)) return undefined;
      return `(${a} ${negated ? "!==" : "==="} ${b})`;
    },
    callable: false,
    doc: { summary: "Compares where NULL is a value like others; never NULL.", examples },
  });
}

/**
 * The type in which an operand of IN meets the items: texts are read as the type of an operand that is none, but items
 * that are none are shown as text to a text.
 */
function commonOfList(operand: DataType, items: readonly DataType[]): DataType | undefined {
  const list = commonType(items);
  if (list === undefined) return undefined;
  const readable = isTimePoint(operand) || isNumeric(operand) || operand.kind === "BOOLEAN";
  if (readable && isText(list)) return operand;
  if (isText(operand) && (isTimePoint(list) || isNumeric(list) || list.kind === "BOOLEAN")) return T.string();
  return commonType([operand, list]);
}

const inList = scalar({
  name: "IN",
  signature: "<COMPARABLE> IN (<COMPARABLE>, …)",
  resolve: (args) => {
    const types = typesOf(args);
    const [operand, ...items] = types;
    if (operand === undefined || items.length === 0) return undefined;
    const common = commonOfList(operand, items);
    if (common === undefined) return undefined;
    const type = T.boolean(types.some(holdsNull));
    return types.every(isText) ? { type } : { type, args: keepNullability(common, types) };
  },
  nulls: "handled",
  stability: "pure",
  evaluator: (types) => {
    const set = literalSet(types);
    if (set !== undefined) return (operand) => (operand === null ? null : set.has(operand));
    const equal = equalOf(types.args[0]!);
    return (operand, ...items) => {
      if (operand === undefined || operand === null) return null;
      let unknown = false;
      for (const item of items) {
        if (item === null) unknown = true;
        else if (equal(operand, item)) return true;
      }
      return unknown ? null : false;
    };
  },
  emit: (args, types, context) => {
    const set = literalSet(types);
    if (set === undefined) return undefined;
    const operand = args[0]!;
    const found = `${context.constant(set)}.has(${operand})`;
    return types.args[0]!.nullable ? `(${operand} === null ? null : ${found})` : found;
  },
  callable: false,
  doc: {
    summary: "True when the operand equals an item; NULL when it does not, but it or an item is NULL.",
    examples: [
      ["2 IN (1, 2, CAST(NULL AS INT))", "TRUE"],
      ["3 IN (1, 2, CAST(NULL AS INT))", "NULL"],
    ],
  },
});

/** The items as a set, when all are literals that are not NULL and JavaScript compares them by value. */
function literalSet(types: CallTypes): ReadonlySet<Value> | undefined {
  const type = types.args[0]!;
  if (isNested(type) || isBinary(type)) return undefined;
  const items = types.literals.slice(1);
  if (items.some((item) => item === undefined || item === null || Number.isNaN(item))) return undefined;
  return new Set(items as readonly Value[]);
}

/** `= <> < <= > >=`, IS [NOT] DISTINCT FROM, IN. BETWEEN is made of these. */
export const comparisonFunctions: readonly ScalarFunction[] = [
  comparison("=", "True when both are equal.", [
    ["1 = 1.0", "TRUE"],
    ["'a' = 'a '", "FALSE"],
  ]),
  comparison("<>", "True when both differ.", [["1 <> 2", "TRUE"]]),
  comparison("<", "True when the first is less. A text is read as the other's type.", [
    ["DATE '2024-01-01' < '2024-02-01'", "TRUE"],
    ["2 < '10'", "TRUE"],
    ["1 < CAST(NULL AS INT)", "NULL"],
  ]),
  comparison("<=", "True when the first is less or equal.", [["1 <= 1", "TRUE"]]),
  comparison(">", "True when the first is greater.", [
    ["'b' > 'a'", "TRUE"],
    ["TRUE > FALSE", "TRUE"],
  ]),
  comparison(">=", "True when the first is greater or equal.", [["1.5 >= 1", "TRUE"]]),
  distinction("IS DISTINCT FROM", [["CAST(NULL AS INT) IS DISTINCT FROM 1", "TRUE"]]),
  distinction("IS NOT DISTINCT FROM", [["CAST(NULL AS INT) IS NOT DISTINCT FROM CAST(NULL AS INT)", "TRUE"]]),
  inList,
];
