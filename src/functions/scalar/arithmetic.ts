import { commonType, isInterval } from "../../types/coerce.ts";
import { isInteger, isNumeric, withNullable, type DataType } from "../../types/data-type.ts";
import {
  alignScales,
  decimalSizeOf,
  divideDecimals,
  powerOfTen,
  productSize,
  quotientSize,
  remainderSize,
  rescale,
  sumSize,
  type DecimalSize,
} from "../../types/decimal.ts";
import {
  scalar,
  type CallTypes,
  type EmitContext,
  type Evaluator,
  type Resolution,
  type ScalarFunction,
} from "../define.ts";
import { evaluateTemporal, emitTemporal, resolveTemporal } from "./temporal-arithmetic.ts";
import { anyNullable, divisionByZero, typesOf } from "./shared.ts";

type Operator = "+" | "-" | "*" | "/" | "%";

const DECIMAL_SIZE = { "+": sumSize, "-": sumSize, "*": productSize, "/": quotientSize, "%": remainderSize } as const;

function resolveNumbers(operator: Operator, left: DataType, right: DataType): Resolution | undefined {
  // Arguments that stay NULL are refused by the binder ("Illegal use of 'NULL'").
  if (left.kind === "NULL" || right.kind === "NULL") return { type: left.kind === "NULL" ? right : left };
  if (!isNumeric(left) || !isNumeric(right)) return undefined;
  const nullable = anyNullable([left, right]);
  if (left.kind === "DECIMAL" || right.kind === "DECIMAL") {
    const leftSize = decimalSizeOf(left);
    const rightSize = decimalSizeOf(right);
    if (leftSize !== undefined && rightSize !== undefined) {
      const sizes = operator === "*" || operator === "/" ? [leftSize, rightSize] : alignScales(leftSize, rightSize);
      return {
        type: { kind: "DECIMAL", ...DECIMAL_SIZE[operator](leftSize, rightSize), nullable },
        args: [toDecimal(sizes[0]!, left.nullable), toDecimal(sizes[1]!, right.nullable)],
      };
    }
  }
  if (operator === "%" && !(isInteger(left) && isInteger(right))) return undefined;
  const common = commonType([left, right])!;
  const args = [withNullable(common, left.nullable), withNullable(common, right.nullable)];
  // A remainder is no longer than the divisor, and takes its type.
  if (operator === "%" && isInteger(common)) return { type: withNullable(right, nullable), args };
  return { type: withNullable(common, nullable), args };
}

function toDecimal(size: DecimalSize, nullable: boolean): DataType {
  return { kind: "DECIMAL", precision: size.precision, scale: size.scale, nullable };
}

function evaluateNumbers(operator: Operator, types: CallTypes): Evaluator {
  const kind = types.args[0]!.kind;
  if (kind === "DECIMAL") return evaluateDecimals(operator, types);
  if (kind === "BIGINT") {
    const apply = BIGINT[operator];
    if (types.result.kind !== "BIGINT") return (a, b) => Number(apply(a as bigint, b as bigint));
    return (a, b) => apply(a as bigint, b as bigint);
  }
  if (kind === "FLOAT" || kind === "DOUBLE") {
    const apply = DOUBLE[operator];
    if (kind === "FLOAT") return (a, b) => Math.fround(apply(a as number, b as number));
    return (a, b) => apply(a as number, b as number);
  }
  const apply = INT[operator];
  const shift = wrapShift(types.result);
  return (a, b) => (apply(a as number, b as number) << shift) >> shift;
}

/** How far TINYINT and SMALLINT results are shifted to wrap around. */
function wrapShift(type: DataType): number {
  return type.kind === "TINYINT" ? 24 : type.kind === "SMALLINT" ? 16 : 0;
}

const INT: Record<Operator, (a: number, b: number) => number> = {
  "+": (a, b) => (a + b) | 0,
  "-": (a, b) => (a - b) | 0,
  "*": (a, b) => Math.imul(a, b),
  "/": (a, b) => (b === 0 ? divisionByZero() : (a / b) | 0),
  "%": (a, b) => (b === 0 ? divisionByZero() : (a % b) | 0),
};

const BIGINT: Record<Operator, (a: bigint, b: bigint) => bigint> = {
  "+": (a, b) => BigInt.asIntN(64, a + b),
  "-": (a, b) => BigInt.asIntN(64, a - b),
  "*": (a, b) => BigInt.asIntN(64, a * b),
  "/": (a, b) => (b === 0n ? divisionByZero() : BigInt.asIntN(64, a / b)),
  "%": (a, b) => (b === 0n ? divisionByZero() : a % b),
};

const DOUBLE: Record<Operator, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

interface DecimalOperands {
  readonly a: DecimalSize;
  readonly b: DecimalSize;
  readonly result: DecimalSize;
}

function decimalOperands(types: CallTypes): DecimalOperands {
  return {
    a: decimalSizeOf(types.args[0]!)!,
    b: decimalSizeOf(types.args[1]!)!,
    result: decimalSizeOf(types.result)!,
  };
}

function evaluateDecimals(operator: Operator, types: CallTypes): Evaluator {
  const { a: left, b: right, result } = decimalOperands(types);
  const scale = Math.max(left.scale, right.scale);
  const leftUnit = powerOfTen(scale - left.scale);
  const rightUnit = powerOfTen(scale - right.scale);
  const fit = (unscaled: bigint, at: number): bigint | null => rescale(unscaled, at, result.scale, result.precision);
  switch (operator) {
    case "+":
      return (a, b) => fit((a as bigint) * leftUnit + (b as bigint) * rightUnit, scale);
    case "-":
      return (a, b) => fit((a as bigint) * leftUnit - (b as bigint) * rightUnit, scale);
    case "*":
      return (a, b) => fit((a as bigint) * (b as bigint), left.scale + right.scale);
    case "/":
      return (a, b) =>
        b === 0n ? divisionByZero() : divideDecimals(a as bigint, left.scale, b as bigint, right.scale, result);
    case "%":
      return (a, b) =>
        b === 0n ? divisionByZero() : fit(((a as bigint) * leftUnit) % ((b as bigint) * rightUnit), scale);
  }
}

function emitNumbers(
  operator: Operator,
  a: string,
  b: string,
  types: CallTypes,
  context: EmitContext,
): string | undefined {
  const kind = types.args[0]!.kind;
  if (kind === "DECIMAL") return emitDecimals(operator, a, b, types);
  if (kind === "BIGINT") {
    if (operator === "/" || operator === "%") {
      const zero = context.constant(divisionByZero);
      const quotient = operator === "/" ? `BigInt.asIntN(64, ${a} / ${b})` : `${a} % ${b}`;
      const value = `(${b} === 0n ? ${zero}() : ${quotient})`;
      return types.result.kind === "BIGINT" ? value : `Number(${value})`;
    }
    return `BigInt.asIntN(64, ${a} ${operator} ${b})`;
  }
  if (kind === "DOUBLE") return `(${a} ${operator} ${b})`;
  if (kind === "FLOAT") return `Math.fround(${a} ${operator} ${b})`;
  const value = emitInt(operator, a, b, context);
  const shift = wrapShift(types.result);
  return shift === 0 ? value : `((${value} << ${shift}) >> ${shift})`;
}

function emitInt(operator: Operator, a: string, b: string, context: EmitContext): string {
  if (operator === "*") return `Math.imul(${a}, ${b})`;
  if (operator === "+" || operator === "-") return `((${a} ${operator} ${b}) | 0)`;
  return `(${b} === 0 ? ${context.constant(divisionByZero)}() : ((${a} ${operator} ${b}) | 0))`;
}

/** Sums, differences and products whose size had not to be cut cannot overflow and need no rounding. */
function emitDecimals(operator: Operator, a: string, b: string, types: CallTypes): string | undefined {
  const { a: left, b: right, result } = decimalOperands(types);
  const scaled = (value: string, digits: number): string =>
    digits === 0 ? value : `${value} * ${powerOfTen(digits)}n`;
  if (operator === "*" && left.scale + right.scale === result.scale) {
    return left.precision + right.precision <= result.precision ? `(${a} * ${b})` : undefined;
  }
  if ((operator === "+" || operator === "-") && Math.max(left.scale, right.scale) === result.scale) {
    const digits = Math.max(left.precision - left.scale, right.precision - right.scale) + result.scale + 1;
    if (digits > result.precision) return undefined;
    return `(${scaled(a, result.scale - left.scale)} ${operator} ${scaled(b, result.scale - right.scale)})`;
  }
  return undefined;
}

const FORMS: Record<Operator, string> = {
  "+": "<NUMERIC> + <NUMERIC>, <DATETIME> + <INTERVAL>, <INTERVAL> + <INTERVAL>",
  "-": "<NUMERIC> - <NUMERIC>, <DATETIME> - <INTERVAL>, <INTERVAL> - <INTERVAL>",
  "*": "<NUMERIC> * <NUMERIC>, <INTERVAL> * <INTEGER>, <INTEGER> * <INTERVAL>",
  "/": "<NUMERIC> / <NUMERIC>",
  "%": "<EXACT NUMERIC> % <EXACT NUMERIC>, MOD(<EXACT NUMERIC>, <EXACT NUMERIC>)",
};

function operator(
  symbol: Operator,
  summary: string,
  examples: readonly (readonly [string, string])[],
  alias?: string,
): ScalarFunction {
  return scalar({
    name: symbol,
    ...(alias === undefined ? {} : { aliases: [alias] }),
    signature: FORMS[symbol],
    resolve: (args) => {
      const [a, b] = typesOf(args);
      if (a === undefined || b === undefined || args.length !== 2) return undefined;
      return resolveNumbers(symbol, a, b) ?? (symbol === "%" ? undefined : resolveTemporal(symbol, args));
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) =>
      types.args.every(isNumeric)
        ? evaluateNumbers(symbol, types)
        : evaluateTemporal(symbol as Exclude<Operator, "%">, types),
    emit: ([a, b], types, context) =>
      types.args.every(isNumeric)
        ? emitNumbers(symbol, a!, b!, types, context)
        : emitTemporal(symbol as Exclude<Operator, "%">, a!, b!, types),
    callable: false,
    doc: { summary, examples },
  });
}

const negate = scalar({
  name: "NEGATE",
  signature: "-<NUMERIC>, -<INTERVAL>",
  resolve: (args) => {
    const [type] = typesOf(args);
    if (args.length !== 1 || type === undefined) return undefined;
    return isNumeric(type) || isInterval(type) ? { type } : undefined;
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const type = types.args[0]!;
    if (type.kind === "BIGINT") return (a) => BigInt.asIntN(64, -(a as bigint));
    if (type.kind === "DECIMAL") return (a) => -(a as bigint);
    if (type.kind === "DOUBLE" || type.kind === "FLOAT") return (a) => -(a as number);
    if (type.kind === "INTERVAL_DAY_TIME") return (a) => 0 - (a as number);
    const shift = wrapShift(type);
    return (a) => (-(a as number) << shift) >> shift;
  },
  emit: ([a], types) => {
    switch (types.args[0]!.kind) {
      case "BIGINT":
        return `BigInt.asIntN(64, -${a})`;
      case "DECIMAL":
      case "DOUBLE":
      case "FLOAT":
        return `(-${a})`;
      case "INT":
        return `(-${a} | 0)`;
      default:
        return undefined;
    }
  },
  callable: false,
  doc: {
    summary: "The number or interval with the other sign; integers wrap around.",
    examples: [["-CAST(1.5 AS DECIMAL(3, 1))", "-1.5"]],
  },
});

const unaryPlus = scalar({
  name: "UNARY_PLUS",
  signature: "+<NUMERIC>, +<INTERVAL>",
  resolve: (args) => {
    const [type] = typesOf(args);
    if (args.length !== 1 || type === undefined) return undefined;
    return isNumeric(type) || isInterval(type) ? { type } : undefined;
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (a) => a,
  emit: ([a]) => a,
  callable: false,
  doc: { summary: "The number or interval itself.", examples: [["+5", "5"]] },
});

/** `+ - * / %`, MOD and the signs. */
export const arithmeticFunctions: readonly ScalarFunction[] = [
  operator("+", "Sum. Integers wrap around; DECIMAL past 38 digits is NULL.", [
    ["2147483647 + 1", "-2147483648"],
    ["1.5 + 2", "3.5"],
    ["DATE '2024-01-31' + INTERVAL '1' MONTH", "2024-02-29"],
  ]),
  operator("-", "Difference.", [
    ["1 - 0.25", "0.75"],
    ["TIME '00:10:00' - INTERVAL '1' HOUR", "23:10:00"],
  ]),
  operator("*", "Product.", [
    ["1.5 * 1.5", "2.25"],
    ["INTERVAL '10' MINUTE * 3", "+0 00:30:00.000"],
  ]),
  operator("/", "Quotient; of integers it is cut toward zero. An integer or DECIMAL divided by zero is an error.", [
    ["-7 / 2", "-3"],
    ["CAST(1 AS DOUBLE) / 0", "Infinity"],
  ]),
  operator(
    "%",
    "Remainder; it has the sign of the dividend.",
    [
      ["-7 % 3", "-1"],
      ["MOD(7, -3)", "1"],
    ],
    "MOD",
  ),
  negate,
  unaryPlus,
];
